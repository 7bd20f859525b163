/**
 * The parameters of the kernel's watermark check, by release. Plain data.
 *
 * Source: mm/page_alloc.c zone_watermark_ok, __zone_watermark_ok, zone_watermark_fast, gfp_to_alloc_flags and
 * __alloc_pages_may_oom of 2.6.9, 2.6.18 to 2.6.39, 3.0 to 3.9, 3.10 to 7.1. The zone passes when
 *
 *     free - (2^order - 1) - extraPages - withheld  >  mark + lowmem_reserve[class]
 *
 * and the test for the order holds as well. Left out, since no report shows it: the larger share of MIN that a dying task may
 * take (TIF_MEMDIE up to 4.13, ALLOC_OOM since) and unaccepted memory (6.4 to 6.12).
 */
import type { KernelFacts } from '../domain.ts';
import { isAtLeast, isBefore, type Version, vendorBuild } from './version.ts';

export interface WatermarkRule {
  /** The releases whose arithmetic it is. */
  readonly name: string;
  readonly since: Version;
  readonly before?: Version;
  /** Pages asked for beyond the request: 2 in the off-by-two kernels. */
  readonly extraPages: 0 | 2;
  /** Free CMA pages are taken off: never; before everything; in the first comparison only. Movable requests keep them. */
  readonly cma: 'never' | 'always' | 'first';
  /** Pages held for high-order atomic requests that are taken off. */
  readonly highatomic: 'none' | 'reserved' | 'free';
  /** The test for order > 0: none; order by order with a halved mark; a usable block on some list. */
  readonly order: 'none' | 'loop' | 'lists';
  /** Which reserve counts: the preferred zone that the machine has, or gfp_zone itself. */
  readonly classIndex: 'preferred' | 'highest';
  /** Who may take a quarter more below MIN. */
  readonly harder: 'no-wait' | 'no-wait-no-kswapd' | 'atomic-flag' | 'non-block';
  /** A request that may take more finds its block on any list, not on the high-atomic one only. */
  readonly anyBlock: boolean;
  /** A request for one page passes by free less CMA alone: the high-atomic reserve is not looked at (zone_watermark_fast). */
  readonly fastLook: boolean;
  /** An atomic request for one page that fails MIN is tried again against MIN without boost. */
  readonly boostRetry: boolean;
  /** The last try before the kill is made against HIGH. */
  readonly lastTryHigh: boolean;
}

/** Order by order, up to 4.3. */
const LOOP = {
  extraPages: 0,
  cma: 'never',
  highatomic: 'none',
  order: 'loop',
  classIndex: 'preferred',
  harder: 'no-wait',
  anyBlock: false,
  fastLook: false,
  boostRetry: false,
  lastTryHigh: true,
} as const;

/** One comparison and one block, since 4.4. */
const LISTS = {
  ...LOOP,
  cma: 'always',
  highatomic: 'reserved',
  order: 'lists',
  harder: 'atomic-flag',
} as const;

const NO_KSWAPD = { ...LOOP, harder: 'no-wait-no-kswapd' } as const;
const LISTS_5_9 = { ...LISTS, classIndex: 'highest', boostRetry: true } as const;

/** The `+ 1` of `free_pages -= (1 << order) + 1` has the wrong sign: two pages too many are asked for. */
const OFF_BY_TWO = { name: '2.6.38-3.2', extraPages: 2 } as const;

/** Oldest first. */
// biome-ignore format: one row per rule
export const WATERMARK_RULES: readonly WatermarkRule[] = [
  { ...LOOP, name: '2.6.9-2.6.17', since: [2, 6, 0], before: [2, 6, 18], order: 'none', lastTryHigh: false },
  { ...LOOP, name: '2.6.18-2.6.37', since: [2, 6, 18], before: [2, 6, 38] },
  { ...LOOP, ...OFF_BY_TWO, since: [2, 6, 38], before: [3, 2, 0] },
  { ...NO_KSWAPD, ...OFF_BY_TWO, since: [3, 2, 0], before: [3, 3, 0] },
  { ...NO_KSWAPD, name: '3.3-3.6', since: [3, 3, 0], before: [3, 7, 0] },
  { ...NO_KSWAPD, name: '3.7-3.9', since: [3, 7, 0], before: [3, 10, 0], cma: 'always' },
  { ...NO_KSWAPD, name: '3.10-4.3', since: [3, 10, 0], before: [4, 4, 0], cma: 'first' },
  { ...LISTS, name: '4.4-4.6', since: [4, 4, 0], before: [4, 7, 0], anyBlock: true },
  { ...LISTS, name: '4.7-4.14', since: [4, 7, 0], before: [4, 15, 0], anyBlock: true, fastLook: true },
  { ...LISTS, name: '4.15-5.7', since: [4, 15, 0], before: [5, 8, 0], fastLook: true },
  { ...LISTS, name: '5.8', since: [5, 8, 0], before: [5, 9, 0], fastLook: true, classIndex: 'highest' },
  { ...LISTS_5_9, name: '5.9-6.2', since: [5, 9, 0], before: [6, 3, 0] },
  { ...LISTS_5_9, name: '6.3-6.12', since: [6, 3, 0], before: [6, 12, 117], harder: 'non-block' },
  { ...LISTS_5_9, name: '6.13-7.1', since: [6, 12, 117], harder: 'non-block', highatomic: 'free' },
];

/** The first build of the RHEL 6 line that has the off-by-two check. */
const RHEL6_OFF_BY_TWO_BUILD = 220;

const ruleAt = (version: Version): WatermarkRule | undefined =>
  WATERMARK_RULES.find(
    (rule) => isAtLeast(version, rule.since) && (rule.before === undefined || isBefore(version, rule.before)),
  );

/**
 * The rule of the kernel that printed a report, and whether its release states it. Without a release the inferred bounds
 * serve. Undefined for 2.4, whose check is another one, and where nothing tells the kernel's age.
 */
export function watermarkRuleOf(kernel: KernelFacts): { rule: WatermarkRule; stated: boolean } | undefined {
  const version = ruleVersion(kernel);
  if (version) {
    const rule = ruleAt(version);
    return rule && { rule, stated: true };
  }
  const bound = kernel.since ?? kernel.until;
  const rule = bound && ruleAt(bound);
  return rule && { rule, stated: false };
}

/** The mainline release whose check a kernel has. */
function ruleVersion(kernel: KernelFacts): Version | undefined {
  const { release, vendor, version } = kernel;
  if (vendor === 'rhel4') return [2, 6, 9];
  if (vendor === 'rhel5') return [2, 6, 18];
  if (vendor === 'rhel7') return [3, 10, 0];
  if (vendor === 'rhel6') {
    const build = release === undefined ? undefined : vendorBuild(release);
    return build !== undefined && build < RHEL6_OFF_BY_TWO_BUILD ? [2, 6, 32] : [2, 6, 38];
  }
  // The stable releases 2.6.36.y and 2.6.37.y took the off-by-two check as a fix.
  if (release !== undefined && /^2\.6\.3[67]\.\d/.test(release)) return [2, 6, 38];
  // Debian's 6.1.192 carries the check of 6.3.
  if (version?.[0] === 6 && version[1] === 1 && version[2] >= 192) return [6, 3, 0];
  return version;
}

/** Default lowmem_reserve ratios: Normal keeps one page in 32 of HighMem for itself, DMA one in 256. */
export const LOWMEM_RESERVE_RATIO: Readonly<Record<string, number>> = { DMA: 256, DMA32: 256, Normal: 32 };

/** First release with watermark_scale_factor: from here low and high no longer follow from min alone. */
export const SCALE_FACTOR_SINCE: Version = [4, 6, 0];
