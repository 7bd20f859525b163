import { describe, expect, it } from 'vitest';
import { simulateFleet } from '../../../../src/simulate/index.ts';

const OPTIONS = { hosts: 120, seed: 11, startMs: Date.UTC(2026, 8, 1), spanMs: 86_400_000 };

describe('boots of a fleet', () => {
  it('are none unless asked for, and change nothing then', () => {
    const fleet = simulateFleet(OPTIONS);
    expect(fleet.boots).toEqual([]);
    expect([...fleet].filter(({ text }) => text.includes('Linux version'))).toEqual([]);
  });

  it('are printed once each, at their time, before what happens to the host', () => {
    const fleet = simulateFleet({ ...OPTIONS, boots: 0.5 });
    const banners = [...fleet].filter(({ text }) => text.includes('Linux version '));
    expect(banners.length).toBeGreaterThan(30);
    expect(banners.map(({ host, atMs }) => [host, atMs]).sort()).toEqual(
      fleet.boots.map(({ host, atMs }) => [host, atMs]).sort(),
    );
    const bootedMs = new Map(fleet.boots.map(({ host, atMs }) => [host, atMs]));
    const after = fleet.truth.filter(({ host }) => bootedMs.has(host));
    expect(after.length).toBeGreaterThan(3);
    for (const { host, atMs, bootUs } of after) {
      expect(Math.abs(atMs - Number(bootedMs.get(host)) - bootUs / 1000)).toBeLessThan(1000);
    }
  });

  it('leave the same things happening', () => {
    const what = (boots: number) =>
      simulateFleet({ ...OPTIONS, boots }).truth.map(({ host, scenario, victimPid, atMs }) => [
        host,
        scenario,
        victimPid,
        atMs,
      ]);
    expect(what(0.5)).toEqual(what(0));
  });
});
