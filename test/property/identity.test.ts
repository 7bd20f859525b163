/**
 * One event is one document, however often, from wherever and in whatever order it was read: the real parser, analysis and
 * document against a model of the index.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toWrite } from '../../src/document/index.ts';
import type { LogLine, OomReport } from '../../src/domain.ts';
import { analyse } from '../../src/enrich/index.ts';
import { createParser } from '../../src/parser/index.ts';
import {
  KERNELS,
  type KernelName,
  printRecords,
  SCENARIO_NAMES,
  SCENARIOS,
  type ScenarioName,
  scenarioState,
} from '../../src/simulate/index.ts';
import { IndexModel, type StoredDocument } from '../support/index-model.ts';

const IDLE_MS = 30_000;
const AGE_MS = 600_000;
const TOPIC = 'syslog';

/** What states the time of a line. */
type Stamping = 'boot' | 'header' | 'envelope';

/** One event of a stream: which report, of which host, how its time travels. */
interface EventPlan {
  readonly scenario: ScenarioName;
  readonly kernel: KernelName;
  readonly seed: number;
  readonly host: string;
  readonly stamping: Stamping;
}

/** An event in its stream: its lines stand from `first` to `last`, its first kill line, if any, at `kill`. */
interface Place {
  readonly first: number;
  readonly last: number;
  readonly kill: number | undefined;
}

interface Stream {
  readonly lines: readonly LogLine[];
  readonly places: readonly Place[];
}

// The second before midnight of a month's last day: trigger and kill may fall into indices of two months.
const START_MS = Date.UTC(2026, 7, 31, 23, 59, 59, 400);
const BETWEEN_EVENTS_MS = 20_000;

/** What a line says of its time; without a stamp of the kernel only whole seconds are known. */
function timeOf(stamping: Stamping, atMs: number, bootUs: number): Partial<LogLine> {
  if (stamping === 'boot') return { observedAtMs: atMs, timeSource: 'envelope', bootUs };
  const second = Math.floor(atMs / 1000) * 1000;
  if (stamping === 'envelope') return { observedAtMs: second, timeSource: 'envelope' };
  return { observedAtMs: second, timeSource: 'header', headerStamp: new Date(second).toISOString().slice(5, 19) };
}

/** Events one after the other on one partition; each takes about a second to print. */
function streamOf(plans: readonly EventPlan[]): Stream {
  const lines: LogLine[] = [];
  const places: Place[] = [];
  for (const [number, plan] of plans.entries()) {
    const { scenario, kernel, seed, host, stamping } = plan;
    const state = scenarioState(SCENARIOS[scenario], { kernel: KERNELS[kernel], seed });
    const texts = printRecords(state).flatMap((record) => record.split('\n'));
    const first = lines.length;
    const startMs = START_MS + number * BETWEEN_EVENTS_MS;
    for (const [index, text] of texts.entries()) {
      const afterMs = Math.trunc((index * 1000) / texts.length);
      lines.push({
        host,
        text,
        position: { topic: TOPIC, partition: 0, offset: lines.length },
        trust: 'facility',
        ...timeOf(stamping, startMs + afterMs, 7_000_000_000 + number * BETWEEN_EVENTS_MS * 1000 + index * 40),
      });
    }
    const kill = texts.findIndex((text) => text.includes('Killed process'));
    places.push({ first, last: lines.length - 1, kill: kill < 0 ? undefined : first + kill });
  }
  return { lines, places };
}

/** One life of a worker: it reads from one offset to another, is idle at some, and ends. */
interface Reading {
  readonly from: number;
  /** The first offset that it does not read. */
  readonly to: number;
  /** Offsets before which the partition was silent: what is open is emitted early. */
  readonly silences: readonly number[];
  /** Killed, or it lives on until age has closed what is open. */
  readonly end: 'crash' | 'age';
  /** Which of its writes arrive in the index. */
  readonly arrives: (write: number) => boolean;
}

const arrivesAlways = (): boolean => true;

/** Reports in the order in which such a worker hands them on. */
function reportsOf({ lines }: Stream, { from, to, silences, end }: Reading): OomReport[] {
  const parser = createParser({ idleMs: IDLE_MS, ageMs: AGE_MS, maxLines: 10_000, maxBytes: 64 * 2 ** 20 });
  const out: OomReport[] = [];
  let nowMs = START_MS;
  const advance = (): void => void out.push(...parser.advance(TOPIC, 0, nowMs));
  for (const line of lines.slice(from, to)) {
    if (silences.includes(line.position.offset)) {
      advance();
      nowMs += IDLE_MS;
      advance();
    }
    out.push(...parser.push(line));
  }
  if (end === 'age') {
    // The first call lets a line go that waits for its continuation.
    for (const waitMs of [0, IDLE_MS, IDLE_MS, AGE_MS, AGE_MS]) {
      nowMs += waitMs;
      advance();
    }
  }
  return out;
}

function readInto(index: IndexModel, stream: Stream, reading: Reading): void {
  for (const [number, report] of reportsOf(stream, reading).entries()) {
    if (reading.arrives(number)) index.write(toWrite(report, analyse(report)));
  }
}

const wholeOf = ({ lines }: Stream): Reading => ({
  from: 0,
  to: lines.length,
  silences: [],
  end: 'age',
  arrives: arrivesAlways,
});

/**
 * Readings that the commit rule allows, and more: any prefix and any suffix of the stream, as long as no event is read without
 * both its beginning and its kill line. Such a piece shares no line with what names the event.
 */
function isNamed({ places }: Stream, { from, to }: Pick<Reading, 'from' | 'to'>): boolean {
  return places.every(({ first, last, kill }) => {
    const readsBeginning = from <= first;
    const readsKill = kill !== undefined && from <= kill && to > kill;
    const readsNothing = to <= first || from > last;
    return readsBeginning || readsKill || readsNothing;
  });
}

const CASES = SCENARIO_NAMES.filter((name) => name !== 'kill-2.4').flatMap((name) =>
  SCENARIOS[name].kernels.map((kernel) => [name, kernel] as const),
);

const event: fc.Arbitrary<EventPlan> = fc
  .tuple(
    fc.constantFrom(...CASES),
    fc.nat(1000),
    fc.constantFrom('web01', 'web01', 'db07'),
    fc.constantFrom<Stamping>('boot', 'header', 'envelope'),
  )
  .map(([[scenario, kernel], seed, host, stamping]) => ({ scenario, kernel, seed, host, stamping }));

/** A reading in thousandths of the stream, to be fitted to its length. */
const readingShape = fc.record({
  from: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(999)),
  to: fc.oneof({ weight: 1, arbitrary: fc.constant(1000) }, fc.integer({ min: 1, max: 1000 })),
  silences: fc.array(fc.nat(1000), { maxLength: 3 }),
  end: fc.constantFrom('crash' as const, 'age' as const),
  lost: fc.array(fc.nat(4), { maxLength: 2 }),
});

function fitted(shape: typeof readingShape extends fc.Arbitrary<infer T> ? T : never, stream: Stream): Reading {
  const at = (thousandths: number): number => Math.floor((thousandths * stream.lines.length) / 1000);
  return {
    from: at(shape.from),
    to: Math.max(at(shape.to), at(shape.from) + 1),
    silences: shape.silences.map(at),
    end: shape.end,
    arrives: (write) => !shape.lost.includes(write),
  };
}

const runs = process.env['OOMSCOPE_FUZZ'] ? 2000 : 60;

/** What a document says. That it was written early, its host having fallen silent, is no part of it. */
function contentOf({ id, index, version, document }: StoredDocument): unknown {
  const text = JSON.stringify(document, (key, value) => (key === 'provisional' ? undefined : value));
  return { id, index, version, document: JSON.parse(text) as unknown };
}

const idsOf = (documents: readonly StoredDocument[]): string[] => documents.map(({ id }) => id);

describe('one event is one document', () => {
  test('after any readings, closed by a full one', () => {
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 3 }),
        fc.array(fc.record({ shape: readingShape, forgets: fc.boolean() }), { maxLength: 6 }),
        fc.array(readingShape, { maxLength: 3 }),
        (plans, before, after) => {
          const stream = streamOf(plans);
          const clean = new IndexModel();
          readInto(clean, stream, wholeOf(stream));
          const wanted = clean.documents().map(contentOf);
          expect(wanted).toHaveLength(plans.length);

          const index = new IndexModel();
          for (const { shape, forgets } of before) {
            const reading = fitted(shape, stream);
            if (isNamed(stream, reading)) readInto(index, stream, reading);
            if (forgets) index.forgetDeletes();
          }
          readInto(index, stream, {
            ...wholeOf(stream),
            silences: before.flatMap(({ shape }) => fitted(shape, stream).silences),
          });
          expect(index.documents().map(contentOf)).toEqual(wanted);

          // What is read of the tail again is never fuller.
          for (const shape of after) {
            const reading = { ...fitted(shape, stream), to: stream.lines.length };
            if (isNamed(stream, reading)) readInto(index, stream, reading);
          }
          expect(index.documents().map(contentOf)).toEqual(wanted);
        },
      ),
      { numRuns: runs, seed: 11 },
    );
  }, 600_000);

  test('after a prefix of every length, emitted early, and then the rest', () => {
    for (const [scenario, kernel] of [
      ['exhausted-swap-full', '6.8'],
      ['memcg-group-kill', '5.15'],
      ['panic-on-oom', 'rhel7'],
      ['kill-without-header', '5.15'],
      ['exhausted-i386', '3.2'],
    ] as const) {
      const stream = streamOf([{ scenario, kernel, seed: 5, host: 'web01', stamping: 'boot' }]);
      const clean = new IndexModel();
      readInto(clean, stream, wholeOf(stream));
      const wanted = clean.documents().map(contentOf);
      for (let to = 1; to <= stream.lines.length; to += 1) {
        const index = new IndexModel();
        // It falls silent before the next line, is killed there, and another worker reads from the commit.
        readInto(index, stream, { from: 0, to: to + 1, silences: [to], end: 'crash', arrives: arrivesAlways });
        readInto(index, stream, wholeOf(stream));
        expect(index.documents().map(contentOf), `${scenario}, ${to} lines`).toEqual(wanted);
      }
    }
  }, 120_000);
});

describe('two events are two documents', () => {
  const base: EventPlan = { scenario: 'memcg-pod', kernel: '6.8', seed: 3, host: 'web01', stamping: 'boot' };
  const ids = (plans: readonly EventPlan[]): string[] => {
    const index = new IndexModel();
    const stream = streamOf(plans);
    readInto(index, stream, wholeOf(stream));
    return idsOf(index.documents());
  };

  test.each([
    ['of another host', { host: 'db07' }],
    ['of another process', { seed: 4 }],
  ] as [string, Partial<EventPlan>][])('%s at the same instant', (_what, other) => {
    const [first] = ids([base]);
    const [second] = ids([{ ...base, ...other }]);
    expect(first).toBeDefined();
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
  });

  test.each(['boot', 'header', 'envelope'] as const)('with the same victim at another instant, by %s', (stamping) => {
    const plan = { ...base, stamping };
    expect(new Set(ids([plan, plan])).size).toBe(2);
  });
});
