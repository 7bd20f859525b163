/** The inventory of hosts: whatever is read again, by whom and in which order, the newest boot's facts stand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostFactsOf, toHostWrite } from '../../src/document/index.ts';
import type { HostFacts, LogLine, OomReport } from '../../src/domain.ts';
import { analyse } from '../../src/enrich/index.ts';
import { createBootReader, createParser } from '../../src/parser/index.ts';
import type { DocumentWrite } from '../../src/ports.ts';
import {
  bootMachine,
  KERNELS,
  type KernelName,
  printBoot,
  printRecords,
  SCENARIOS,
  type ScenarioName,
  scenarioState,
} from '../../src/simulate/index.ts';
import { IndexModel } from '../support/index-model.ts';

const HOST = 'db07';
const TOPIC = 'syslog';
const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Kernels whose reports tell of HighMem, each with one. */
const KINDS = [
  ['3.2', 'lowmem-slab'],
  ['4.9-i386', 'lowmem-page-tables'],
  ['5.15', 'exhausted-no-swap'],
  ['rhel8', 'slab-leak'],
] as const satisfies readonly (readonly [KernelName, ScenarioName])[];

/** One boot of the host: its kernel, whether its lines were logged, and the uptimes of its reports in hours. */
const boots = fc.array(
  fc.record({
    kind: fc.nat(KINDS.length - 1),
    isLogged: fc.boolean(),
    reportHours: fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 2 }),
    upDays: fc.integer({ min: 20, max: 60 }),
    seed: fc.nat(1000),
  }),
  { minLength: 1, maxLength: 4 },
);
type Boots = typeof boots extends fc.Arbitrary<infer Value> ? Value : never;

/** How the lines are stamped: to the second, or not with the uptime. */
const stampings = fc.constantFrom<'uptime' | 'second' | 'no-uptime'>('uptime', 'second', 'no-uptime');

function linesOf(history: Boots, stamping: 'uptime' | 'second' | 'no-uptime'): LogLine[] {
  const lines: LogLine[] = [];
  const say = (texts: readonly string[], atMs: number, bootedMs: number): void => {
    for (const [index, text] of texts.flatMap((record) => record.split('\n')).entries()) {
      const exactMs = atMs + index * 7;
      lines.push({
        host: HOST,
        text,
        position: { topic: TOPIC, partition: 0, offset: lines.length },
        trust: 'facility',
        observedAtMs: stamping === 'second' ? Math.floor(exactMs / 1000) * 1000 : exactMs,
        ...(stamping === 'no-uptime' ? {} : { bootUs: (exactMs - bootedMs) * 1000 }),
      });
    }
  };
  let bootedMs = START_MS;
  for (const { kind, isLogged, reportHours, upDays, seed } of history) {
    const [kernel, scenario] = KINDS[kind] ?? KINDS[0];
    if (isLogged) say(printBoot(bootMachine(KERNELS[kernel], 2 ** 23)), bootedMs, bootedMs);
    for (const hours of [...reportHours].sort((a, b) => a - b)) {
      const state = scenarioState(SCENARIOS[scenario], { kernel: KERNELS[kernel], seed });
      say(printRecords(state), bootedMs + hours * HOUR_MS, bootedMs);
    }
    bootedMs += upDays * DAY_MS;
  }
  return lines;
}

/** The writes of one life of a worker that reads from one offset to another, with a silence before some. */
function writesOf(lines: readonly LogLine[], from: number, to: number, silences: readonly number[]): DocumentWrite[] {
  const parser = createParser({ idleMs: 30_000, ageMs: 600_000, maxLines: 10_000, maxBytes: 2 ** 26 });
  const reader = createBootReader({ idleMs: 30_000, ageMs: 600_000 });
  const facts: HostFacts[] = [];
  const take = (reports: readonly OomReport[], hosts: readonly HostFacts[]): void => {
    facts.push(...reports.flatMap((report) => hostFactsOf(report, analyse(report)) ?? []), ...hosts);
  };
  let clockMs = START_MS;
  for (const line of lines.slice(from, to)) {
    for (const waitMs of silences.includes(line.position.offset) ? [0, 30_000] : []) {
      clockMs += waitMs;
      take(parser.advance(TOPIC, 0, clockMs), reader.advance(TOPIC, 0, clockMs));
    }
    take(parser.push(line), reader.push(line));
  }
  take(parser.end(), reader.end());
  return facts.flatMap((known) => toHostWrite(known) ?? []);
}

function stored(writes: readonly DocumentWrite[]) {
  const index = new IndexModel();
  for (const write of writes) index.write(write);
  return index.documents();
}

describe('the inventory', () => {
  it('is the same after any replay, in any order', () => {
    fc.assert(
      fc.property(
        boots,
        stampings,
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.array(fc.nat(), { maxLength: 3 })), { maxLength: 4 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (history, stamping, lives, chances) => {
          const lines = linesOf(history, stamping);
          const whole = writesOf(lines, 0, lines.length, []);
          const more = lives.flatMap(([a, b, silences]) => {
            const [from = 0, to = 0] = [a, b].map((cut) => cut % (lines.length + 1)).sort((x, y) => x - y);
            return writesOf(
              lines,
              from,
              to,
              silences.map((at) => at % (lines.length + 1)),
            );
          });
          const keyed = [...whole, ...whole, ...more].map((write) => ({ write, key: chances.next().value ?? 0 }));
          const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ write }) => write);
          expect(stored(shuffled)).toEqual(stored(whole));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('holds the newest boot, by its own lines where they were logged', () => {
    fc.assert(
      fc.property(boots, fc.constantFrom('uptime' as const, 'second' as const), (history, stamping) => {
        const lines = linesOf(history, stamping);
        const newest = history.findLast(({ isLogged, reportHours }) => isLogged || reportHours.length > 0);
        const [found, ...others] = stored(writesOf(lines, 0, lines.length, []));
        expect(others).toEqual([]);
        const [kernel] = KINDS[newest?.kind ?? 0] ?? KINDS[0];
        const is32 = KERNELS[kernel].arch === 'i386';
        if (newest === undefined) expect(found).toBeUndefined();
        else
          expect(found?.document).toMatchObject({
            host: { name: HOST, os: { kernel: KERNELS[kernel].release } },
            oom: {
              host: { source: newest.isLogged ? 'boot' : 'report' },
              highmem: { present: is32 },
              kernel: { address_bits: is32 ? 32 : 64 },
            },
          });
      }),
      { numRuns: 60 },
    );
  });
});
