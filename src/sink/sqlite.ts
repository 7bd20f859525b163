/** Documents into the file of the embedded run: the same rules as the index, without a server. */
import type { ReportDatabase } from '../clients/sqlite.ts';
import { HOST_INDEX } from '../document/index.ts';
import type { Clock, DocumentWrite, ReportSink, WriteOutcome } from '../ports.ts';

const upsertInto = (table: string): string => `
  INSERT INTO ${table} (id, version, timestamp_ms, document) VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    version = excluded.version, timestamp_ms = excluded.timestamp_ms, document = excluded.document
  WHERE excluded.version > ${table}.version
`;

/** The inventory of hosts is a table of its own. */
const tableOf = (index: string): 'reports' | 'hosts' => (index === HOST_INDEX ? 'hosts' : 'reports');

/**
 * A sink that writes each document at once: the strictly greater version wins, superseded readings are deleted.
 * Writes reject with STORE_FAILED. The database is the caller's to close.
 */
export function createSqliteSink(database: ReportDatabase, clock: Clock): ReportSink {
  return {
    async write(write) {
      return database.transaction(() => {
        const outcome = store(database, write, clock.nowMs());
        for (const { id } of write.supersedes) database.run('DELETE FROM reports WHERE id = ?', id);
        return outcome;
      });
    },
    heldBytes: 0,
    async flush() {},
    async close() {},
  };
}

function store(database: ReportDatabase, write: DocumentWrite, nowMs: number): WriteOutcome {
  const { id, version, document } = write;
  const table = tableOf(write.index);
  const known = database.all(`SELECT 1 FROM ${table} WHERE id = ?`, id).length > 0;
  const json = JSON.stringify(withIngested(document, nowMs));
  const changes = database.run(upsertInto(table), id, version, timestampMs(document), json);
  if (changes === 0) return 'duplicate';
  return known ? 'updated' : 'created';
}

const withIngested = (document: DocumentWrite['document'], nowMs: number): Record<string, unknown> => ({
  ...document,
  event: {
    ...(typeof document['event'] === 'object' ? document['event'] : {}),
    ingested: new Date(nowMs).toISOString(),
  },
});

function timestampMs(document: DocumentWrite['document']): number | null {
  const timestamp = document['@timestamp'];
  return typeof timestamp === 'string' ? Date.parse(timestamp) : null;
}
