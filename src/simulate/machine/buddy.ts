/** Free lists whose blocks add up to the zone's free pages. */
import type { Random } from '../random.ts';

/**
 * Counts of free blocks by order, adding up to `freePages` exactly. No block is larger than `largestOrder`; most blocks
 * are small, as after long uptime.
 */
export function buddyCounts(freePages: number, largestOrder: number, orders: number, random: Random): number[] {
  const counts = new Array<number>(orders).fill(0);
  let rest = freePages;
  for (let order = largestOrder; order > 0; order -= 1) {
    const blockPages = 2 ** order;
    const most = Math.floor(rest / blockPages);
    const wanted = Math.floor(most * (0.1 + 0.4 * random.next()));
    counts[order] = wanted;
    rest -= wanted * blockPages;
  }
  counts[0] = rest;
  return counts;
}

/**
 * Migrate-type letters by order in the kernel's print order: 'UEM' up to 4.3, 'UME' later. Small orders hold all types,
 * large ones movable blocks only, or those of CMA where most free pages are.
 */
export function buddyTypes(
  counts: readonly number[],
  style: 'none' | 'UEMRCI' | 'UMEHCI',
  cma: boolean,
): string[] | undefined {
  if (style === 'none') return undefined;
  const all = style === 'UEMRCI' ? 'UEM' : 'UME';
  return counts.map((count, order) => {
    if (count === 0) return '';
    if (order < 5) return cma ? `${all}C` : all;
    if (cma) return 'C';
    return order < 9 ? 'UM' : 'M';
  });
}
