/** The allocator around the check: which zones a request may use, with which flags each attempt is made, by release. */
import {
  type Check,
  check_2_6_9,
  check_2_6_18,
  check_2_6_38,
  check_3_3,
  check_3_7,
  check_3_10,
  check_4_4,
  check_4_7,
  check_4_15_fast,
  check_5_9,
  check_6_3,
  check_6_13,
} from './checks.ts';
import { releaseNumber } from './masks.ts';
import { type AllocFlags, type Answer, MARKS, type Mark, type RequestState, type ZoneState } from './state.ts';

/** The check of a release. Enterprise kernels are named one by one. */
export function checkOf(release: string): Check {
  const at = releaseNumber(release);
  if (release.includes('.el6')) return /-(?:71|131)\./.test(release) ? check_2_6_18 : check_2_6_38;
  if (release.includes('.el7')) return check_3_10;
  if (/^2\.6\.3[67]\.\d/.test(release)) return check_2_6_38;
  if (/^6\.1\.(?:19[2-9]|[2-9]\d\d)$/.test(release)) return check_6_3;
  if (at < 2_006_018) return check_2_6_9;
  if (at < 2_006_038) return check_2_6_18;
  if (at < 3_003_000) return check_2_6_38;
  if (at < 3_007_000) return check_3_3;
  if (at < 3_010_000) return check_3_7;
  if (at < 4_004_000) return check_3_10;
  if (at < 4_007_000) return check_4_4;
  if (at < 4_015_000) return check_4_7;
  if (at < 5_009_000) return check_4_15_fast;
  if (at < 6_003_000) return check_5_9;
  return at < 6_012_117 ? check_6_3 : check_6_13;
}

const NONE: AllocFlags = {
  high: false,
  harder: false,
  cma: false,
  atomicMask: false,
  nonBlock: false,
  highatomic: false,
};

/** ALLOC_HARDER: a request that cannot sleep, as each release understands it. */
function isHarder(request: RequestState, release: string): boolean {
  const at = releaseNumber(release);
  if (request.noMemalloc) return false;
  if (at < 3_002_000) return !request.canSleep;
  if (at < 4_004_000) return !request.canSleep && !request.noKswapd;
  return request.atomicFlag;
}

/** gfp_to_alloc_flags for MIN; nothing but CMA for LOW; for HIGH, ALLOC_WMARK_HIGH|ALLOC_CPUSET is all, so no CMA either. */
function flagsOf(mark: Mark, request: RequestState, release: string): AllocFlags {
  if (mark === 'high') return NONE;
  if (mark === 'low') return { ...NONE, cma: request.movable };
  const nonBlock = !request.canSleep && !request.noMemalloc;
  return {
    high: request.high,
    harder: isHarder(request, release),
    cma: request.movable,
    atomicMask: request.atomicFlag,
    nonBlock,
    highatomic: nonBlock && request.order > 0,
  };
}

/** gfp_zone: the index of the highest zone that the request may use. */
function highestIndex(request: RequestState, order: readonly string[]): number {
  const at = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.indexOf('Normal'));
  if (request.zoneFlag === 'dma') return at('DMA');
  if (request.zoneFlag === 'dma32') return at('DMA32');
  if (request.zoneFlag === 'none') return order.indexOf('Normal');
  return request.movable && order.includes('Movable') ? order.indexOf('Movable') : at('HighMem');
}

/** The zonelist walked downwards; the class is the preferred zone's index up to 5.7, gfp_zone itself since 5.8. */
export function walk(
  zones: readonly ZoneState[],
  request: RequestState,
  order: readonly string[],
  release: string,
): { list: ZoneState[]; classIndex: number } {
  const highest = highestIndex(request, order);
  const list = zones
    .filter((zone) => zone.isPopulated && zone.index <= highest)
    .sort((a, b) => a.node - b.node || b.index - a.index);
  const preferred = Math.max(...list.map((zone) => zone.index));
  return { list, classIndex: releaseNumber(release) < 5_008_000 ? preferred : highest };
}

/** rmqueue finds nothing on lists that are all empty, whatever the counter says. */
const listsAreEmpty = (zone: ZoneState): boolean => zone.blocks.length > 0 && zone.blocks.every((count) => count === 0);

export interface ZoneAnswer extends Answer {
  readonly node: number;
  readonly zone: string;
  readonly mark: Mark;
}

/** Every zone of the request against every mark that is tried: HIGH only before a kill, and not by 2.6.9. */
export function replayed(
  zones: readonly ZoneState[],
  request: RequestState,
  order: readonly string[],
  release: string,
  kills: boolean,
): ZoneAnswer[] {
  const check = checkOf(release);
  const { list, classIndex } = walk(zones, request, order, release);
  const hasLast = kills && releaseNumber(release) >= 2_006_018;
  return list.flatMap((zone) =>
    MARKS.filter((mark) => mark !== 'high' || hasLast).map((mark) => {
      const { passes, margin } = check(zone, request.order, zone[mark], classIndex, flagsOf(mark, request, release));
      return { node: zone.node, zone: zone.name, mark, margin, passes: passes && !listsAreEmpty(zone) };
    }),
  );
}
