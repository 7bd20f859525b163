/** The only importer of node:sqlite: the file of the embedded run, with its tables. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { OomscopeError } from '../tables/errors.ts';

export type SqlValue = string | number | null;

export interface ReportDatabase {
  /** Path of the file, for messages. */
  readonly path: string;
  /** Runs one statement; returns how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): Record<string, unknown>[];
  /** Runs `work` as one transaction: all of it or nothing. */
  transaction<T>(work: () => T): T;
  /** Idempotent. */
  close(): void;
}

/**
 * `timestamp_ms` is null for a document without a time. The document is JSON text, so that any tool can read it.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS reports (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    timestamp_ms INTEGER,
    document TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS reports_by_time ON reports (timestamp_ms DESC);
  CREATE TABLE IF NOT EXISTS hosts (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    timestamp_ms INTEGER,
    document TEXT NOT NULL
  ) WITHOUT ROWID;
`;

/** The columns that tell a table of oomscope from another of the same name. */
const COLUMNS = ['id', 'version', 'timestamp_ms', 'document'];

/**
 * Opens the file of the embedded run, or makes it; ':memory:' holds all in memory. Sink and store share one of these;
 * who opened it closes it. `option` is the one that named the file, for messages. Every failure is a thrown STORE_FAILED
 * that names the file; a database of something else is refused and left as it is.
 */
export function openReportDatabase(path: string, option = 'demo.store'): ReportDatabase {
  return openDatabase(path, option, () => {
    const opened = new DatabaseSync(path);
    const isEmpty = opened.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() === undefined;
    if (!isEmpty && !isOurs(opened, 'reports')) return refuse(opened, path, option);
    opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
    opened.exec(SCHEMA);
    return opened;
  });
}

/** Opens the file of an embedded run to ask it, and writes nothing. Else as `openReportDatabase`. */
export function readReportDatabase(path: string, option: string): ReportDatabase {
  return openDatabase(path, option, () => {
    const opened = new DatabaseSync(isInUse(path) ? path : immutable(path), { readOnly: true });
    opened.exec('PRAGMA busy_timeout = 5000;');
    return ['reports', 'hosts'].every((table) => isOurs(opened, table)) ? opened : refuse(opened, path, option);
  });
}

/** True while some process has the file open to write, or was killed while it had. */
const isInUse = (path: string): boolean => existsSync(`${path}-wal`);

/** For SQLite a file that nobody writes; else a question would leave `-wal` and `-shm` behind, and need to be allowed to. */
function immutable(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}

function isOurs(database: DatabaseSync, table: string): boolean {
  const found = database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  return COLUMNS.every((column) => found.some(({ name }) => name === column));
}

function refuse(database: DatabaseSync, path: string, option: string): never {
  database.close();
  const message = `${path} holds no reports of oomscope; give the file of an embedded run in ${option}`;
  throw new OomscopeError('STORE_FAILED', message);
}

function openDatabase(path: string, option: string, open: () => DatabaseSync): ReportDatabase {
  const attempt = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof OomscopeError) throw error;
      const text = error instanceof Error ? error.message : String(error);
      throw new OomscopeError('STORE_FAILED', `${path} cannot be ${what}: ${text}; give another ${option}`, error);
    }
  };
  const database = attempt('opened as a SQLite file', open);
  return {
    path,
    run: (sql, ...values) => attempt('written', () => Number(database.prepare(sql).run(...values).changes)),
    all: (sql, ...values) => attempt('read', () => database.prepare(sql).all(...values)),
    transaction: (work) =>
      attempt('written', () => {
        database.exec('BEGIN IMMEDIATE');
        try {
          const result = work();
          database.exec('COMMIT');
          return result;
        } catch (error) {
          database.exec('ROLLBACK');
          throw error;
        }
      }),
    close: () => {
      if (database.isOpen) attempt('closed', () => database.close());
    },
  };
}
