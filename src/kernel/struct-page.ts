/**
 * Sizes of kernel objects that fill lowmem on 32-bit hosts. Plain data.
 *
 * Sources: include/linux/mm_types.h and mm/page_alloc.c free_area_init_core (2.6.20 to 3.8 take a zone's own mem_map off
 * its `present`), fs/buffer.c, lib/radix-tree.c of 3.2 (i386).
 */
import type { Version } from './version.ts';

/** Sizes of struct page that a 32-bit kernel can have. */
export const STRUCT_PAGE_SIZES_32 = [28, 32, 36, 40, 44, 48, 56, 64] as const;

/** The usual size on 32 bits: 44 bytes in 2.4, 32 since 2.6, 36 with a memory-cgroup pointer (3.19 and later). */
export const STRUCT_PAGE_BYTES_32: readonly { readonly since: Version; readonly bytes: number }[] = [
  { since: [3, 19, 0], bytes: 36 },
  { since: [2, 6, 0], bytes: 32 },
  { since: [2, 4, 0], bytes: 44 },
];

/** Releases whose `present` is spanned less holes less the zone's own mem_map. */
export const PRESENT_WITHOUT_MEM_MAP = { since: [2, 6, 20], before: [3, 9, 0] } as const satisfies {
  since: Version;
  before: Version;
};

/** First page frame of zone DMA on x86: 0, or 16 where the first 64 kB are left out. */
export const DMA_FIRST_PFN = [16, 0, 1] as const;

/** First page frame beyond zone DMA on x86 (16 MiB). */
export const DMA_END_PFN = 4096;

/** buffer_head on 32 bits with 64-bit sectors: 56 bytes, 73 in a slab of one page; one per page of file cache (4 KiB blocks). */
export const BUFFER_HEADS_PER_SLAB_PAGE = 73;

/** radix_tree_node on 32 bits: 296 bytes, 13 in a slab of one page; one node for 64 pages of file cache at the least. */
export const RADIX_NODES_PER_SLAB_PAGE = 13;
export const PAGES_PER_RADIX_NODE = 64;

/** First release that scans HighMem when buffer heads fill lowmem. */
export const BUFFER_HEAD_FIX: Version = [3, 3, 8];

/** Kernel stack of a task on 32-bit x86 and arm. */
export const KERNEL_STACK_KB_32 = 8;
