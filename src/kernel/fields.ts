/**
 * The labels that the kernel prints and the fields that hold their values: one table for the reader and the printer.
 *
 * Labels come without the colon. Sources: lib/show_mem.c, mm/show_mem.c, mm/page_alloc.c show_free_areas and
 * mm/oom_kill.c dump_tasks of 2.6.0 to 7.1.
 */
import type { MemInfo, NodeInfo, Task, Totals, Zone } from '../domain.ts';

/** Keys of T whose values are numbers. */
export type NumericKey<T> = {
  [K in keyof T]-?: Exclude<T[K], undefined> extends number ? K : never;
}[keyof T];

/** `active_anon:117913 inactive_anon:9942 isolated_anon:0`: values in pages. */
export const MEM_INFO_FIELDS: Readonly<Record<string, Exclude<NumericKey<MemInfo>, 'line'>>> = {
  Active: 'activePages',
  active: 'activePages',
  inactive: 'inactivePages',
  Active_anon: 'activeAnonPages',
  active_anon: 'activeAnonPages',
  inactive_anon: 'inactiveAnonPages',
  isolated_anon: 'isolatedAnonPages',
  active_file: 'activeFilePages',
  inactive_file: 'inactiveFilePages',
  isolated_file: 'isolatedFilePages',
  unevictable: 'unevictablePages',
  dirty: 'dirtyPages',
  writeback: 'writebackPages',
  unstable: 'unstablePages',
  slab: 'slabPages',
  slab_reclaimable: 'slabReclaimablePages',
  slab_unreclaimable: 'slabUnreclaimablePages',
  mapped: 'mappedPages',
  'mapped-file': 'mappedFilePages',
  'mapped-anon': 'mappedAnonPages',
  shmem: 'shmemPages',
  pagetables: 'pagetablesPages',
  sec_pagetables: 'secPagetablesPages',
  bounce: 'bouncePages',
  kernel_misc_reclaimable: 'kernelMiscReclaimablePages',
  free: 'freePages',
  free_pcp: 'freePcpPages',
  free_cma: 'freeCmaPages',
};

/** `Node 0 active_anon:968kB ...`: values in kB but for pages_scanned. */
export const NODE_FIELDS: Readonly<Record<string, Exclude<NumericKey<NodeInfo>, 'line' | 'node'>>> = {
  active_anon: 'activeAnonKb',
  inactive_anon: 'inactiveAnonKb',
  active_file: 'activeFileKb',
  inactive_file: 'inactiveFileKb',
  unevictable: 'unevictableKb',
  'isolated(anon)': 'isolatedAnonKb',
  'isolated(file)': 'isolatedFileKb',
  mapped: 'mappedKb',
  dirty: 'dirtyKb',
  writeback: 'writebackKb',
  shmem: 'shmemKb',
  shmem_thp: 'shmemThpKb',
  shmem_pmdmapped: 'shmemPmdmappedKb',
  anon_thp: 'anonThpKb',
  writeback_tmp: 'writebackTmpKb',
  unstable: 'unstableKb',
  kernel_stack: 'kernelStackKb',
  shadow_call_stack: 'shadowCallStackKb',
  pagetables: 'pagetablesKb',
  sec_pagetables: 'secPagetablesKb',
  Balloon: 'balloonKb',
  gpu_active: 'gpuActiveKb',
  gpu_reclaim: 'gpuReclaimKb',
  pages_scanned: 'pagesScanned',
};

/** `Normal free:8056kB min:8048kB ...`: values in kB but for pages_scanned. */
export const ZONE_FIELDS: Readonly<
  Record<
    string,
    Exclude<NumericKey<Zone>, 'line' | 'node' | 'reserveLine' | 'buddyLine' | 'buddyUnitKb' | 'buddyTotalKb'>
  >
> = {
  free: 'freeKb',
  boost: 'boostKb',
  min: 'minKb',
  low: 'lowKb',
  high: 'highKb',
  reserved_highatomic: 'reservedHighatomicKb',
  free_highatomic: 'freeHighatomicKb',
  active: 'activeKb',
  inactive: 'inactiveKb',
  active_anon: 'activeAnonKb',
  inactive_anon: 'inactiveAnonKb',
  active_file: 'activeFileKb',
  inactive_file: 'inactiveFileKb',
  unevictable: 'unevictableKb',
  'isolated(anon)': 'isolatedAnonKb',
  'isolated(file)': 'isolatedFileKb',
  writepending: 'writependingKb',
  zspages: 'zspagesKb',
  present: 'presentKb',
  managed: 'managedKb',
  mlocked: 'mlockedKb',
  dirty: 'dirtyKb',
  writeback: 'writebackKb',
  mapped: 'mappedKb',
  shmem: 'shmemKb',
  slab_reclaimable: 'slabReclaimableKb',
  slab_unreclaimable: 'slabUnreclaimableKb',
  kernel_stack: 'kernelStackKb',
  shadow_call_stack: 'shadowCallStackKb',
  pagetables: 'pagetablesKb',
  unstable: 'unstableKb',
  bounce: 'bounceKb',
  free_pcp: 'freePcpKb',
  local_pcp: 'localPcpKb',
  free_cma: 'freeCmaKb',
  writeback_tmp: 'writebackTmpKb',
  pages_scanned: 'pagesScanned',
};

/** Columns of the process table by the names of its header; `[ pid ]` and `name` are the first and the last. */
export const TASK_COLUMNS: Readonly<Record<string, Exclude<NumericKey<Task>, 'line'>>> = {
  pid: 'pid',
  uid: 'uid',
  tgid: 'tgid',
  total_vm: 'totalVmPages',
  rss: 'rssPages',
  rss_anon: 'rssAnonPages',
  rss_file: 'rssFilePages',
  rss_shmem: 'rssShmemPages',
  nr_ptes: 'nrPtes',
  nr_pmds: 'nrPmds',
  pgtables_bytes: 'pgtablesBytes',
  swapents: 'swapentsPages',
  cpu: 'cpu',
  oom_adj: 'oomAdj',
  oom_score_adj: 'oomScoreAdj',
};

/** `8650736 pages RAM`: the words after a count of pages. */
export const TOTALS_WORDS: Readonly<Record<string, Exclude<NumericKey<Totals>, 'line'>>> = {
  'pages RAM': 'ramPages',
  'pages of RAM': 'ramPages',
  'pages HighMem/MovableOnly': 'highmemPages',
  'pages HighMem': 'highmemPages',
  'pages of HIGHMEM': 'highmemPages',
  'pages reserved': 'reservedPages',
  'reserved pages': 'reservedPages',
  'pages shared': 'sharedPages',
  'pages non-shared': 'nonSharedPages',
  'pages cma reserved': 'cmaReservedPages',
  'pages hwpoisoned': 'hwpoisonedPages',
  'pages in pagetable cache': 'pagetableCachePages',
  'pages in page table cache': 'pagetableCachePages',
  'total pagecache pages': 'pagecachePages',
  'pagecache pages': 'pagecachePages',
  'pages in swap cache': 'swapCachePages',
  'pages swap cached': 'swapCachePages',
  'pages dirty': 'dirtyPages',
  'pages writeback': 'writebackPages',
  'pages mapped': 'mappedPages',
  'pages slab': 'slabPages',
  'slab pages': 'slabPages',
  'pages pagetables': 'pagetablesPages',
  'free pages': 'freePages',
};

/** Zone names in the order of their indices. */
export const ZONE_NAMES = ['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable', 'Device'] as const;
export type ZoneName = (typeof ZONE_NAMES)[number];

/**
 * True for the kB values that mean "no limit": LLONG_MAX, ULLONG_MAX and the page counter's maximum by page size (all
 * near 2^53 or above), and LONG_MAX pages of 32-bit kernels.
 */
export const isUnlimitedKb = (kb: number): boolean => kb >= 2 ** 53 - 128 || kb === 8589934588 || kb === 8589934591;
