/** Fragmentation of free memory, with the kernel's own indices. */
import type { Fragmentation, Zone } from '../domain.ts';
import { largestUsable, type Request } from './watermark.ts';

/** Sums over a buddy line, as mm/vmstat.c fill_contig_page_info takes them. */
function contigPages(counts: readonly number[]): { freePages: number; freeBlocks: number } {
  let freePages = 0;
  let freeBlocks = 0;
  for (const [order, count] of counts.entries()) {
    freePages += count * 2 ** order;
    freeBlocks += count;
  }
  return { freePages, freeBlocks };
}

/** Blocks of exactly `order` that the larger free blocks can be cut into. */
const suitableBlocks = (counts: readonly number[], order: number): number =>
  counts.slice(order).reduce((sum, count, above) => sum + count * 2 ** above, 0);

/**
 * fragmentation_index times 1,000 (mm/vmstat.c): 0 with no free block, -1000 when a block is there, else towards 0 for a
 * lack of memory and towards 1000 for fragmentation. All divisions truncate.
 */
export function fragmentationIndex(counts: readonly number[], order: number): number {
  const { freePages, freeBlocks } = contigPages(counts);
  if (freeBlocks === 0) return 0;
  if (suitableBlocks(counts, order) > 0) return -1000;
  return 1000 - Math.trunc((1000 + Math.trunc((freePages * 1000) / 2 ** order)) / freeBlocks);
}

/** unusable_free_index times 1,000: the share of free memory that lies in blocks smaller than `order`. */
export function unusableIndex(counts: readonly number[], order: number): number {
  const { freePages } = contigPages(counts);
  if (freePages === 0) return 1000;
  return Math.trunc(((freePages - suitableBlocks(counts, order) * 2 ** order) * 1000) / freePages);
}

/** Indices of every zone that printed its free blocks. Without a request every block counts as usable. */
export function analyseFragmentation(
  zones: readonly Zone[],
  request: Pick<Request, 'movable' | 'harder'> | undefined,
): Fragmentation[] {
  return zones.flatMap((zone) => {
    const counts = zone.buddyCounts;
    if (!counts || counts.length === 0) return [];
    const largestOrder = counts.findLastIndex((count) => count > 0);
    return [
      {
        ...(zone.node === undefined ? {} : { node: zone.node }),
        zone: zone.name,
        ...contigPages(counts),
        fragmentationIndex: counts.map((_count, order) => fragmentationIndex(counts, order)),
        unusableIndex: counts.map((_count, order) => unusableIndex(counts, order)),
        largestOrder,
        largestUsableOrder: request ? largestUsable(zone, request) : largestOrder,
      },
    ];
  });
}
