import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODECS } from '../../../src/clients/codecs.ts';
import {
  openBlock,
  type RecordBlock,
  RecordCursor,
  type RecordFields,
  readBlocks,
  readRecord,
} from '../../../src/clients/record-batch.ts';
import { encodeBatch } from '../../support/record-batch.ts';

function recordsOf(block: RecordBlock): RecordFields[] {
  const records = openBlock(block);
  const cursor = new RecordCursor(records, block.recordCount);
  const read: RecordFields[] = [];
  while (cursor.advance()) read.push(readRecord(records, cursor.start, cursor.end, block));
  return read;
}

const readAll = (bytes: Buffer): RecordFields[] => readBlocks(bytes).flatMap(recordsOf);

describe('readBlocks', () => {
  it('gives back keys, values, headers, offsets and times of any batch under any codec', () => {
    const record = fc.record({
      key: fc.option(fc.string(), { nil: undefined }),
      value: fc.option(fc.string(), { nil: null }),
      atMs: fc.integer({ min: 0, max: 2_000_000_000_000 }),
      headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string(), { maxKeys: 3 }),
    });
    const batch = fc.record({
      baseOffset: fc.integer({ min: 0, max: 2 ** 50 }),
      firstAtMs: fc.integer({ min: 0, max: 2_000_000_000_000 }),
      records: fc.array(record, { minLength: 1, maxLength: 20 }),
      codec: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(batch, ({ codec, ...written }) => {
        const bytes = encodeBatch({ ...written, attributes: codec, compress: CODECS[codec]?.compress });
        const read = readAll(bytes);
        expect(read.map(({ offset }) => offset)).toEqual(written.records.map((_, index) => written.baseOffset + index));
        expect(read.map(({ timestampMs }) => timestampMs)).toEqual(written.records.map(({ atMs }) => atMs));
        const text = (field: Uint8Array | null | undefined) => (field ? Buffer.from(field).toString() : field);
        expect(read.map(({ key }) => text(key))).toEqual(written.records.map(({ key }) => key));
        expect(read.map(({ value }) => text(value))).toEqual(written.records.map(({ value }) => value));
        expect(read.map(({ headers = {} }) => Object.keys(headers).sort())).toEqual(
          written.records.map(({ headers }) => Object.keys(headers).sort()),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('leaves out a batch that the limit of the fetch has cut', () => {
    const whole = encodeBatch({ baseOffset: 0, firstAtMs: 1, records: [{ value: 'a' }] });
    const next = encodeBatch({ baseOffset: 1, firstAtMs: 1, records: [{ value: 'b' }] });
    for (const cut of [1, 12, 40, next.length - 1]) {
      expect(readBlocks(Buffer.concat([whole, next.subarray(0, cut)]))).toHaveLength(1);
    }
  });

  it("takes the broker's time where the topic keeps the time of appending", () => {
    const bytes = encodeBatch({
      baseOffset: 0,
      firstAtMs: 5,
      attributes: 0x08,
      records: [{ value: 'a' }, { value: 'b', atMs: 900 }],
    });
    expect(readBlocks(bytes)[0]).toMatchObject({ firstAtMs: 900, lastAtMs: 900 });
    expect(readAll(bytes).map(({ timestampMs }) => timestampMs)).toEqual([900, 900]);
  });

  it('refuses the message formats before 0.11', () => {
    const bytes = encodeBatch({ baseOffset: 0, firstAtMs: 1, records: [{ value: 'a' }] });
    bytes.writeInt8(1, 16);
    expect(() => readBlocks(bytes)).toThrow(/message format 1; expected 2/);
  });

  it('reads or throws on damaged records, within their bounds', () => {
    const records = [{ value: 'a long enough value', key: 'web01' }, { value: 'b' }];
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const bytes = encodeBatch({ baseOffset: 0, firstAtMs: 1, records });
        const [block] = readBlocks(bytes);
        if (block === undefined) return;
        block.payload[at % block.payload.length] = byte;
        try {
          recordsOf(block);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('snappy', () => {
  it("reads xerial's framing of several chunks, and refuses a chunk that ends outside", () => {
    const codec = CODECS[2];
    const chunk = codec?.compress(Buffer.from('half of it ')) ?? Buffer.alloc(0);
    const length = Buffer.alloc(4);
    length.writeInt32BE(chunk.length);
    const header = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
    const framed = Buffer.concat([header, length, chunk, length, chunk]);
    expect(codec?.decompress(framed).toString()).toBe('half of it half of it ');
    expect(() => codec?.decompress(framed.subarray(0, -1))).toThrow(RangeError);
  });
});
