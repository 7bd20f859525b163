/**
 * What a kernel prints, decided by its release: one table of boundaries for the whole printer.
 *
 * A boundary is the first release in which a format was seen in the source; enterprise kernels print newer formats than
 * their number says and are patched at the end.
 */
import { isAtLeast, isBefore, type Version, vendorBuild } from '../kernel/version.ts';
import { type KernelSpec, vendorOfKernel, versionOf } from './state.ts';

export interface Dialect {
  readonly version: Version;
  /** The release whose mm/ formats apply: the release itself, or the newer one an enterprise kernel follows. */
  readonly formats: Version;
  readonly memInfoHeader: 'none' | 'Mem-info:' | 'Mem-Info:';
  readonly trigger:
    | 'none'
    | 'mask'
    | 'mask-order'
    | 'oomkilladj'
    | 'oom_adj'
    | 'oom_adj+score'
    | 'score'
    | 'flags'
    | 'nodemask'
    | 'nodemask-two-blanks';
  readonly cpusetLine: boolean;
  readonly taskHeader: 'none' | 'pid-comm' | 'cpu-pid' | 'cpu-uid-pid';
  readonly kdump: boolean;
  readonly preemption: boolean;
  readonly verboseTaint: boolean;
  readonly taintColumns: number;
  readonly taintDashes: boolean;
  readonly hardwareLine: boolean;
  readonly stackWords: boolean;
  /** How a call trace looks; none without dump_stack() in out_of_memory(). */
  readonly trace: 'none' | 'x86' | 'arm' | 'arm64' | 'powerpc';
  /** Its heading; empty where there is none. */
  readonly traceHeader: '' | 'Call Trace:' | '\nCall Trace:' | 'Call trace:' | 'Call trace: ';
  readonly traceAddresses: boolean;
  readonly taskMarks: boolean;
  readonly perCpu: 'none' | 'hot-cold-low' | 'hot-cold' | 'hot-cold-line' | 'one';
  readonly zoneFilter: boolean;
  /** `reserved_highatomic:` on the zone line. */
  readonly highatomic: boolean;
  readonly emptyZones: boolean;
  readonly buddyTypes: 'none' | 'UEMRCI' | 'UMEHCI';
  readonly hugePages: boolean;
  readonly pagecache: 'none' | 'pagecache pages' | 'total pagecache pages';
  readonly swap: 'none' | 'cache' | 'cache+free' | 'stats' | 'short';
  readonly totals: 'none' | 'old' | 'walk' | 'node';
  readonly hwpoison: boolean;
  readonly cmaReserved: boolean;
  readonly allocationSites: 'none' | 'bytes' | 'human' | 'human-state';
  readonly slabTable: boolean;
  readonly memcg: 'none' | 'before-mem-info' | 'instead-of-mem-info';
  readonly memcgTaskLine: 'none' | 'one' | 'three';
  readonly memcgStats: 'none' | 'one-line' | 'one-record' | 'records';
  readonly memcgProtection: boolean;
  readonly tasks: 'none' | 'cpu-oom_adj' | 'cpu-both' | 'nr_ptes' | 'nr_pmds' | 'pgtables_bytes' | 'wide' | 'wide-rss';
  readonly summary: boolean;
  /** The line that names the choice. */
  readonly selection: 'none' | 'and children' | 'or a child' | 'or sacrifice child';
  readonly kill:
    | '2.4'
    | 'reason-short'
    | 'reason-uid-short'
    | 'short'
    | 'vsz'
    | 'total-vm'
    | 'uid-total-vm'
    | 'total-vm-shmem'
    | 'uid-after-shmem'
    | 'reason-shmem'
    | 'reason-full';
  readonly reaper: boolean;
  readonly deadlockPanic: boolean;
  readonly sysrqLine: 'SysRq : ' | 'sysrq: SysRq : ' | 'sysrq: ';
}

type Patch = Partial<{ -readonly [K in keyof Dialect]: Dialect[K] }>;

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

function mainline(version: Version, arch: KernelSpec['arch']): Dialect {
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

/** Where an enterprise kernel departs from the mainline release of its number. */
function vendorPatch(kernel: KernelSpec): Patch {
  const build = vendorBuild(kernel.release) ?? 0;
  switch (vendorOfKernel(kernel)) {
    case 'rhel4':
      return {
        memInfoHeader: 'Mem-info:',
        formats: [2, 6, 11],
        swap: 'cache+free',
        totals: 'old',
        pagecache: 'pagecache pages',
      };
    case 'rhel5':
      return {
        trigger: 'oomkilladj',
        pagecache: 'pagecache pages',
        selection: 'none',
        kill: build >= 194 ? 'reason-uid-short' : 'reason-short',
      };
    case 'rhel6':
      return build < 220
        ? { kill: 'vsz' }
        : {
            trigger: 'oom_adj+score',
            tasks: 'cpu-both',
            selection: 'or sacrifice child',
            kill: 'uid-total-vm',
          };
    case 'rhel7':
      return build < 514
        ? { taintDashes: true, taintColumns: 16 }
        : {
            formats: [4, 1, 0],
            taintDashes: true,
            taintColumns: 16,
            stackWords: build < 693,
            perCpu: 'none',
            totals: 'node',
            kdump: build >= 1127,
            kill: build >= 1127 ? 'uid-after-shmem' : 'total-vm-shmem',
          };
    case 'rhel8':
      return build < 200
        ? {
            formats: [4, 13, 0],
            trigger: 'nodemask',
            tasks: 'pgtables_bytes',
            selection: 'none',
            kill: 'reason-shmem',
            kdump: true,
            cmaReserved: false,
            deadlockPanic: true,
          }
        : {
            formats: [5, 11, 0],
            highatomic: false,
            trigger: 'flags',
            cpusetLine: false,
            memcgTaskLine: 'none',
            memcgStats: 'one-record',
            tasks: 'wide',
            summary: true,
            selection: 'none',
            kill: 'reason-full',
            kdump: true,
            cmaReserved: false,
            deadlockPanic: true,
          };
    case 'rhel9':
      return {
        formats: build >= 600 ? [6, 6, 0] : [6, 1, 0],
        kdump: true,
        taintColumns: 19,
        taskMarks: true,
        zoneFilter: true,
        swap: 'short',
      };
    default:
      return {};
  }
}

/** The formats of a kernel. Sources: mm/oom_kill.c, mm/page_alloc.c, lib/show_mem.c, mm/memcontrol.c, lib/dump_stack.c. */
export function dialectOf(kernel: KernelSpec): Dialect {
  return { ...mainline(versionOf(kernel), kernel.arch), ...vendorPatch(kernel) };
}
