import { expect, test } from 'vitest';
import { random, seedFor } from '../../../src/simulate/index.ts';

test('the same seed gives the same numbers, all in range', () => {
  const draw = (seed: number) => {
    const generator = random(seed);
    return Array.from({ length: 1000 }, () => generator.int(3, 9));
  };
  expect(draw(42)).toEqual(draw(42));
  expect(draw(42)).not.toEqual(draw(43));
  expect(new Set(draw(42))).toEqual(new Set([3, 4, 5, 6, 7, 8, 9]));
});

test('names give independent seeds', () => {
  const seeds = Array.from({ length: 1000 }, (_, index) => seedFor(7, `host ${index}`));
  expect(new Set(seeds).size).toBe(1000);
});
