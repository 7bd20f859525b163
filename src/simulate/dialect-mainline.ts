/**
 * The formats of mainline kernels: one table of boundaries. A boundary is the first release in which a format was seen in
 * the source. Sources: mm/oom_kill.c, mm/page_alloc.c, lib/show_mem.c, mm/memcontrol.c, lib/dump_stack.c.
 */
import { isAtLeast, isBefore, type Version } from '../kernel/version.ts';
import type { Dialect } from './dialect.ts';
import type { KernelSpec } from './state.ts';

/** The first entry whose bound the version reaches; entries run from the newest to the oldest. */
function pick<T>(version: Version, entries: readonly (readonly [Version, T])[], oldest: T): T {
  return entries.find(([bound]) => isAtLeast(version, bound))?.[1] ?? oldest;
}

const TRACES: Readonly<Record<KernelSpec['arch'], Exclude<Dialect['trace'], 'none'>>> = {
  i386: 'x86',
  x86_64: 'x86',
  arm: 'arm',
  arm64: 'arm64',
  ppc64: 'powerpc',
};

/** i386 has no heading before 2.6.24; x86_64 of 2.6.18 sets it off with an empty line. */
function traceHeaderOf(version: Version, arch: KernelSpec['arch']): Dialect['traceHeader'] {
  if (arch === 'arm') return 'Call trace: ';
  if (arch === 'arm64') return 'Call trace:';
  if (isAtLeast(version, [2, 6, 24])) return 'Call Trace:';
  return arch === 'x86_64' && isAtLeast(version, [2, 6, 18]) ? '\nCall Trace:' : '';
}

export function mainlineDialect(version: Version, arch: KernelSpec['arch']): Dialect {
  const at = (major: number, minor: number, patch = 0): boolean => isAtLeast(version, [major, minor, patch]);
  const before = (major: number, minor: number, patch = 0): boolean => isBefore(version, [major, minor, patch]);
  return {
    version,
    formats: version,
    memInfoHeader: pick(
      version,
      [
        [[2, 6, 28], 'Mem-Info:'],
        [[2, 6, 18], 'Mem-info:'],
      ],
      'none',
    ),
    trigger: pick(
      version,
      [
        [[5, 0, 0], 'flags'],
        [[4, 15, 0], 'nodemask'],
        [[4, 11, 0], 'nodemask-two-blanks'],
        [[4, 9, 0], 'nodemask'],
        [[4, 6, 0], 'flags'],
        [[3, 8, 0], 'score'],
        [[2, 6, 36], 'oom_adj+score'],
        [[2, 6, 32], 'oom_adj'],
        [[2, 6, 20], 'oomkilladj'],
        [[2, 6, 18], 'mask-order'],
        [[2, 6, 9], 'mask'],
      ],
      'none',
    ),
    cpusetLine: at(2, 6, 29) && before(5, 0),
    taskHeader: pick(
      version,
      [
        [[6, 12, 0], 'cpu-uid-pid'],
        [[3, 10, 0], 'cpu-pid'],
        [[2, 6, 24], 'pid-comm'],
      ],
      'none',
    ),
    kdump: false,
    preemption: at(6, 18),
    verboseTaint: at(6, 12),
    taintColumns: pick(
      version,
      [
        [[6, 18, 0], 20],
        [[6, 0, 0], 19],
        [[5, 4, 0], 18],
        [[4, 19, 0], 17],
        [[4, 0, 0], 16],
        [[3, 18, 0], 15],
        [[3, 15, 0], 14],
        [[3, 2, 0], 13],
        [[2, 6, 36], 12],
        [[2, 6, 32], 11],
        [[2, 6, 24], 8],
        [[2, 6, 18], 6],
      ],
      3,
    ),
    taintDashes: false,
    hardwareLine: at(3, 10),
    stackWords: at(3, 10) && before(4, 10) && TRACES[arch] === 'x86',
    trace: at(2, 6, 18) ? TRACES[arch] : 'none',
    traceHeader: traceHeaderOf(version, arch),
    traceAddresses: before(4, 10),
    taskMarks: at(5, 17) && arch === 'x86_64',
    perCpu: pick(
      version,
      [
        [[4, 1, 0], 'none'],
        [[2, 6, 28], 'one'],
        [[2, 6, 20], 'hot-cold-line'],
        [[2, 6, 18], 'hot-cold'],
        [[2, 6, 0], 'hot-cold-low'],
      ],
      'none',
    ),
    zoneFilter: at(6, 1),
    highatomic: at(5, 6),
    emptyZones: before(2, 6, 20),
    buddyTypes: pick(
      version,
      [
        [[4, 4, 0], 'UMEHCI'],
        [[3, 8, 0], 'UEMRCI'],
      ],
      'none',
    ),
    hugePages: at(3, 10),
    pagecache: at(2, 6, 28) ? 'total pagecache pages' : 'none',
    swap: pick(
      version,
      [
        [[6, 1, 0], 'short'],
        [[2, 6, 28], 'stats'],
        [[2, 6, 11], 'cache+free'],
        [[2, 6, 9], 'cache'],
      ],
      'none',
    ),
    totals: pick(
      version,
      [
        [[3, 13, 0], 'node'],
        [[2, 6, 28], 'walk'],
        [[2, 6, 18], 'old'],
      ],
      'none',
    ),
    hwpoison: at(3, 14),
    cmaReserved: at(3, 19),
    allocationSites: pick(
      version,
      [
        [[6, 18, 0], 'human-state'],
        [[6, 12, 0], 'human'],
        [[6, 10, 0], 'bytes'],
      ],
      'none',
    ),
    slabTable: at(4, 15),
    memcg: pick(
      version,
      [
        [[3, 9, 0], 'instead-of-mem-info'],
        [[2, 6, 31], 'before-mem-info'],
      ],
      'none',
    ),
    memcgTaskLine: pick(
      version,
      [
        [[5, 0, 0], 'none'],
        [[3, 18, 0], 'one'],
        [[3, 15, 0], 'three'],
        [[2, 6, 31], 'one'],
      ],
      'none',
    ),
    memcgStats: pick(
      version,
      [
        [[6, 5, 0], 'records'],
        [[5, 3, 0], 'one-record'],
        [[3, 9, 0], 'one-line'],
      ],
      'none',
    ),
    memcgProtection: at(6, 19),
    tasks: pick(
      version,
      [
        [[6, 8, 0], 'wide-rss'],
        [[4, 19, 0], 'wide'],
        [[4, 15, 0], 'pgtables_bytes'],
        [[4, 0, 0], 'nr_pmds'],
        [[3, 6, 0], 'nr_ptes'],
        [[2, 6, 36], 'cpu-both'],
        [[2, 6, 28], 'cpu-oom_adj'],
      ],
      'none',
    ),
    summary: at(5, 0),
    selection: pick(
      version,
      [
        [[5, 2, 0], 'none'],
        [[2, 6, 36], 'or sacrifice child'],
        [[2, 6, 20], 'or a child'],
        [[2, 6, 18], 'and children'],
      ],
      'none',
    ),
    kill: pick(
      version,
      [
        [[5, 4, 0], 'reason-full'],
        [[5, 2, 0], 'reason-shmem'],
        [[4, 5, 0], 'total-vm-shmem'],
        [[2, 6, 36], 'total-vm'],
        [[2, 6, 33], 'vsz'],
        [[2, 6, 20], 'short'],
        [[2, 6, 18], 'reason-short'],
      ],
      '2.4',
    ),
    reaper: at(4, 6),
    deadlockPanic: at(4, 19),
    sysrqLine: pick(
      version,
      [
        [[5, 2, 0], 'sysrq: '],
        [[2, 6, 37], 'sysrq: SysRq : '],
      ],
      'SysRq : ',
    ),
  };
}
