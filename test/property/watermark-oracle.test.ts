import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OomReport, Zone } from '../../src/domain.ts';
import { analyse } from '../../src/enrich/index.ts';
import { replayed } from '../support/oracle/allocator.ts';
import { expressible, maskOf, releaseNumber } from '../support/oracle/masks.ts';
import type { RequestState, ZoneState } from '../support/oracle/state.ts';
import { report } from '../unit/enrich/build.ts';

/** Releases by the form of their check, on either side of every change. */
const FAMILIES = [
  ['2.6.9-89.EL'],
  ['2.6.18-398.el5', '2.6.18', '2.6.24.3', '2.6.30', '2.6.32.67', '2.6.32-131.0.15.el6.x86_64', '2.6.37'],
  ['2.6.32-754.el6.x86_64', '2.6.37.6', '2.6.39.4', '3.1.10'],
  ['3.2.59'],
  ['3.3.8', '3.6.11'],
  ['3.7.10', '3.8.13', '3.9.11'],
  ['3.10.108', '3.10.0-1160.el7.x86_64', '3.16.85', '4.3.6'],
  ['4.4.302', '4.6.7'],
  ['4.7.10', '4.9.337', '4.14.336'],
  ['4.15.18', '4.18.0-553.8.1.el8_10.x86_64', '4.19.325', '5.4.289', '5.7.19'],
  ['5.8.18'],
  ['5.9.16', '5.14.0-362.el9.x86_64', '5.15.178', '6.1.128', '6.2.16'],
  ['6.1.192', '6.3.13', '6.6.80', '6.12.20'],
  ['6.12.117', '6.13.7', '6.18.2', '7.1.0'],
] as const;

type Arch = 'x86_64' | 'i386';

/** Names of the configured zones by index. */
function zoneOrder(release: string, arch: Arch): string[] {
  const at = releaseNumber(release);
  const high = arch === 'i386';
  if (at < 2_006_018) return ['DMA', 'Normal', 'HighMem'];
  if (at < 2_006_020) return ['DMA', 'DMA32', 'Normal', 'HighMem'];
  const low = high ? ['DMA', 'Normal', 'HighMem'] : ['DMA', 'DMA32', 'Normal'];
  const movable = at >= 2_006_024 ? ['Movable'] : [];
  const device = !high && at >= 4_003_000 ? ['Device'] : [];
  return [...low, ...movable, ...device];
}

const request: fc.Arbitrary<RequestState> = fc
  .record({
    order: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 })),
    zoneFlag: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('none' as const, 'highmem' as const) },
      fc.constantFrom('dma' as const, 'dma32' as const),
    ),
    movable: fc.boolean(),
    kind: fc.constantFrom('blocking', 'blocking', 'blocking', 'blocking-high', 'atomic', 'no-wait', 'no-memalloc'),
    noKswapd: fc.boolean(),
  })
  .map(({ kind, noKswapd, ...rest }) => ({
    ...rest,
    canSleep: kind.startsWith('blocking'),
    high: kind === 'blocking-high' || kind === 'atomic' || kind === 'no-memalloc',
    atomicFlag: kind === 'atomic' || kind === 'no-memalloc',
    noKswapd: noKswapd && kind === 'no-wait',
    noMemalloc: kind === 'no-memalloc',
  }));

/** Numbers that a zone is made of; where free lies is said relative to a mark, so that the edges are met often. */
const zoneSeed = fc.record({
  isPopulated: fc.boolean(),
  min: fc.integer({ min: 3, max: 4000 }),
  toLow: fc.integer({ min: 1, max: 1500 }),
  toHigh: fc.integer({ min: 1, max: 1500 }),
  boost: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2000 })),
  near: fc.constantFrom('min', 'low', 'high', 'half', 'three-eighths'),
  offset: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -6, max: 6 }) }, fc.integer({ min: -4000, max: 9000 })),
  withReserve: fc.boolean(),
  reserveSteps: fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 5, maxLength: 5 }),
  cmaShare: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
  withCma: fc.boolean(),
  highatomicShare: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.5, noNaN: true })),
  // Mostly small blocks, as after long uptime: else no order fails.
  blockShares: fc.array(
    fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.2, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    { minLength: 6, maxLength: 6 },
  ),
  lettersOf: fc.array(fc.constantFrom('U', 'M', 'UME', 'C', 'H', 'I', 'CH', 'ME', 'UMEHC', 'CI'), {
    minLength: 7,
    maxLength: 7,
  }),
  /** Single pages such that the first step of the order loop ends this near to its halved mark, with or without CMA. */
  loopOffset: fc.option(fc.integer({ min: -4, max: 4 }), { nil: undefined }),
  loopCountsCma: fc.boolean(),
  emptyLists: fc.integer({ min: 0, max: 30 }).map((roll) => roll === 0),
});

type ZoneSeed = typeof zoneSeed extends fc.Arbitrary<infer T> ? T : never;

interface Plan {
  readonly release: string;
  readonly arch: Arch;
  readonly request: RequestState;
  readonly kills: boolean;
  readonly pageSizeKb: 4 | 64;
  readonly secondNode: boolean;
  readonly seeds: readonly ZoneSeed[];
  /** Index of the zone whose populated flag is forced, so that some zone can always be tried. */
  readonly sure: number;
}

const plan: fc.Arbitrary<Plan> = fc
  .record({
    release: fc.constantFrom(...FAMILIES).chain((releases) => fc.constantFrom<string>(...releases)),
    arch: fc.constantFrom<Arch>('x86_64', 'i386'),
    request,
    kills: fc.boolean(),
    pageSizeKb: fc.constantFrom(4 as const, 64 as const),
    secondNode: fc.boolean(),
    seeds: fc.array(zoneSeed, { minLength: 5, maxLength: 5 }),
    sure: fc.nat(2),
  })
  .map((made) => {
    const arch = releaseNumber(made.release) < 2_006_018 ? 'i386' : made.arch;
    // No i386 kernel has a zone DMA32 to ask for.
    const noDma32 = arch === 'i386' && made.request.zoneFlag === 'dma32';
    const asked = noDma32 ? { ...made.request, zoneFlag: 'none' as const } : made.request;
    const fit = expressible(asked, made.release);
    // Only what can sleep and is small reaches the killer.
    const kills = made.kills && fit.canSleep && fit.order <= 3;
    return { ...made, request: fit, kills, arch };
  });

/** Blocks that add up to the free pages: the largest first, or so many single pages and the rest as large as can be. */
function blocksOf(freePages: number, { blockShares, emptyLists }: ZoneSeed, singles: number | undefined): number[] {
  const counts = new Array<number>(7).fill(0);
  if (emptyLists) return counts;
  const kept = singles === undefined ? 0 : Math.min(freePages, Math.max(0, singles));
  let rest = freePages - kept;
  for (let order = 6; order > 0; order -= 1) {
    const share = singles === undefined ? (blockShares[order - 1] ?? 0) : 1;
    const taken = Math.floor((rest / 2 ** order) * share);
    counts[order] = taken;
    rest -= taken * 2 ** order;
  }
  counts[0] = kept + rest;
  return counts;
}

/** A zone of the machine before it is filled. */
interface Slot {
  readonly seed: ZoneSeed;
  readonly node: number;
  readonly name: string;
  readonly index: number;
  readonly isPopulated: boolean;
}

function zoneState({ seed, node, name, index, isPopulated }: Slot, at: Plan, slots: readonly Slot[]): ZoneState {
  const release = releaseNumber(at.release);
  const boost = release >= 5_016_000 ? seed.boost : 0;
  const min = seed.min + boost;
  const low = min + seed.toLow;
  const high = low + seed.toHigh;
  const columns = zoneOrder(at.release, at.arch).length;
  // Every zone above that holds memory adds to the reserve; an empty one adds nothing.
  let sum = 0;
  const reserve = Array.from({ length: columns }, (_, column) => {
    const holds = slots.some((other) => other.node === node && other.index === column && other.isPopulated);
    if (seed.withReserve && column > index && holds) sum += seed.reserveSteps[column] ?? 0;
    return sum;
  });
  const near = { min, low, high, half: Math.trunc(min / 2), 'three-eighths': Math.trunc((min * 3) / 8) }[seed.near];
  const base = Math.max(0, near + (seed.withReserve ? sum : 0));
  const extra = seed.withCma ? Math.trunc(base * seed.cmaShare) : 0;
  const held = Math.trunc(base * seed.highatomicShare);
  const freePages = Math.max(0, base + extra + held + seed.offset + 2 ** at.request.order - 1);
  const printsCma = release >= 3_008_000;
  const loopCma = seed.loopCountsCma && printsCma ? extra : 0;
  const asked = freePages - (2 ** at.request.order - 1) - loopCma;
  const singles = seed.loopOffset === undefined ? undefined : asked - Math.trunc(min / 2) - seed.loopOffset;
  const printsHighatomic = release >= 5_005_000;
  return {
    node,
    name,
    index,
    isPopulated,
    freePages,
    min,
    low,
    high,
    boost,
    reserve,
    freeCma: printsCma ? Math.min(extra, freePages) : 0,
    reservedHighatomic: printsHighatomic ? held : 0,
    freeHighatomic: release >= 6_012_117 ? Math.min(Math.trunc(held / 2), freePages) : 0,
    blocks: blocksOf(freePages, seed, singles),
    ...(printsCma ? { letters: seed.lettersOf } : {}),
  };
}

function statesOf(at: Plan): ZoneState[] {
  const order = zoneOrder(at.release, at.arch);
  const configured = order.filter((name) => name !== 'Movable' && name !== 'Device');
  const used =
    at.arch === 'i386'
      ? configured.filter((name) => name !== 'DMA32')
      : configured.filter((name) => name !== 'HighMem');
  const seed = (i: number): ZoneSeed => {
    const found = at.seeds[i];
    if (!found) throw new RangeError('a plan has a seed for every zone');
    return found;
  };
  const slot = (from: ZoneSeed, node: number, name: string): Slot => {
    const index = order.indexOf(name);
    return { seed: from, node, name, index, isPopulated: from.isPopulated || index === at.sure };
  };
  const slots = used.map((name, i) => slot(seed(i), 0, name));
  for (const name of configured) {
    if (!used.includes(name)) slots.push({ ...slot(seed(3), 0, name), isPopulated: false });
  }
  if (at.secondNode && at.arch === 'x86_64') slots.push(slot(seed(4), 1, 'Normal'));
  return slots.map((one) => zoneState(one, at, slots));
}

/** The state as its kernel would have printed it. */
function reportOf(at: Plan, states: readonly ZoneState[]): OomReport {
  const release = releaseNumber(at.release);
  const K = (pages: number): number => pages * at.pageSizeKb;
  // Up to 2.6.18 empty zones are printed too.
  const printed = states.filter((state) => state.isPopulated || release < 2_006_019);
  const zones = printed.map((state, line): Zone => {
    if (!state.isPopulated)
      return {
        name: state.name,
        line,
        freeKb: 0,
        minKb: 0,
        lowKb: 0,
        highKb: 0,
        presentKb: 0,
        lowmemReservePages: [...state.reserve],
      };
    const size = Math.max(K(state.freePages), K(state.high)) * 4 + 4096;
    return {
      ...(at.arch === 'x86_64' ? { node: state.node } : {}),
      name: state.name,
      line,
      freeKb: K(state.freePages),
      ...(release >= 5_016_000 ? { boostKb: K(state.boost) } : {}),
      minKb: K(state.min),
      lowKb: K(state.low),
      highKb: K(state.high),
      presentKb: size,
      ...(release >= 3_008_000 ? { managedKb: size, freeCmaKb: K(state.freeCma) } : {}),
      ...(release >= 5_005_000 ? { reservedHighatomicKb: K(state.reservedHighatomic) } : {}),
      ...(release >= 6_012_117 ? { freeHighatomicKb: K(state.freeHighatomic) } : {}),
      lowmemReservePages: [...state.reserve],
      buddyCounts: [...state.blocks],
      ...(state.letters
        ? { buddyTypes: state.blocks.map((count, o) => (count > 0 ? (state.letters?.[o] ?? '') : '')) }
        : {}),
      buddyUnitKb: at.pageSizeKb,
      buddyTotalKb: K(state.freePages),
    };
  });
  const made = report(at.release, {
    action: at.kills ? 'oom-kill' : 'page-allocation-failure',
    zones,
    highmem32: at.arch === 'i386' && printed.some((state) => state.name === 'HighMem' && state.isPopulated),
    trigger: { name: 'worker', gfpMask: maskOf(at.request, at.release), order: at.request.order, line: 0 },
  });
  return {
    ...made,
    kernel: { ...made.kernel, addressBits: at.arch === 'i386' ? 32 : 64, pageSizeKb: at.pageSizeKb },
  };
}

const runs = process.env['OOMSCOPE_FUZZ'] ? 200_000 : 5000;

describe('the replayed watermark check', () => {
  test('agrees with the oracle on every zone and every mark', () => {
    let compared = 0;
    let passed = 0;
    fc.assert(
      fc.property(plan, (at) => {
        const states = statesOf(at);
        const order = zoneOrder(at.release, at.arch);
        const given = analyse(reportOf(at, states)).checks.map((check) => ({
          node: check.node ?? 0,
          zone: check.zone,
          mark: check.attempt,
          margin: check.marginPages,
          passes: check.passes,
        }));
        const wanted = replayed(states, at.request, order, at.release, at.kills);
        expect(given, `${at.release} ${maskOf(at.request, at.release)} order ${at.request.order}`).toEqual(wanted);
        compared += wanted.length;
        passed += wanted.filter(({ passes }) => passes).length;
      }),
      { numRuns: runs, seed: 2638 },
    );
    // Neither answer may be so rare that agreeing on it says nothing.
    expect(compared).toBeGreaterThan(runs);
    expect(passed / compared).toBeGreaterThan(0.2);
    expect(passed / compared).toBeLessThan(0.8);
  }, 600_000);
});
