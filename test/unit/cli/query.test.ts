import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openReportDatabase } from '../../../src/clients/sqlite.ts';
import { toWrite } from '../../../src/document/index.ts';
import { systemClock } from '../../../src/ops/index.ts';
import { createSqliteSink } from '../../../src/sink/index.ts';
import { QUESTIONS } from '../../../src/store/index.ts';
import { fullAnalysis, fullReport } from '../../support/reports.ts';

const launcher = join(import.meta.dirname, '..', '..', '..', 'bin', 'oomscope.js');
const folder = mkdtempSync(join(tmpdir(), 'oomscope-query-'));
const run = (...args: string[]) =>
  spawnSync(process.execPath, [launcher, 'query', ...args], { encoding: 'utf8', timeout: 60_000 });

describe('oomscope query', { timeout: 60_000 }, () => {
  it('lists the questions', () => {
    const { status, stdout } = run();
    for (const { name, title } of QUESTIONS) expect(stdout).toMatch(new RegExp(`${name} +${title.replace(':', '.')}`));
    expect(status).toBe(0);
  });

  it('says which questions there are when it is asked another', () => {
    const { status, stderr } = run('nonsense');
    expect(stderr).toMatch(/"nonsense"; expected one of trend, victims/);
    expect(status).toBe(2);
  });

  it('asks a file: as a table, as a line over time, as JSON', async () => {
    const path = join(folder, 'reports.sqlite');
    const database = openReportDatabase(path);
    const identity = { id: 'a', version: 1024, timestampMs: systemClock.nowMs() - 3_600_000 };
    await createSqliteSink(database, systemClock).write(toWrite(fullReport(), fullAnalysis({ identity })));
    database.close();

    expect(run('victims', '--store', path).stdout).toMatch(/^Top victims, last 7d\n\nvictim .*\nspooler +1 /);
    expect(run('trend', '--store', path, '--since', '24h').stdout).toMatch(/lowmem-exhausted +1 {2}·{23}█·|·{24}█/);
    const { stdout, status } = run('at-risk', '--store', path, '--json');
    const { question, rows } = JSON.parse(stdout);
    expect([question, rows.length, ...rows[0].slice(0, 3)]).toEqual(['at-risk', 1, 'build7', 1, 1]);
    expect(status).toBe(0);
  });

  it('refuses the database of another program, names the option, and leaves it as it is', () => {
    const path = join(folder, 'songs.sqlite');
    const songs = new DatabaseSync(path);
    songs.exec('CREATE TABLE songs (title TEXT)');
    songs.close();
    const before = readFileSync(path);
    const { status, stderr } = run('trend', '--store', path);
    expect(stderr).toMatch(/songs\.sqlite holds no reports of oomscope; give .* in --store/);
    expect(status).toBe(7);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('songs'))).toEqual(['songs.sqlite']);
  });

  it('does not make a file that is not there', () => {
    const { status, stderr } = run('trend', '--store', join(folder, 'absent.sqlite'));
    expect(stderr).toContain('absent.sqlite is not there');
    expect(status).toBe(3);
  });
});
