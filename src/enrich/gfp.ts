/** A gfp mask in words: its numbering era, flags, composite text, zone and purpose. */
import type { Frame, GfpAnalysis, KernelFacts, OomReport } from '../domain.ts';
import {
  type Generation,
  GFP_ERAS,
  type GfpEra,
  gfpBits,
  gfpComposites,
  gfpEraOf,
  gfpSingles,
  TRACE_PURPOSES,
} from '../kernel/gfp/index.ts';
import { isAtLeast, isBefore } from '../kernel/version.ts';

/** `0x84d0` as a number; undefined when it is not hex or has more than 32 bits. */
export function parseMask(text: string): number | undefined {
  const match = /^0x([0-9a-f]{1,8})$/i.exec(text);
  return match ? Number.parseInt(match[1] ?? '', 16) : undefined;
}

const has = (mask: number, bits: number): boolean => (mask & bits) >>> 0 === bits;

/** The greedy text of `%pGg`; `''` for a mask of zero. */
export function gfpText(mask: number, era: GfpEra): string {
  const names: string[] = [];
  let rest = mask;
  for (const entry of [...gfpComposites(era), ...gfpSingles(era)]) {
    if (entry.mask === 0 || !has(rest, entry.mask)) continue;
    names.push(entry.name);
    rest -= entry.mask;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.join('|');
}

/** Bits of the mask that have no name in the era. */
function unknownBits(mask: number, era: GfpEra): number {
  let rest = mask;
  for (const bit of gfpBits(era).values()) if (has(rest, bit)) rest -= bit;
  return rest;
}

/** Zone bits that no caller may combine (GFP_ZONE_BAD). */
function hasBadZoneBits(mask: number, era: GfpEra): boolean {
  const bits = gfpBits(era);
  const on = (name: string): boolean => has(mask, bits.get(name) ?? 0) && bits.has(name);
  return Number(on('DMA')) + Number(on('DMA32')) + Number(on('HIGHMEM')) > 1;
}

/**
 * The generation of a mask from the number alone: a blocking request carries its era's reclaim bits. The order of the
 * tests matters.
 */
export function dateMask(mask: number): Generation {
  const huge = GFP_ERAS.find((era) => gfpComposites(era).some((c) => c.name === 'GFP_TRANSHUGE' && c.mask === mask));
  if (huge) return huge.generation;
  if (has(mask, 0xc00)) return 'reclaim-5.1';
  if (has(mask, 0x2400000)) return 'reclaim-4.4';
  if (has(mask, 0x1400000)) return 'reclaim-4.10';
  if (has(mask, 0x600000)) return 'reclaim-4.17';
  if (has(mask, 0x10)) return 'wait';
  if (has(mask, 0x2000000)) return 'reclaim-4.4';
  if (has(mask, 0x1000000)) return 'reclaim-4.10';
  if (has(mask, 0x400000)) return 'reclaim-4.17';
  if (has(mask, 0x800)) return 'reclaim-5.1';
  return 'wait';
}

/** Names of a printed text as a set of single flags in an era; undefined when a name is unknown there. */
function flagsOfText(text: string, era: GfpEra): Set<string> | undefined {
  const flags = new Set<string>();
  if (text === '') return flags;
  for (const name of text.split('|')) {
    const composite = gfpComposites(era).find((entry) => entry.name === name);
    if (composite) for (const flag of flagsOfMask(composite.mask, era)) flags.add(flag);
    else if (gfpBits(era).has(name.replace(/^__GFP_/, ''))) flags.add(name.replace(/^__GFP_/, ''));
    else if (name === '__GFP_RECLAIM') for (const flag of ['DIRECT_RECLAIM', 'KSWAPD_RECLAIM']) flags.add(flag);
    else if (!name.startsWith('0x')) return undefined;
  }
  return flags;
}

function flagsOfMask(mask: number, era: GfpEra): string[] {
  return [...gfpBits(era)].filter(([, bit]) => has(mask, bit)).map(([name]) => name);
}

function sameFlags(text: string, mask: number, era: GfpEra): boolean {
  const printed = flagsOfText(text, era);
  const decoded = flagsOfMask(mask, era);
  return printed !== undefined && printed.size === decoded.length && decoded.every((flag) => printed.has(flag));
}

/** Eras nearest to one, itself first; the newer of two equally near. */
function byDistance(from: GfpEra): GfpEra[] {
  const at = GFP_ERAS.indexOf(from);
  const mainline = GFP_ERAS.filter((era) => era === from || era.vendor === undefined);
  const distance = (era: GfpEra): number =>
    Math.abs(GFP_ERAS.indexOf(era) - at) - (GFP_ERAS.indexOf(era) > at ? 0.5 : 0);
  return mainline.toSorted((a, b) => distance(a) - distance(b));
}

/** Releases between which a kernel lies by what it printed. */
type Bounds = Pick<KernelFacts, 'since' | 'until'>;

const within = (era: GfpEra, { since, until }: Bounds): boolean =>
  (until === undefined || isAtLeast(until, era.since)) &&
  (since === undefined || era.before === undefined || isBefore(since, era.before));

/** The era of a mask without a release: the newest of its generation, within the bounds, that names every bit. */
function eraOfMask(mask: number, bounds: Bounds): GfpEra {
  const generation = dateMask(mask);
  const candidates = GFP_ERAS.filter((era) => era.generation === generation && era.vendor === undefined).toReversed();
  const named = candidates.filter((era) => unknownBits(mask, era) === 0 && !hasBadZoneBits(mask, era));
  const bounded = named.filter((era) => within(era, bounds));
  const clean = bounded.length > 0 ? bounded : named;
  // Six digits `12...2`: MOVABLE stood at 0x100000 from 2.6.24 to 2.6.30, beside HIGHMEM.
  const early = clean.find((era) => era.name === '2.6.24-2.6.30');
  if (early && has(mask, 0x100002) && !has(mask, 0x8)) return early;
  // GFP_HIGHUSER_MOVABLE carried SKIP_KASAN_POISON in 5.14 to 5.17 only.
  const poisoned = clean.find((era) => era.name === '5.14-5.17');
  if (poisoned && has(mask, 0x1000008)) return poisoned;
  return clean[0] ?? candidates[0] ?? GFP_ERAS[0];
}

/**
 * The era that numbers a mask. Printed flags settle it: the nearest era to the release whose decoding they are. Without
 * them the release does, unless its era leaves bits unnamed (a development tree, a backport): then the nearest that
 * names them all. Without a release the mask is dated by its reclaim bits and by what else was printed.
 */
export function chooseEra(
  mask: number,
  text: string | undefined,
  released: GfpEra | undefined,
  bounds: Bounds = {},
): { era: GfpEra; source: GfpAnalysis['eraSource'] } {
  const start = released ?? eraOfMask(mask, bounds);
  if (text !== undefined) {
    const matching = byDistance(start).filter((era) => sameFlags(text, mask, era));
    const exact = matching.find((era) => gfpText(mask, era) === text) ?? matching[0];
    if (exact) return { era: exact, source: 'text' };
  }
  if (!released) return { era: start, source: 'mask' };
  const clean = (era: GfpEra): boolean => unknownBits(mask, era) === 0 && !hasBadZoneBits(mask, era);
  if (clean(released)) return { era: released, source: 'release' };
  const other = byDistance(released).find((era) => era.generation === dateMask(mask) && clean(era));
  return other ? { era: other, source: 'mask' } : { era: released, source: 'release' };
}

/**
 * Highest zone that a request may use (gfp_zone, GFP_ZONE_TABLE): DMA and DMA32 as asked, HIGHMEM with MOVABLE is zone
 * Movable, HIGHMEM alone HighMem; each falls back to Normal where the machine's layout has no such zone.
 */
export function zoneOfFlags(flags: ReadonlySet<string>, layout: readonly string[]): string {
  const or = (zone: string): string => (layout.includes(zone) ? zone : 'Normal');
  if (flags.has('DMA')) return or('DMA');
  if (flags.has('DMA32')) return or('DMA32');
  if (flags.has('HIGHMEM') && flags.has('MOVABLE') && layout.includes('Movable')) return 'Movable';
  if (flags.has('HIGHMEM')) return or('HighMem');
  return 'Normal';
}

/** `pte_alloc_one.isra.3` and `__kmalloc_noprof` without what compilers and profiling append. */
const plainSymbol = (symbol: string): string =>
  symbol.replace(/\.(?:isra|part|constprop|cold|llvm)\b.*$/, '').replace(/_noprof$/, '');

const purposeBySymbol = new Map(
  TRACE_PURPOSES.flatMap((entry) =>
    entry.symbols.split(' ').map((symbol): [string, (typeof TRACE_PURPOSES)[number]] => [plainSymbol(symbol), entry]),
  ),
);

const USER_MEMORY = 'memory of a user process';

/** How many frames above a slab allocation its user may stand. */
const USER_DISTANCE = 6;

/** What is known of a request beside its trace. */
interface Asked {
  readonly movable: boolean;
  readonly order: number;
}

/** A huge page of one page is none; nothing that the kernel itself keeps is movable. Stale frames of a trace say otherwise. */
const fits = ({ movable, purpose }: (typeof TRACE_PURPOSES)[number], asked: Asked | undefined): boolean =>
  asked === undefined || ((!asked.movable || movable === true) && (asked.order > 0 || purpose !== 'huge page'));

/**
 * What the allocation was for, from the call trace and in agreement with what was asked for; undefined when no known function
 * stands in it.
 */
export function purposeOf(trace: readonly Frame[], asked?: Asked): string | undefined {
  const hits = trace.map((frame) => {
    const hit = purposeBySymbol.get(plainSymbol(frame.symbol));
    return hit && fits(hit, asked) ? hit : undefined;
  });
  const first = hits.findIndex((hit) => hit !== undefined);
  const hit = hits[first];
  if (hit?.kind !== 'generic') return hit?.purpose;
  const rest = hits.slice(first + 1);
  if (hit.purpose === USER_MEMORY) return rest.find((other) => other?.kind === 'specific')?.purpose ?? hit.purpose;
  const user = rest.slice(0, USER_DISTANCE).find((other) => other !== undefined && other.kind !== 'generic');
  if (hit.purpose === 'kernel buffer') return user?.purpose ?? hit.purpose;
  return user?.kind === 'object' ? `${hit.purpose} (${user.purpose})` : hit.purpose;
}

/**
 * The mask of the trigger in words; undefined when the report has none that can be read. `layout` names the machine's
 * zones in the order of their indices.
 */
export function analyseGfp(report: OomReport, layout: readonly string[]): GfpAnalysis | undefined {
  const printed = report.trigger?.gfpMask;
  const mask = printed === undefined ? undefined : parseMask(printed);
  if (mask === undefined) return undefined;
  const { version, vendor } = report.kernel;
  const text = report.trigger?.gfpText;
  const { era, source } = chooseEra(mask, text, version && gfpEraOf(version, vendor), report.kernel);
  const fromText = source === 'text' || text === undefined ? undefined : flagsOfText(text, era);
  const flags = new Set(fromText ?? flagsOfMask(mask, era));
  const mayReclaim = flags.has('DIRECT_RECLAIM') || flags.has('WAIT');
  const movable = flags.has('MOVABLE');
  const told = purposeOf(report.callTrace, { movable, order: report.trigger?.order ?? 0 });
  // Of user memory only anonymous pages are asked for as zeroed.
  const purpose = told === USER_MEMORY && movable && flags.has('ZERO') ? 'anonymous memory' : told;
  return {
    mask,
    era: era.name,
    eraSource: source,
    text: text ?? gfpText(mask, era),
    flags: [...flags].map((flag) => `__GFP_${flag}`),
    unknownBits: unknownBits(mask, era),
    zone: zoneOfFlags(flags, layout),
    movable,
    reclaimable: flags.has('RECLAIMABLE'),
    mayReclaim,
    mayUseFs: flags.has('FS'),
    mayUseIo: flags.has('IO'),
    highPriority: flags.has('HIGH'),
    atomic: !mayReclaim,
    ...(purpose === undefined ? {} : { purpose }),
  };
}
