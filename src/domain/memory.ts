/** What Mem-Info tells: counters, nodes, zones, totals. */
import type { Located } from './report.ts';

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
