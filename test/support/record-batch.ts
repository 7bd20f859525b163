/** Record batches as a producer writes them, for tests of what reads them. */

export interface TestRecord {
  readonly key?: string;
  readonly value: string | Uint8Array | null;
  readonly atMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestBatch {
  readonly baseOffset: number;
  readonly firstAtMs: number;
  readonly records: readonly TestRecord[];
  /** Bits of the attributes: codec, 0x08 append time, 0x10 transactional, 0x20 control. */
  readonly attributes?: number;
  readonly producerId?: number;
  readonly compress?: (bytes: Buffer) => Buffer;
}

/** One record batch of message format v2; the checksum is left zero. */
export function encodeBatch(batch: TestBatch): Buffer {
  const { baseOffset, firstAtMs, records, attributes = 0, producerId = -1, compress = (bytes) => bytes } = batch;
  const payload = compress(Buffer.concat(records.map((record, index) => encodeRecord(record, index, firstAtMs))));
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(BigInt(baseOffset), 0);
  header.writeInt32BE(header.length - 12 + payload.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE(records.length - 1, 23);
  header.writeBigInt64BE(BigInt(firstAtMs), 27);
  header.writeBigInt64BE(BigInt(Math.max(firstAtMs, ...records.map(({ atMs = firstAtMs }) => atMs))), 35);
  header.writeBigInt64BE(BigInt(producerId), 43);
  header.writeInt32BE(records.length, 57);
  return Buffer.concat([header, payload]);
}

function encodeRecord({ key, value, atMs, headers = {} }: TestRecord, index: number, firstAtMs: number): Buffer {
  const names = Object.entries(headers);
  const body = Buffer.concat([
    Buffer.from([0]),
    varint((atMs ?? firstAtMs) - firstAtMs),
    varint(index),
    field(key === undefined ? null : Buffer.from(key)),
    field(value === null ? null : Buffer.from(value)),
    varint(names.length),
    ...names.flatMap(([name, header]) => [field(Buffer.from(name)), field(Buffer.from(header))]),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

const field = (bytes: Buffer | null): Buffer =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? BigInt(-value) * 2n - 1n : BigInt(value) * 2n;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
