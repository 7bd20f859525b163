import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReportDatabase } from '../../../src/clients/sqlite.ts';
import { toWrite } from '../../../src/document/index.ts';
import type { DeadLetter } from '../../../src/ports.ts';
import { createDeadLetterFile, deadLetterFileOf } from '../../../src/sink/index.ts';
import { ERRORS } from '../../../src/tables/errors.ts';
import { ManualClock } from '../../support/fakes.ts';
import { fullAnalysis, fullReport, SAMPLE_MS } from '../../support/reports.ts';

const launcher = join(import.meta.dirname, '..', '..', '..', 'bin', 'oomscope.js');
const place = { topic: 'demo', partition: 1, offset: 42 };
const undecodable: DeadLetter = {
  reason: 'undecodable',
  error: 'json: bad',
  bytes: Buffer.from('\u001b[31m{"message'),
  positions: { first: place, last: place },
};

const identity = { id: 'a', version: 1024, timestampMs: SAMPLE_MS };
const write = toWrite(fullReport(), fullAnalysis({ identity }), SAMPLE_MS);
const rejected: DeadLetter = { reason: 'rejected', error: 'mapping: no', write, positions: write.positions };

describe('oomscope dead-letters', { timeout: 120_000 }, () => {
  let folder: string;
  let store: string;
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [launcher, 'dead-letters', ...args, '--store', store], { encoding: 'utf8' });
  const put = async (...some: readonly DeadLetter[]): Promise<void> => {
    const letters = createDeadLetterFile(deadLetterFileOf(store), new ManualClock(SAMPLE_MS));
    for (const letter of some) await letters.put(letter);
    await letters.close();
  };
  const ids = () =>
    run('list', '--json')
      .stdout.split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).id);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oomscope-letters-'));
    store = join(folder, 'reports.sqlite');
    openReportDatabase(store).close();
    await put(rejected, undecodable);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('lists, filters and shows', () => {
    appendFileSync(deadLetterFileOf(store), 'not a letter\n');
    const { stdout, status } = run('list');
    expect(stdout).toMatch(/rejected +build7 +a +syslog\/3@\S+ +mapping: no\n/);
    expect(stdout).toMatch(/undecodable +- +demo\/1\/42 +demo\/1@42 +json: bad\n/);
    expect(stdout).toMatch(/3 dead letters \(.*1 unreadable.*\): file .*reports\.sqlite\.dead-letters\.ndjson\.\n$/);
    expect(status).toBe(0);
    const lines = run('list', '--json', '--reason', 'rejected').stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id: 'a', at: '2026-09-23T02:04:16.000Z', reason: 'rejected', host: 'build7', error: 'mapping: no' },
    ]);
    expect(run('show', 'demo/1/42').stdout).toContain('\\x1b[31m{"message');
    const shown = JSON.parse(run('show', 'a', '--json').stdout);
    expect(shown).toMatchObject({ id: 'a', version: 1024, document: { host: { name: 'build7' } } });
    expect(run('show', 'absent')).toMatchObject({ status: 1, stdout: '' });
  });

  it('writes again what it can, and says of the rest what to do', () => {
    const all = run('retry', '--all');
    expect(all.stdout).toContain('a: done: created\n');
    expect(all.stdout).toMatch(/demo\/1\/42: not written\. One record is only a piece .*1 of 2 letters are done\.\n$/s);
    expect(all.status).toBe(1);
    expect(ids()).toEqual(['demo/1/42']);
    const database = openReportDatabase(store);
    const rows = database.all('SELECT id, version FROM reports').map((row) => ({ ...row }));
    database.close();
    expect(rows).toEqual([{ id: 'a', version: 1024 }]);

    expect(run('dismiss', 'demo/1/42')).toMatchObject({ status: 0 });
    expect(run('list').stdout).toMatch(/^No dead letters: file /);
    const again = run('retry', 'a');
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('no open letter of file')]);
  });

  it('counts a document that is there already as done', async () => {
    expect(run('retry', 'a', 'a')).toMatchObject({ status: 0, stdout: 'a: done: created\n1 of 1 letters are done.\n' });
    await put(rejected);
    expect(run('retry', 'a')).toMatchObject({
      status: 0,
      stdout: 'a: done: an equal or fuller reading is there already\n1 of 1 letters are done.\n',
    });
  });

  it('refuses what it cannot mean', () => {
    expect(run('retry')).toMatchObject({ status: 2, stderr: expect.stringContaining('either ids or --all') });
    expect(run('retry', 'a', '--all').status).toBe(2);
    expect(run('list', '--reason', 'other').status).toBe(2);
    writeFileSync(store, 'no database');
    expect(run('retry', 'a').status).toBe(ERRORS.STORE_FAILED.exitCode);
    rmSync(store);
    expect(run('list')).toMatchObject({ status: 3, stderr: expect.stringContaining('is not there') });
  });
});
