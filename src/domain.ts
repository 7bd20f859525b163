/**
 * The nouns of oomscope and their closed lists. Plain data, no behaviour.
 *
 * Numbers keep the unit in which the kernel printed them, and say it in their name: Pages (of the reporting host),
 * Kb (1,024 bytes), Bytes, Ms, Us. Absent (undefined) means "not printed"; null means "unlimited"; zero means that the
 * log said zero. Every noun that was read from a line carries `line`, an index into `OomReport.lines`.
 */

import type { FindingCode } from './tables/findings.ts';
import type { IssueCode } from './tables/issues.ts';

// ---- where a line comes from ---------------------------------------------------------------------------------------

/** Where a record lies: a Kafka offset, or for a file its path, partition 0 and the 0-based number of the line. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export const TIME_SOURCES = ['header', 'envelope', 'broker'] as const;
/** What stated the time: the message's own header, the shipper's envelope, or Kafka's record time stamp. */
export type TimeSource = (typeof TIME_SOURCES)[number];

export const TRUST_LEVELS = ['facility', 'program', 'topic', 'file'] as const;
/**
 * Why a line counts as the kernel's: its facility is kern (or its journal transport is kernel); no priority travelled
 * and its program is `kernel` (the weaker case); its topic is configured as kernel-only; it stands in a file given to
 * `explain`.
 */
export type Trust = (typeof TRUST_LEVELS)[number];

/** One line of kernel text with what its record says about it. */
export interface LogLine {
  /** As the record states it, lower case; empty when nothing names a host. */
  readonly host: string;
  /** Kernel text without transport prefix; leading blanks kept. */
  readonly text: string;
  readonly position: Position;
  readonly trust: Trust;
  /** Event time in ms since the epoch, taken from the record and never from this machine's clock. */
  readonly observedAtMs?: number;
  readonly timeSource?: TimeSource;
  /**
   * The stamp of the message's own header exactly as written ("Sep 23 02:04:16"), kept when it states no full date, so
   * that an identity can rest on its second.
   */
  readonly headerStamp?: string;
  /** Microseconds since boot, from `[12345.678901]`, /dev/kmsg or the journal. */
  readonly bootUs?: number;
  readonly facility?: number;
  readonly severity?: number;
  /** `T123` or `C0` of CONFIG_PRINTK_CALLER. */
  readonly callerId?: string;
  readonly bootId?: string;
  /** `host.id` of the envelope (machine id), when it travelled. */
  readonly hostId?: string;
  /** Fleet labels taken from configured record fields (cluster, region, role). */
  readonly labels?: Readonly<Record<string, string>>;
  /** True when no prefix stood before the text, although the lines around it carry one: a candidate for re-joining. */
  readonly bare?: boolean;
}

// ---- the report ----------------------------------------------------------------------------------------------------

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

/** `clamd invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0` */
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

/** `Pid: 21832, comm: clamd Tainted: G         C   3.2.59 #21`, or `CPU: 0 PID: 754 Comm: ...` */
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

/** The global counters, in pages. A counter that was not printed is absent. */
export interface MemInfo extends Located {
  activePages?: number;
  inactivePages?: number;
  activeAnonPages?: number;
  inactiveAnonPages?: number;
  isolatedAnonPages?: number;
  activeFilePages?: number;
  inactiveFilePages?: number;
  isolatedFilePages?: number;
  unevictablePages?: number;
  dirtyPages?: number;
  writebackPages?: number;
  unstablePages?: number;
  slabPages?: number;
  slabReclaimablePages?: number;
  slabUnreclaimablePages?: number;
  mappedPages?: number;
  mappedFilePages?: number;
  mappedAnonPages?: number;
  shmemPages?: number;
  pagetablesPages?: number;
  secPagetablesPages?: number;
  bouncePages?: number;
  kernelMiscReclaimablePages?: number;
  freePages?: number;
  freePcpPages?: number;
  freeCmaPages?: number;
  /** `Free pages: 12345kB (678kB HighMem)` of 2.6.18 and older. */
  freeKb?: number;
  freeHighmemKb?: number;
  /** Counters with names unknown to this table, as printed. */
  other?: Record<string, number>;
}

/** `CPU    0: hi:  186, btch:  31 usd:  70` below `Normal per-cpu:` (up to 4.0) */
export interface PerCpu extends Located {
  node?: number;
  zone: string;
  cpu: number;
  highPages?: number;
  batchPages?: number;
  /** Free pages parked on this per-cpu list; not counted in the zone's `free`. Hot and cold lists together. */
  usedPages?: number;
}

/** `Node 0 active_anon:968kB ... all_unreclaimable? no` (4.8+) */
export interface NodeInfo extends Located {
  node: number;
  activeAnonKb?: number;
  inactiveAnonKb?: number;
  activeFileKb?: number;
  inactiveFileKb?: number;
  unevictableKb?: number;
  isolatedAnonKb?: number;
  isolatedFileKb?: number;
  mappedKb?: number;
  dirtyKb?: number;
  writebackKb?: number;
  shmemKb?: number;
  shmemThpKb?: number;
  shmemPmdmappedKb?: number;
  anonThpKb?: number;
  writebackTmpKb?: number;
  unstableKb?: number;
  kernelStackKb?: number;
  shadowCallStackKb?: number;
  pagetablesKb?: number;
  secPagetablesKb?: number;
  balloonKb?: number;
  gpuActiveKb?: number;
  gpuReclaimKb?: number;
  pagesScanned?: number;
  allUnreclaimable?: boolean;
  other?: Record<string, number>;
}

/** `Normal free:8056kB min:8048kB ... all_unreclaimable? yes`, its reserve line and its buddy line. */
export interface Zone extends Located {
  /** Absent on kernels that print no `Node N`. */
  node?: number;
  /** DMA, DMA32, Normal, HighMem, Movable, Device. */
  name: string;
  freeKb?: number;
  boostKb?: number;
  minKb?: number;
  lowKb?: number;
  highKb?: number;
  reservedHighatomicKb?: number;
  freeHighatomicKb?: number;
  activeKb?: number;
  inactiveKb?: number;
  activeAnonKb?: number;
  inactiveAnonKb?: number;
  activeFileKb?: number;
  inactiveFileKb?: number;
  unevictableKb?: number;
  isolatedAnonKb?: number;
  isolatedFileKb?: number;
  writependingKb?: number;
  zspagesKb?: number;
  presentKb?: number;
  managedKb?: number;
  mlockedKb?: number;
  dirtyKb?: number;
  writebackKb?: number;
  mappedKb?: number;
  shmemKb?: number;
  slabReclaimableKb?: number;
  slabUnreclaimableKb?: number;
  kernelStackKb?: number;
  shadowCallStackKb?: number;
  pagetablesKb?: number;
  unstableKb?: number;
  bounceKb?: number;
  freePcpKb?: number;
  localPcpKb?: number;
  freeCmaKb?: number;
  writebackTmpKb?: number;
  pagesScanned?: number;
  allUnreclaimable?: boolean;
  /** Counters with names unknown to this table, as printed. */
  other?: Record<string, number>;
  /** `lowmem_reserve[]: 0 869 32487 32487`, in pages, by zone index of the request. */
  lowmemReservePages?: number[];
  reserveLine?: number;
  /** Free blocks by order, `830*4kB 80*8kB ...`. */
  buddyCounts?: number[];
  /** Migrate-type letters by order ('UEM', '' where none were printed); absent before 3.8. */
  buddyTypes?: string[];
  /** kB of one order-0 block as the buddy line prints it: the page size. */
  buddyUnitKb?: number;
  buddyTotalKb?: number;
  buddyLine?: number;
}

/** `Node 0 hugepages_total=2 hugepages_free=2 hugepages_surp=0 hugepages_size=1048576kB` */
export interface HugePages extends Located {
  node?: number;
  total: number;
  free: number;
  surplus: number;
  sizeKb: number;
}

/** Page cache, swap and page totals. */
export interface Totals extends Located {
  ramPages?: number;
  highmemPages?: number;
  reservedPages?: number;
  sharedPages?: number;
  nonSharedPages?: number;
  cmaReservedPages?: number;
  hwpoisonedPages?: number;
  pagetableCachePages?: number;
  pagecachePages?: number;
  swapCachePages?: number;
  swapCacheAdd?: number;
  swapCacheDelete?: number;
  swapCacheFind?: number;
  swapCacheFindTotal?: number;
  /** Below zero is possible, as printed. */
  freeSwapKb?: number;
  totalSwapKb?: number;
  dirtyPages?: number;
  writebackPages?: number;
  mappedPages?: number;
  slabPages?: number;
  pagetablesPages?: number;
  freePages?: number;
}

/** usage, limit, failcnt of one counter of a memory cgroup; limit null = unlimited. */
export interface MemcgCounter extends Located {
  usageKb: number;
  limitKb: number | null;
  failcnt: number;
}

/** The memory-cgroup block. */
export interface Memcg extends Located {
  /** The cgroup whose limit was hit (`as a result of limit of`, `oom_memcg=`). */
  path?: string;
  /** The victim's cgroup (`Task in`, `task_memcg=`). */
  taskPath?: string;
  /** `memory:` */
  usageKb?: number;
  limitKb?: number | null;
  failcnt?: number;
  /** `memory+swap:` (v1) */
  memoryAndSwap?: MemcgCounter;
  /** `swap:` (v2) */
  swap?: MemcgCounter;
  /** `kmem:` (v1) */
  kmem?: MemcgCounter;
  /** Cgroup of the first stats block. */
  statsPath?: string;
  /** First stats block as printed: values in kB when `statsUnit` is Kb, else bytes and plain counts. */
  stats?: Record<string, number>;
  statsUnit?: 'Kb' | 'Bytes';
  /** True when the last key of the block was cut by the record limit. */
  statsTruncated?: boolean;
  /** v1 prints one stats line for every cgroup of the subtree; these follow the first. */
  children?: { path: string; stats: Record<string, number>; line: number }[];
  minProtectionKb?: number;
  lowProtectionKb?: number;
  /** `Tasks in <path> are going to be killed due to memory.oom.group set` */
  groupKill?: boolean;
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

/** `Out of memory: Kill process 21832 (clamd) score 4 or sacrifice child`: the choice, not the kill. */
export interface Selection extends Located {
  pid?: number;
  comm?: string;
  score?: number;
  /** The reason before the first colon, `Memory cgroup out of memory`. */
  reason?: string;
}

/** `Killed process 21832 (clamd) total-vm:169876kB, anon-rss:146900kB, file-rss:2712kB` */
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

// ---- the answer ----------------------------------------------------------------------------------------------------

export const VERDICTS = [
  'memcg-limit',
  'cpuset-limit',
  'mempolicy-limit',
  'numa-imbalance',
  'manual',
  'page-fault',
  'lowmem-exhausted',
  'dma-zone-exhausted',
  'fragmented',
  'cma-withheld',
  'reserve-withheld',
  'movable-imbalance',
  'machine-exhausted',
  'unexplained',
  'insufficient-data',
] as const;
/** Why this allocation failed, in the kernel's arithmetic. */
export type Verdict = (typeof VERDICTS)[number];

export const HOLDERS = [
  'one-task',
  'many-tasks',
  'slab',
  'page-tables',
  'shmem',
  'kernel-stacks',
  'unevictable',
  'hugepages',
  'dirty-pages',
  'page-cache',
  'mem-map',
  'unaccounted',
  'unknown',
] as const;
/** Where the memory had gone. */
export type Holder = (typeof HOLDERS)[number];

export const SWAP_STATES = ['none', 'full', 'available', 'unknown'] as const;
export type SwapState = (typeof SWAP_STATES)[number];

export const CONFIDENCES = ['certain', 'high', 'medium', 'low'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const ATTEMPTS = ['low', 'min', 'high'] as const;
/** The marks of the allocator's three attempts: fast path, slow path, last try before the kill. */
export type Attempt = (typeof ATTEMPTS)[number];

/** A gfp mask in words. */
export interface GfpAnalysis {
  readonly mask: number;
  /** Numbering era of the table used, '2.6.39-3.2'. */
  readonly era: string;
  /** How the era was found: the printed flags, the kernel release, or the mask itself. */
  readonly eraSource: 'text' | 'release' | 'mask';
  /** Composite and single names, `GFP_KERNEL|__GFP_REPEAT|__GFP_ZERO`. */
  readonly text: string;
  readonly flags: readonly string[];
  /** Bits without a name in this era, as a number; 0 when all are known. */
  readonly unknownBits: number;
  /** Highest zone that the request may use (gfp_zone). */
  readonly zone: string;
  readonly movable: boolean;
  readonly reclaimable: boolean;
  readonly mayReclaim: boolean;
  readonly mayUseFs: boolean;
  readonly mayUseIo: boolean;
  readonly highPriority: boolean;
  readonly atomic: boolean;
  /** What the allocation was for, from the call trace: 'page table', 'anonymous memory', ... */
  readonly purpose?: string;
}

/** The kernel's check of one zone against one mark. All values in pages; the zone passes when usable > needed. */
export interface ZoneCheck {
  readonly node?: number;
  readonly zone: string;
  readonly attempt: Attempt;
  readonly freePages: number;
  /** What the kernel compares: free less the request's and the withheld pages. */
  readonly usablePages: number;
  readonly markPages: number;
  readonly reservePages: number;
  /** mark + reserve: usable has to exceed it. */
  readonly neededPages: number;
  readonly marginPages: number;
  readonly passes: boolean;
  /** Why a zone fails that passes the first comparison: 'order', 'empty-lists'. */
  readonly failedBy?: 'watermark' | 'order' | 'empty-lists';
  /** Order at which the loop before 4.4 failed, when it did. */
  readonly failedOrder?: number;
  readonly withheldPages: number;
}

/** Fragmentation of one zone, with the kernel's own indices (mm/vmstat.c), both times 1,000. */
export interface Fragmentation {
  readonly node?: number;
  readonly zone: string;
  readonly freePages: number;
  readonly freeBlocks: number;
  readonly fragmentationIndex: readonly number[];
  readonly unusableIndex: readonly number[];
  /** Order of the largest free block, -1 when there is none. */
  readonly largestOrder: number;
  /** Order of the largest block that this request could use; -1 when none. */
  readonly largestUsableOrder: number;
}

/** One class of memory in the books, in kB; classes do not overlap. */
export interface AccountEntry {
  readonly name: string;
  readonly kb: number;
}

/** Where memory went: non-overlapping classes, with the rest that nothing claims. */
export interface Account {
  /** 'machine', 'node 0', 'Normal', 'node 0 Normal', 'cgroup /a/b'. */
  readonly place: string;
  readonly totalKb: number;
  readonly entries: readonly AccountEntry[];
  readonly unattributedKb: number;
}

/** Facts of a 32-bit host with HighMem. */
export interface LowmemAnalysis {
  readonly addressBits: 32;
  readonly pae: boolean;
  readonly lowmemKb: number;
  readonly lowmemFreeKb: number;
  readonly highmemKb?: number;
  readonly highmemFreeKb?: number;
  /** Bytes of struct page: exact when the report determines it, else the known value for the kernel. */
  readonly structPageBytes?: number;
  readonly structPageExact?: boolean;
  /** Cost of mem_map in lowmem. */
  readonly memMapKb?: number;
  /** HighMem zone reconstructed from the reserves when its line is lost or hidden. */
  readonly reconstructed?: {
    presentMinKb: number;
    presentMaxKb: number;
    minKb?: number;
    lowKb?: number;
    highKb?: number;
  };
  readonly exhausted: boolean;
  /** What holds lowmem, largest first. */
  readonly pins: readonly { name: string; kb: number; note?: string }[];
  /** What the kill freed in lowmem at the least and at the most, in kB. */
  readonly killFreedLowmemKb?: { min: number; max: number };
}

/** The victim and the others. */
export interface VictimAnalysis {
  readonly pid?: number;
  readonly comm: string;
  readonly rssKb?: number;
  readonly isTrigger: boolean;
  readonly inTable: boolean;
  readonly isLargest?: boolean;
  readonly largest?: { pid: number; comm: string; rssKb: number };
  /** Badness recomputed for the kernel's version, in the printed unit; absent when it cannot be. */
  readonly score?: { computed: number; exact: number; printed?: number; totalPages: number; agrees?: boolean };
  readonly adj?: number;
  /** What the kill could free, by zone class. */
  readonly freed?: { anonKb: number; fileKb: number; shmemKb: number; usable: boolean };
  /** Why this one, in one sentence. */
  readonly why?: string;
}

export interface CgroupAnalysis {
  readonly path?: string;
  readonly taskPath?: string;
  readonly limitKind?: 'memory' | 'memory+swap' | 'swap' | 'kmem';
  readonly usageKb?: number;
  readonly limitKb?: number | null;
  readonly podUid?: string;
  readonly containerId?: string;
  readonly runtime?: string;
  readonly qos?: string;
  readonly unit?: string;
}

export interface Finding {
  readonly code: FindingCode;
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
}

export interface Advice {
  readonly rank: number;
  readonly action: string;
  /** Command or setting, when there is one. */
  readonly command?: string;
  readonly effect: string;
  readonly risk?: string;
  readonly since?: string;
}

/** The answer: why memory ran out, where it had gone, and what each statement rests on. */
export interface Analysis {
  readonly verdict: Verdict;
  readonly contributing: readonly Verdict[];
  readonly holder: Holder;
  readonly swapState: SwapState;
  readonly confidence: Confidence;
  /** Which rules set the confidence. */
  readonly confidenceReasons: readonly string[];
  /** One sentence. */
  readonly sentence: string;
  /** A paragraph that an operator can act on. */
  readonly paragraph: string;
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
  readonly advice: readonly Advice[];
  readonly gfp?: GfpAnalysis;
  /** Zones in the order in which the allocator tries them. */
  readonly zonelist: readonly { node?: number; zone: string }[];
  readonly checks: readonly ZoneCheck[];
  /** Name of the watermark rule used, '2.6.38-3.2'. */
  readonly watermarkRule?: string;
  readonly fragmentation: readonly Fragmentation[];
  readonly accounts: readonly Account[];
  readonly lowmem?: LowmemAnalysis;
  readonly cgroup?: CgroupAnalysis;
  readonly victim?: VictimAnalysis;
  readonly pageSizeKb: number;
  readonly identity: Identity;
  /** What could not be done, and for want of which section. */
  readonly limits: readonly { what: string; section: SectionName | 'kernel-version' }[];
}

/** Pure function of the event: where its document belongs and which reading wins. */
export interface Identity {
  readonly id: string;
  /** Id under which an early, kill-less reading may have been written. Present when the report has trigger and kill. */
  readonly triggerId?: string;
  /** ms since the epoch; absent when no line states a full time. */
  readonly timestampMs?: number;
  readonly timeSource?: TimeSource;
  /** Fullness x 1024 + analyzer revision. */
  readonly version: number;
}

// ---- what stands beside a report -----------------------------------------------------------------------------------

/** A line of a text with output of the host's own tools. */
export interface ContextPlace {
  readonly path: string;
  /** 0-based. */
  readonly line: number;
}

export interface HostNumber extends ContextPlace {
  readonly value: number;
}

/** `vm.lowmem_reserve_ratio = 256   32      32` */
export interface HostNumbers extends ContextPlace {
  readonly values: readonly number[];
}

/** `sysctl vm`; kB where the name says so, else as the kernel counts it. */
export interface VmSettings {
  minFreeKbytes?: HostNumber;
  extraFreeKbytes?: HostNumber;
  watermarkScaleFactor?: HostNumber;
  lowmemReserveRatio?: HostNumbers;
  swappiness?: HostNumber;
  overcommitMemory?: HostNumber;
  panicOnOom?: HostNumber;
  oomKillAllocatingTask?: HostNumber;
  oomDumpTasks?: HostNumber;
  zoneReclaimMode?: HostNumber;
  extfragThreshold?: HostNumber;
  vfsCachePressure?: HostNumber;
}

/** Counters of /proc/meminfo. */
export interface HostMeminfo {
  memTotalKb?: HostNumber;
  memFreeKb?: HostNumber;
  memAvailableKb?: HostNumber;
  buffersKb?: HostNumber;
  cachedKb?: HostNumber;
  swapCachedKb?: HostNumber;
  activeKb?: HostNumber;
  inactiveKb?: HostNumber;
  activeAnonKb?: HostNumber;
  inactiveAnonKb?: HostNumber;
  activeFileKb?: HostNumber;
  inactiveFileKb?: HostNumber;
  unevictableKb?: HostNumber;
  mlockedKb?: HostNumber;
  highTotalKb?: HostNumber;
  highFreeKb?: HostNumber;
  lowTotalKb?: HostNumber;
  lowFreeKb?: HostNumber;
  swapTotalKb?: HostNumber;
  swapFreeKb?: HostNumber;
  dirtyKb?: HostNumber;
  writebackKb?: HostNumber;
  anonPagesKb?: HostNumber;
  mappedKb?: HostNumber;
  shmemKb?: HostNumber;
  slabKb?: HostNumber;
  slabReclaimableKb?: HostNumber;
  slabUnreclaimableKb?: HostNumber;
  kernelStackKb?: HostNumber;
  pagetablesKb?: HostNumber;
  commitLimitKb?: HostNumber;
  committedKb?: HostNumber;
  percpuKb?: HostNumber;
  cmaTotalKb?: HostNumber;
  cmaFreeKb?: HostNumber;
  /** Huge pages of the default size, a count. */
  hugePagesTotal?: HostNumber;
  hugePagesFree?: HostNumber;
  hugePageSizeKb?: HostNumber;
}

/** One zone of /proc/zoneinfo, in pages. */
export interface HostZone extends ContextPlace {
  readonly node: number;
  readonly name: string;
  freePages?: number;
  boostPages?: number;
  minPages?: number;
  lowPages?: number;
  highPages?: number;
  spannedPages?: number;
  presentPages?: number;
  managedPages?: number;
  /** `protection: (0, 869, 32487, 32487)`: lowmem_reserve. */
  protectionPages?: number[];
}

/** One line of /proc/buddyinfo: free blocks by order. */
export interface HostBuddy extends ContextPlace {
  readonly node: number;
  readonly name: string;
  readonly counts: readonly number[];
}

/** The memory or swap line of `free` or `top`. */
export interface HostUsage extends ContextPlace {
  totalKb?: number;
  usedKb?: number;
  freeKb?: number;
  sharedKb?: number;
  buffersKb?: number;
  cachedKb?: number;
  buffersAndCacheKb?: number;
  availableKb?: number;
  /** False when the tool printed rounded numbers (`31G`, `7822.9 MiB`). */
  exact: boolean;
}

export interface HostFree {
  memory?: HostUsage;
  low?: HostUsage;
  high?: HostUsage;
  swap?: HostUsage;
}

/** A row of `top`. */
export interface HostProcess extends ContextPlace {
  readonly pid: number;
  readonly user: string;
  readonly comm: string;
  readonly virtualKb?: number;
  readonly residentKb?: number;
  readonly sharedKb?: number;
}

export interface HostTop {
  /** Time since boot, when `top` was taken. */
  uptime?: ContextPlace & { ms: number };
  memory?: HostUsage;
  swap?: HostUsage;
  processes: HostProcess[];
}

/**
 * What a text beside a report tells about its host: settings and counters, at another time than the report's. The first
 * output of each kind counts.
 */
export interface HostContext {
  readonly vm: VmSettings;
  readonly meminfo: HostMeminfo;
  readonly zones: readonly HostZone[];
  readonly buddy: readonly HostBuddy[];
  readonly free: HostFree;
  readonly top: HostTop;
}
