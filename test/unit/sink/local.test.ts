import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReportDatabase, type ReportDatabase } from '../../../src/clients/sqlite.ts';
import { HOST_INDEX, toWrite } from '../../../src/document/index.ts';
import type { DocumentWrite } from '../../../src/ports.ts';
import { createDeadLetterFile, createNdjsonSink, createSqliteSink } from '../../../src/sink/index.ts';
import { ManualClock, settle } from '../../support/fakes.ts';
import { fullAnalysis, fullReport, SAMPLE_MS } from '../../support/reports.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oomscope-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (more: Partial<DocumentWrite> = {}): DocumentWrite => ({
  ...toWrite(fullReport(), fullAnalysis(), SAMPLE_MS),
  ...more,
});

describe('the SQLite sink', () => {
  let database: ReportDatabase;
  beforeEach(() => {
    database = openReportDatabase(join(folder, 'reports.sqlite'));
  });
  afterEach(() => database.close());

  const idsAndVersions = () => database.all('SELECT id, version FROM reports ORDER BY id').map((row) => ({ ...row }));

  it('lets the strictly greater version win', async () => {
    const sink = createSqliteSink(database, new ManualClock(SAMPLE_MS));
    const outcomes = [];
    for (const version of [2, 2, 1, 3]) outcomes.push(await sink.write(write({ id: 'a', version, supersedes: [] })));
    expect(outcomes).toEqual(['created', 'duplicate', 'duplicate', 'updated']);
    expect(idsAndVersions()).toEqual([{ id: 'a', version: 3 }]);
  });

  it('deletes superseded readings, also when a replay wrote them again', async () => {
    const sink = createSqliteSink(database, new ManualClock(SAMPLE_MS));
    const early = write({ id: 'early', version: 1, supersedes: [] });
    const full = write({ id: 'full', version: 9, supersedes: [{ id: 'early', index: 'oom-report-2026.09.01' }] });
    for (const each of [early, full, early, full]) await sink.write(each);
    expect(idsAndVersions()).toEqual([{ id: 'full', version: 9 }]);
  });

  it('keeps hosts in a table of their own', async () => {
    const sink = createSqliteSink(database, new ManualClock(SAMPLE_MS));
    const host = { id: 'db07', index: HOST_INDEX, supersedes: [] };
    const outcomes = [];
    for (const version of [5, 4, 6]) outcomes.push(await sink.write(write({ ...host, version })));
    expect(outcomes).toEqual(['created', 'duplicate', 'updated']);
    expect(idsAndVersions()).toEqual([]);
    expect(database.all('SELECT id, version FROM hosts').map((row) => ({ ...row }))).toEqual([
      { id: 'db07', version: 6 },
    ]);
  });

  it('keeps the document and states when it was taken', async () => {
    const sink = createSqliteSink(database, new ManualClock(SAMPLE_MS + 60_000));
    const given = write();
    await sink.write(given);
    const [row] = database.all('SELECT document, timestamp_ms FROM reports');
    expect(row?.['timestamp_ms']).toBe(SAMPLE_MS);
    const stored = JSON.parse(String(row?.['document']));
    expect(stored.event.ingested).toBe('2026-09-23T02:05:16.000Z');
    expect({ ...stored, event: undefined }).toEqual({ ...given.document, event: undefined });
  });

  it('names the file that it cannot open', () => {
    expect(() => openReportDatabase(join(folder, 'none', 'x.sqlite'))).toThrow(/none.*x\.sqlite.*demo\.store/);
  });
});

describe('the NDJSON sink', () => {
  it('writes one document per line in the order of the writes', async () => {
    const stream = new PassThrough();
    const sink = createNdjsonSink(stream);
    void sink.write(write({ document: { n: 1 } }));
    void sink.write(write({ document: { n: 2, text: 'a\nb' } }));
    await sink.flush();
    expect(String(stream.read())).toBe('{"n":1}\n{"n":2,"text":"a\\nb"}\n');
  });

  it('holds back while the reader is slow', async () => {
    const stream = new PassThrough({ highWaterMark: 10 });
    const sink = createNdjsonSink(stream);
    let isWritten = false;
    const written = sink.write(write({ document: { text: 'longer than the mark' } })).then(() => {
      isWritten = true;
    });
    await settle();
    expect(isWritten).toBe(false);
    expect(sink.heldBytes).toBeGreaterThan(10);
    stream.resume();
    await written;
    expect(sink.heldBytes).toBe(0);
  });

  it('rejects when the stream breaks', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const sink = createNdjsonSink(stream);
    const written = sink.write(write());
    await settle();
    stream.destroy(new Error('EPIPE'));
    await expect(written).rejects.toThrow('EPIPE');
  });
});

describe('the dead-letter file', () => {
  const positions = write().positions;

  it('appends one letter per line', async () => {
    const path = join(folder, 'letters.ndjson');
    const letters = createDeadLetterFile(path, new ManualClock(SAMPLE_MS));
    await Promise.all([
      letters.put({ reason: 'rejected', error: 'mapping', write: write({ id: 'a', document: { n: 1 } }), positions }),
      letters.put({ reason: 'undecodable', error: 'binary', bytes: Uint8Array.of(0, 255), positions }),
    ]);
    await letters.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { reason: 'rejected', id: 'a', index: 'oom-report-2026.09.01', document: { n: 1 }, positions },
      { reason: 'undecodable', error: 'binary', bytes: 'AP8=' },
    ]);
  });

  it('rejects with DEAD_LETTER_FAILED when the file cannot be written', async () => {
    const letters = createDeadLetterFile(join(folder, 'none', 'letters.ndjson'), new ManualClock());
    await expect(letters.put({ reason: 'rejected', error: 'x', positions })).rejects.toMatchObject({
      code: 'DEAD_LETTER_FAILED',
    });
    await letters.close();
  });
});
