import { describe, expect, it } from 'vitest';
import type { OomReport, Zone } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { seedReport } from '../../support/seed-report.ts';
import { report, trigger, zone } from './build.ts';

const totals: OomReport['totals'] = { ramPages: 2_000_000, reservedPages: 0, freeSwapKb: 0, totalSwapKb: 0, line: 0 };
const short = { free: 900, min: 1000, low: 1250, high: 1500 };
const rich = { free: 90_000, min: 1000, low: 1250, high: 1500 };
const normal = (pages: typeof short, more: Partial<Zone> = {}) => zone('Normal', pages, [0, 0, 0, 0, 0], more);

const verdict = (input: OomReport) => {
  const { verdict: main, contributing, confidence } = analyse(input);
  return [main, contributing, confidence];
};

describe('the verdict', () => {
  it('is memcg-limit when the kernel says so, certain with a counter at its limit', () => {
    expect(verdict(report('5.10.0', { scope: 'memcg' }))).toEqual(['memcg-limit', [], 'high']);
    const memcg = { path: '/a', usageKb: 1024, limitKb: 1024, line: 0 };
    expect(verdict(report('5.10.0', { scope: 'memcg', memcg }))).toEqual(['memcg-limit', [], 'certain']);
    expect(analyse(report('5.10.0', { scope: 'memcg', memcg })).sentence).toBe(
      'Memory cgroup /a reached its limit: 1024 of 1024 kB used.',
    );
  });

  it.each([
    ['order -1', { trigger: trigger('0xcc0', -1, 'GFP_KERNEL') }],
    ['the scope', { scope: 'sysrq', trigger: trigger('0xd0') }],
    ['moom_callback', { trigger: trigger('0xd0'), callTrace: [{ symbol: 'moom_callback', reliable: true, line: 0 }] }],
  ] as [string, Partial<OomReport>][])('is manual by %s', (_by, parts) => {
    expect(verdict(report('4.0.5', { ...parts, zones: [normal(rich)] }))).toEqual(['manual', [], 'certain']);
  });

  it('is cpuset-limit or mempolicy-limit by the constraint', () => {
    const summary = { constraint: 'CONSTRAINT_CPUSET', memsAllowed: '1', line: 0 };
    const parts = {
      trigger: trigger('0x100cca', 0, 'GFP_HIGHUSER_MOVABLE'),
      zones: [normal(short, { node: 1 })],
      totals,
    };
    expect(verdict(report('5.10.0', { ...parts, scope: 'cpuset', summary }))).toEqual(['cpuset-limit', [], 'certain']);
    expect(verdict(report('5.10.0', { ...parts, scope: 'mempolicy' }))[0]).toBe('mempolicy-limit');
  });

  it('is cpuset-limit beside a Movable zone when the allowed node has nothing else', () => {
    const input = report('5.10.0', {
      scope: 'cpuset',
      trigger: trigger('0xcc0', 0, 'GFP_KERNEL'),
      zones: [zone('Movable', rich, [0, 0, 0, 0, 0], { node: 1 })],
    });
    expect(verdict(input)).toEqual(['cpuset-limit', ['movable-imbalance'], 'certain']);
  });

  it('is cpuset-limit without the word when forbidden nodes have plenty', () => {
    const input = report('4.4.0', {
      trigger: trigger('0x24200ca'),
      cpuset: { memsAllowed: '0', line: 0 },
      memInfo: { freePages: 500_000, line: 0 },
      zones: [normal(short, { node: 0 })],
      totals,
    });
    expect(analyse(input)).toMatchObject({ verdict: 'cpuset-limit' });
    expect(analyse(input).findings.map((finding) => finding.code)).toContain('other-nodes-free');
  });

  it('is numa-imbalance when a node that nothing forbids passes', () => {
    const input = report('4.4.0', {
      trigger: trigger('0x24200ca'),
      zones: [normal(short, { node: 0 }), normal(rich, { node: 1 })],
      totals,
    });
    expect(verdict(input)).toEqual(['numa-imbalance', [], 'medium']);
    const barely = [normal(short, { node: 0 }), normal({ ...rich, free: 1600 }, { node: 1 })];
    expect(verdict({ ...input, zones: barely })[0]).toBe('unexplained');
  });

  it('is dma-zone-exhausted when Normal has plenty', () => {
    const input = report('2.6.32', {
      trigger: trigger('0xd1'),
      zones: [zone('DMA', { free: 10, min: 20 }, [0, 0, 0, 0]), normal(rich)],
      totals,
    });
    expect(verdict(input)).toEqual(['dma-zone-exhausted', [], 'certain']);
    expect(analyse(input).sentence).toContain('while higher zones have 352 MiB free');
  });

  it('is machine-exhausted when the higher zones are short, too', () => {
    const input = report('2.6.32', {
      trigger: trigger('0xd1'),
      zones: [zone('DMA', { free: 10, min: 20 }, [0, 0, 0, 0]), normal(short)],
      memInfo: { freePages: 910, line: 0 },
      totals,
    });
    expect(verdict(input)[0]).toBe('machine-exhausted');
  });

  it('is movable-imbalance on 64 bits when zone Movable has plenty', () => {
    const zones = [normal(short, { node: 0 }), zone('Movable', rich, [0, 0, 0, 0, 0], { node: 0 })];
    expect(verdict(report('5.10.0', { trigger: trigger('0xcc0', 0, 'GFP_KERNEL'), zones, totals }))).toEqual([
      'movable-imbalance',
      [],
      'certain',
    ]);
    // 6.1 and later do not print Movable for such a request: the global count shows what it holds.
    const hidden = report('6.6.9', {
      trigger: trigger('0xcc0', 0, 'GFP_KERNEL'),
      zones: zones.slice(0, 1),
      memInfo: { freePages: 90_900, line: 0 },
      totals: { ...totals, highmemPages: 800_000 },
    });
    expect(verdict(hidden)[0]).toBe('movable-imbalance');
    expect(analyse(hidden).findings.map((finding) => finding.code)).toContain('zone-hidden');
  });

  it('is machine-exhausted beside lowmem when HighMem is short as well', () => {
    const zones = seedReport.zones.map((candidate) =>
      candidate.name === 'HighMem'
        ? {
            ...candidate,
            freeKb: 400,
            minKb: 512,
            lowKb: 73_712,
            highKb: 146_916,
            presentKb: 32_377_500,
            buddyTotalKb: 400,
          }
        : candidate,
    );
    expect(verdict({ ...seedReport, zones })).toEqual(['machine-exhausted', ['lowmem-exhausted'], 'certain']);
  });

  it('is told with low confidence where a zone is to keep more free than it has', () => {
    const zones = seedReport.zones.map((zone) => ({ ...zone, minKb: 99_395_541_895_224 }));
    const [found, , confidence] = verdict({ ...seedReport, zones });
    expect([found, confidence]).toEqual(['lowmem-exhausted', 'low']);
  });

  it('is fragmented when single pages are there and blocks are not', () => {
    const counts = { buddyCounts: [80_000, 5000, 0, 0], buddyTypes: ['UME', 'UME', '', ''] };
    const input = report('4.14.0', {
      trigger: trigger('0x14040c0', 2, 'GFP_KERNEL|__GFP_COMP'),
      zones: [normal(rich, counts)],
      totals,
    });
    expect(verdict(input)).toEqual(['fragmented', [], 'certain']);
    expect(analyse(input).sentence).toBe(
      "A request of order 2 (16 kB in one block) finds enough single pages but no block that large: Normal's 90000 free pages hold no usable block of the order.",
    );
  });

  it('is machine-exhausted, fragmented in part, when another zone lacks the pages', () => {
    const counts = { buddyCounts: [80_000, 5000, 0, 0], buddyTypes: ['UME', 'UME', '', ''] };
    const zones = [zone('DMA32', rich, [0, 0, 0, 0], counts), normal(short, { buddyCounts: [900] })];
    const input = report('4.14.0', { trigger: trigger('0x14040c0', 2, 'GFP_KERNEL|__GFP_COMP'), zones, totals });
    expect(verdict(input)).toEqual(['machine-exhausted', ['fragmented'], 'certain']);
    // Kept by its reserve alone, the other zone does not count.
    const kept = [zone('DMA32', { ...short, free: 5000 }, [0, 0, 9000, 9000], counts), normal(rich, counts)];
    expect(verdict({ ...input, zones: kept })).toEqual(['fragmented', [], 'certain']);
  });

  it('is fragmented by the order loop before 4.4', () => {
    const counts = { buddyCounts: [89_900, 50, 0, 0] };
    expect(verdict(report('3.2.59', { trigger: trigger('0x40d0', 2), zones: [normal(rich, counts)], totals }))[0]).toBe(
      'fragmented',
    );
  });

  it('is fragmented without buddy lines when order 0 passes HIGH', () => {
    const input = report('4.14.0', { trigger: trigger('0x14040c0', 2), zones: [normal(rich)], totals });
    expect(verdict(input)).toEqual(['fragmented', [], 'medium']);
    expect(analyse(input).limits).toContainEqual({ what: 'testing the order of the request', section: 'buddy' });
  });

  it('is reserve-withheld only from 5 % of the zone on', () => {
    const at = (boostKb: number) =>
      report('6.6.9', {
        trigger: trigger('0xcc0', 0, 'GFP_KERNEL'),
        zones: [normal({ free: 5000, min: 5500, low: 5600, high: 5700 }, { boostKb, managedKb: 100_000 })],
        totals,
      });
    expect(verdict(at(5004))[0]).toBe('reserve-withheld');
    expect(verdict(at(4996))[0]).toBe('machine-exhausted');
    expect(analyse(at(4996)).findings.map((finding) => finding.code)).toContain('boost-active');
  });

  it('is unexplained when a zone of the request passes every mark', () => {
    const input = report('4.14.0', {
      trigger: trigger('0x14200ca', 0, 'GFP_HIGHUSER_MOVABLE'),
      zones: [normal(rich)],
      totals,
    });
    expect(verdict(input)).toEqual(['unexplained', [], 'medium']);
    expect(analyse(input).sentence).toContain('The watermarks do not explain this: Normal passes HIGH');
  });

  it('trusts no reserve that cannot be of its zone', () => {
    // DMA's own reserve and DMA32's zone line are lost: DMA32's reserve stands below DMA.
    const zones = [
      zone('DMA', { free: 3300, min: 16 }, [0, 0, 12_000, 12_000]),
      { name: 'DMA32', buddyCounts: [15_000], buddyTotalKb: 60_000, line: 0 },
      normal(short),
    ];
    const input = report('4.14.0', { trigger: trigger('0x14200ca'), zones, totals });
    expect(verdict(input)).toEqual(['insufficient-data', [], 'low']);
    const own = [
      zone('DMA', { free: 3300, min: 16 }, [0, 7000, 12_000, 12_000]),
      zone('DMA32', { free: 3300, min: 1600 }, [0, 0, 12_000, 12_000]),
      normal(short),
    ];
    expect(verdict({ ...input, zones: own })[0]).toBe('machine-exhausted');
  });

  it('is less sure of an exhausted machine when HighMem is not in the report', () => {
    const { memInfo: _lost, ...rest } = seedReport;
    const zones = seedReport.zones.filter((candidate) => candidate.name !== 'HighMem');
    expect(verdict({ ...rest, zones })).toEqual(['machine-exhausted', ['lowmem-exhausted'], 'high']);
  });

  it.each([
    ['no trigger', {}],
    ['no zones', { trigger: trigger('0x100cca', 0, 'GFP_HIGHUSER_MOVABLE') }],
    [
      'a zone that passes beside missing ones',
      { trigger: trigger('0x14200ca'), missing: ['zones'], zones: [zone('DMA', rich, [0, 0, 0, 0])] },
    ],
    ['a lost zone', { trigger: trigger('0x14200ca'), zones: [zone('DMA32', short, [0, 0, 500, 500])] }],
    ['no marks', { trigger: trigger('0x14200ca'), zones: [{ name: 'Normal', freeKb: 40, line: 0 }] }],
  ] as [string, Partial<OomReport>][])('is insufficient-data with %s', (_what, parts) => {
    expect(verdict(report('4.14.0', parts))).toEqual(['insufficient-data', [], 'low']);
  });

  it('is insufficient-data on a kernel whose check is not known', () => {
    const analysis = analyse(report('2.4.21-63.EL', { trigger: trigger('0x1d2'), zones: [normal(short)] }));
    expect(analysis.verdict).toBe('insufficient-data');
    expect(analysis.limits).toContainEqual({ what: 'replaying the watermark check', section: 'kernel-version' });
  });

  it('loses a step of confidence for each weakness of the evidence', () => {
    const kernel: OomReport['kernel'] = { since: [4, 10, 0], evidence: [] };
    const analysis = analyse(
      report(undefined, { kernel, trigger: trigger('0x14200ca'), zones: [normal({ ...short, free: 1400 })], totals }),
    );
    expect(analysis).toMatchObject({ verdict: 'machine-exhausted', confidence: 'low' });
    expect(analysis.confidenceReasons).toHaveLength(4);
  });
});

describe('an analysis of a damaged report', () => {
  const parts = Object.keys(seedReport) as (keyof OomReport)[];
  const optional = ['trigger', 'taskHeader', 'memInfo', 'totals', 'triggerAnchor'] as const;
  const lists = ['callTrace', 'perCpu', 'zones', 'tasks', 'selections', 'kills'] as const;

  it.each(optional)('holds without %s', (name) => {
    const { [name]: _gone, ...rest } = seedReport;
    const analysis = analyse(rest);
    expect(parts).toContain(name);
    expect(analysis.sentence).not.toMatch(/undefined|NaN/);
    expect(analysis.paragraph).not.toMatch(/undefined|NaN/);
  });

  it.each(lists)('holds with an empty %s', (name) => {
    const analysis = analyse({ ...seedReport, [name]: [] });
    expect(analysis.sentence).not.toMatch(/undefined|NaN/);
    expect(analysis.paragraph).not.toMatch(/undefined|NaN/);
    expect(JSON.stringify(analysis.findings)).not.toMatch(/undefined|NaN/);
  });

  it('holds with every number gone from the zones', () => {
    const zones = seedReport.zones.map(({ name, line }) => ({ name, line }));
    expect(analyse({ ...seedReport, zones }).verdict).toBe('insufficient-data');
  });

  it('holds with numbers out of all bounds', () => {
    const zones = seedReport.zones.map((candidate) => ({
      ...candidate,
      presentKb: 0,
      managedKb: 0,
      freeKb: 2 ** 53,
      minKb: 0,
    }));
    const totals = { ...seedReport.totals, line: 0, ramPages: 0, reservedPages: 2 ** 40, totalSwapKb: 0 };
    const analysis = analyse({ ...seedReport, zones, totals });
    expect(JSON.stringify(analysis)).not.toContain('null,null');
    expect(analysis.paragraph).not.toMatch(/undefined|NaN|Infinity/);
  });
});
