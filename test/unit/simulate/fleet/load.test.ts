import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../../../src/consumer/index.ts';
import type { OomReport } from '../../../../src/domain.ts';
import { createParser } from '../../../../src/parser/index.ts';
import { FleetLoad, type LoadKill, type LoadLine } from '../../../../src/simulate/index.ts';
import { DECODER_OPTIONS, PARSER_OPTIONS } from '../../../support/decoder.ts';

const START_MS = Date.UTC(2026, 8, 23);
const TICK_MS = 50;

/** So many ticks of a load, with what was killed in them. */
function run(options: { reportShare: number; ticks: number; perTick: number; hosts?: number; seed?: number }) {
  const { reportShare, ticks, perTick, hosts = 300, seed = 1 } = options;
  const load = new FleetLoad({ hosts, seed, reportShare, startMs: START_MS });
  const lines: LoadLine[] = [];
  const kills: LoadKill[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    lines.push(...load.take(perTick, START_MS + tick * TICK_MS, (kill) => kills.push(kill)));
  }
  lines.push(...load.finish(START_MS + ticks * TICK_MS, (kill) => kills.push(kill)));
  return { load, lines, kills };
}

/** What the parser makes of the lines, hosts being on two partitions. */
function reportsOf(lines: readonly LoadLine[]): OomReport[] {
  const decoder = createDecoder(DECODER_OPTIONS);
  const parser = createParser(PARSER_OPTIONS);
  const reports: OomReport[] = [];
  const encoder = new TextEncoder();
  for (const [offset, { hostIndex, host, atMs, text }] of lines.entries()) {
    const record = { topic: 'load', partition: hostIndex % 2, offset, timestampMs: atMs };
    const bytes = { key: encoder.encode(host), value: encoder.encode(text) };
    for (const decoded of decoder.decode({ ...record, ...bytes })) {
      if (decoded.kind === 'line') reports.push(...parser.push(decoded.line));
    }
  }
  return [...reports, ...parser.end()];
}

describe('the load of a fleet', () => {
  it('is the same for the same seed', () => {
    const options = { reportShare: 0.1, ticks: 5, perTick: 200 };
    expect(run(options).lines).toEqual(run(options).lines);
    expect(run(options).lines).not.toEqual(run({ ...options, seed: 2 }).lines);
  });

  it('is read back as exactly the reports it says, each complete, from lines of many hosts in between', () => {
    const { lines, kills } = run({ reportShare: 0.2, ticks: 60, perTick: 500 });
    const reports = reportsOf(lines);
    expect(reports.map(({ host }) => host).sort()).toEqual(kills.map(({ host }) => host).sort());
    expect(kills.length).toBeGreaterThan(40);
    expect(reports.filter(({ complete }) => !complete)).toEqual([]);
  });

  it.each([0, 0.02, 0.2, 0.7])('holds the share of report lines: %d', (reportShare) => {
    const { lines, load } = run({ reportShare, ticks: 60, perTick: 500 });
    expect(load.unfinished).toBe(0);
    const reports = reportsOf(lines);
    const share = reports.reduce((sum, report) => sum + report.lines.length, 0) / lines.length;
    expect(Math.abs(share - reportShare)).toBeLessThan(0.03);
  });

  it('states times that never go back, also when the clock does', () => {
    const load = new FleetLoad({ hosts: 20, seed: 1, reportShare: 0.3, startMs: START_MS });
    const lines = [0, 50, 20, 21, 500].flatMap((ms) => load.take(2_000, START_MS + ms));
    const times = lines.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBe(START_MS + 500);
  });

  it('prints no second report of a host that is printing one', () => {
    const { lines, kills } = run({ reportShare: 0.9, ticks: 20, perTick: 500, hosts: 3 });
    expect(new Set(kills.map(({ host }) => host)).size).toBe(3);
    const reports = reportsOf(lines);
    expect(reports.map(({ host }) => host).sort()).toEqual(kills.map(({ host }) => host).sort());
  });
});
