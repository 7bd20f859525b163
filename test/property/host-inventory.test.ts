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

/** The log of the host. In the hours after each boot that `readAgain` has for it, all that its kernel said is read again. */
function linesOf(
  history: Boots,
  stamping: 'uptime' | 'second' | 'no-uptime',
  readAgain: readonly (readonly number[])[] = [],
): LogLine[] {
  const lines: LogLine[] = [];
  const add = (text: string, saidMs: number, readMs: number, bootedMs: number): void => {
    lines.push({
      host: HOST,
      text,
      position: { topic: TOPIC, partition: 0, offset: lines.length },
      trust: 'facility',
      observedAtMs: stamping === 'second' ? Math.floor(readMs / 1000) * 1000 : readMs,
      ...(stamping === 'no-uptime' ? {} : { bootUs: (saidMs - bootedMs) * 1000 }),
    });
  };
  const say = (texts: readonly string[], atMs: number, bootedMs: number): void => {
    for (const [index, text] of texts.flatMap((record) => record.split('\n')).entries()) {
      add(text, atMs + index * 7, atMs + index * 7, bootedMs);
    }
  };
  let bootedMs = START_MS;
  for (const [index, { kind, isLogged, reportHours, upDays, seed }] of history.entries()) {
    const [kernel, scenario] = KINDS[kind] ?? KINDS[0];
    const boot = printBoot(bootMachine(KERNELS[kernel], 2 ** 23));
    if (isLogged) say(boot, bootedMs, bootedMs);
    for (const hours of readAgain[index] ?? []) {
      const readMs = bootedMs + hours * HOUR_MS;
      for (const [order, text] of boot.entries()) add(text, bootedMs + order * 7, readMs, bootedMs);
      for (const part of [0.001, 0.3, 0.9])
        add('eth0: link is up', bootedMs + part * hours * HOUR_MS, readMs, bootedMs);
    }
    for (const hours of [...reportHours].sort((a, b) => a - b)) {
      const state = scenarioState(SCENARIOS[scenario], { kernel: KERNELS[kernel], seed });
      // No two boots print at the same stamps: a line with the stamp of one that was read is that one, delivered twice.
      say(printRecords(state), bootedMs + hours * HOUR_MS + index * 60_000, bootedMs);
    }
    bootedMs += upDays * DAY_MS;
  }
  return lines;
}

/**
 * The writes of one life of a worker that reads from one offset to another, with a silence before some. One that is killed
 * leaves what was open then to the next.
 */
function writesOf(
  lines: readonly LogLine[],
  from: number,
  to: number,
  silences: readonly number[],
  isKilled = false,
): DocumentWrite[] {
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
  if (!isKilled) take(parser.end(), reader.end());
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

  it('is not moved by what is read again days later, if the boot was logged', () => {
    const hours = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 2 });
    fc.assert(
      fc.property(
        boots,
        fc.constantFrom('uptime' as const, 'second' as const),
        fc.array(hours, { minLength: 4, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (history, stamping, readAgain, lives, chances) => {
          const logged = history.map((each) => ({ ...each, isLogged: true }));
          const lines = linesOf(logged, stamping, readAgain);
          const whole = writesOf(lines, 0, lines.length, []);
          const more = lives.flatMap(([a, b]) => {
            const [from = 0, to = 0] = [a, b].map((cut) => cut % (lines.length + 1)).sort((x, y) => x - y);
            return writesOf(lines, from, to, [], true);
          });
          const keyed = [...whole, ...more].map((write) => ({ write, key: chances.next().value ?? 0 }));
          const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ write }) => write);
          const plain = linesOf(logged, stamping);
          expect(stored(shuffled)).toEqual(stored(writesOf(plain, 0, plain.length, [])));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is the same in any order of documents of one instant that differ in one value', () => {
    const facts: HostFacts = {
      host: HOST,
      source: 'boot',
      isWhole: true,
      seenAtMs: START_MS,
      trust: 'facility',
      hostId: 'a',
      labels: { rack: 'r1' },
      release: '3.2.59',
      addressBits: 32,
      pae: true,
      pageSizeKb: 4,
      totalKb: 2 ** 23,
      firmwareKb: 2 ** 23,
      highmem: true,
      highmemKb: 2 ** 23 - 2 ** 20,
      lowmemKb: 2 ** 20,
      positions: { first: { topic: TOPIC, partition: 0, offset: 0 }, last: { topic: TOPIC, partition: 0, offset: 9 } },
    };
    const size = fc.integer({ min: 2 ** 20, max: 2 ** 26 });
    const change = fc.oneof(
      fc.record({ highmemKb: size }),
      fc.record({ lowmemKb: size }),
      fc.record({ totalKb: size }),
      fc.record({ firmwareKb: size }),
      fc.record({ release: fc.constantFrom('3.2.60', '3.2.59-pae', '2.6.32-5-686-bigmem') }),
      fc.record({ labels: fc.record({ rack: fc.string({ minLength: 1 }) }) }),
      fc.record({ hostId: fc.uuid() }),
      fc.record({ trust: fc.constantFrom('program' as const, 'topic' as const) }),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 2, maxLength: 5 }), (changes) => {
        const writes = [{}, ...changes].flatMap((each) => toHostWrite({ ...facts, ...each }) ?? []);
        expect(stored(writes)).toEqual(stored(writes.toReversed()));
      }),
      // Two of them may have one hash of 16 bits: the runs are the same each time.
      { numRuns: 500, seed: 21 },
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
