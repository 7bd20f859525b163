import { describe, expect, it } from 'vitest';
import { HOST_INDEX, toWrite } from '../../../src/document/index.ts';
import type { DeadLetter, DocumentWrite } from '../../../src/ports.ts';
import { letterId, letterJson, readLetter, shortLetterJson } from '../../../src/sink/letter.ts';
import { fullAnalysis, fullReport, SAMPLE_MS } from '../../support/reports.ts';

const write: DocumentWrite = {
  ...toWrite(fullReport(), fullAnalysis(), SAMPLE_MS),
  supersedes: [{ id: 'early', index: 'oom-report-2026.08.01' }],
};
const rejected: DeadLetter = { reason: 'rejected', error: 'mapping: no', write, positions: write.positions };
const place = { topic: 'syslog', partition: 1, offset: 42 };
const bytes = Uint8Array.of(0, 255, 27, 10);
const undecodable: DeadLetter = {
  reason: 'undecodable',
  error: 'json: bad',
  bytes,
  positions: { first: place, last: place },
};

describe('a letter', () => {
  it('comes back with all that it takes to write the document as the sink would', () => {
    const letter = readLetter(letterJson(rejected, SAMPLE_MS));
    expect(letter).toEqual({
      id: write.id,
      atMs: SAMPLE_MS,
      reason: 'rejected',
      error: 'mapping: no',
      positions: write.positions,
      host: 'build7',
      write: JSON.parse(JSON.stringify(write)),
    });
  });

  it('comes back with the bytes of the record, by its place', () => {
    const letter = readLetter(letterJson(undecodable, SAMPLE_MS));
    if (typeof letter === 'string') throw new Error(letter);
    expect(letter.id).toBe('syslog/1/42');
    expect(letter.id).toBe(letterId(undecodable));
    expect(Uint8Array.from(letter.bytes ?? [])).toEqual(bytes);
  });

  it('of a host comes back too', () => {
    const { positions } = rejected;
    const document = { host: { name: 'db07' } };
    const host = { id: 'db07', index: HOST_INDEX, version: 7, document, supersedes: [], positions };
    expect(readLetter(letterJson({ ...rejected, write: host }, SAMPLE_MS))).toMatchObject({ id: 'db07', write: host });
  });

  it('without its document says what it lacks and cannot be written', () => {
    const error = 'x'.repeat(100_000);
    const short = shortLetterJson({ ...rejected, error }, SAMPLE_MS);
    expect(short.length).toBeLessThan(5_000);
    const letter = readLetter(short);
    const size = Buffer.byteLength(JSON.stringify(write.document));
    expect(letter).toMatchObject({ id: write.id, host: 'build7', omitted: { what: 'document', bytes: size } });
    expect(letter).not.toHaveProperty('write');
    expect(readLetter(shortLetterJson(undecodable, SAMPLE_MS))).toMatchObject({ omitted: { what: 'bytes', bytes: 4 } });
  });

  it('of an older version has neither time nor superseded readings', () => {
    const { at: _, supersedes: __, ...older } = JSON.parse(letterJson(rejected, SAMPLE_MS));
    const letter = readLetter(JSON.stringify(older));
    expect(letter).toMatchObject({ id: write.id, write: { supersedes: [] } });
    expect(letter).not.toHaveProperty('atMs');
  });
});

describe('what is no letter', () => {
  const good = JSON.parse(letterJson(rejected, SAMPLE_MS));
  it.each([
    ['', /not JSON/],
    ['null', /not a JSON object/],
    ['[1]', /not a JSON object/],
    ['{"reason":"other"}', /reason/],
    [JSON.stringify({ ...good, error: 7 }), /no error/],
    [JSON.stringify({ ...good, positions: { first: place } }), /no source positions/],
    [JSON.stringify({ ...good, positions: { first: place, last: { ...place, offset: -1 } } }), /no source positions/],
    [JSON.stringify({ ...good, id: '' }), /no id/],
    [JSON.stringify({ ...good, version: 1.5 }), /no version/],
    [JSON.stringify({ ...good, supersedes: [{ id: 'a', index: '*' }] }), /supersedes/],
  ])('is told by a reason: %s', (text, reason) => {
    expect(readLetter(text)).toMatch(reason);
  });

  it.each(['payroll', 'oom-report-*', 'oom-report-2026.09.01,payroll', 'oom-report-', 'oom-host-*', '.security'])(
    'includes letters to another index: %s',
    (index) => expect(readLetter(JSON.stringify({ ...good, index }))).toMatch(/index is not oom-report-/),
  );
});
