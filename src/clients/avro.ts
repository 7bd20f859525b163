/** Avro by a schema file: the only importer of avsc. */
import { readFileSync } from 'node:fs';
import avro from 'avsc';
import { OomscopeError } from '../tables/errors.ts';

/** The registry's header before the Avro bytes: a zero and the schema's number, int32. */
const REGISTRY_HEADER_BYTES = 5;

/** Longs as bigint where a number is not exact: time stamps in nanoseconds. */
const longType = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => exact(bytes.readBigInt64LE()),
  toBuffer: (value: number | bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: (value: unknown) => value,
  toJSON: (value: unknown) => value,
  isValid: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a: number | bigint, b: number | bigint) => (a < b ? -1 : Number(a > b)),
});

const exact = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

/**
 * A reader of records that follow the schema in a file, with or without the registry's header. What it returns throws on
 * bytes that do not follow the schema. Throws SCHEMA_INVALID when the file holds no record schema.
 */
export function readAvroSchema(path: string): (bytes: Uint8Array) => unknown {
  const type = parseSchema(path);
  return (bytes) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (buffer[0] !== 0) return decodeFrom(type, buffer, 0);
    try {
      return decodeFrom(type, buffer, REGISTRY_HEADER_BYTES);
    } catch {
      // A record without the header may begin with a zero too: an empty string.
      return decodeFrom(type, buffer, 0);
    }
  };
}

function decodeFrom(type: avro.Type, buffer: Buffer, start: number): unknown {
  const { value, offset } = type.decode(buffer, start);
  if (offset < 0) throw new RangeError('the record ends before its schema does');
  if (offset < buffer.length) throw new RangeError(`the schema ends at byte ${offset} of ${buffer.length}`);
  return value;
}

function parseSchema(path: string): avro.Type {
  let found: string;
  try {
    const type = avro.Type.forSchema(JSON.parse(readFileSync(path, 'utf8')), { registry: { long: longType } });
    if (avro.Type.isType(type, 'record')) return type;
    found = `the schema is of type ${type.typeName}`;
  } catch (error) {
    found = error instanceof Error ? error.message : String(error);
  }
  throw new OomscopeError(
    'SCHEMA_INVALID',
    `records.avro.schema: ${path}: ${found}. Expected a JSON file with one Avro record schema.`,
  );
}
