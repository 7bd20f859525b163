/** What holds for every text, real, simulated or hostile, however it is cut up and whatever runs beside it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findOpener } from '../../src/consumer/decode/index.ts';
import type { LogLine, OomReport } from '../../src/domain.ts';
import { analyse } from '../../src/enrich/index.ts';
import { openerIn } from '../../src/kernel/openers.ts';
import { createParser, linesOfText, parseText } from '../../src/parser/index.ts';
import {
  applyDamage,
  KERNELS,
  printRecords,
  random,
  render,
  SCENARIO_NAMES,
  SCENARIOS,
  scenarioState,
} from '../../src/simulate/index.ts';
import { CORPUS } from '../support/corpus.ts';

const runs = process.env['OOMSCOPE_FUZZ'] ? 3000 : 60;

const OCCASION = { host: 'web01', startMs: Date.UTC(2026, 4, 6, 7, 8, 9), bootUs: 77_000_000_000 };

/** One text per scenario and kernel, in changing dress and with changing damage. */
const SIMULATED = SCENARIO_NAMES.flatMap((name, n) =>
  SCENARIOS[name].kernels.map((kernel, k) => {
    const state = scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed: n + 1 });
    const style = (['bare', 'dmesg', 'rfc3164-file', 'iso-file'] as const)[k % 4] ?? 'bare';
    const damage = [
      [],
      [{ kind: 'wrap', columns: 97 }],
      [{ kind: 'quote', depth: 1 }],
      [{ kind: 'lose-some', count: 3 }],
    ] as const;
    const { lines } = applyDamage(render(printRecords(state), style, OCCASION), damage[(n + k) % 4] ?? [], n);
    return { name: `${name} on ${kernel}, ${style}`, text: `${lines.join('\n')}\n` };
  }),
);

const TEXTS = [...CORPUS, ...SIMULATED];

const STREAM = { idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: 2 ** 28 };

/** What a report says, without where it stood. */
function said(report: OomReport): unknown {
  const { lines, firstPosition, lastPosition, host, ...rest } = report;
  return JSON.parse(
    JSON.stringify(rest, (key, value: unknown) => (/^(line|reserveLine|buddyLine)$/.test(key) ? undefined : value)),
  );
}

const streamOf = (text: string, host: string): LogLine[] =>
  linesOfText(text, { path: 'stream' }).map((line, offset) => ({
    ...line,
    host,
    position: { topic: 'stream', partition: 0, offset },
  }));

function parseStream(lines: readonly LogLine[]): OomReport[] {
  const parser = createParser(STREAM);
  return [...lines.flatMap((line) => parser.push(line)), ...parser.end()];
}

describe('the cheap search for openers', () => {
  const encoder = new TextEncoder();

  it.each(TEXTS)('finds in the bytes what the table finds in the text: $name', ({ text }) => {
    for (const line of text.split('\n')) {
      const bytes = encoder.encode(line);
      expect(findOpener(bytes, 0, bytes.length) >= 0, line).toBe(openerIn(line) !== undefined);
    }
  });

  it.each(TEXTS)('misses no report of a stream: $name', ({ text }) => {
    const lines = streamOf(text, 'web01');
    const reports = parseStream(lines);
    const opens = lines.some((line) => openerIn(line.text) !== undefined);
    expect(reports.length > 0 && !opens).toBe(false);
    for (const report of reports) {
      const first = lines.findIndex(({ position }) => position.offset === report.firstPosition.offset);
      const last = lines.findIndex(({ position }) => position.offset === report.lastPosition.offset);
      expect(lines.slice(first, last + 1).some((line) => openerIn(line.text) !== undefined)).toBe(true);
    }
  });
});

describe('a report', () => {
  it.each(TEXTS)('has its positions in order and within the text: $name', ({ text }) => {
    const count = text.split('\n').length;
    for (const report of parseText(text, { path: 'x' })) {
      expect(report.firstPosition.offset).toBeGreaterThanOrEqual(0);
      expect(report.lastPosition.offset).toBeGreaterThanOrEqual(report.firstPosition.offset);
      expect(report.lastPosition.offset).toBeLessThan(count);
      for (const { text: line } of report.lines) expect(line).toBeTypeOf('string');
      for (const noun of [report.trigger, ...report.zones, ...report.kills, ...report.tasks]) {
        if (noun) expect(report.lines[noun.line], `line ${noun.line}`).toBeDefined();
      }
    }
  });

  it.each(TEXTS)('is found again from its own first line: $name', ({ text }) => {
    const lines = text.split('\n');
    for (const report of parseText(text, { path: 'x' })) {
      const again = parseText(lines.slice(report.firstPosition.offset).join('\n'), { path: 'x' });
      const twin = again.find(
        ({ kills, trigger }) =>
          kills[0]?.pid === report.kills[0]?.pid &&
          trigger?.gfpMask === report.trigger?.gfpMask &&
          trigger?.name === report.trigger?.name,
      );
      expect(twin?.zones.length).toBe(report.zones.length);
      expect(twin?.taskCount).toBe(report.taskCount);
      expect(twin?.kills.map(({ pid, comm }) => `${pid} ${comm}`)).toEqual(
        report.kills.map(({ pid, comm }) => `${pid} ${comm}`),
      );
    }
  });

  it.each(TEXTS)('is the same however the clock is looked at between its lines: $name', ({ text }) => {
    const lines = streamOf(text, 'web01');
    const plain = parseStream(lines).map(said);
    const generator = random(lines.length);
    const parser = createParser(STREAM);
    const looked: OomReport[] = [];
    for (const line of lines) {
      if (generator.chance(0.3)) looked.push(...parser.advance('stream', 0, 1000));
      looked.push(...parser.push(line));
    }
    looked.push(...parser.end());
    expect(looked.map(said)).toEqual(plain);
  });

  it.each(TEXTS)('is the same beside another host on the same partition: $name', ({ text }) => {
    const generator = random(text.length);
    const other = TEXTS[generator.int(0, TEXTS.length - 1)]?.text ?? text;
    const queues = [streamOf(text, 'web01'), streamOf(other, 'web02')];
    const merged: LogLine[] = [];
    for (
      let left = queues.filter(({ length }) => length > 0);
      left.length > 0;
      left = queues.filter(({ length }) => length > 0)
    ) {
      const queue = left[generator.int(0, left.length - 1)];
      const line = queue?.shift();
      if (line) merged.push({ ...line, position: { ...line.position, offset: merged.length } });
    }
    const reports = parseStream(merged);
    const own = (host: string) => reports.filter((report) => report.host === host).map(said);
    expect(own('web01')).toEqual(parseStream(streamOf(text, 'web01')).map(said));
    expect(own('web02')).toEqual(parseStream(streamOf(other, 'web02')).map(said));
  });
});

describe('any text', () => {
  const readable = (text: string): void => {
    for (const report of parseText(text, { path: 'x' })) analyse(report);
  };

  it('is read without an exception: bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), (bytes) => readable(String.fromCharCode(...bytes))),
      { numRuns: runs },
    );
  });

  it('is read without an exception: words of reports in any order', () => {
    const words = SIMULATED.flatMap(({ text }) => text.split(/(?<=[ \n])/)).slice(0, 20_000);
    const pieces = fc.array(
      fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...words) }, fc.string({ maxLength: 8 })),
      {
        maxLength: 400,
      },
    );
    fc.assert(
      fc.property(pieces, (list) => readable(list.join(''))),
      { numRuns: runs },
    );
  });

  it('is read without an exception: reports with bytes changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SIMULATED),
        fc.array(fc.tuple(fc.nat(20_000), fc.string({ maxLength: 3 })), { maxLength: 30 }),
        ({ text }, changes) => {
          let changed = text;
          for (const [at, piece] of changes) {
            const place = at % changed.length;
            changed = changed.slice(0, place) + piece + changed.slice(place + piece.length);
          }
          readable(changed);
        },
      ),
      { numRuns: runs },
    );
  });
});

/** Lines made to send a reader back and forth. Quadratic work on a megabyte would not end within the test's time. */
describe('a hostile line', () => {
  const kinds: Readonly<Record<string, (size: number) => string>> = {
    blanks: (size) => ' '.repeat(size),
    digits: (size) => '1'.repeat(size),
    'opening brackets': (size) => '['.repeat(size),
    'opening parentheses': (size) => '('.repeat(size),
    fields: (size) => 'a:1kB '.repeat(size / 6),
    'zone fields': (size) => `Normal free:1kB ${'min:8kB '.repeat(size / 8)}`,
    colons: (size) => ':'.repeat(size),
    'buddy counts': (size) => `Normal: ${'1*4kB '.repeat(size / 6)}= 4kB`,
    reserves: (size) => `lowmem_reserve[]: ${'1 '.repeat(size / 2)}`,
    stamps: (size) => '[    1.000000] '.repeat(size / 15),
    priorities: (size) => '<4>'.repeat(size / 3),
    quotes: (size) => '> '.repeat(size / 2),
    'escaped line feeds': (size) => '#012'.repeat(size / 4),
    'equals signs': (size) => '=3D'.repeat(size / 3),
    entities: (size) => '&gt;'.repeat(size / 4),
    kills: (size) => 'Killed process 1 (x) '.repeat(size / 21),
    triggers: (size) => 'x invoked oom-killer: gfp_mask=0x0, order=0 '.repeat(size / 44),
    summaries: (size) => `oom-kill:constraint=${',task='.repeat(size / 6)}`,
    frames: (size) => ' [<c01739ac>] ? dump_header+0x4d/0x160'.repeat(size / 38),
    braces: (size) => '{"a":'.repeat(size / 5),
  };

  for (const [kind, make] of Object.entries(kinds)) {
    for (const size of [1_000, 10_000, 100_000, 1_000_000]) {
      it(`of ${size} bytes of ${kind} ends`, () => {
        const line = make(size);
        const opened = 'x invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\nMem-Info:\n';
        readBoth(line);
        readBoth(`${opened}${line}\n${line}\n`);
      });
    }
  }

  function readBoth(text: string): void {
    parseText(text, { path: 'x' });
    parseStream(streamOf(text, 'web01'));
  }
});
