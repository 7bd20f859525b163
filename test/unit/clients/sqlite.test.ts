import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReportDatabase, readReportDatabase } from '../../../src/clients/sqlite.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oomscope-sqlite-'));
  path = join(folder, 'some.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A database of another program. */
function writeForeign(sql: string): Buffer {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return readFileSync(path);
}

const FOREIGN = {
  'another program that keeps a log of writes': 'PRAGMA journal_mode = WAL; CREATE TABLE songs (title TEXT)',
  'another program': 'CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES (1)',
  'another program that has reports too': 'CREATE TABLE reports (day TEXT, sum REAL)',
};

describe.each(Object.entries(FOREIGN))('a database of %s', (_name, sql) => {
  it.each([
    ['asked', () => readReportDatabase(path, '--store')],
    ['written', () => openReportDatabase(path, '--store')],
  ])('is refused and left as it is when it is to be %s', (_what, open) => {
    const before = writeForeign(sql);
    expect(open).toThrow(/some\.sqlite holds no reports of oomscope; give the file of an embedded run in --store/);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['some.sqlite']);
  });
});

describe('a database of reports', () => {
  it('is asked while it is written, and is not written by that', () => {
    const written = openReportDatabase(path);
    const asked = readReportDatabase(path, '--store');
    expect(asked.all('SELECT count(*) AS reports FROM reports')).toEqual([{ reports: 0 }]);
    written.run("INSERT INTO reports (id, version, document) VALUES ('a', 1, '{}')");
    expect(asked.all('SELECT id FROM reports')).toEqual([{ id: 'a' }]);
    expect(() => asked.run('DELETE FROM reports')).toThrow(/some\.sqlite cannot be written: .*readonly.*--store/);
    asked.close();
    written.close();
    expect(readdirSync(folder)).toEqual(['some.sqlite']);
  });

  it('is asked when nobody writes it, and nothing is left beside it', () => {
    path = join(folder, 'odd name?#%20.sqlite');
    const written = openReportDatabase(path);
    written.run("INSERT INTO reports (id, version, document) VALUES ('a', 1, '{}')");
    written.close();
    const asked = readReportDatabase(path, '--store');
    expect(asked.all('SELECT id FROM reports')).toEqual([{ id: 'a' }]);
    expect(() => asked.run('DELETE FROM reports')).toThrow(/readonly/);
    asked.close();
    expect(readdirSync(folder)).toEqual(['odd name?#%20.sqlite']);
  });

  it('is opened again with what it holds', () => {
    openReportDatabase(path).close();
    const again = openReportDatabase(path);
    expect(again.all('SELECT * FROM hosts')).toEqual([]);
    again.close();
  });

  it('cannot be made of what is no database', () => {
    writeFileSync(path, 'a letter to the editor, which is long enough to be no empty database'.repeat(20));
    expect(() => openReportDatabase(path)).toThrow(/some\.sqlite cannot be opened as a SQLite file: .*demo\.store/);
    expect(() => readReportDatabase(path, '--store')).toThrow(/some\.sqlite cannot be opened .*--store/);
  });
});
