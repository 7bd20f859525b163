/** The report: everything that one OOM event printed, in kernel units. */

import type { IssueCode } from '../tables/issues.ts';
import type { ContextPlace } from './context.ts';
import type { Position, TimeSource, Trust } from './line.ts';
import type { Memcg } from './memcg.ts';
import type { HugePages, MemInfo, NodeInfo, PerCpu, Totals, Zone } from './memory.ts';

export const ACTIONS = ['oom-kill', 'oom-no-victim', 'oom-panic', 'page-allocation-failure'] as const;
export type Action = (typeof ACTIONS)[number];

export const SCOPES = ['global', 'memcg', 'cpuset', 'mempolicy', 'sysrq', 'unknown'] as const;
/** From what is printed, never by default. */
export type Scope = (typeof SCOPES)[number];

export const SECTIONS = [
  'trigger',
  'task-header',
  'call-trace',
  'mem-info',
  'zones',
  'buddy',
  'totals',
  'task-table',
  'summary',
  'kill',
] as const;
/** The sections whose absence is named in `missing`. */
export type SectionName = (typeof SECTIONS)[number];

export interface Located {
  /** Index into `OomReport.lines`. */
  readonly line: number;
}

/** `mailscand invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0` */
export interface Trigger extends Located {
  /** comm of the allocating task; absent in 2.6.9 to 2.6.18, which print none. */
  name?: string;
  /** From the task header. */
  pid?: number;
  /** Lower-case hex with 0x, as printed. */
  gfpMask?: string;
  /** What stands in parentheses after the mask (4.6+), without them; empty for `0x0()`. */
  gfpText?: string;
  order?: number;
  oomScoreAdj?: number;
  /** `oom_adj=` or `oomkilladj=`. */
  oomAdj?: number;
  /** As printed, `(null)` included. */
  nodemask?: string;
  cpu?: number;
}

/** `Pid: 21832, comm: mailscand Tainted: G         C   3.2.59 #21`, or `CPU: 0 PID: 754 Comm: ...` */
export interface TaskHeader extends Located {
  pid?: number;
  uid?: number;
  cpu?: number;
  comm?: string;
  /** Kernel release, the first token after the taint columns that begins with a digit. */
  release?: string;
  /** What follows the release: `#21`, `#1 PREEMPT(lazy)  Debian 6.16.9-1`. */
  build?: string;
  /** Taint letters without blanks; empty when the kernel says `Not tainted`. */
  taint?: string;
  hardware?: string;
  workqueue?: string;
}

/** One frame of the call trace, most recent first. */
export interface Frame extends Located {
  /** Function name without offset and size; compiler suffixes kept. */
  symbol: string;
  /** False for frames printed with `?` or in parentheses. */
  reliable: boolean;
  module?: string;
  /** Hex digits as printed, without 0x; their count tells 32 from 64 bits. */
  address?: string;
}

/** `mysqld cpuset=/ mems_allowed=0-1` (2.6.29 to 4.20) */
export interface Cpuset extends Located {
  name?: string;
  memsAllowed?: string;
}

/** One row of `Unreclaimable slab info:`. */
export interface SlabCache extends Located {
  name: string;
  usedKb: number;
  totalKb: number;
}

/** One row of `Memory allocations:` (6.10+). */
export interface AllocationSite extends Located {
  bytes: number;
  calls: number;
  site: string;
}

/** One row of the process table; the columns are named by the table's header. */
export interface Task extends Located {
  pid: number;
  uid?: number;
  tgid?: number;
  comm: string;
  totalVmPages?: number;
  rssPages?: number;
  rssAnonPages?: number;
  rssFilePages?: number;
  rssShmemPages?: number;
  nrPtes?: number;
  nrPmds?: number;
  pgtablesBytes?: number;
  swapentsPages?: number;
  cpu?: number;
  oomAdj?: number;
  oomScoreAdj?: number;
}

/** `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=...` (5.0+) */
export interface Summary extends Located {
  constraint?: string;
  nodemask?: string;
  cpuset?: string;
  memsAllowed?: string;
  globalOom?: boolean;
  oomMemcg?: string;
  taskMemcg?: string;
  task?: string;
  pid?: number;
  uid?: number;
}

/** `Out of memory: Kill process 21832 (mailscand) score 4 or sacrifice child`: the choice, not the kill. */
export interface Selection extends Located {
  pid?: number;
  comm?: string;
  score?: number;
  /** The reason before the first colon, `Memory cgroup out of memory`. */
  reason?: string;
}

/** `Killed process 21832 (mailscand) total-vm:169876kB, anon-rss:146900kB, file-rss:2712kB` */
export interface Kill extends Located {
  /** Absent in 2.4 (`VM: killing process X`). */
  pid?: number;
  comm: string;
  uid?: number;
  totalVmKb?: number;
  anonRssKb?: number;
  fileRssKb?: number;
  shmemRssKb?: number;
  /** As printed; early 5.4 labels bytes as kB. */
  pgtablesKb?: number;
  oomScoreAdj?: number;
  /** The reason before `Killed process`, when it stands on the same line. */
  reason?: string;
}

/** `oom_reaper: reaped process 10233 (x), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB` */
export interface Reaped extends Located {
  pid: number;
  comm?: string;
  anonRssKb?: number;
  fileRssKb?: number;
  shmemRssKb?: number;
  /** False for `unable to reap` and `giving up`. */
  done: boolean;
}

/** What the report tells about the kernel that printed it. */
export interface KernelFacts {
  /** As printed in the task header. */
  release?: string;
  /** [major, minor, patch]: read from the release; absent without one. */
  version?: readonly [number, number, number];
  /** Bounds inferred from what is printed; each may be absent. */
  since?: readonly [number, number, number];
  until?: readonly [number, number, number];
  /** rhel3 ... rhel10 when the release string says so. */
  vendor?: Vendor;
  addressBits?: 32 | 64;
  pae?: boolean;
  pageSizeKb?: number;
  /** The printed facts that the above rests on. */
  evidence: Evidence[];
}

export const VENDORS = ['rhel3', 'rhel4', 'rhel5', 'rhel6', 'rhel7', 'rhel8', 'rhel9', 'rhel10'] as const;
export type Vendor = (typeof VENDORS)[number];

/** A field, its value and the line that states it. `line` is absent for values that were computed. */
export interface Evidence {
  readonly field: string;
  readonly value: string | number | boolean;
  readonly line?: number;
  /** Where it stands in a text that was given beside the report. */
  readonly context?: ContextPlace;
}

/** Something that could not be read, or was read in spite of damage. */
export interface Issue {
  readonly code: IssueCode;
  readonly line?: number;
  readonly detail?: string;
}

/** A line of the report after re-joining: what its text is and where its first piece lay. */
export interface ReportLine {
  readonly text: string;
  readonly position: Position;
  readonly bootUs?: number;
  /** Which block read it; absent for foreign and unread lines. */
  readonly block?: string;
}

/** Everything that one OOM event (or page allocation failure) printed, in kernel units. */
export interface OomReport {
  readonly action: Action;
  readonly scope: Scope;
  readonly host: string;
  readonly hostId?: string;
  readonly bootId?: string;
  readonly trust: Trust;
  readonly labels?: Readonly<Record<string, string>>;
  readonly kernel: KernelFacts;
  /** 32-bit kernel whose HighMem zone holds memory. */
  readonly highmem32: boolean;
  readonly trigger?: Trigger;
  readonly taskHeader?: TaskHeader;
  readonly callTrace: readonly Frame[];
  readonly cpuset?: Cpuset;
  readonly memInfo?: MemInfo;
  readonly perCpu: readonly PerCpu[];
  readonly nodes: readonly NodeInfo[];
  readonly zones: readonly Zone[];
  readonly hugePages: readonly HugePages[];
  readonly totals?: Totals;
  readonly memcg?: Memcg;
  readonly slabCaches: readonly SlabCache[];
  readonly allocationSites: readonly AllocationSite[];
  /** Rows kept; `taskCount` counts all that were read. */
  readonly tasks: readonly Task[];
  readonly taskCount: number;
  /** Column names of the table's header, as printed. */
  readonly taskColumns?: readonly string[];
  readonly summary?: Summary;
  readonly selections: readonly Selection[];
  readonly kills: readonly Kill[];
  readonly reaped: readonly Reaped[];
  /** `OOM victim N (x) is already exiting` and the like, as printed. */
  readonly notes: readonly (Located & { text: string })[];
  /** Text of the panic line. */
  readonly panic?: Located & { text: string };
  /** Text of the sysrq line before the trigger. */
  readonly sysrq?: Located & { text: string };
  /** `lowmem_reserve[]` lines whose zone line is lost; they belong to no zone. */
  readonly orphanReserves: readonly (Located & { reservePages: number[] })[];
  readonly complete: boolean;
  readonly missing: readonly SectionName[];
  readonly issues: readonly Issue[];
  readonly lines: readonly ReportLine[];
  /** Recognised lines without duplicates: the fullness of the report's version. */
  readonly recognisedLines: number;
  /** Time of the anchor: first kill line, else trigger line, else the first line. */
  readonly anchor: Anchor;
  /** Time of the trigger line, when there is one beside a kill line. */
  readonly triggerAnchor?: Anchor;
  readonly firstPosition: Position;
  readonly lastPosition: Position;
  /** True when silence emitted it while it stays open: a fuller reading may follow. */
  readonly provisional: boolean;
  /** True when a limit shed parts of it. */
  readonly truncated: boolean;
}

/** What identity and time rest on. */
export interface Anchor extends Located {
  readonly kind: 'kill' | 'trigger' | 'other';
  readonly pid?: number;
  readonly comm?: string;
  readonly bootUs?: number;
  readonly observedAtMs?: number;
  readonly timeSource?: TimeSource;
  readonly headerStamp?: string;
}
