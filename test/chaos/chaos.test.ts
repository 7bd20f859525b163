/** A short run with every kind of fault in it. `npm run chaos` makes long ones. */
import { describe, expect, it } from 'vitest';
import { simulateFleet } from '../../src/simulate/index.ts';
import { type Differences, differences, differencesFromTruth } from './compare.ts';
import { runChaos } from './run.ts';
import { FAULT_KINDS, scheduleOf } from './schedule.ts';
import { openStageOrSkip } from './stage.ts';

const stage = await openStageOrSkip();
const NOTHING: Differences = { lost: [], doubled: [], changed: [] };

describe('the schedule', () => {
  const pace = { pauseMs: 1_000, sessionTimeoutMs: 3_000 };

  it('has every kind of fault, and the same ones for the same seed', () => {
    const schedule = scheduleOf(FAULT_KINDS.length, 5, pace);
    expect(schedule.map(({ kind }) => kind).sort()).toEqual([...FAULT_KINDS].sort());
    expect(scheduleOf(FAULT_KINDS.length, 5, pace)).toEqual(schedule);
    expect(scheduleOf(FAULT_KINDS.length, 6, pace)).not.toEqual(schedule);
  });

  it('restarts servers with at most one fault in twenty', () => {
    const restarts = scheduleOf(2_000, 5, pace).filter(({ kind }) => kind.endsWith('-restart'));
    expect(restarts.length).toBeGreaterThan(20);
    expect(restarts.length).toBeLessThan(100);
  });
});

describe('the comparison', () => {
  const document = (verdict: string) => ({ host: { name: 'web01' }, event: { ingested: 'now' }, oom: { verdict } });

  it('sees what is lost, doubled and changed', () => {
    const expected = new Map([
      ['i/kept', document('memcg-limit')],
      ['i/lost', document('memcg-limit')],
    ]);
    const found = new Map([
      ['i/kept', document('fragmented')],
      ['i/more', document('memcg-limit')],
    ]);
    const { lost, doubled, changed } = differences(found, expected);
    expect(lost).toMatchObject([expect.stringContaining('i/lost')]);
    expect(doubled).toMatchObject([expect.stringContaining('i/more')]);
    expect(changed).toMatchObject([
      expect.stringMatching(/i\/kept.*oom\.verdict "fragmented" instead of "memcg-limit"/),
    ]);
  });

  it('takes what copies of lines left of a panic for a fragment, whichever was found first', () => {
    const truth = simulateFleet({ hosts: 300, seed: 4, startMs: 0 }).truth.filter(
      ({ action }) => action === 'oom-panic',
    );
    const [panic] = truth;
    if (panic === undefined) throw new Error('no panic in the fleet');
    const of = (complete: boolean) => ({
      host: { name: panic.host },
      event: { action: panic.action },
      oom: { complete, verdict: panic.verdict },
    });
    const found = new Map([
      ['i/rest', of(false)],
      ['i/whole', of(true)],
    ]);
    const { lost, doubled, fragments } = differencesFromTruth(found, [panic], new Set([panic.host]));
    expect([lost, doubled]).toEqual([[], []]);
    expect(fragments).toMatchObject([expect.stringContaining('false')]);
    expect(differencesFromTruth(found, [panic], new Set()).doubled).toHaveLength(1);
  });

  it('does not count the time of ingest', () => {
    const [found, expected] = [new Map([['i/a', document('a')]]), new Map([['i/a', { ...document('a'), event: {} }]])];
    expect(differences(found, expected)).toEqual(NOTHING);
  });
});

describe.skipIf(!stage)('workers under faults', () => {
  it('lose, double and change nothing', async () => {
    if (!stage) return;
    const report = await runChaos(stage, {
      faults: 26,
      seed: Number(process.env['CHAOS_SEED'] ?? 1),
      pauseMs: 1_300,
      hostsPerFault: 10,
      log: () => {},
    });
    console.log(JSON.stringify({ ...report, againstReading: undefined, againstTruth: undefined }));
    expect(report.failedFaults).toEqual([]);
    expect(report.reports).toBeGreaterThan(30);
    expect(report.againstReading).toEqual(NOTHING);
    expect(report.againstTruth).toMatchObject(NOTHING);
    expect(report.letters.found).toBe(report.letters.expected);
    expect(report.letters.found).toBe(report.brokenRecords);
    expect(Object.keys(report.exits).filter((exit) => exit.includes('hung'))).toEqual([]);
  });
});
