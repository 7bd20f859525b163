/** Cost of the page descriptors (mem_map) in lowmem, and sizeof(struct page) where the report determines it. */
import type { OomReport } from '../domain.ts';
import {
  DMA_END_PFN,
  DMA_FIRST_PFN,
  PRESENT_WITHOUT_MEM_MAP,
  STRUCT_PAGE_BYTES_32,
  STRUCT_PAGE_SIZES_32,
} from '../kernel/struct-page.ts';
import { isAtLeast, isBefore } from '../kernel/version.ts';
import { kbToPages, pagesToKb } from '../units.ts';
import type { PageRange } from './highmem.ts';

export interface MemMap {
  readonly structPageBytes: number;
  /** True when exactly one size makes the printed sizes come out. */
  readonly exact: boolean;
  readonly totalKb: number;
  /** The part that lies inside what the lowmem zones print as present. */
  readonly insidePresentKb: number;
  /** Where the zones end, and what else was reserved at boot; only where the sizes are exact. */
  readonly layout?: MemoryLayout;
}

export interface MemoryLayout {
  /** First page frame of HighMem. */
  readonly lowmemEndPfn: number;
  /** First page frame beyond memory. */
  readonly topPfn: number;
  /** Page frames of HighMem that are a hole, as many as HighMem's size leaves open. */
  readonly holePages: PageRange;
  /** Pages reserved at boot beside mem_map and holes: kernel image, hash tables, per-cpu memory. */
  readonly bootReservedPages: PageRange;
}

const mapPages = (pages: number, bytes: number, pageBytes: number): number => Math.ceil((pages * bytes) / pageBytes);

/** Releases that take a zone's own mem_map off its present pages. */
function presentIsWithoutMemMap(report: OomReport): boolean {
  const { version } = report.kernel;
  if (version === undefined) return false;
  return isAtLeast(version, PRESENT_WITHOUT_MEM_MAP.since) && isBefore(version, PRESENT_WITHOUT_MEM_MAP.before);
}

/**
 * Exact reading, x86 without NUMA, 2.6.20 to 3.8: `pages RAM` spans DMA, Normal and HighMem, so Normal spans RAM - HighMem -
 * DMA; of that its own mem_map is taken off to give `present`. Exactly one size of struct page may fit.
 */
function exactMemMap(report: OomReport, highmem: PageRange | undefined, pageSizeKb: number): MemMap | undefined {
  const { ramPages, highmemPages } = report.totals ?? {};
  const normals = report.zones.filter((zone) => zone.name === 'Normal' && zone.presentKb !== undefined);
  const [normal] = normals;
  const hasDma = report.zones.some(
    (zone) => zone.name === 'DMA' && (zone.presentKb ?? 0) <= pagesToKb(DMA_END_PFN, pageSizeKb),
  );
  if (!presentIsWithoutMemMap(report) || normals.length !== 1 || !hasDma) return undefined;
  if (ramPages === undefined || highmemPages === undefined || normal?.presentKb === undefined) return undefined;
  const pageBytes = pageSizeKb * 1024;
  const presentPages = kbToPages(normal.presentKb, pageSizeKb);
  const fits = DMA_FIRST_PFN.flatMap((firstPfn) => {
    const dmaPages = DMA_END_PFN - firstPfn;
    const normalPages = ramPages - highmemPages - dmaPages;
    return STRUCT_PAGE_SIZES_32.filter(
      (bytes) => normalPages - mapPages(normalPages, bytes, pageBytes) === presentPages,
    ).map((bytes) => ({ bytes, dmaPages, normalPages }));
  });
  const [fit] = fits;
  if (fit === undefined || fits.some((other) => other.bytes !== fit.bytes)) return undefined;
  const ofNormal = mapPages(fit.normalPages, fit.bytes, pageBytes);
  const ofOthers = mapPages(fit.dmaPages, fit.bytes, pageBytes) + mapPages(highmemPages, fit.bytes, pageBytes);
  return {
    structPageBytes: fit.bytes,
    exact: true,
    totalKb: pagesToKb(ofNormal + ofOthers, pageSizeKb),
    insidePresentKb: pagesToKb(ofOthers, pageSizeKb),
    ...layoutOf(report, highmem, { ...fit, ofNormal, ofOthers, highmemPages }, pageSizeKb),
  };
}

interface Spans {
  readonly bytes: number;
  readonly dmaPages: number;
  readonly normalPages: number;
  readonly highmemPages: number;
  readonly ofNormal: number;
  readonly ofOthers: number;
}

/** Page frames and boot-time reserves from the spans of the zones and the size of HighMem. */
function layoutOf(
  report: OomReport,
  highmem: PageRange | undefined,
  spans: Spans,
  pageSizeKb: number,
): { layout?: MemoryLayout } {
  const { highmemPages, ofNormal, ofOthers } = spans;
  const reserved = report.totals?.reservedPages;
  const dma = report.zones.find((zone) => zone.name === 'DMA')?.presentKb;
  if (highmem === undefined || reserved === undefined || dma === undefined) return {};
  const pageBytes = pageSizeKb * 1024;
  const ownMap = mapPages(highmemPages, spans.bytes, pageBytes);
  const hole = { first: highmemPages - ownMap - highmem.last, last: highmemPages - ownMap - highmem.first };
  const dmaHole = spans.dmaPages - mapPages(spans.dmaPages, spans.bytes, pageBytes) - kbToPages(dma, pageSizeKb);
  const other = reserved - (ofNormal + ofOthers) - dmaHole;
  const lowmemEndPfn = DMA_END_PFN + spans.normalPages;
  if (hole.first < 0 || other - hole.last < 0) return {};
  return {
    layout: {
      lowmemEndPfn,
      topPfn: lowmemEndPfn + highmemPages,
      holePages: hole,
      bootReservedPages: { first: other - hole.last, last: other - hole.first },
    },
  };
}

/** mem_map of a 32-bit host, `highmem` being the present pages of HighMem: exact where the report determines it, else by the usual size of struct page. */
export function analyseMemMap(
  report: OomReport,
  highmem: PageRange | undefined,
  pageSizeKb: number,
): MemMap | undefined {
  const exact = exactMemMap(report, highmem, pageSizeKb);
  if (exact) return exact;
  const { ramPages, highmemPages } = report.totals ?? {};
  const version = report.kernel.version ?? report.kernel.since;
  const usual = version && STRUCT_PAGE_BYTES_32.find((entry) => isAtLeast(version, entry.since));
  if (ramPages === undefined || usual === undefined) return undefined;
  const kb = (pages: number): number => pagesToKb(mapPages(pages, usual.bytes, pageSizeKb * 1024), pageSizeKb);
  const insidePages = presentIsWithoutMemMap(report) ? (highmemPages ?? 0) : ramPages;
  return {
    structPageBytes: usual.bytes,
    exact: false,
    totalKb: kb(ramPages),
    insidePresentKb: kb(insidePages),
  };
}
