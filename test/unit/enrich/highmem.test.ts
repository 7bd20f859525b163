import { describe, expect, it } from 'vitest';
import { reconstructHighmem } from '../../../src/enrich/highmem.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { seedReport } from '../../support/seed-report.ts';
import { report, trigger, zone } from './build.ts';

const LAYOUT = ['DMA', 'Normal', 'HighMem', 'Movable'];

describe('HighMem put together again', () => {
  const zones = [
    zone('DMA', { free: 900, min: 35 }, [0, 869, 32_487, 32_487], { presentKb: 15_808, managedKb: 15_808 }),
    zone('Normal', { free: 2000, min: 2012 }, [0, 0, 252_949, 252_949], { presentKb: 890_008, managedKb: 890_008 }),
  ];
  const sizeOf = (list: typeof zones, release = '3.2.59') =>
    reconstructHighmem(report(release, { zones: list }), LAYOUT, 4);

  it('has a size and marks up to 4.5, a size since', () => {
    expect(sizeOf(zones)).toEqual({
      presentMinKb: 32_377_472,
      presentMaxKb: 32_377_596,
      minKb: 512,
      lowKb: 73_712,
      highKb: 146_916,
    });
    expect(sizeOf(zones, '6.1.21')).toEqual({ presentMinKb: 32_377_472, presentMaxKb: 32_377_596 });
  });

  it('is bounded by whichever reserve was printed', () => {
    const [dma, normal] = zones;
    if (!dma || !normal) throw new Error('two zones');
    expect(sizeOf([dma, { ...normal, lowmemReservePages: [] }])).toMatchObject({
      presentMinKb: (32_487 * 256 - 222_502) * 4,
    });
    expect(sizeOf([normal])).toMatchObject({ presentMinKb: 252_949 * 32 * 4 });
  });

  it('is not claimed where the reserves contradict each other: the ratios are not the default', () => {
    const [dma, normal] = zones;
    if (!dma || !normal) throw new Error('two zones');
    expect(sizeOf([{ ...dma, lowmemReservePages: [0, 869, 16_000, 16_000] }, normal])).toBeUndefined();
  });

  it('is not needed where it was printed, and not possible on several nodes', () => {
    expect(sizeOf([...zones, zone('HighMem', { free: 1, min: 1 })])).toBeUndefined();
    expect(sizeOf([...zones, ...zones.map((one) => ({ ...one, node: 1 }))])).toBeUndefined();
  });
});

describe('lowmem since 4.8', () => {
  it('holds the kernel objects that only the global counters name', () => {
    const lowmemZone = (name: string, free: number, reserves: readonly number[], managedKb: number) =>
      zone(name, { free, min: 2000, low: 2500, high: 3000 }, reserves, { managedKb, presentKb: managedKb });
    const analysis = analyse(
      report('4.19.0', {
        highmem32: true,
        trigger: trigger('0x6000c0', 0, 'GFP_KERNEL'),
        zones: [
          lowmemZone('DMA', 900, [0, 3000, 30_000, 30_000], 15_000),
          lowmemZone('Normal', 1900, [0, 0, 60_000, 60_000], 800_000),
          zone('HighMem', { free: 400_000, min: 128, low: 2000, high: 4000 }, [0, 0, 0, 0]),
        ],
        memInfo: {
          slabReclaimablePages: 20_000,
          slabUnreclaimablePages: 120_000,
          pagetablesPages: 1000,
          freePages: 402_800,
          line: 0,
        },
        nodes: [{ node: 0, kernelStackKb: 9000, line: 0 }],
        totals: {
          ramPages: 1_300_000,
          highmemPages: 1_000_000,
          reservedPages: 40_000,
          totalSwapKb: 0,
          freeSwapKb: 0,
          line: 0,
        },
      }),
    );
    expect(analysis).toMatchObject({ verdict: 'lowmem-exhausted', holder: 'slab' });
    expect(analysis.lowmem?.pins[0]).toMatchObject({ name: 'unreclaimable slab', kb: 480_000 });
    expect(analysis.lowmem).toMatchObject({ structPageBytes: 36, structPageExact: false });
  });
});

it('says nothing of lowmem on other hosts', () => {
  expect(analyse({ ...seedReport, highmem32: false }).lowmem).toBeUndefined();
});
