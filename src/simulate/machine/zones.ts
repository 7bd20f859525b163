/** Zones built from a plan: marks, reserves, counters and free lists that agree with each other. */
import type { NodeInfo, Zone } from '../../domain.ts';
import { isAtLeast, isBefore, type Version } from '../../kernel/version.ts';
import { kbToPages, pagesToKb } from '../../units.ts';
import { dialectOf } from '../dialect.ts';
import type { Random } from '../random.ts';
import { type KernelSpec, type Unprinted, versionOf } from '../state.ts';
import { buddyCounts, buddyTypes } from './buddy.ts';
import { defaultMinFreeKb, type Marks, reserveOf, setupMarks } from './marks.ts';

export const HOLDING_CLASSES = [
  'activeAnon',
  'inactiveAnon',
  'activeFile',
  'inactiveFile',
  'unevictable',
  'slabReclaimable',
  'slabUnreclaimable',
  'kernelStack',
  'pagetables',
] as const;
/** Classes of memory that do not overlap: what is not free in a zone is held by one of them, or unaccounted. */
export type HoldingClass = (typeof HOLDING_CLASSES)[number];

export interface ZonePlan {
  readonly name: 'DMA' | 'DMA32' | 'Normal' | 'HighMem' | 'Movable';
  readonly node?: number;
  readonly presentPages: number;
  readonly managedPages: number;
  /** Page frames of the zone without holes, where `presentPages` leaves its mem_map out (i386 up to 3.8). */
  readonly framePages?: number;
  /** Free pages, given the zone's marks and its reserve by zone index of the request. */
  readonly free: (marks: Marks, reserve: readonly number[]) => number;
  /** Shares of the memory that is not free; what they leave of 1 is unaccounted. */
  readonly holding: Partial<Record<HoldingClass, number>>;
  readonly largestOrder?: number;
  readonly freeCmaPages?: number;
  readonly highatomicPages?: number;
  readonly boostPages?: number;
}

export interface BuiltZone {
  readonly plan: ZonePlan;
  readonly zone: Unprinted<Zone>;
  readonly marks: Marks;
  readonly held: Readonly<Record<HoldingClass, number>>;
  readonly freePages: number;
}

const LOW_ZONES: Readonly<Record<KernelSpec['arch'], readonly string[]>> = {
  i386: ['DMA', 'Normal'],
  x86_64: ['DMA', 'DMA32', 'Normal'],
  arm: ['DMA', 'Normal'],
  arm64: ['DMA', 'DMA32', 'Normal'],
  ppc64: ['Normal'],
};

/** The configured zones by index: MAX_NR_ZONES entries of lowmem_reserve[]. */
export function zoneOrder(kernel: KernelSpec): string[] {
  const version = versionOf(kernel);
  const low = LOW_ZONES[kernel.arch];
  // 2.6.18 has one list of four zones on every architecture.
  if (isBefore(version, [2, 6, 20]) && isAtLeast(version, [2, 6, 18])) return ['DMA', 'DMA32', 'Normal', 'HighMem'];
  if (isBefore(version, [2, 6, 18])) return ['DMA', 'Normal', 'HighMem'];
  const high = kernel.highmem ? ['HighMem'] : [];
  const movable = isAtLeast(version, [2, 6, 24]) ? ['Movable'] : [];
  const device = kernel.arch === 'x86_64' && isAtLeast(version, [4, 3, 0]) ? ['Device'] : [];
  return [...low, ...high, ...movable, ...device];
}

const sizePages = (plan: ZonePlan, version: Version): number =>
  isAtLeast(version, [3, 9, 0]) ? plan.managedPages : plan.presentPages;

function heldPages(plan: ZonePlan, usedPages: number): Record<HoldingClass, number> {
  const held = {} as Record<HoldingClass, number>;
  for (const name of HOLDING_CLASSES) held[name] = Math.floor(usedPages * (plan.holding[name] ?? 0));
  // Kernel stacks are counted in stacks of 8 kB.
  held.kernelStack -= held.kernelStack % 2;
  return held;
}

/** What the zones need to know of the machine. */
export interface ZoneSetting {
  readonly kernel: KernelSpec;
  /** Replaces the default of vm.min_free_kbytes. */
  readonly minFreeKb?: number;
  /** True when anonymous pages can still be swapped out. */
  readonly swapUsable: boolean;
  /** Share of the inactive file pages that are dirty. */
  readonly dirtyShare: number;
}

/** Kernels up to 2.6.18 print their empty zones too. */
function withEmptyZones(plans: readonly ZonePlan[], order: readonly string[]): readonly ZonePlan[] {
  const named = order.map((name): ZonePlan | undefined => {
    const known = plans.find((plan) => plan.name === name);
    if (known || (name !== 'DMA32' && name !== 'HighMem')) return known;
    return { name, presentPages: 0, managedPages: 0, free: () => 0, holding: {} };
  });
  return named.filter((plan) => plan !== undefined);
}

/** All zones of a machine. */
export function buildZones(planned: readonly ZonePlan[], setting: ZoneSetting, random: Random): BuiltZone[] {
  const { kernel, minFreeKb } = setting;
  const version = versionOf(kernel);
  const dialect = dialectOf(kernel);
  const order = zoneOrder(kernel);
  const plans = dialect.emptyZones ? withEmptyZones(planned, order) : planned;
  const sizes = plans.map((plan) => ({ name: plan.name, node: plan.node ?? 0, pages: sizePages(plan, version) }));
  const lowmemPages = sizes.filter(({ name }) => name !== 'HighMem').reduce((sum, { pages }) => sum + pages, 0);
  const K = (pages: number): number => pagesToKb(pages, kernel.pageSizeKb);
  const minFree = minFreeKb ?? defaultMinFreeKb(K(lowmemPages));
  const marks = setupMarks(sizes, kbToPages(minFree, kernel.pageSizeKb), version);
  return plans.flatMap((plan, index) => {
    const size = sizes[index];
    const base = marks[index];
    if (!size || !base) return [];
    const boost = dialect.formats[0] >= 5 ? (plan.boostPages ?? 0) : 0;
    const own = { min: base.min + boost, low: base.low + boost, high: base.high + boost };
    const reserve = reserveOf(size, sizes, order);
    const freePages = Math.min(Math.trunc(size.pages * 0.97), Math.max(0, plan.free(own, reserve)));
    const freePcpPages = isAtLeast(dialect.formats, [4, 1, 0]) && size.pages > 10000 ? random.int(0, 60) : 0;
    const held = heldPages(plan, size.pages - freePages - freePcpPages);
    const counts = buddyCounts(freePages, plan.largestOrder ?? kernel.blockOrders - 1, kernel.blockOrders, random);
    const types = buddyTypes(counts, dialect.buddyTypes, (plan.freeCmaPages ?? 0) > 0);
    const nodeWide = isAtLeast(dialect.formats, [4, 8, 0]);
    const filePages = held.activeFile + held.inactiveFile;
    const reclaimable = filePages + (setting.swapUsable ? held.activeAnon + held.inactiveAnon : 0);
    const stuck = reclaimable < size.pages / 50;
    const zone: Unprinted<Zone> = {
      ...(kernel.numa ? { node: plan.node ?? 0 } : {}),
      name: plan.name,
      freeKb: K(freePages),
      boostKb: K(boost),
      minKb: K(own.min),
      lowKb: K(own.low),
      highKb: K(own.high),
      reservedHighatomicKb: K(plan.highatomicPages ?? 0),
      freeHighatomicKb: K(plan.highatomicPages ?? 0),
      activeKb: K(held.activeAnon + held.activeFile),
      inactiveKb: K(held.inactiveAnon + held.inactiveFile),
      activeAnonKb: K(held.activeAnon),
      inactiveAnonKb: K(held.inactiveAnon),
      activeFileKb: K(held.activeFile),
      inactiveFileKb: K(held.inactiveFile),
      unevictableKb: K(held.unevictable),
      dirtyKb: K(Math.trunc(held.inactiveFile * setting.dirtyShare)),
      writependingKb: K(Math.trunc(held.inactiveFile * setting.dirtyShare)),
      presentKb: K(plan.presentPages),
      managedKb: K(plan.managedPages),
      mlockedKb: K(held.unevictable),
      slabReclaimableKb: K(held.slabReclaimable),
      slabUnreclaimableKb: K(held.slabUnreclaimable),
      kernelStackKb: K(held.kernelStack),
      pagetablesKb: K(held.pagetables),
      freePcpKb: K(freePcpPages),
      localPcpKb: K(Math.min(freePcpPages, 3)),
      freeCmaKb: K(plan.freeCmaPages ?? 0),
      pagesScanned: nodeWide || !stuck ? 0 : reclaimable * 6 + random.int(1, 90),
      allUnreclaimable: stuck,
      lowmemReservePages: reserve,
      buddyCounts: counts,
      ...(types ? { buddyTypes: types } : {}),
      buddyUnitKb: kernel.pageSizeKb,
      buddyTotalKb: K(freePages),
    };
    return [{ plan, zone, marks: own, held, freePages }];
  });
}

/** Sum of one held class over zones, in pages. */
export const heldIn = (zones: readonly BuiltZone[], name: HoldingClass): number =>
  zones.reduce((sum, { held }) => sum + held[name], 0);

/** What the node lines say beside the sums over their zones. */
export interface NodeShares {
  readonly shmemPages: number;
  readonly mappedPages: number;
  readonly dirtyShare: number;
  readonly pageSizeKb: number;
}

/** The node lines: sums over the zones of each node. */
export function buildNodes(zones: readonly BuiltZone[], shares: NodeShares) {
  const K = (pages: number): number => pagesToKb(pages, shares.pageSizeKb);
  const numbers = [...new Set(zones.map(({ plan }) => plan.node ?? 0))];
  return numbers.map((node): Unprinted<NodeInfo> => {
    const own = zones.filter(({ plan }) => (plan.node ?? 0) === node);
    const anonKb = K(heldIn(own, 'activeAnon') + heldIn(own, 'inactiveAnon'));
    const first = node === (numbers[0] ?? 0);
    return {
      node,
      activeAnonKb: K(heldIn(own, 'activeAnon')),
      inactiveAnonKb: K(heldIn(own, 'inactiveAnon')),
      activeFileKb: K(heldIn(own, 'activeFile')),
      inactiveFileKb: K(heldIn(own, 'inactiveFile')),
      unevictableKb: K(heldIn(own, 'unevictable')),
      isolatedAnonKb: 0,
      isolatedFileKb: 0,
      // The first node has it all: shared pages come from the node of their first user.
      mappedKb: first ? K(shares.mappedPages) : 0,
      dirtyKb: K(Math.trunc(heldIn(own, 'inactiveFile') * shares.dirtyShare)),
      writebackKb: 0,
      shmemKb: first ? K(shares.shmemPages) : 0,
      shmemThpKb: 0,
      shmemPmdmappedKb: 0,
      anonThpKb: Math.trunc(anonKb / 8 / 2048) * 2048,
      kernelStackKb: K(heldIn(own, 'kernelStack')),
      pagetablesKb: K(heldIn(own, 'pagetables')),
      secPagetablesKb: 0,
      balloonKb: 0,
      gpuActiveKb: 0,
      gpuReclaimKb: 0,
      pagesScanned: 0,
      allUnreclaimable: own.every(({ zone }) => zone.allUnreclaimable === true),
    };
  });
}
