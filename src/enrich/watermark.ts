/** The kernel's watermark check, replayed for each zone of a request. */
import type { Attempt, GfpAnalysis, OomReport, Zone, ZoneCheck } from '../domain.ts';
import type { WatermarkRule } from '../kernel/watermarks.ts';
import { kbToPages } from '../units.ts';

/** What is asked of the zones. */
export interface Request {
  readonly order: number;
  readonly movable: boolean;
  /** `__GFP_HIGH`: half of MIN. */
  readonly highPriority: boolean;
  /** A request that cannot sleep and may take a quarter more. */
  readonly harder: boolean;
  /** Column of `lowmem_reserve[]`. */
  readonly classIndex: number;
  readonly pageSizeKb: number;
}

/** The request as the allocator sees it. */
export function requestOf(
  report: OomReport,
  gfp: GfpAnalysis,
  rule: WatermarkRule,
  classIndex: number,
  pageSizeKb: number,
): Request {
  const flag = (name: string): boolean => gfp.flags.includes(`__GFP_${name}`);
  const sleepless = {
    'no-wait': !gfp.mayReclaim,
    'no-wait-no-kswapd': !gfp.mayReclaim && !flag('NO_KSWAPD'),
    'atomic-flag': flag('ATOMIC'),
    'non-block': !gfp.mayReclaim && gfp.highPriority,
  }[rule.harder];
  return {
    order: report.trigger?.order ?? 0,
    movable: gfp.movable,
    highPriority: gfp.highPriority,
    harder: sleepless && !flag('NOMEMALLOC'),
    classIndex,
    pageSizeKb,
  };
}

/** Pages on free lists that the request may not take, less what the first comparison leaves in. */
export function withheldPages(zone: Zone, rule: WatermarkRule, request: Request): { cma: number; highatomic: number } {
  const pages = (kb: number | undefined): number => kbToPages(kb ?? 0, request.pageSizeKb);
  const cma = rule.cma === 'never' || request.movable ? 0 : pages(zone.freeCmaKb);
  if (rule.highatomic === 'none' || request.harder) return { cma, highatomic: 0 };
  return { cma, highatomic: pages(zone.freeHighatomicKb ?? zone.reservedHighatomicKb) };
}

/** A free block of at least `order` that the request may take exists, by the letters after the counts. */
export function hasUsableBlock(zone: Zone, order: number, request: Pick<Request, 'movable' | 'harder'>): boolean {
  return largestUsable(zone, request) >= order;
}

/**
 * Order of the largest free block that a request may take; -1 when none. Letters say which types have a block of the order:
 * C only for movable requests, H only for those that cannot sleep, I for none; U, M, E and R (the last resort up to 4.3) for
 * all. Without letters every block counts.
 */
export function largestUsable(zone: Zone, request: Pick<Request, 'movable' | 'harder'>): number {
  const counts = zone.buddyCounts ?? [];
  const usable = (order: number): boolean => {
    if ((counts[order] ?? 0) <= 0) return false;
    const letters = zone.buddyTypes?.[order] ?? '';
    if (letters === '') return true;
    return (
      /[UMER]/.test(letters) || (request.movable && letters.includes('C')) || (request.harder && letters.includes('H'))
    );
  };
  return counts.findLastIndex((_count, order) => usable(order));
}

/** True when the zone's free lists are printed and hold nothing. */
export const listsAreEmpty = (zone: Zone): boolean =>
  zone.buddyCounts !== undefined && zone.buddyCounts.length > 0 && zone.buddyCounts.every((count) => count <= 0);

const MARKS = { low: 'lowKb', min: 'minKb', high: 'highKb' } as const satisfies Record<Attempt, keyof Zone>;

/** HIGH takes half of MIN off, HARDER a quarter of the rest (MIN attempt only). */
function reducedMark(mark: number, attempt: Attempt, request: Request): number {
  if (attempt !== 'min') return mark;
  let reduced = mark;
  if (request.highPriority) reduced -= Math.trunc(reduced / 2);
  if (request.harder) reduced -= Math.trunc(reduced / 4);
  return reduced;
}

/**
 * The kernel's check of one zone against one mark: passes when usable > mark + reserve and the order's own test holds.
 * Undefined when the zone's free or mark was not printed. Source: see kernel/watermarks.ts.
 */
export function checkZone(zone: Zone, attempt: Attempt, rule: WatermarkRule, request: Request): ZoneCheck | undefined {
  const markKb = zone[MARKS[attempt]];
  if (zone.freeKb === undefined || markKb === undefined) return undefined;
  const freePages = kbToPages(zone.freeKb, request.pageSizeKb);
  // An atomic request for one page gets a second look without the boost: the lower mark is the one that counts.
  const unboosted = rule.boostRetry && attempt === 'min' && request.order === 0 && request.harder;
  const boostKb = unboosted ? (zone.boostKb ?? 0) : 0;
  const markPages = reducedMark(kbToPages(markKb - boostKb, request.pageSizeKb), attempt, request);
  const reservePages = zone.lowmemReservePages?.[request.classIndex] ?? 0;
  const { cma, highatomic } = withheldPages(zone, rule, request);
  const asked = freePages - (2 ** request.order - 1) - rule.extraPages;
  const usablePages = asked - cma - highatomic;
  const neededPages = markPages + reservePages;
  const base = {
    ...(zone.node === undefined ? {} : { node: zone.node }),
    zone: zone.name,
    attempt,
    freePages,
    usablePages,
    markPages,
    reservePages,
    neededPages,
    marginPages: usablePages - neededPages,
    withheldPages: cma + highatomic,
  };
  if (usablePages <= neededPages) return { ...base, passes: false, failedBy: 'watermark' };
  if (listsAreEmpty(zone)) return { ...base, passes: false, failedBy: 'empty-lists' };
  const failedOrder = orderFailure(zone, rule, request, rule.cma === 'first' ? asked : usablePages, markPages);
  if (failedOrder !== undefined) return { ...base, passes: false, failedBy: 'order', failedOrder };
  return { ...base, passes: true };
}

/**
 * The order at which the test for higher orders fails; undefined when it passes. Up to 4.3 the blocks of each lower order are
 * taken off and the mark is halved each time; since 4.4 some usable block has to be there.
 */
function orderFailure(
  zone: Zone,
  rule: WatermarkRule,
  request: Request,
  usable: number,
  mark: number,
): number | undefined {
  if (request.order <= 0 || zone.buddyCounts === undefined || rule.order === 'none') return undefined;
  if (rule.order === 'lists') return hasUsableBlock(zone, request.order, request) ? undefined : request.order;
  let rest = usable;
  let need = mark;
  for (let order = 0; order < request.order; order += 1) {
    rest -= (zone.buddyCounts[order] ?? 0) * 2 ** order;
    need = Math.trunc(need / 2);
    if (rest <= need) return order;
  }
  return undefined;
}

/** The attempts that a request makes: LOW, MIN, and HIGH before a kill, where the kernel has that last try. */
export function attemptsOf(report: OomReport, gfp: GfpAnalysis, rule: WatermarkRule): Attempt[] {
  const kills = report.action !== 'page-allocation-failure' && gfp.mayReclaim;
  return kills && rule.lastTryHigh ? ['low', 'min', 'high'] : ['low', 'min'];
}
