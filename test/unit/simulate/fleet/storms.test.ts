import { describe, expect, test } from 'vitest';
import { type FleetTruth, simulateFleet } from '../../../../src/simulate/index.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const OPTIONS = { hosts: 400, seed: 3, startMs: Date.UTC(2026, 5, 1), spanMs: 30 * DAY_MS, noisePerHost: 3 };

const within = (truths: readonly FleetTruth[], minutes: number): number =>
  Math.max(
    0,
    ...truths.map(
      ({ atMs }) => truths.filter((other) => other.atMs >= atMs && other.atMs <= atMs + minutes * MINUTE_MS).length,
    ),
  );

const largest = (truths: readonly FleetTruth[], minutes: number, key: (truth: FleetTruth) => string): number =>
  Math.max(...[...Map.groupBy(truths, key).values()].map((group) => within(group, minutes)));

const cgroup = ({ host, cgroup }: FleetTruth) => `${host} ${cgroup}`;

describe('storms', () => {
  const { truth } = simulateFleet({ ...OPTIONS, storms: 1 });
  const calm = simulateFleet(OPTIONS).truth;
  const limits = (truths: readonly FleetTruth[]) => truths.filter((truth) => truth.cgroup !== undefined);

  test('hit one host many times, many hosts for one cause, and one cgroup again and again', () => {
    expect(largest(truth, 10, ({ host }) => host)).toBeGreaterThanOrEqual(5);
    expect(largest(truth, 10, ({ verdict }) => verdict)).toBeGreaterThanOrEqual(10);
    expect(largest(limits(truth), 60, cgroup)).toBeGreaterThanOrEqual(3);
  });
  test('are asked for: a fleet without them has none', () => {
    expect(largest(calm, 10, ({ host }) => host)).toBeLessThan(5);
    expect(largest(calm, 10, ({ verdict }) => verdict)).toBeLessThan(10);
    expect(largest(limits(calm), 60, cgroup)).toBeLessThan(3);
  });
  test('leave what happens to other hosts as it was', () => {
    const hosts = new Set(calm.map(({ host }) => host));
    expect(truth.filter(({ host }) => hosts.has(host))).toEqual(calm);
  });
});
