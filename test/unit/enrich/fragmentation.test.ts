import { describe, expect, it } from 'vitest';
import { analyseFragmentation, fragmentationIndex, unusableIndex } from '../../../src/enrich/fragmentation.ts';
import { zone } from './build.ts';

describe('the kernel indices', () => {
  it('without the one large block', () => {
    const counts = [830, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const orders = counts.map((_count, order) => order);
    expect(orders.map((order) => fragmentationIndex(counts, order))).toEqual([
      -1000, -1000, 727, 863, 931, 965, 982, 991, 995, 997, 998,
    ]);
    expect(orders.map((order) => unusableIndex(counts, order))).toEqual([
      0, 838, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
    ]);
  });

  it('of nothing', () => {
    expect(fragmentationIndex([0, 0], 1)).toBe(0);
    expect(unusableIndex([0, 0], 1)).toBe(1000);
  });
});

describe('the largest block', () => {
  const blocks = zone('Normal', { free: 100, min: 1 }, [], {
    buddyCounts: [1, 1, 1, 1],
    buddyTypes: ['U', 'ME', 'C', 'HI'],
  });
  const usable = (movable: boolean, harder: boolean) =>
    analyseFragmentation([blocks], { movable, harder })[0]?.largestUsableOrder;

  it('that a request may take depends on the letters', () => {
    expect(usable(false, false)).toBe(1);
    expect(usable(true, false)).toBe(2);
    expect(usable(false, true)).toBe(3);
    expect(analyseFragmentation([blocks], undefined)[0]).toMatchObject({ largestOrder: 3, largestUsableOrder: 3 });
  });

  it('counts reserve blocks of 3.8 to 4.3, the last resort', () => {
    const reserve = { ...blocks, buddyTypes: ['U', 'U', 'U', 'R'] };
    expect(analyseFragmentation([reserve], { movable: false, harder: false })[0]?.largestUsableOrder).toBe(3);
  });

  it('is -1 where nothing is free, and absent where nothing was printed', () => {
    expect(analyseFragmentation([{ ...blocks, buddyCounts: [0, 0] }], undefined)[0]?.largestOrder).toBe(-1);
    expect(analyseFragmentation([zone('Normal', { free: 1, min: 1 })], undefined)).toEqual([]);
  });
});
