/** What stands beside a report: output of other tools of the same host. */

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
