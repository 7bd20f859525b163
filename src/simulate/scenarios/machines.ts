/** The machines that scenarios run on: their zones, and how full they are. */
import { isAtLeast, isBefore } from '../../kernel/version.ts';
import { buildState, type MachinePlan } from '../machine/build.ts';
import { type Request, requestZoneOf } from '../machine/gfp.ts';
import type { Marks } from '../machine/marks.ts';
import type { Hog } from '../machine/tasks.ts';
import { type HoldingClass, type ZonePlan, zoneOrder } from '../machine/zones.ts';
import { type KernelSpec, type ReportState, versionOf } from '../state.ts';
import type { ScenarioOptions } from './scenario.ts';

type Free = ZonePlan['free'];
export type Holding = Partial<Record<HoldingClass, number>>;

/** Free pages just below what a request needs at MIN: mark plus reserve of its class, and never more than `most`. */
export function short(kernel: KernelSpec, request: Request, most: number): Free {
  const order = zoneOrder(kernel);
  const wanted = order.indexOf(requestZoneOf(request, kernel));
  const index = wanted < 0 ? order.indexOf('Normal') : wanted;
  return (marks, reserve) => Math.min(most, Math.max(0, marks.min + (reserve[index] ?? 0) - 3));
}

/** Free pages well above HIGH and the reserve of every class. */
export const ample =
  (factor: number): Free =>
  (marks: Marks, reserve) =>
    Math.round((marks.high + Math.max(0, ...reserve)) * factor);

/** Shares that leave the zone to a little slab and much of one class. */
export const mostly = (name: HoldingClass, share: number, more: Holding = {}): Holding => ({
  slabReclaimable: 0.012,
  slabUnreclaimable: 0.015,
  kernelStack: 0.001,
  pagetables: 0.004,
  activeFile: 0.0002,
  inactiveFile: 0.0003,
  ...more,
  [name]: share,
});

const STRUCT_PAGE_BYTES = 32;

/** Pages that the page descriptors of so many page frames take. */
const memMapPages = (frames: number): number => Math.ceil((frames * STRUCT_PAGE_BYTES) / 4096);

/**
 * A 32-bit machine with PAE: 16 MiB DMA, 876 MiB Normal, the rest HighMem.
 *
 * The page descriptors of all zones lie in Normal. Up to 3.8 the kernel takes those of a zone off that zone's own present
 * pages, later all of them off Normal's managed pages (free_area_init_core). Another 77 MiB are the kernel itself.
 */
export function pae(
  kernel: KernelSpec,
  gib: number,
  zones: { dma: Free; normal: Free; highmem: Free; low: Holding; high: Holding },
): ZonePlan[] {
  const own = isBefore(versionOf(kernel), [3, 9, 0]) && isAtLeast(versionOf(kernel), [2, 6, 20]);
  const kernelPages = 19712;
  const highFrames = gib * 262144 - 4080 - 224254;
  const allMaps = memMapPages(4080) + memMapPages(224254) + memMapPages(highFrames);
  const present = (frames: number): number => (own ? frames - memMapPages(frames) : frames);
  return [
    {
      name: 'DMA',
      framePages: 4080,
      presentPages: present(4080) - 96,
      managedPages: 3952,
      free: zones.dma,
      holding: { slabReclaimable: 0.02 },
    },
    {
      name: 'Normal',
      framePages: 224254,
      presentPages: present(224254),
      managedPages: 224254 - allMaps - kernelPages,
      free: zones.normal,
      holding: zones.low,
    },
    {
      name: 'HighMem',
      framePages: highFrames,
      presentPages: present(highFrames),
      managedPages: highFrames,
      free: zones.highmem,
      holding: zones.high,
    },
  ];
}

/** A 64-bit machine: DMA, DMA32 and, above 3 GiB, Normal. Sizes in pages. */
export function flat(
  gib: number,
  zones: { dma: Free; dma32: Free; normal: Free; holding: Holding; holding32?: Holding; largestOrder?: number },
): ZonePlan[] {
  const largest = zones.largestOrder === undefined ? {} : { largestOrder: zones.largestOrder };
  const low = Math.min(gib, 3) * 262144 - 4096;
  const plans: ZonePlan[] = [
    { name: 'DMA', presentPages: 3998, managedPages: 3840, free: zones.dma, holding: {}, ...largest },
    {
      name: 'DMA32',
      presentPages: low,
      managedPages: low - 18600,
      free: zones.dma32,
      holding: zones.holding32 ?? zones.holding,
      ...largest,
    },
  ];
  if (gib > 3) {
    const high = (gib - 3) * 262144;
    const managedPages = high - Math.trunc(high / 50);
    plans.push({
      name: 'Normal',
      presentPages: high,
      managedPages,
      free: zones.normal,
      holding: zones.holding,
      ...largest,
    });
  }
  return plans;
}

/** A 64-bit machine with every eligible zone short, held as said. */
export function exhausted(
  { kernel, seed }: ScenarioOptions,
  gib: number,
  holding: Holding,
  hogs: readonly Hog[],
  more: Partial<MachinePlan> = {},
): ReportState {
  const request = more.request ?? 'anon';
  return buildState({
    kernel,
    seed,
    cpus: 8,
    swapTotalKb: 0,
    swapFreeKb: 0,
    request,
    hogs,
    zones: flat(gib, {
      dma: short(kernel, request, 3700),
      dma32: short(kernel, request, 90000),
      normal: short(kernel, request, 90000),
      holding,
    }),
    ...more,
  });
}

/** A machine with pages of 64 kB, all of them in zone Normal. */
export function oneZone(gib: number, free: Free, holding: Holding): ZonePlan[] {
  const frames = gib * 16384;
  return [{ name: 'Normal', presentPages: frames, managedPages: frames - Math.trunc(frames / 60), free, holding }];
}

/** A single-board computer of 4 GiB: 768 MiB of lowmem, all of it zone DMA, of which 512 MiB are CMA; the rest HighMem. */
export function singleBoard(zones: {
  dma: Free;
  highmem: Free;
  low: Holding;
  high: Holding;
  freeCmaPages: number;
}): ZonePlan[] {
  return [
    {
      name: 'DMA',
      presentPages: 196608,
      managedPages: 165959,
      free: zones.dma,
      holding: zones.low,
      freeCmaPages: zones.freeCmaPages,
      boostPages: 1804,
    },
    { name: 'HighMem', presentPages: 816128, managedPages: 816128, free: zones.highmem, holding: zones.high },
  ];
}
