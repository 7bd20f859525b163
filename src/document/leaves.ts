/** From typed values by dotted name to the nested JSON of a document: the last guard before the index. */
import type { FieldDefinition, FieldType } from './field.ts';
import { FIELD_BY_NAME, FIELDS, type Leaves } from './fields.ts';

/**
 * Longest keyword in UTF-16 units. A term of the index has at most 32,766 bytes of UTF-8, and a unit takes at most
 * three: longer values would be refused together with their document.
 */
export const KEYWORD_LIMIT = 8191;

/** Longest text field in UTF-16 units. */
export const TEXT_LIMIT = 32_768;

/** First and last time that a document can carry; others count as no time. */
const FIRST_MS = 0;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A time between 1970 and 9999, which date formats and index names can state. */
export const isUsableTime = (ms: number | undefined): ms is number =>
  ms !== undefined && Number.isFinite(ms) && ms >= FIRST_MS && ms <= LAST_MS;

/** Cuts a string without splitting a character, and makes it valid Unicode. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  const last = text.charCodeAt(limit - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHighSurrogate ? limit - 1 : limit).toWellFormed();
}

/** A dot in a label's name would make an object of it in the index, so it becomes an underscore; a blank name is refused there. */
export function labelsOf(labels: Readonly<Record<string, string>> = {}): Record<string, string> | undefined {
  const entries = Object.entries(labels)
    .filter(([name, value]) => name.trim() !== '' && value !== '')
    .map(([name, value]) => [name.replaceAll('.', '_'), cutText(value, KEYWORD_LIMIT)] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const INTEGER_LIMIT: Readonly<Partial<Record<FieldType, number>>> = {
  byte: 127,
  short: 32_767,
  long: Number.MAX_SAFE_INTEGER,
};

/**
 * One value as the index takes it for a field of `type`; undefined when it cannot. One number out of range would get
 * the whole document refused, so it is left out here.
 */
export function fitValue(type: FieldType, value: unknown): unknown {
  switch (type) {
    case 'keyword':
      return typeof value === 'string' && value !== '' ? cutText(value, KEYWORD_LIMIT) : undefined;
    case 'text':
      return typeof value === 'string' && value !== '' ? cutText(value, TEXT_LIMIT) : undefined;
    case 'byte':
    case 'short':
    case 'long': {
      const limit = INTEGER_LIMIT[type] ?? 0;
      return Number.isInteger(value) && Math.abs(Number(value)) <= limit ? value : undefined;
    }
    case 'double':
      return Number.isFinite(value) ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'date':
      return typeof value === 'number' && isUsableTime(value) ? new Date(value).toISOString() : undefined;
    case 'unindexed':
      return typeof value === 'string' && value !== '' ? value.toWellFormed() : undefined;
    case 'nested':
    case 'disabled':
    case 'labels':
      return value;
  }
}

function fitField(field: FieldDefinition, value: unknown): unknown {
  if (!field.list || !Array.isArray(value)) return fitValue(field.type, value);
  return value.map((item) => fitValue(field.type, item)).filter((item) => item !== undefined);
}

/** Guards one row of a nested field; `prefix` is the dotted name of the field. */
export function fitRow(prefix: string, row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fitted: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(row)) {
    const field = FIELD_BY_NAME.get(`${prefix}.${key}`);
    const kept = field === undefined ? undefined : fitField(field, value);
    if (kept !== undefined) fitted[key] = kept;
  }
  return fitted;
}

/** Nests dotted names: { 'host.os.type': 'linux' } becomes { host: { os: { type: 'linux' } } }, in the table's order. */
export function nestLeaves(leaves: Leaves, fields: readonly FieldDefinition[] = FIELDS): Record<string, unknown> {
  const values = new Map<string, unknown>(Object.entries(leaves));
  const root: Record<string, unknown> = {};
  for (const field of fields) {
    const value = values.get(field.name);
    if (value === undefined) continue;
    const fitted = fitField(field, value);
    if (fitted !== undefined) place(root, field.name.split('.'), fitted);
  }
  return root;
}

function place(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = root;
  for (const key of path.slice(0, -1)) {
    const next = node[key];
    if (isObject(next)) {
      node = next;
    } else {
      const created: Record<string, unknown> = {};
      node[key] = created;
      node = created;
    }
  }
  const leaf = path.at(-1);
  if (leaf !== undefined) node[leaf] = value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
