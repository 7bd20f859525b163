/**
 * Record batches as bytes (message format v2, since Kafka 0.11), read without an object per record.
 *
 * Layout: base offset int64, length int32, leader epoch int32, magic int8, crc int32, attributes int16, last offset delta
 * int32, first time stamp int64, max time stamp int64, producer id int64, producer epoch int16, sequence int32, count
 * int32, then the records, compressed as one block.
 */
import { CODECS } from './codecs.ts';

/** One record batch; its records are still compressed. */
export interface RecordBlock {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly recordCount: number;
  /** Stamp of the first record, or the broker's when the topic keeps the time of appending; absent when there is none. */
  readonly firstAtMs?: number;
  readonly lastAtMs?: number;
  /** Transaction marks: no data. */
  readonly isControl: boolean;
  readonly inTransaction: boolean;
  readonly producerId: string;
  readonly appendTime: boolean;
  readonly codec: number;
  readonly payload: Buffer;
}

export interface RecordFields {
  readonly offset: number;
  readonly timestampMs?: number;
  readonly key?: Uint8Array;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, Uint8Array>>;
}

const LENGTH_END = 12;
const MAGIC_AT = 16;
const HEADER_BYTES = 61;
const MAGIC = 2;

const CODEC_MASK = 0x07;
const APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/**
 * The record batches of a fetched record set. An incomplete one at the end, which the limit of a fetch cuts, is left
 * out. Throws on the message formats before 0.11.
 */
export function readBlocks(bytes: Buffer): RecordBlock[] {
  const blocks: RecordBlock[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + 8);
    if (end > bytes.length || end < at + HEADER_BYTES) break;
    const magic = bytes.readInt8(at + MAGIC_AT);
    if (magic !== MAGIC) {
      throw new TypeError(
        `A record batch has message format ${magic}; expected ${MAGIC} (Kafka 0.11 or newer). Copy the topic with a current producer.`,
      );
    }
    blocks.push(readBlock(bytes.subarray(at, end)));
    at = end;
  }
  return blocks;
}

function readBlock(bytes: Buffer): RecordBlock {
  const attributes = bytes.readInt16BE(21);
  const baseOffset = int64(bytes, 0);
  const appendTime = (attributes & APPEND_TIME) !== 0;
  const lastAtMs = stamp(int64(bytes, 35));
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(23),
    firstAtMs: appendTime ? lastAtMs : stamp(int64(bytes, 27)),
    lastAtMs,
    isControl: (attributes & CONTROL) !== 0,
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    producerId: bytes.readBigInt64BE(43).toString(),
    appendTime,
    codec: attributes & CODEC_MASK,
    recordCount: bytes.readInt32BE(57),
    payload: bytes.subarray(HEADER_BYTES),
  };
}

/** The records of a block, uncompressed. Throws on damaged bytes and unknown codecs. */
export function openBlock(block: RecordBlock): Buffer {
  if (block.codec === 0) return block.payload;
  const codec = CODECS[block.codec];
  if (codec === undefined) throw new RangeError(`unknown compression codec ${block.codec}`);
  return codec.decompress(block.payload);
}

/** Walks over the records of an opened block by their lengths alone, without making anything of them. */
export class RecordCursor {
  readonly #records: Buffer;
  readonly #count: number;
  #index = 0;
  /** The present record lies in [start, end). */
  start = 0;
  end = 0;

  constructor(records: Buffer, count: number) {
    this.#records = records;
    this.#count = count;
  }

  /** Goes to the next record; false when there is none. Throws RangeError when it ends outside the block. */
  advance(): boolean {
    if (this.#index >= this.#count) return false;
    const place = { at: this.end };
    const length = readVarint(this.#records, place);
    this.start = place.at;
    this.end = place.at + length;
    if (length < 0 || this.end > this.#records.length) {
      throw new RangeError(
        `record ${this.#index} of ${this.#count} ends at ${this.end} of ${this.#records.length} bytes`,
      );
    }
    this.#index += 1;
    return true;
  }
}

/** Reads one record: attributes int8, time delta, offset delta, key, value, headers; lengths are varints, -1 is null. */
export function readRecord(records: Buffer, start: number, end: number, block: RecordBlock): RecordFields {
  const cursor = { at: start + 1 };
  const deltaMs = readVarint(records, cursor);
  const offset = block.baseOffset + readVarint(records, cursor);
  const key = readBytes(records, cursor);
  const value = readBytes(records, cursor);
  const headerCount = readVarint(records, cursor);
  const headers: Record<string, Uint8Array> = {};
  for (let index = 0; index < headerCount && cursor.at < end; index += 1) {
    const name = readBytes(records, cursor)?.toString('utf8');
    const header = readBytes(records, cursor);
    if (name !== undefined && header !== null) headers[name] = header;
  }
  const timestampMs = block.appendTime || block.firstAtMs === undefined ? block.firstAtMs : block.firstAtMs + deltaMs;
  return { offset, timestampMs, key: key ?? undefined, value, headers: headerCount > 0 ? headers : undefined };
}

function readBytes(records: Buffer, cursor: { at: number }): Buffer | null {
  const length = readVarint(records, cursor);
  if (length < 0) return null;
  const end = cursor.at + length;
  if (end > records.length) throw new RangeError(`a field ends at byte ${end} of ${records.length}`);
  const bytes = records.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

/** A zigzag varint of up to ten bytes; exact up to 2^53. */
function readVarint(bytes: Buffer, cursor: { at: number }): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[cursor.at];
    if (byte === undefined || scale > 2 ** 63) throw new RangeError(`no varint at byte ${cursor.at}`);
    cursor.at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

const int64 = (bytes: Buffer, at: number): number => Number(bytes.readBigInt64BE(at));

const stamp = (ms: number): number | undefined => (ms < 0 ? undefined : ms);
