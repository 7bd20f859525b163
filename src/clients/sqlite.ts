/** The only importer of node:sqlite: the file of the embedded run, with its tables. */
import { DatabaseSync } from 'node:sqlite';
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

/**
 * Opens the file of the embedded run, or makes it; ':memory:' holds all in memory. Sink and store share one of these;
 * who opened it closes it. Rejects nothing: every failure is a thrown STORE_FAILED that names the file.
 */
export function openReportDatabase(path: string): ReportDatabase {
  const attempt = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof OomscopeError) throw error;
      const text = error instanceof Error ? error.message : String(error);
      throw new OomscopeError('STORE_FAILED', `${path} cannot be ${what}: ${text}; give another demo.store`, error);
    }
  };
  const database = attempt('opened as a SQLite file', () => {
    const opened = new DatabaseSync(path);
    opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
    opened.exec(SCHEMA);
    return opened;
  });
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
