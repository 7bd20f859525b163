import { describe, expect, it } from 'vitest';
import type { OomReport } from '../../../src/domain.ts';
import { analyseGfp } from '../../../src/enrich/gfp.ts';
import {
  allowedNodes,
  classIndexOf,
  eligibleZones,
  hiddenFreePages,
  isOwnReserve,
  lostZones,
  parseNodeList,
  zoneLayout,
} from '../../../src/enrich/zonelist.ts';
import { report, trigger, zone } from './build.ts';

const size = { free: 1000, min: 100 };
const with32 = (parts: Partial<OomReport>, release = '3.2.59') =>
  report(release, { ...parts, kernel: { ...report(release).kernel, addressBits: 32 } });

describe("the layout of a machine's zones", () => {
  it.each([
    [
      'i386',
      with32({ highmem32: true, zones: [zone('DMA', size, [0, 1, 2, 2]), zone('Normal', size, [0, 0, 3, 3])] }),
      'DMA Normal HighMem Movable',
    ],
    [
      'i386 before Movable',
      with32(
        { zones: [zone('DMA', size, [0, 1, 2]), zone('Normal', size, [0, 0, 2]), zone('HighMem', size)] },
        '2.6.22',
      ),
      'DMA Normal HighMem',
    ],
    [
      'i386 2.6.18',
      with32({ zones: ['DMA', 'DMA32', 'Normal', 'HighMem'].map((name) => zone(name, size, [0, 0, 0, 0])) }, '2.6.18'),
      'DMA DMA32 Normal HighMem',
    ],
    [
      'i386 without HighMem',
      with32({ zones: [zone('DMA', size, [0, 1, 1]), zone('Normal', size, [0, 0, 0])] }, '4.8.0'),
      'DMA Normal Movable',
    ],
    ['x86-64', report('4.0.5', { zones: [zone('DMA', size, [0, 1, 2, 2])] }), 'DMA DMA32 Normal Movable'],
    [
      'x86-64 below 4 GiB',
      report('5.10.0', { zones: [zone('DMA', size, [0, 1, 1, 1, 1]), zone('DMA32', size, [0, 0, 0, 0, 0])] }),
      'DMA DMA32 Normal Movable Device',
    ],
    [
      'arm without ZONE_DMA',
      with32({ highmem32: true, zones: [zone('Normal', size, [0, 9, 9]), zone('HighMem', size, [0, 0, 0])] }, '4.14.0'),
      'Normal HighMem Movable',
    ],
    [
      'arm with ZONE_DMA',
      with32({ highmem32: true, zones: [zone('DMA', size, [0, 0, 9, 9])] }, '6.1.0'),
      'DMA Normal HighMem Movable',
    ],
    ['nothing printed', report(undefined), 'Normal Movable'],
  ])('%s', (_name, input, layout) => {
    expect(zoneLayout(input).join(' ')).toBe(layout);
  });
});

describe('node lists', () => {
  it.each([
    ['0', [0]],
    ['0-2,5', [0, 1, 2, 5]],
    ['(null)', undefined],
    ['0-', undefined],
    ['', undefined],
  ])('%s', (text, nodes) => {
    expect(parseNodeList(text)).toEqual(nodes && new Set(nodes));
  });

  it('narrow each other', () => {
    const input = report('4.9.0', {
      trigger: { ...trigger('0x24200ca'), nodemask: '0-1', line: 0 },
      cpuset: { memsAllowed: '1-3', line: 0 },
    });
    expect(allowedNodes(input)).toEqual(new Set([1]));
    expect(allowedNodes(report('3.2.59'))).toBeUndefined();
  });
});

describe('the zones of a request', () => {
  const layout = ['DMA', 'DMA32', 'Normal', 'Movable'];
  const zones = [
    zone('DMA', size, [], { node: 0 }),
    zone('DMA32', size, [0, 0, 50, 50], { node: 0 }),
    zone('Normal', size, [], { node: 0 }),
    zone('Normal', size, [], { node: 1 }),
    zone('Movable', { free: 0, min: 0 }, [], { node: 1, managedKb: 0 }),
  ];
  const eligible = (mask: string, parts: Partial<OomReport> = {}) => {
    const input = report('4.14.0', { zones, trigger: trigger(mask), ...parts });
    const gfp = analyseGfp(input, layout);
    if (!gfp) throw new Error('the mask can be read');
    return { zones: eligibleZones(input, gfp, layout), gfp };
  };
  const names = (list: OomReport['zones']) => list.map(({ node, name }) => `${node} ${name}`);

  it('run downwards on each allowed node, empty ones left out', () => {
    expect(names(eligible('0x14200ca').zones)).toEqual(['0 Normal', '0 DMA32', '0 DMA', '1 Normal']);
    expect(names(eligible('0x14000c4').zones)).toEqual(['0 DMA32', '0 DMA']);
    expect(names(eligible('0x14200ca', { cpuset: { memsAllowed: '1', line: 0 } }).zones)).toEqual(['1 Normal']);
  });

  it('have the class of the first populated zone up to 5.7, of gfp_zone since', () => {
    const { zones: list, gfp } = eligible('0x14200ca');
    expect(classIndexOf(list, gfp, layout, 'preferred')).toBe(2);
    expect(classIndexOf(list, gfp, layout, 'highest')).toBe(3);
  });

  it('are known to be lost by the reserves below them', () => {
    const input = report('4.14.0', { zones: [zone('DMA32', size, [0, 0, 50, 50])] });
    expect(lostZones(input, input.zones, layout, 2)).toEqual(['Normal']);
    expect(lostZones(input, input.zones, layout, 1)).toEqual([]);
  });
});

describe('the layout of zones', () => {
  const layoutOf = (reserves: readonly number[], others: OomReport['zones'] = []) =>
    zoneLayout(report('2.6.35', { zones: [zone('Normal', size, reserves), ...others] }));

  it('has HighMem behind Normal, whose line is lost, where Normal keeps pages from the third of four zones', () => {
    expect(layoutOf([0, 0, 1701, 1701])).toEqual(['DMA', 'Normal', 'HighMem', 'Movable']);
    expect(layoutOf([0, 0, 0, 0])).toEqual(['DMA', 'DMA32', 'Normal', 'Movable']);
    expect(layoutOf([0, 0, 1701, 1701], [zone('DMA32', size, [0, 0, 500, 500])])).toContain('DMA32');
  });
});

describe("a zone's reserve", () => {
  const layout = ['DMA', 'DMA32', 'Normal', 'Movable'];
  const owns = (reserves: readonly number[], others: OomReport['zones'], name = 'DMA32') => {
    const own = zone(name, size, reserves);
    return isOwnReserve(own, report('4.14.0', { zones: [own, ...others] }), layout, 4);
  };
  const normal = zone('Normal', size, [0, 0, 0, 0]);

  it('is one against every zone above that holds memory, and none against itself', () => {
    expect(owns([0, 0, 500, 500], [normal])).toBe(true);
    expect(owns([0, 500, 900, 900], [normal])).toBe(false);
    expect(owns([0, 0, 0, 500], [normal])).toBe(false);
    expect(owns([0, 0, 0, 500], [])).toBe(true);
  });

  it('is one against the zone itself too where every zone protects itself, up to 2.6.10', () => {
    const normal269 = zone('Normal', size, [0, 0, 156, 156]);
    expect(owns([0, 22, 178, 178], [normal269])).toBe(true);
    expect(owns([9, 22, 178, 178], [normal269])).toBe(false);
    expect(owns([0, 22, 178, 178], [])).toBe(false);
  });

  it('may be nothing, for zones that keep none and where no zone does', () => {
    const dma = zone('DMA', size, [0, 100, 200, 200]);
    expect(owns([0, 0, 0, 0], [normal])).toBe(true);
    expect(owns([0, 0, 0, 0], [dma, normal])).toBe(false);
    expect(owns([0, 0, 0, 0], [dma], 'Movable')).toBe(true);
  });
});

it('counts free memory outside the printed zones', () => {
  const zones = [zone('Normal', size)];
  expect(hiddenFreePages(report('6.1.0', { zones, memInfo: { freePages: 5000, line: 0 } }), 4)).toBe(4000);
  expect(hiddenFreePages(report('6.1.0', { zones, memInfo: { freePages: 900, line: 0 } }), 4)).toBe(0);
  expect(hiddenFreePages(report('6.1.0', { zones }), 4)).toBeUndefined();
});
