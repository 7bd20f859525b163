/** The mechanisms by which a request fails beside plain exhaustion, each found by itself in a replay whose zones all fail. */
import type { OomReport, Verdict, Zone, ZoneCheck } from '../domain.ts';
import { kbToPages, pagesToKb } from '../units.ts';
import type { Replay, ZoneOutcome } from './replay.ts';
import { checkZone, largestUsable } from './watermark.ts';
import { allowedNodes, is32Bit } from './zonelist.ts';

/** Withheld pages decide only from this share of the zone's managed pages on. */
const WITHHELD_RATIO = 0.05;
/** Hidden free memory counts as plenty when it is more than this share of the machine's, and above the shown zones' HIGH. */
const PLENTY_RATIO = 0.01;

/** Free pages that withheld classes keep from a request, against what its zone manages. */
interface Withheld {
  readonly cmaPages: number;
  readonly highatomicPages: number;
  readonly boostPages: number;
}

function withheldOf({ zone, decisive }: ZoneOutcome, replay: Replay): Withheld {
  const boostPages = kbToPages(zone.boostKb ?? 0, replay.pageSizeKb);
  // Movable requests may take CMA pages, but not on the last try before the kill.
  const mayUseCma = replay.rule?.cma === 'never' || (replay.gfp?.movable === true && decisive?.attempt !== 'high');
  const cmaPages = mayUseCma ? 0 : kbToPages(zone.freeCmaKb ?? 0, replay.pageSizeKb);
  const all = decisive?.withheldPages ?? 0;
  return { cmaPages, highatomicPages: Math.max(0, all - cmaPages), boostPages };
}

/** True when the check would pass with these pages given back. */
const passesWith = (check: ZoneCheck | undefined, pages: number): boolean =>
  check === undefined || check.usablePages + pages > check.neededPages;

/** cma-withheld or reserve-withheld, when giving the pages back would have served the request in some zone. */
export function findWithheld(replay: Replay): Verdict | undefined {
  for (const outcome of replay.outcomes) {
    const managedPages = kbToPages(outcome.zone.managedKb ?? outcome.zone.presentKb ?? 0, replay.pageSizeKb);
    const { cmaPages, highatomicPages, boostPages } = withheldOf(outcome, replay);
    const all = cmaPages + highatomicPages + boostPages;
    if (all === 0 || all < managedPages * WITHHELD_RATIO || outcome.decisive?.failedBy !== 'watermark') continue;
    if (!passesWith(outcome.min, all) || !passesWith(outcome.high, all)) continue;
    return cmaPages >= highatomicPages + boostPages ? 'cma-withheld' : 'reserve-withheld';
  }
  return undefined;
}

/**
 * The zone has enough single pages at MIN and fails for want of a block: by the order's own test, or because no block that the
 * request may take is as large.
 */
function failsByOrder({ zone, min, high }: ZoneOutcome, { rule, request }: Replay): boolean {
  if (min?.failedBy === 'order' || (min?.passes === true && high?.failedBy === 'order')) return true;
  if (rule === undefined || request === undefined || zone.buddyCounts === undefined || min?.failedBy !== 'watermark')
    return false;
  return (
    largestUsable(zone, request) < request.order &&
    checkZone(zone, 'min', rule, { ...request, order: 0 })?.passes === true
  );
}

/** Zones above the request's that hold memory above their HIGH mark: free, and of no use to it. */
function plentyAbove(report: OomReport, replay: Replay, names: readonly string[]): boolean {
  const above = report.zones.filter((zone) => names.includes(zone.name));
  const free = (zone: Zone): number => zone.freeKb ?? zone.buddyTotalKb ?? 0;
  if (above.some((zone) => free(zone) > 0 && free(zone) > (zone.highKb ?? 0))) return true;
  return above.length === 0 && hiddenPlenty(report, replay);
}

/** Free memory that the report does not show: more than the eligible zones' HIGH together, and not mere counter drift. */
function hiddenPlenty(report: OomReport, replay: Replay): boolean {
  const hiddenKb = pagesToKb(replay.hiddenFreePages ?? 0, replay.pageSizeKb);
  const highKb = replay.outcomes.reduce((sum, { zone }) => sum + (zone.highKb ?? zone.minKb ?? 0), 0);
  const ramKb = pagesToKb(report.totals?.ramPages ?? 0, replay.pageSizeKb);
  return hiddenKb > highKb && hiddenKb > ramKb * PLENTY_RATIO;
}

/** The request's zone lies below zones with plenty free: which imbalance that is. */
export function findImbalance(report: OomReport, replay: Replay): Verdict | undefined {
  const { gfp, layout } = replay;
  if (gfp === undefined) return undefined;
  const above = layout.slice(layout.indexOf(gfp.zone) + 1);
  const onNormal = layout.slice(0, layout.indexOf('Normal') + 1);
  const asksLowmem = onNormal.includes(gfp.zone);
  if (!asksLowmem || above.length === 0) return undefined;
  const isBelowNormal = gfp.zone !== 'Normal';
  if (isBelowNormal) {
    // On arm with ZONE_DMA all of lowmem is zone DMA: then the request is one for lowmem.
    const normals = report.zones.filter(
      (zone) => zone.name === 'Normal' && (zone.managedKb ?? zone.presentKb ?? 0) > 0,
    );
    if (normals.some((zone) => (zone.freeKb ?? 0) > (zone.highKb ?? 0))) return 'dma-zone-exhausted';
    if (!report.highmem32 && plentyAbove(report, replay, above)) return 'dma-zone-exhausted';
  }
  if (report.highmem32) return plentyAbove(report, replay, ['HighMem', 'Movable']) ? 'lowmem-exhausted' : undefined;
  const hasMovable = (report.totals?.highmemPages ?? 0) > 0 || report.zones.some((zone) => zone.name === 'Movable');
  if (is32Bit(report) || !hasMovable || isBelowNormal) return undefined;
  return plentyAbove(report, replay, ['Movable']) ? 'movable-imbalance' : undefined;
}

/** Nodes that the request may not use have plenty free, though the kernel did not name the constraint. */
export function findRestriction(report: OomReport, replay: Replay): Verdict | undefined {
  const { constraint } = report.summary ?? {};
  const allowed = allowedNodes(report);
  if (allowed === undefined || constraint === 'CONSTRAINT_NONE' || report.missing.includes('zones')) return undefined;
  const others = report.zones.filter((zone) => zone.node !== undefined && !allowed.has(zone.node));
  const plenty = others.some((zone) => (zone.freeKb ?? 0) > (zone.highKb ?? 0) && (zone.highKb ?? 0) > 0);
  // Since 3.0 forbidden nodes are not printed. Their free memory shows in the global count, unless zones are hidden as well.
  const top = replay.gfp?.zone === replay.layout.findLast((zone) => zone !== 'Device');
  const unseen = (top || !replay.hidesZones) && !report.highmem32 && hiddenPlenty(report, replay);
  return plenty || unseen ? 'cpuset-limit' : undefined;
}

/**
 * alone: every zone that has single pages for the request lacks the block, the others being kept by their reserve. in-part: some
 * zone lacks the block while others lack pages.
 */
export function findFragmentation(replay: Replay): 'alone' | 'in-part' | undefined {
  if ((replay.request?.order ?? 0) <= 0) return undefined;
  const byOrder = replay.outcomes.filter((outcome) => failsByOrder(outcome, replay));
  if (byOrder.length === 0) return undefined;
  const others = replay.outcomes.filter((outcome) => !byOrder.includes(outcome));
  const kept = ({ min }: ZoneOutcome): boolean =>
    min?.failedBy === 'empty-lists' || (min?.failedBy === 'watermark' && min.usablePages > min.markPages);
  return others.every(kept) ? 'alone' : 'in-part';
}
