/** Record batches as bytes (message format v2), written without an object per record; `record-batch.ts` draws the layout. */
import { CODECS } from './codecs.ts';

export interface NewRecord {
  readonly key: string;
  readonly value: string;
  readonly atMs: number;
}

const HEADER_BYTES = 61;
/** What follows the checksum counts for it. */
const CRC_AT = 17;
const CHECKED_FROM = 21;

/** Most bytes of a record beside key and value: length, attributes, three varints of lengths, two deltas, no headers. */
export const RECORD_OVERHEAD = 40;

/** Number of the codec lz4 (attributes, bits 0 to 2). */
export const LZ4 = 3;

/** The records, at least one, as one record batch compressed by `codec` (0 for none). Throws RangeError on another codec. */
export function writeRecordBatch(records: readonly NewRecord[], codec: number): Buffer {
  const firstAtMs = records[0]?.atMs ?? 0;
  const plain = writeRecords(records, firstAtMs);
  const compression = CODECS[codec];
  if (codec !== 0 && compression === undefined) throw new RangeError(`unknown compression codec ${codec}`);
  const payload = compression === undefined ? plain : compression.compress(plain);
  const batch = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  batch.fill(0, 0, HEADER_BYTES);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(codec, 21);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(firstAtMs), 27);
  batch.writeBigInt64BE(BigInt(records.reduce((latest, { atMs }) => Math.max(latest, atMs), firstAtMs)), 35);
  // No producer: neither idempotent nor in a transaction.
  batch.fill(0xff, 43, 57);
  batch.writeInt32BE(records.length, 57);
  payload.copy(batch, HEADER_BYTES);
  batch.writeUInt32BE(crc32c(batch.subarray(CHECKED_FROM)), CRC_AT);
  return batch;
}

function writeRecords(records: readonly NewRecord[], firstAtMs: number): Buffer {
  let most = 0;
  for (const { key, value } of records) most += RECORD_OVERHEAD + 3 * (key.length + value.length);
  const bytes = Buffer.allocUnsafe(most);
  let at = 0;
  for (const [index, { key, value, atMs }] of records.entries()) {
    const [keyBytes, valueBytes] = [Buffer.byteLength(key), Buffer.byteLength(value)];
    const deltaMs = atMs - firstAtMs;
    const length =
      1 +
      varintBytes(deltaMs) +
      varintBytes(index) +
      varintBytes(keyBytes) +
      keyBytes +
      varintBytes(valueBytes) +
      valueBytes +
      1;
    at = writeVarint(bytes, at, length);
    bytes[at++] = 0;
    at = writeVarint(bytes, at, deltaMs);
    at = writeVarint(bytes, at, index);
    at = writeVarint(bytes, at, keyBytes);
    at += bytes.write(key, at);
    at = writeVarint(bytes, at, valueBytes);
    at += bytes.write(value, at);
    bytes[at++] = 0;
  }
  return bytes.subarray(0, at);
}

/** Zigzag; by division, for time deltas may exceed 32 bits. */
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = zigzag(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) count += 1;
  return count;
}

function writeVarint(bytes: Buffer, from: number, value: number): number {
  let at = from;
  let rest = zigzag(value);
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** CRC-32C (Castagnoli), reflected polynomial 0x82f63b78: that of record batches, and not the one of zlib. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
