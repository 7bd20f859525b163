/** Watermarks and lowmem reserves as mm/page_alloc.c sets them up; all values in pages. */
import { isAtLeast, type Version } from '../../kernel/version.ts';

export interface ZoneSize {
  readonly name: string;
  readonly node: number;
  /** Present pages up to 3.8, managed pages later. */
  readonly pages: number;
}

export interface Marks {
  readonly min: number;
  readonly low: number;
  readonly high: number;
}

/** Default of vm.min_free_kbytes: sqrt(16 x lowmem kB) between 128 and 65536 (init_per_zone_wmark_min). */
export function defaultMinFreeKb(lowmemKb: number): number {
  const root = Math.floor(Math.sqrt(lowmemKb * 16));
  return Math.min(65536, Math.max(128, root));
}

const isHighmem = (zone: ZoneSize, version: Version): boolean =>
  zone.name === 'HighMem' || (zone.name === 'Movable' && isAtLeast(version, [6, 6, 0]));

/**
 * min, low and high of every zone (__setup_per_zone_wmarks).
 *
 * Lowmem zones share min_free_kbytes by size; HighMem gets min 32 to 128 pages. Up to 4.5 low and high lie a quarter and a
 * half of the share above min; later the distance is at least 0.1 % of the zone (watermark_scale_factor).
 */
export function setupMarks(zones: readonly ZoneSize[], minFreePages: number, version: Version): Marks[] {
  const lowmem = zones.filter((zone) => !isHighmem(zone, version)).reduce((sum, zone) => sum + zone.pages, 0);
  return zones.map((zone) => {
    const share = lowmem === 0 ? 0 : Math.trunc((minFreePages * zone.pages) / lowmem);
    const highmemMin = Math.min(128, Math.max(32, Math.trunc(zone.pages / 1024)));
    const min = isHighmem(zone, version) ? highmemMin : share;
    if (!isAtLeast(version, [4, 6, 0])) {
      return { min, low: min + Math.trunc(share / 4), high: min + Math.trunc(share / 2) };
    }
    const distance = Math.max(Math.trunc(share / 4), Math.trunc((zone.pages * 10) / 10000));
    return { min, low: min + distance, high: min + 2 * distance };
  });
}

/** Ratios of vm.lowmem_reserve_ratio. */
const RATIOS: Readonly<Record<string, number>> = { DMA: 256, DMA32: 256, Normal: 32 };

/**
 * lowmem_reserve[] of one zone: by the zone index of the request, the pages of the zones above it divided by the zone's
 * ratio (setup_per_zone_lowmem_reserve). `order` lists the configured zones.
 */
export function reserveOf(zone: ZoneSize, zones: readonly ZoneSize[], order: readonly string[]): number[] {
  const own = order.indexOf(zone.name);
  const ratio = RATIOS[zone.name];
  let above = 0;
  return order.map((name, index) => {
    if (index <= own) return 0;
    above += zones.find((other) => other.node === zone.node && other.name === name)?.pages ?? 0;
    return ratio === undefined ? 0 : Math.trunc(above / ratio);
  });
}
