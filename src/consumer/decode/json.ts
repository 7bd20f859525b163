/** JSON envelopes of any shipper. */
import { type Fields, isFields, lookUp } from './fields.ts';
import type { Envelope } from './record.ts';
import { SHAPES } from './shapes/index.ts';

export type Unreadable = {
  readonly unreadable: 'json' | 'no-text' | 'avro';
  readonly detail: string;
  /** The shipper's, where its fields show it. */
  readonly shape?: string;
};

/** Reads one JSON object; says why when it is none or holds no text. */
export function readJson(
  text: string,
  decodeUtf8: (bytes: Uint8Array) => string,
): { envelope: Envelope; fields: Fields } | Unreadable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { unreadable: 'json', detail: error instanceof Error ? error.message : String(error) };
  }
  if (!isFields(value)) return { unreadable: 'json', detail: 'expected a JSON object' };
  return readFields(value, 'json', decodeUtf8);
}

/** Reads the fields of a JSON or Avro record by the look-up order and the deviations of its shipper. */
export function readFields(
  fields: Fields,
  fallbackShape: string,
  decodeUtf8: (bytes: Uint8Array) => string,
): { envelope: Envelope; fields: Fields } | Unreadable {
  const shape = SHAPES.find((candidate) => candidate.recognises(fields));
  const envelope = lookUp(shape?.name ?? fallbackShape, fields, decodeUtf8);
  if (envelope === undefined) {
    const detail = `no text among the fields ${Object.keys(fields).slice(0, 20).join(', ')}`;
    return { unreadable: 'no-text', detail, ...(shape === undefined ? {} : { shape: shape.name }) };
  }
  return { envelope: shape?.correct?.(envelope, fields) ?? envelope, fields };
}
