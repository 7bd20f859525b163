/** Reading back from the file of the embedded run. */
import type { ReportDatabase, SqlValue } from '../clients/sqlite.ts';
import type { ReportStore, StoreFilter } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';

const PAGE = 100;

/**
 * A store over the table that the SQLite sink writes. A filter on a list field matches when one of its values does, as
 * in Elasticsearch. Calls reject with STORE_FAILED. The database is the caller's to close.
 */
export function createSqliteStore(database: ReportDatabase): ReportStore {
  const parse = (row: Record<string, unknown>): Readonly<Record<string, unknown>> =>
    parseDocument(database.path, row['document']);
  return {
    async get(id) {
      const [row] = database.all('SELECT document FROM reports WHERE id = ?', id);
      return row && parse(row);
    },
    async search(filter, limit) {
      const { condition, values } = conditionOf(filter);
      const sql = `SELECT document FROM reports WHERE ${condition} ORDER BY timestamp_ms DESC NULLS LAST, id LIMIT ?`;
      return database.all(sql, ...values, Math.max(0, Math.trunc(limit))).map(parse);
    },
    async aggregate(field, filter = {}) {
      const { condition, values } = conditionOf(filter);
      const sql = `
        SELECT CASE item.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(item.value AS TEXT) END AS value,
               count(*) AS count
        FROM reports, json_each(reports.document, ?) AS item
        WHERE item.type NOT IN ('object', 'array', 'null') AND ${condition}
        GROUP BY 1 ORDER BY 2 DESC, 1`;
      return database
        .all(sql, pathOf(field), ...values)
        .map((row) => ({ value: String(row['value']), count: Number(row['count']) }));
    },
    async *scan(filter = {}) {
      const { condition, values } = conditionOf(filter);
      const sql = `SELECT id, document FROM reports WHERE id > ? AND ${condition} ORDER BY id LIMIT ${PAGE}`;
      let after = '';
      while (true) {
        const rows = database.all(sql, after, ...values);
        for (const row of rows) yield parse(row);
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) return;
        after = String(last['id']);
      }
    },
    async close() {},
  };
}

/** The JSON path of a dotted field name: `$."oom"."verdict"`. */
const pathOf = (field: string): string =>
  `$.${field
    .split('.')
    .map((key) => `"${key}"`)
    .join('.')}`;

function conditionOf(filter: StoreFilter): { condition: string; values: SqlValue[] } {
  const conditions: string[] = ['TRUE'];
  const values: SqlValue[] = [];
  for (const [field, wanted] of Object.entries(filter)) {
    const isBoolean = typeof wanted === 'boolean';
    conditions.push(
      `EXISTS (SELECT 1 FROM json_each(reports.document, ?) AS part WHERE part.${isBoolean ? 'type' : 'value'} = ?)`,
    );
    values.push(pathOf(field), isBoolean ? String(wanted) : wanted);
  }
  return { condition: conditions.join(' AND '), values };
}

function parseDocument(path: string, text: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(text));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value));
  } catch (error) {
    throw new OomscopeError('STORE_FAILED', `${path} holds a document that is not JSON; write it anew`, error);
  }
  throw new OomscopeError('STORE_FAILED', `${path} holds a document that is no JSON object; write it anew`);
}
