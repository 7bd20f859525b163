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
  /** A request that cannot sleep and may take more (ALLOC_HARDER; since 6.3 ALLOC_NON_BLOCK). */
  readonly harder: boolean;
  /** `__GFP_ATOMIC` of 4.4 to 6.2. */
  readonly atomicFlag: boolean;
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
    'non-block': !gfp.mayReclaim,
  }[rule.harder];
  return {
    order: report.trigger?.order ?? 0,
    movable: gfp.movable,
    highPriority: gfp.highPriority,
    harder: sleepless && !flag('NOMEMALLOC'),
    atomicFlag: flag('ATOMIC'),
    classIndex,
    pageSizeKb,
  };
}

/**
 * What an attempt grants (gfp_to_alloc_flags): MIN all that the request has; LOW only CMA; HIGH, made with
 * ALLOC_WMARK_HIGH|ALLOC_CPUSET alone, not even that.
 */
function granted(request: Request, attempt: Attempt): Request {
  if (attempt === 'min') return request;
  const movable = request.movable && attempt === 'low';
  return { ...request, movable, highPriority: false, harder: false, atomicFlag: false };
}

/** Free pages that the request may not take. Since 6.3 `__GFP_HIGH` alone opens the high-atomic reserve as well. */
function withheldPages(zone: Zone, rule: WatermarkRule, request: Request): { cma: number; highatomic: number } {
  const pages = (kb: number | undefined): number => kbToPages(kb ?? 0, request.pageSizeKb);
  const cma = rule.cma === 'never' || request.movable ? 0 : pages(zone.freeCmaKb);
  const opens = request.harder || (rule.harder === 'non-block' && request.highPriority);
  if (rule.highatomic === 'none' || opens) return { cma, highatomic: 0 };
  const free = rule.highatomic === 'free' ? zone.freeHighatomicKb : undefined;
  return { cma, highatomic: pages(free ?? zone.reservedHighatomicKb) };
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

/** `__GFP_HIGH` takes half of MIN off, HARDER a quarter of the rest; since 6.3 the quarter goes with the half only. */
function reducedMark(mark: number, rule: WatermarkRule, request: Request): number {
  let reduced = mark;
  // 2.6.9 halves by division, the others subtract half: they differ by one where the mark is odd.
  if (request.highPriority) reduced = rule.order === 'none' ? Math.trunc(mark / 2) : mark - Math.trunc(mark / 2);
  const quarter = request.harder && (rule.harder !== 'non-block' || request.highPriority);
  return quarter ? reduced - Math.trunc(reduced / 4) : reduced;
}

/** One comparison: what may be used against the mark. */
interface Look {
  readonly usablePages: number;
  readonly markPages: number;
  readonly withheldPages: number;
}

/** The comparisons that the kernel makes for one attempt; one that passes is enough, so the most lenient counts. */
function looksAt(zone: Zone, markKb: number, attempt: Attempt, rule: WatermarkRule, request: Request): Look {
  const pages = (kb: number): number => kbToPages(kb, request.pageSizeKb);
  const { cma, highatomic } = withheldPages(zone, rule, request);
  const asked = pages(zone.freeKb ?? 0) - (2 ** request.order - 1) - rule.extraPages;
  const look = (mark: number, withheld: number): Look => ({
    usablePages: asked - withheld,
    markPages: mark,
    withheldPages: withheld,
  });
  const looks = [look(reducedMark(pages(markKb), rule, request), cma + highatomic)];
  if (request.order === 0 && rule.fastLook) looks.push(look(pages(markKb), cma));
  const mayIgnoreBoost = rule.harder === 'non-block' ? request.highPriority : request.atomicFlag;
  if (request.order === 0 && rule.boostRetry && attempt === 'min' && mayIgnoreBoost) {
    looks.push(look(reducedMark(pages(markKb - (zone.boostKb ?? 0)), rule, request), cma + highatomic));
  }
  const margin = ({ usablePages, markPages }: Look): number => usablePages - markPages;
  return looks.reduce((best, next) => (margin(next) > margin(best) ? next : best));
}

/**
 * The kernel's check of one zone against one mark: passes when usable > mark + reserve and the order's own test holds.
 * Undefined when the zone's free or mark was not printed. Source: see kernel/watermarks.ts.
 */
export function checkZone(zone: Zone, attempt: Attempt, rule: WatermarkRule, asked: Request): ZoneCheck | undefined {
  const markKb = zone[MARKS[attempt]];
  if (zone.freeKb === undefined || markKb === undefined) return undefined;
  const request = granted(asked, attempt);
  const freePages = kbToPages(zone.freeKb, request.pageSizeKb);
  const { usablePages, markPages, withheldPages: withheld } = looksAt(zone, markKb, attempt, rule, request);
  const reservePages = zone.lowmemReservePages?.[request.classIndex] ?? 0;
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
    withheldPages: withheld,
  };
  if (usablePages <= neededPages) return { ...base, passes: false, failedBy: 'watermark' };
  if (listsAreEmpty(zone)) return { ...base, passes: false, failedBy: 'empty-lists' };
  const looped = rule.cma === 'first' ? usablePages + withheld : usablePages;
  const failedOrder = orderFailure(zone, rule, request, looped, markPages);
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
  const { buddyCounts } = zone;
  if (request.order <= 0 || buddyCounts === undefined || rule.order === 'none') return undefined;
  if (rule.order === 'lists') {
    const anyBlock = rule.anyBlock && request.harder && buddyCounts.some((n, order) => order >= request.order && n > 0);
    return anyBlock || hasUsableBlock(zone, request.order, request) ? undefined : request.order;
  }
  let rest = usable;
  let need = mark;
  for (let order = 0; order < request.order; order += 1) {
    rest -= (buddyCounts[order] ?? 0) * 2 ** order;
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
