import { describe, expect, it } from 'vitest';
import { PartitionClock } from '../../../src/consumer/partition-clock.ts';

describe('PartitionClock', () => {
  it('shows nothing before a batch states a time', () => {
    const clock = new PartitionClock();
    expect(clock.idle(5000)).toBeUndefined();
    expect(clock.batch(undefined)).toBeUndefined();
    expect(clock.batch(1000)).toBe(1000);
  });

  it('is not moved by one host a day ahead', () => {
    const clock = new PartitionClock();
    for (let i = 0; i < 10; i++) clock.batch(1000 + i);
    expect(clock.batch(86_400_000)).toBeLessThan(2000);
  });

  it('never runs backwards', () => {
    const clock = new PartitionClock();
    clock.batch(50_000);
    for (let i = 0; i < 40; i++) expect(clock.batch(10)).toBe(50_000);
  });

  it('follows the median of the last 31 batches', () => {
    const clock = new PartitionClock();
    for (let i = 1; i <= 100; i++) clock.batch(i * 1000);
    expect(clock.batch(101_000)).toBe(86_000); // 71 to 101 seconds, the middle one
  });

  it('takes a leap from one batch to the next for 15 seconds, and goes on from there', () => {
    const clock = new PartitionClock();
    for (let i = 0; i < 3; i++) clock.batch(1000);
    for (let i = 0; i < 3; i++) clock.batch(7_200_000);
    expect(clock.batch(7_200_000)).toBe(16_000);
    expect(clock.idle(250)).toBe(16_250);
    for (let i = 0; i < 31; i++) clock.batch(7_201_250);
    expect(clock.batch(7_201_250)).toBe(17_250);
  });

  it('goes on after stamps that were far ahead for a while, and shows no less', () => {
    const clock = new PartitionClock();
    let atMs = 0;
    for (let i = 0; i < 40; i++) atMs = clock.batch(i * 1000) ?? 0;
    for (let i = 0; i < 20; i++) atMs = clock.batch(86_400_000 + i * 1000) ?? 0;
    const shown = [atMs];
    for (let i = 60; i < 400; i++) shown.push(clock.batch(i * 1000) ?? 0);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    const movedMs = (shown.at(-1) ?? 0) - atMs;
    expect(movedMs).toBeGreaterThan(250_000);
    expect(movedMs).toBeLessThan(400_000);
  });

  it('takes wall time only from idle fetches', () => {
    const clock = new PartitionClock();
    clock.batch(1000);
    expect(clock.idle(250)).toBe(1250);
    expect(clock.idle(-5)).toBe(1250);
    expect(clock.batch(1100)).toBe(1250);
  });
});
