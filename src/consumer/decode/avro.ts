/** Avro records, decoded by a schema file; their fields follow the look-up order of JSON. */
import { type Fields, isFields } from './fields.ts';
import { readFields, type Unreadable } from './json.ts';
import type { Envelope } from './record.ts';

const BRANCHES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);

/** Reads one Avro record; `decode` throws on bytes that do not follow the schema. */
export function readAvro(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
  decodeUtf8: (bytes: Uint8Array) => string,
): { envelope: Envelope; fields: Fields } | Unreadable {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch (error) {
    return { unreadable: 'avro', detail: error instanceof Error ? error.message : String(error) };
  }
  const fields = unwrap(value, decodeUtf8);
  if (!isFields(fields)) return { unreadable: 'avro', detail: 'expected a record' };
  return readFields(fields, 'avro', decodeUtf8);
}

/** `{"long": 3}` of a union becomes 3, bytes become text, at any depth that a schema of log records has. */
function unwrap(value: unknown, decodeUtf8: (bytes: Uint8Array) => string, depth = 0): unknown {
  if (value instanceof Uint8Array) return decodeUtf8(value);
  if (!isFields(value) || depth > 16) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && BRANCHES.has(first[0])) {
    return unwrap(first[1], decodeUtf8, depth + 1);
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, unwrap(inner, decodeUtf8, depth + 1)]));
}
