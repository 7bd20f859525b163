/** The HighMem zone put together again from the reserves of the zones below it. */
import type { LowmemAnalysis, OomReport, Zone } from '../domain.ts';
import { isBefore } from '../kernel/version.ts';
import { LOWMEM_RESERVE_RATIO, SCALE_FACTOR_SINCE } from '../kernel/watermarks.ts';
import { kbToPages, pagesToKb } from '../units.ts';

/** A number of pages that lies between two bounds, both included. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

const intersect = (a: PageRange | undefined, b: PageRange): PageRange =>
  a === undefined ? b : { first: Math.max(a.first, b.first), last: Math.min(a.last, b.last) };

const sizePages = (zone: Zone, pageSizeKb: number): number =>
  kbToPages(zone.managedKb ?? zone.presentKb ?? 0, pageSizeKb);

/**
 * Pages that HighMem can have: zone i keeps floor(sum of the zones above it / ratio) for itself, with the default
 * ratios 256 and 32. Undefined when the reserves of two zones contradict each other, so the ratios are not the default.
 */
function highmemRange(lowmem: readonly Zone[], column: number, pageSizeKb: number): PageRange | undefined {
  let range: PageRange | undefined;
  for (const [index, zone] of lowmem.entries()) {
    const reserve = zone.lowmemReservePages?.[column];
    const ratio = LOWMEM_RESERVE_RATIO[zone.name];
    if (reserve === undefined || reserve <= 0 || ratio === undefined) continue;
    const between = lowmem.slice(index + 1).reduce((sum, other) => sum + sizePages(other, pageSizeKb), 0);
    const first = reserve * ratio - between;
    range = intersect(range, { first, last: first + ratio - 1 });
  }
  return range && range.first <= range.last && range.last > 0 ? range : undefined;
}

/** vm.min_free_kbytes in pages, from min = floor(P x Z / L) of each lowmem zone. */
export function minFreePages(lowmem: readonly Zone[], lowmemPages: number, pageSizeKb: number): PageRange | undefined {
  let range: PageRange | undefined;
  for (const zone of lowmem) {
    const size = sizePages(zone, pageSizeKb);
    if (zone.minKb === undefined || size === 0) continue;
    const min = kbToPages(zone.minKb, pageSizeKb);
    range = intersect(range, {
      first: Math.ceil((min * lowmemPages) / size),
      last: Math.ceil(((min + 1) * lowmemPages) / size) - 1,
    });
  }
  return range && range.first <= range.last ? range : undefined;
}

/** HighMem's marks up to 4.5: min = clamp(Z/1024, 32, 128), low = min + t/4, high = min + t/2 with t = P x Z / L. */
function highmemMarks(highmemPages: number, minFree: number, lowmemPages: number): [number, number, number] {
  const share = Math.trunc((minFree * highmemPages) / lowmemPages);
  const min = Math.min(128, Math.max(32, Math.trunc(highmemPages / 1024)));
  return [min, min + Math.trunc(share / 4), min + Math.trunc(share / 2)];
}

/**
 * HighMem from the reserves, for machines without NUMA whose HighMem line is lost or hidden. Marks are given only where all
 * sizes and all min_free_kbytes that fit give the same. Source: mm/page_alloc.c setup_per_zone_lowmem_reserve and
 * setup_per_zone_wmarks, 2.6.18 to 4.5 for the marks.
 */
export function reconstructHighmem(
  report: OomReport,
  layout: readonly string[],
  pageSizeKb: number,
): LowmemAnalysis['reconstructed'] {
  const column = layout.indexOf('HighMem');
  const lowmem = report.zones
    .filter((zone) => layout.indexOf(zone.name) < column && zone.freeKb !== undefined)
    .toSorted((a, b) => layout.indexOf(a.name) - layout.indexOf(b.name));
  const oneEach = new Set(lowmem.map((zone) => zone.name)).size === lowmem.length;
  const shown = report.zones.some((zone) => zone.name === 'HighMem' && zone.freeKb !== undefined);
  if (column < 0 || shown || !oneEach || lowmem.length === 0) return undefined;
  const range = highmemRange(lowmem, column, pageSizeKb);
  const limit = report.totals?.highmemPages;
  if (range === undefined || (limit !== undefined && range.first > limit)) return undefined;
  const size = { presentMinKb: pagesToKb(range.first, pageSizeKb), presentMaxKb: pagesToKb(range.last, pageSizeKb) };
  const lowmemPages = lowmem.reduce((sum, zone) => sum + sizePages(zone, pageSizeKb), 0);
  const minFree = minFreePages(lowmem, lowmemPages, pageSizeKb);
  const { version } = report.kernel;
  if (minFree === undefined || version === undefined || !isBefore(version, SCALE_FACTOR_SINCE)) return size;
  const lowest = highmemMarks(range.first, minFree.first, lowmemPages);
  const highest = highmemMarks(range.last, minFree.last, lowmemPages);
  if (lowest.some((mark, index) => mark !== highest[index])) return size;
  const [minKb, lowKb, highKb] = lowest.map((mark) => pagesToKb(mark, pageSizeKb));
  return {
    ...size,
    ...(minKb === undefined ? {} : { minKb }),
    ...(lowKb === undefined ? {} : { lowKb }),
    ...(highKb === undefined ? {} : { highKb }),
  };
}
