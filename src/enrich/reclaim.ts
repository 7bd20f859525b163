/** Why reclaim gave a zone up, on kernels that print what it scanned (2.6.11 to 4.7). */
import type { OomReport, Zone } from '../domain.ts';
import { isBefore } from '../kernel/version.ts';
import { kbToPages } from '../units.ts';

/** Reclaim gives a zone up when it has scanned six times what it could reclaim. */
const SCAN_FACTOR = 6;

export interface ReclaimState {
  /** Pages that reclaim can free: file lists, and anonymous ones while swap is free. */
  readonly reclaimablePages: number;
  readonly scannedPages: number;
  /** Scanning this many pages without success makes the zone unreclaimable. */
  readonly limitPages: number;
  readonly unreclaimable: boolean;
}

/**
 * zone_reclaimable of mm/vmscan.c: reclaimable while scanned < 6 x reclaimable. Printed per zone from 2.6.28 (file and
 * anonymous lists apart) to 4.7; undefined elsewhere.
 */
export function reclaimState(zone: Zone, report: OomReport, pageSizeKb: number): ReclaimState | undefined {
  const { pagesScanned, activeFileKb, inactiveFileKb } = zone;
  if (pagesScanned === undefined || activeFileKb === undefined || inactiveFileKb === undefined) return undefined;
  const { version } = report.kernel;
  if (version !== undefined && !isBefore(version, [4, 8, 0])) return undefined;
  const swapIsFree = (report.totals?.freeSwapKb ?? 0) > 0;
  const anonKb = swapIsFree ? (zone.activeAnonKb ?? 0) + (zone.inactiveAnonKb ?? 0) : 0;
  const reclaimablePages = kbToPages(activeFileKb + inactiveFileKb + anonKb, pageSizeKb);
  const limitPages = SCAN_FACTOR * reclaimablePages;
  return { reclaimablePages, scannedPages: pagesScanned, limitPages, unreclaimable: pagesScanned >= limitPages };
}
