import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../src/domain.ts';
import { minFreePages } from '../../../src/enrich/highmem.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { cacheOverhead, parkedPages } from '../../../src/enrich/lowmem.ts';
import { analyseMemMap } from '../../../src/enrich/mem-map.ts';
import { reclaimState } from '../../../src/enrich/reclaim.ts';
import { seedReport } from '../../support/seed-report.ts';

const analysis = analyse(seedReport);
const check = (zone: string, attempt: Attempt) =>
  analysis.checks.find((entry) => entry.zone === zone && entry.attempt === attempt);

describe('a page-table page on 3.2 with 33 GiB and 32 bits', () => {
  it('decodes the mask', () => {
    expect(analysis.gfp).toMatchObject({
      mask: 0x84d0,
      era: '2.6.38-3.2',
      eraSource: 'release',
      text: 'GFP_KERNEL|__GFP_REPEAT|__GFP_ZERO',
      unknownBits: 0,
      zone: 'Normal',
      purpose: 'page table',
      mayReclaim: true,
      movable: false,
    });
    expect(analysis.zonelist).toEqual([{ zone: 'Normal' }, { zone: 'DMA' }]);
  });

  it.each([
    ['Normal', 'low', 2014, 2012, 2515, 0, 2515, -503],
    ['DMA', 'low', 906, 904, 43, 869, 912, -8],
    ['Normal', 'min', 2014, 2012, 2012, 0, 2012, 0],
    ['DMA', 'min', 906, 904, 35, 869, 904, 0],
    ['Normal', 'high', 2014, 2012, 3018, 0, 3018, -1006],
    ['DMA', 'high', 906, 904, 52, 869, 921, -17],
  ] as const)(
    'fails %s at %s',
    (zone, attempt, freePages, usablePages, markPages, reservePages, neededPages, marginPages) => {
      expect(check(zone, attempt)).toEqual({
        zone,
        attempt,
        freePages,
        usablePages,
        markPages,
        reservePages,
        neededPages,
        marginPages,
        withheldPages: 0,
        passes: false,
        failedBy: 'watermark',
      });
    },
  );

  it('would have passed MIN without the off-by-two', () => {
    const fixed = analyse({ ...seedReport, kernel: { ...seedReport.kernel, release: '3.3.0', version: [3, 3, 0] } });
    const min = fixed.checks.filter((entry) => entry.attempt === 'min');
    expect(min.map(({ zone, marginPages, passes }) => [zone, marginPages, passes])).toEqual([
      ['Normal', 2, true],
      ['DMA', 2, true],
    ]);
    expect(fixed.verdict).toBe('lowmem-exhausted');
  });

  it('answers lowmem exhausted, held by slab', () => {
    expect(analysis).toMatchObject({
      verdict: 'lowmem-exhausted',
      contributing: [],
      holder: 'slab',
      swapState: 'available',
      confidence: 'certain',
      watermarkRule: '2.6.38-3.2',
      pageSizeKb: 4,
    });
    expect(analysis.sentence).toBe(
      "A page-table page must come from lowmem (Normal, DMA); Normal's 2014 free pages miss MIN by equality (2012 usable, more than 2012 needed) and DMA's 906 free pages are reserved, by equality (904 usable, more than 35 + 869 needed), while HighMem's 549 MiB free cannot serve it.",
    );
    expect(analysis.paragraph).toContain("Slab takes 517 MiB, 58 % of lowmem's 885 MiB");
  });

  it('puts the lost HighMem zone together again', () => {
    expect(analysis.lowmem?.reconstructed).toEqual({
      presentMinKb: 8_094_368 * 4,
      presentMaxKb: 8_094_399 * 4,
      minKb: 512,
      lowKb: 73_712,
      highKb: 146_916,
    });
    expect(analysis.lowmem?.highmemFreeKb).toBe(561_924);
  });

  it('determines sizeof(struct page) and the cost of mem_map', () => {
    expect(analysis.lowmem).toMatchObject({ structPageBytes: 32, structPageExact: true, memMapKb: 270_340, pae: true });
    expect(analysis.lowmem?.pins.find((pin) => pin.name === 'mem_map')?.kb).toBe(263_332);
  });

  it('lays out the memory', () => {
    const layout = analyseMemMap(seedReport, { first: 8_094_368, last: 8_094_399 }, 4)?.layout;
    expect(layout).toEqual({
      lowmemEndPfn: 0x37bfe,
      topPfn: 0x840000,
      holePages: { first: 262_202, last: 262_233 },
      bootReservedPages: { first: 19_712, last: 19_743 },
    });
    // Normal's unattributed 346404 kB: other zones' mem_map, other boot-time reserves, parked pages, and a small rest.
    const rest = (bootPages: number) => 346_404 - 263_332 - bootPages * 4 - 2000;
    expect([rest(layout?.bootReservedPages.last ?? 0), rest(layout?.bootReservedPages.first ?? 0)]).toEqual([
      2100, 2224,
    ]);
  });

  it('derives vm.min_free_kbytes from the marks', () => {
    const lowmem = seedReport.zones.filter((zone) => zone.minKb !== undefined);
    expect(minFreePages(lowmem, 3952 + 222_502, 4)).toEqual({ first: 2048, last: 2048 });
  });

  it('shows why reclaim gave up', () => {
    const [dma, normal] = seedReport.zones;
    expect(normal && reclaimState(normal, seedReport, 4)).toEqual({
      reclaimablePages: 159,
      scannedPages: 1015,
      limitPages: 954,
      unreclaimable: true,
    });
    expect(dma && reclaimState(dma, seedReport, 4)).toMatchObject({
      reclaimablePages: 0,
      limitPages: 0,
      unreclaimable: true,
    });
    expect(analysis.paragraph).toContain(
      'Reclaim gave Normal up after scanning 1015 pages for its 159 reclaimable ones.',
    );
  });

  it('claims no exact struct page when no size fits', () => {
    const zones = seedReport.zones.map((zone) => (zone.name === 'Normal' ? { ...zone, presentKb: 890_012 } : zone));
    const lowmem = analyse({ ...seedReport, zones }).lowmem;
    expect(lowmem).toMatchObject({ structPageBytes: 32, structPageExact: false });
    expect(lowmem?.memMapKb).toBe(Math.ceil((8_650_736 * 32) / 4096) * 4);
  });

  it('estimates what HighMem page cache pins in slab', () => {
    expect(cacheOverhead(seedReport, 4)).toEqual({ filePages: 7_890_987, bufferHeadKb: 432_384, radixNodeKb: 37_940 });
    const slab = analysis.lowmem?.pins[0];
    expect(slab).toMatchObject({ name: 'reclaimable slab', kb: 513_248 });
    expect(slab?.note).toContain('432384 kB, 84 %');
  });

  it('counts the pages parked on per-cpu lists', () => {
    expect(
      parkedPages(
        seedReport,
        seedReport.zones.filter((zone) => zone.name === 'Normal'),
        4,
      ),
    ).toBe(500);
  });

  it("closes Normal's books", () => {
    const normal = analysis.accounts.find((account) => account.place === 'Normal');
    expect(normal).toEqual({
      place: 'Normal',
      totalKb: 890_008,
      entries: [
        { name: 'free', kb: 8056 },
        { name: 'file cache', kb: 636 },
        { name: 'reclaimable slab', kb: 513_008 },
        { name: 'unreclaimable slab', kb: 16_356 },
        { name: 'page tables', kb: 3660 },
        { name: 'kernel stacks', kb: 1888 },
      ],
      unattributedKb: 346_404,
    });
  });

  it('recomputes the badness', () => {
    expect(analysis.victim?.score).toMatchObject({ computed: 4, printed: 4, totalPages: 8_791_083, agrees: true });
    expect(analysis.victim?.score?.exact).toBeCloseTo(4.25, 2);
    expect(analysis.victim).toMatchObject({ pid: 21_832, rssKb: 149_612, isTrigger: true, isLargest: true });
  });

  it('sees that the kill frees nothing usable', () => {
    expect(analysis.victim?.freed).toEqual({ anonKb: 146_900, fileKb: 2712, shmemKb: 0, usable: false });
    expect(analysis.lowmem?.killFreedLowmemKb?.min).toBe(0);
    expect(analysis.lowmem?.killFreedLowmemKb?.max).toBeLessThan(512);
  });

  it.each([
    [
      'DMA',
      906,
      33,
      [-1000, -1000, -1000, -1000, -1000, -1000, -1000, -1000, 863, 917, 943],
      [0, 0, 15, 28, 81, 152, 364, 717, 1000, 1000, 1000],
      7,
    ],
    ['Normal', 2014, 911, Array<number>(11).fill(-1000), [0, 412, 491, 491, 491, 491, 491, 491, 491, 491, 491], 10],
    ['HighMem', 140_481, 174, Array<number>(11).fill(-1000), [0, 0, 0, 0, 0, 0, 0, 1, 3, 8, 8], 10],
  ])(
    'computes the fragmentation of %s',
    (zone, freePages, freeBlocks, fragmentationIndex, unusableIndex, largestOrder) => {
      expect(analysis.fragmentation.find((entry) => entry.zone === zone)).toEqual({
        zone,
        freePages,
        freeBlocks,
        fragmentationIndex,
        unusableIndex,
        largestOrder,
        largestUsableOrder: largestOrder,
      });
    },
  );

  it('names its findings', () => {
    expect(analysis.findings.map((finding) => finding.code)).toEqual([
      'exact-equality',
      'off-by-two',
      'highmem-free',
      'buffer-heads-pinned',
      'mem-map-large',
      'per-cpu-free',
      'swap-unusable',
      'kills-nothing-usable',
      'innocent-victim',
    ]);
    for (const finding of analysis.findings) expect(finding.evidence.length, finding.code).toBeGreaterThan(0);
  });

  it('ranks a 64-bit kernel first', () => {
    expect(analysis.advice[0]?.action).toContain('64-bit kernel');
    expect(analysis.advice.map((advice) => advice.rank)).toEqual(analysis.advice.map((_advice, index) => index + 1));
  });

  it('is a function of the report', () => {
    expect(analyse(structuredClone(seedReport))).toEqual(analysis);
  });
});
