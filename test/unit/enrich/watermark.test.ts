import { describe, expect, it } from 'vitest';
import type { OomReport, Zone } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { checkZone, type Request } from '../../../src/enrich/watermark.ts';
import { WATERMARK_RULES, type WatermarkRule, watermarkRuleOf } from '../../../src/kernel/watermarks.ts';
import { report, trigger, zone } from './build.ts';

const ruleNamed = (name: string): WatermarkRule => {
  const rule = WATERMARK_RULES.find((candidate) => candidate.name === name);
  if (!rule) throw new Error(`no rule ${name}`);
  return rule;
};

const request = (parts: Partial<Request> = {}): Request => ({
  order: 0,
  movable: false,
  highPriority: false,
  harder: false,
  atomicFlag: false,
  classIndex: 1,
  pageSizeKb: 4,
  ...parts,
});

/** usable, needed and the answer of the MIN check. */
const min = (rule: string, candidate: Zone, parts: Partial<Request> = {}) => {
  const check = checkZone(candidate, 'min', ruleNamed(rule), request(parts));
  return [check?.usablePages, check?.neededPages, check?.failedBy ?? 'passes'];
};

const totals: OomReport['totals'] = { ramPages: 4_000_000, reservedPages: 0, freeSwapKb: 0, totalSwapKb: 0, line: 0 };

describe('the rule of a kernel', () => {
  it.each([
    ['2.6.9-89.EL', '2.6.9-2.6.17'],
    ['2.6.18-398.el5', '2.6.18-2.6.37'],
    ['2.6.32-131.0.15.el6.x86_64', '2.6.18-2.6.37'],
    ['2.6.32-754.el6.x86_64', '2.6.38-3.2'],
    ['2.6.37', '2.6.18-2.6.37'],
    ['2.6.37.6', '2.6.38-3.2'],
    ['3.2.59', '2.6.38-3.2'],
    ['3.3.8', '3.3-3.6'],
    ['3.8.13', '3.7-3.9'],
    ['3.10.0-1160.el7.x86_64', '3.10-4.3'],
    ['4.4.302', '4.4-4.6'],
    ['4.14.336', '4.7-4.14'],
    ['4.18.0-553.el8_10.x86_64', '4.15-5.7'],
    ['5.8.1', '5.8'],
    ['5.10.223', '5.9-6.2'],
    ['6.1.21', '5.9-6.2'],
    ['6.1.192', '6.3-6.12'],
    ['6.6.9', '6.3-6.12'],
    ['6.12.117', '6.13-7.1'],
  ])('%s checks as %s', (release, name) => {
    expect(watermarkRuleOf(report(release).kernel)).toMatchObject({ rule: { name }, stated: true });
  });

  it('is inferred from bounds, and not known for 2.4', () => {
    expect(watermarkRuleOf({ since: [4, 8, 0], evidence: [] })).toMatchObject({
      rule: { name: '4.7-4.14' },
      stated: false,
    });
    expect(watermarkRuleOf(report('2.4.21-63.EL').kernel)).toBeUndefined();
    expect(watermarkRuleOf({ evidence: [] })).toBeUndefined();
  });
});

describe('the check', () => {
  const normal = zone('Normal', { free: 1000, min: 1000 });

  it('asks for more than the mark, and two pages more in the off-by-two kernels', () => {
    expect(min('3.3-3.6', normal)).toEqual([1000, 1000, 'watermark']);
    expect(min('3.3-3.6', { ...normal, freeKb: 4004 })).toEqual([1001, 1000, 'passes']);
    expect(min('2.6.38-3.2', { ...normal, freeKb: 4008 })).toEqual([1000, 1000, 'watermark']);
    expect(min('2.6.38-3.2', { ...normal, freeKb: 4012 })).toEqual([1001, 1000, 'passes']);
  });

  it("adds the reserve of the request's class, not the zone's own", () => {
    const dma = zone('DMA', { free: 890, min: 17 }, [0, 873, 1200, 1200]);
    expect(min('2.6.18-2.6.37', dma)).toEqual([890, 890, 'watermark']);
    expect(min('2.6.18-2.6.37', dma, { classIndex: 0 })).toEqual([890, 17, 'passes']);
    expect(min('2.6.18-2.6.37', dma, { classIndex: 2 })).toEqual([890, 1217, 'watermark']);
  });

  it('takes half of MIN off for __GFP_HIGH and a quarter of the rest for what cannot sleep, at MIN only', () => {
    expect(min('4.15-5.7', normal, { highPriority: true })[1]).toBe(500);
    expect(min('4.15-5.7', normal, { highPriority: true, harder: true })[1]).toBe(375);
    expect(checkZone(normal, 'low', ruleNamed('4.15-5.7'), request({ highPriority: true }))?.neededPages).toBe(1000);
  });

  it('goes order by order with a halved mark up to 4.3', () => {
    // 1000 pages, of which 600 single: an order-2 request sees 1000-3, then 397 against 250, then 397-200 against 125.
    const split = zone('Normal', { free: 1000, min: 500 }, [], { buddyCounts: [600, 100, 50] });
    expect(min('3.3-3.6', split, { order: 2 })).toEqual([997, 500, 'passes']);
    const worse = { ...split, buddyCounts: [760, 100, 10] };
    expect(checkZone(worse, 'min', ruleNamed('3.3-3.6'), request({ order: 2 }))).toMatchObject({
      passes: false,
      failedBy: 'order',
      failedOrder: 0,
    });
    expect(min('2.6.9-2.6.17', worse, { order: 2 })[2]).toBe('passes');
  });

  it('asks for a usable block since 4.4', () => {
    const counts = { buddyCounts: [600, 100, 50], buddyTypes: ['UME', 'C', 'CH'] };
    const candidate = zone('Normal', { free: 1000, min: 500 }, [], counts);
    expect(min('4.15-5.7', candidate, { order: 1 })[2]).toBe('order');
    expect(min('4.15-5.7', candidate, { order: 1, movable: true })[2]).toBe('passes');
    expect(min('4.15-5.7', candidate, { order: 2, harder: true })[2]).toBe('passes');
    expect(min('4.15-5.7', { ...candidate, buddyTypes: ['U', 'U', 'I'] }, { order: 2 })[2]).toBe('order');
    expect(min('4.15-5.7', { ...candidate, buddyTypes: ['U', 'U', ''] }, { order: 2 })[2]).toBe('passes');
  });

  it('takes CMA pages off for requests that are not movable', () => {
    const cma = zone('Normal', { free: 1000, min: 500 }, [], { freeCmaKb: 2400 });
    expect(min('4.15-5.7', cma)).toEqual([400, 500, 'watermark']);
    expect(min('4.15-5.7', cma, { movable: true })).toEqual([1000, 500, 'passes']);
    expect(min('3.3-3.6', cma)[2]).toBe('passes');
  });

  it('leaves CMA pages in the order loop of 3.10 to 4.3', () => {
    const cma = zone('Normal', { free: 1000, min: 300 }, [], { freeCmaKb: 2400, buddyCounts: [300, 350] });
    expect(min('3.10-4.3', cma, { order: 1 })).toEqual([399, 300, 'passes']);
    expect(min('3.7-3.9', cma, { order: 1 })).toEqual([399, 300, 'order']);
  });

  it('takes highatomic pages off: the reserved up to 6.12, the free ones since', () => {
    const held = zone('Normal', { free: 1000, min: 500 }, [], { reservedHighatomicKb: 2400, freeHighatomicKb: 400 });
    expect(min('6.13-7.1', held)).toEqual([900, 500, 'passes']);
    const { freeHighatomicKb: _none, ...older } = held;
    expect(min('5.9-6.2', older)).toEqual([400, 500, 'watermark']);
    expect(min('5.9-6.2', older, { harder: true })).toEqual([1000, 375, 'passes']);
  });

  it('tries an atomic request for one page again without the boost since 5.9', () => {
    const boosted = zone('Normal', { free: 900, min: 2500 }, [], { boostKb: 4000 });
    const atomic = { highPriority: true, harder: true, atomicFlag: true };
    expect(min('5.9-6.2', boosted, atomic)).toEqual([900, 563, 'passes']);
    expect(min('5.8', boosted, atomic)).toEqual([900, 938, 'watermark']);
    expect(min('5.9-6.2', boosted)).toEqual([900, 2500, 'watermark']);
  });

  it('keeps CMA pages from movable requests too on the last try before the kill', () => {
    const cma = zone('Normal', { free: 1000, min: 500, low: 550, high: 600 }, [], { freeCmaKb: 2400 });
    const at = (attempt: 'low' | 'min' | 'high') =>
      checkZone(cma, attempt, ruleNamed('5.9-6.2'), request({ movable: true }))?.usablePages;
    expect([at('low'), at('min'), at('high')]).toEqual([1000, 1000, 400]);
  });

  it('overlooks the high-atomic reserve for one page from 4.7 to 5.8', () => {
    const held = zone('Normal', { free: 1000, min: 500 }, [], { reservedHighatomicKb: 2400, buddyCounts: [900, 50] });
    expect(min('4.15-5.7', held)).toEqual([1000, 500, 'passes']);
    expect(min('4.15-5.7', held, { order: 1 })).toEqual([399, 500, 'watermark']);
    expect(min('4.4-4.6', held)).toEqual([400, 500, 'watermark']);
  });

  it('gives any block to an atomic request up to 4.14', () => {
    const isolated = zone('Normal', { free: 1000, min: 500 }, [], { buddyCounts: [800, 100], buddyTypes: ['U', 'I'] });
    expect(min('4.7-4.14', isolated, { order: 1, harder: true })[2]).toBe('passes');
    expect(min('4.15-5.7', isolated, { order: 1, harder: true })[2]).toBe('order');
  });

  it('opens the high-atomic reserve to __GFP_HIGH alone since 6.3', () => {
    const held = zone('Normal', { free: 1000, min: 500 }, [], { reservedHighatomicKb: 2400 });
    expect(min('6.3-6.12', held, { highPriority: true })).toEqual([1000, 250, 'passes']);
    expect(min('5.9-6.2', held, { highPriority: true })).toEqual([400, 250, 'passes']);
    expect(min('6.3-6.12', held, { harder: true })).toEqual([1000, 500, 'passes']);
  });

  it('fails a zone whose free lists are empty', () => {
    const empty = zone('Normal', { free: 1000, min: 500 }, [], { buddyCounts: [0, 0, 0] });
    expect(min('4.15-5.7', empty)[2]).toBe('empty-lists');
  });

  it('makes no check of what was not printed', () => {
    const { minKb: _min, ...lost } = normal;
    expect(checkZone(lost, 'min', ruleNamed('3.3-3.6'), request())).toBeUndefined();
  });
});

describe('whole requests', () => {
  const states = (input: OomReport) =>
    analyse(input).checks.map((check) => [
      check.node ?? '',
      check.zone,
      check.attempt,
      check.usablePages,
      check.neededPages,
      check.passes,
    ]);

  it('x86-64, 6.1: every zone below MIN plus reserve', () => {
    const input = report('6.1.1', {
      trigger: trigger('0x140cca', 0, 'GFP_HIGHUSER_MOVABLE|__GFP_COMP'),
      zones: [
        zone('DMA', { free: 3328, min: 16, low: 20, high: 24 }, [0, 2900, 15_659, 15_659, 15_659], { node: 0 }),
        zone('DMA32', { free: 15_826, min: 3440, low: 4300, high: 5160 }, [0, 0, 12_468, 12_468, 12_468], { node: 0 }),
        zone('Normal', { free: 15_475, min: 15_487, low: 18_846, high: 22_205 }, [0, 0, 0, 0, 0], {
          node: 0,
          boostKb: 8192,
        }),
      ],
      totals,
    });
    const analysis = analyse(input);
    expect(analysis.zonelist.map((entry) => entry.zone)).toEqual(['Normal', 'DMA32', 'DMA']);
    expect(states(input).filter(([, , attempt]) => attempt === 'min')).toEqual([
      [0, 'Normal', 'min', 15_475, 15_487, false],
      [0, 'DMA32', 'min', 15_826, 15_908, false],
      [0, 'DMA', 'min', 3328, 15_675, false],
    ]);
    expect(analysis.verdict).toBe('machine-exhausted');
    expect(analysis.findings.map((finding) => finding.code)).toContain('boost-active');
  });

  it('two nodes, RHEL 7: one node below MIN, the other below HIGH only', () => {
    const input = report('3.10.0-693.el7.x86_64', {
      trigger: trigger('0x201da'),
      zones: [
        zone('DMA32', { free: 14_932, min: 1958, low: 2447, high: 2937 }, [0, 0, 13_055, 13_055], { node: 0 }),
        zone('Normal', { free: 9173, min: 9196, low: 11_495, high: 13_794 }, [0, 0, 0, 0], { node: 0 }),
        zone('Normal', { free: 12_359, min: 11_361, low: 14_201, high: 17_041 }, [0, 0, 0, 0], { node: 1 }),
      ],
      totals,
    });
    const analysis = analyse(input);
    expect(analysis.verdict).toBe('machine-exhausted');
    expect(analysis.confidence).toBe('high');
    expect(analysis.findings.map((finding) => finding.code)).toContain('between-min-and-high');
    expect(analysis.sentence).toContain(
      'node 1 Normal passes MIN and misses HIGH (12359 usable, more than 17041 needed)',
    );
  });

  it('RHEL 8: no zone passes HIGH, two pass MIN', () => {
    const analysis = analyse(
      report('4.18.0-240.el8.x86_64', {
        trigger: trigger('0x6280ca', 0, 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO'),
        zones: [
          zone('DMA', { free: 3584, min: 44, low: 55, high: 66 }, [0, 2656, 5626, 5626, 5626], { node: 0 }),
          zone('DMA32', { free: 10_940, min: 7953, low: 9941, high: 11_929 }, [0, 0, 2970, 2970, 2970], { node: 0 }),
          zone('Normal', { free: 9343, min: 8897, low: 11_121, high: 13_345 }, [0, 0, 0, 0, 0], { node: 0 }),
        ],
        totals,
      }),
    );
    expect(analysis.checks.filter((check) => check.passes).map((check) => [check.zone, check.attempt])).toEqual([
      ['Normal', 'min'],
      ['DMA32', 'min'],
    ]);
    expect(analysis.verdict).toBe('machine-exhausted');
  });

  it('i386 with PAE: Normal held back by its reserve is not lowmem exhausted', () => {
    const analysis = analyse(
      report('2.6.32-24-generic-pae', {
        highmem32: true,
        trigger: trigger('0x200da'),
        zones: [
          zone('DMA', { free: 2019, min: 16, low: 20, high: 24 }, [0, 863, 8034, 8034], {
            presentKb: 15_828,
            managedKb: 15_828,
          }),
          zone('Normal', { free: 58_277, min: 933, low: 1166, high: 1399 }, [0, 0, 57_342, 57_342], {
            presentKb: 885_944,
            managedKb: 885_944,
          }),
          zone('HighMem', { free: 181, min: 128, low: 2056, high: 3985 }, [0, 0, 0, 0], {
            presentKb: 7_339_776,
            managedKb: 7_339_776,
          }),
        ],
        totals: { ...totals, freeSwapKb: 0, totalSwapKb: 8_388_600 },
      }),
    );
    expect(analysis).toMatchObject({ verdict: 'machine-exhausted', swapState: 'full', lowmem: { exhausted: false } });
    expect(analysis.contributing).toEqual([]);
    expect(analysis.checks.find((check) => check.zone === 'Normal' && check.attempt === 'min')).toMatchObject({
      usablePages: 58_277,
      neededPages: 58_275,
      passes: true,
    });
    expect(analysis.checks.find((check) => check.zone === 'Normal' && check.attempt === 'high')).toMatchObject({
      neededPages: 58_741,
      passes: false,
    });
  });

  it('ia64 with 64 kB pages: a counter without a block behind it is no memory', () => {
    const kb = (free: number, low: number, mid: number, high: number) => ({
      freeKb: free * 64,
      minKb: low * 64,
      lowKb: mid * 64,
      highKb: high * 64,
    });
    const big = { presentKb: 2_000_000, line: 0, buddyUnitKb: 64 };
    const analysis = analyse(
      report('2.6.26', {
        trigger: trigger('0x1200d2'),
        zones: [
          {
            ...big,
            name: 'DMA',
            node: 2,
            ...kb(127, 41, 51, 61),
            lowmemReservePages: [0, 110, 110],
            buddyCounts: [127],
          },
          {
            ...big,
            name: 'Normal',
            node: 2,
            ...kb(101, 40, 50, 60),
            lowmemReservePages: [0, 0, 0],
            buddyCounts: [0, 0],
          },
          {
            ...big,
            name: 'Normal',
            node: 3,
            ...kb(60, 92, 115, 138),
            lowmemReservePages: [0, 0, 0],
            buddyCounts: [60],
          },
        ],
        totals: { ...totals, freeSwapKb: 980_000, totalSwapKb: 1_000_000 },
      }),
    );
    expect(analysis).toMatchObject({ pageSizeKb: 64, verdict: 'machine-exhausted', swapState: 'available' });
    expect(analysis.checks.find((check) => check.node === 2 && check.zone === 'Normal')).toMatchObject({
      freePages: 101,
      failedBy: 'empty-lists',
    });
    expect(analysis.checks.find((check) => check.zone === 'DMA' && check.attempt === 'min')).toMatchObject({
      neededPages: 151,
    });
    expect(analysis.sentence).toContain('node 2 Normal counts 101 free pages, but its free lists are empty');
  });

  it('a failed page fault has no arithmetic', () => {
    const analysis = analyse(
      report('5.7.0', {
        highmem32: true,
        trigger: trigger('0x0', 0, ''),
        zones: [
          zone('Normal', { free: 38_661, min: 869, high: 1305 }),
          zone('HighMem', { free: 172_364, min: 128, high: 1378 }),
        ],
        totals: { ...totals, freeSwapKb: 900_000, totalSwapKb: 1_000_000 },
      }),
    );
    expect(analysis).toMatchObject({ verdict: 'page-fault', holder: 'unknown', checks: [], swapState: 'available' });
    expect(analysis.lowmem?.exhausted).toBe(false);
  });

  it('arm with CMA: most of the free pages are not for a kernel request', () => {
    const analysis = analyse(
      report('6.1.21-v7l+', {
        highmem32: true,
        kernel: { release: '6.1.21-v7l+', version: [6, 1, 21], addressBits: 32, evidence: [] },
        trigger: trigger('0xcc0', 0, 'GFP_KERNEL'),
        memInfo: { freePages: 917_894, line: 0 },
        zones: [
          {
            name: 'DMA',
            freeKb: 519_112,
            boostKb: 7216,
            minKb: 10_428,
            lowKb: 11_228,
            highKb: 12_028,
            reservedHighatomicKb: 0,
            presentKb: 786_432,
            managedKb: 663_836,
            freeCmaKb: 513_592,
            lowmemReservePages: [0, 0, 3188, 3188],
            line: 0,
          },
        ],
        totals: { ...totals, ramPages: 1_012_736, highmemPages: 816_128 },
      }),
    );
    expect(analysis.checks.find((check) => check.attempt === 'min')).toMatchObject({
      usablePages: 1380,
      neededPages: 2607,
      withheldPages: 128_398,
      passes: false,
    });
    expect(analysis.verdict).toBe('cma-withheld');
    expect(analysis.contributing).toEqual(['lowmem-exhausted']);
    expect(analysis.findings.map((finding) => finding.code)).toEqual(
      expect.arrayContaining(['cma-free', 'boost-active', 'zone-hidden']),
    );
    // With the boost given back alone, 5520 kB would have passed the 3212 kB of the base mark.
    const calm = analyse(
      report('6.1.21', {
        trigger: trigger('0xcc0'),
        zones: [
          {
            name: 'DMA',
            freeKb: 519_112,
            minKb: 3212,
            lowKb: 4012,
            highKb: 4812,
            managedKb: 663_836,
            freeCmaKb: 513_592,
            line: 0,
          },
        ],
      }),
    );
    expect(calm.checks.find((check) => check.attempt === 'min')).toMatchObject({
      passes: true,
      usablePages: 1380,
      neededPages: 803,
    });
  });
});
