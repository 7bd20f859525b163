import { describe, expect, test } from 'vitest';
import { defaultMinFreeKb, reserveOf, setupMarks } from '../../../../src/simulate/machine/marks.ts';

const ZONES = [
  { name: 'DMA', node: 0, pages: 3952 },
  { name: 'Normal', node: 0, pages: 222502 },
  { name: 'HighMem', node: 0, pages: 8094380 },
];
const ORDER = ['DMA', 'Normal', 'HighMem', 'Movable'];

describe('watermarks', () => {
  test('of a 33 GiB PAE machine with vm.min_free_kbytes = 8192 on 3.2', () => {
    expect(setupMarks(ZONES, 2048, [3, 2, 59])).toEqual([
      { min: 35, low: 43, high: 52 },
      { min: 2012, low: 2515, high: 3018 },
      { min: 128, low: 18428, high: 36729 },
    ]);
  });
  test('from 4.6 on low lies at least 0.1 % of the zone above min', () => {
    const zones = [{ name: 'Normal', node: 0, pages: 1_000_000 }];
    expect(setupMarks(zones, 2048, [4, 4, 0])).toEqual([{ min: 2048, low: 2560, high: 3072 }]);
    expect(setupMarks(zones, 2048, [5, 15, 0])).toEqual([{ min: 2048, low: 3048, high: 4048 }]);
  });
  test('default of min_free_kbytes', () => {
    expect(defaultMinFreeKb(226454 * 4)).toBe(3806);
    expect(defaultMinFreeKb(10)).toBe(128);
    expect(defaultMinFreeKb(2 ** 32)).toBe(65536);
  });
});

describe('lowmem reserve', () => {
  test('of the same machine', () => {
    const reserves = ZONES.map((zone) => reserveOf(zone, ZONES, ORDER));
    expect(reserves).toEqual([
      [0, 869, 32487, 32487],
      [0, 0, 252949, 252949],
      [0, 0, 0, 0],
    ]);
  });
  test('counts the zones of its own node only', () => {
    const zones = [
      { name: 'DMA32', node: 0, pages: 700000 },
      { name: 'Normal', node: 0, pages: 2_560_000 },
      { name: 'Normal', node: 1, pages: 9_000_000 },
    ];
    const [first = { name: '', node: 0, pages: 0 }] = zones;
    expect(reserveOf(first, zones, ['DMA', 'DMA32', 'Normal', 'Movable'])).toEqual([0, 0, 10000, 10000]);
  });
});
