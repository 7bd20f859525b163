/** What a kernel prints, decided by its release: the formats of every block, for the whole printer. */
import type { Version } from '../kernel/version.ts';
import { mainlineDialect } from './dialect-mainline.ts';
import { vendorPatch } from './dialect-vendor.ts';
import { type KernelSpec, versionOf } from './state.ts';

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

/** The formats of a kernel. Sources: mm/oom_kill.c, mm/page_alloc.c, lib/show_mem.c, mm/memcontrol.c, lib/dump_stack.c. */
export function dialectOf(kernel: KernelSpec): Dialect {
  return { ...mainlineDialect(versionOf(kernel), kernel.arch), ...vendorPatch(kernel) };
}
