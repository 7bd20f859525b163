import { describe, expect, it } from 'vitest';
import { openBlock, RecordCursor, readBlocks, readRecord } from '../../../src/clients/record-batch.ts';
import { crc32c, LZ4, writeRecordBatch } from '../../../src/clients/record-batch-write.ts';

describe('the checksum', () => {
  it('is CRC-32C: the check value of the catalogue', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});

describe('a written record batch', () => {
  const records = [
    { key: 'web01', value: 'first', atMs: 1_790_000_000_000 },
    { key: 'dübel', value: '– wide – '.repeat(50), atMs: 1_790_000_000_999 },
    { key: '', value: '', atMs: 1_789_000_000_000 },
    ...Array.from({ length: 300 }, (_, index) => ({
      key: `h${index}`,
      value: 'x'.repeat(index),
      atMs: 1_790_000_001_000 + index,
    })),
  ];

  it.each([0, LZ4])('with codec %i is read back as it was', (codec) => {
    const bytes = writeRecordBatch(records, codec);
    const [block, ...more] = readBlocks(bytes);
    if (block === undefined) throw new Error('no block');
    expect(more).toEqual([]);
    expect(block).toMatchObject({ recordCount: records.length, lastOffset: records.length - 1, producerId: '-1' });
    expect(block).toMatchObject({ firstAtMs: records[0]?.atMs, lastAtMs: records.at(-1)?.atMs });
    const opened = openBlock(block);
    const cursor = new RecordCursor(opened, block.recordCount);
    const found: unknown[] = [];
    while (cursor.advance()) {
      const { key, value, timestampMs, offset } = readRecord(opened, cursor.start, cursor.end, block);
      expect(offset).toBe(found.length);
      found.push({ key: String(Buffer.from(key ?? [])), value: String(value), atMs: timestampMs });
    }
    expect(found).toEqual(records);
    expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes.subarray(21)));
  });

  it('is refused for a codec that there is not', () => {
    expect(() => writeRecordBatch(records, 7)).toThrow(RangeError);
  });
});
