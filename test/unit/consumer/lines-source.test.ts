import { describe, expect, it } from 'vitest';
import { createDecoder, type RawRecord } from '../../../src/consumer/decode/index.ts';
import { createLinesSource } from '../../../src/consumer/lines-source.ts';
import type { LineBatch, SourceHandler, TopicPartition } from '../../../src/ports.ts';
import { DECODER_OPTIONS } from '../../support/decoder.ts';
import { settle } from '../../support/fakes.ts';

const decoder = createDecoder({ ...DECODER_OPTIONS, kernelOnly: true });

const recordOf = (partition: number, offset: number): RawRecord => ({
  topic: 'demo',
  partition,
  offset,
  timestampMs: 1_000 + offset,
  value: new TextEncoder().encode(`line ${offset}`),
});

const PLACES: TopicPartition[] = [
  { topic: 'demo', partition: 0 },
  { topic: 'demo', partition: 1 },
];

class Recorder implements SourceHandler {
  readonly batches: LineBatch[] = [];
  assigned: readonly TopicPartition[] = [];
  onAssigned(_epoch: number, partitions: readonly TopicPartition[]): void {
    this.assigned = partitions;
  }
  async onBatch(batch: LineBatch): Promise<void> {
    this.batches.push(batch);
  }
  onIdle(): void {}
}

describe('createLinesSource', () => {
  it('hands over batches of one partition each, with offsets and times, and ends', async () => {
    const records = [recordOf(0, 0), recordOf(0, 1), recordOf(1, 0), recordOf(0, 2)];
    const handler = new Recorder();
    await createLinesSource(records, decoder, PLACES).run(handler);
    expect(handler.assigned).toEqual(PLACES);
    expect(handler.batches).toMatchObject([
      {
        partition: 0,
        firstOffset: 0,
        lastOffset: 1,
        recordCount: 2,
        firstAtMs: 1_000,
        lastAtMs: 1_001,
        byteLength: 12,
      },
      { partition: 1, firstOffset: 0, lastOffset: 0 },
      { partition: 0, firstOffset: 2, lastOffset: 2 },
    ]);
    expect([...(handler.batches[0]?.lines(new Set()) ?? [])]).toHaveLength(2);
  });

  it('splits a long run', async () => {
    const handler = new Recorder();
    const records = Array.from({ length: 1_201 }, (_, offset) => recordOf(0, offset));
    await createLinesSource(records, decoder, PLACES).run(handler);
    expect(handler.batches.map(({ recordCount }) => recordCount)).toEqual([500, 500, 201]);
  });

  it('ends a batch at a gap in time, so that the clock of a sparse log does not jump over a report', async () => {
    const records = [0, 1, 2].map((offset) => ({
      ...recordOf(0, offset),
      timestampMs: [0, 900, 3_600_000][offset] ?? 0,
    }));
    const handler = new Recorder();
    await createLinesSource(records, decoder, PLACES).run(handler);
    expect(handler.batches.map(({ recordCount }) => recordCount)).toEqual([2, 1]);
  });

  it('waits while its partition is paused', async () => {
    const handler = new Recorder();
    const source = createLinesSource([recordOf(0, 0)], decoder, PLACES);
    source.pause(PLACES);
    const running = source.run(handler);
    await settle();
    expect(handler.batches).toHaveLength(0);
    source.resume(PLACES);
    await running;
    expect(handler.batches).toHaveLength(1);
  });

  it('ends when it is closed, paused or not', async () => {
    const handler = new Recorder();
    const source = createLinesSource([recordOf(0, 0)], decoder, PLACES);
    source.pause(PLACES);
    const running = source.run(handler);
    await settle();
    await source.close();
    await running;
    expect(handler.batches).toHaveLength(0);
  });

  it('rejects with what the handler threw', async () => {
    const handler = new Recorder();
    handler.onBatch = async () => {
      throw new Error('refused');
    };
    await expect(createLinesSource([recordOf(0, 0)], decoder, PLACES).run(handler)).rejects.toThrow('refused');
  });
});
