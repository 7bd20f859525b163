import { describe, expect, it } from 'vitest';
import { blocksOf, type FetchedPartition, readFetchResponse, takeFetches } from '../../../src/clients/kafka-fetch.ts';
import { encodeBatch } from '../../support/record-batch.ts';

interface TestPartition {
  readonly partition: number;
  readonly errorCode?: number;
  readonly highWatermark: number;
  readonly aborted?: readonly { readonly producerId: number; readonly firstOffset: number }[];
  readonly records: Buffer;
}

const int = (bits: 16 | 32 | 64, value: number): Buffer => {
  const bytes = Buffer.alloc(bits / 8);
  if (bits === 16) bytes.writeInt16BE(value);
  else if (bits === 32) bytes.writeInt32BE(value);
  else bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

/** A fetch response of one topic, as a broker of this version of the protocol writes it. */
function responseOf(version: number, partitions: readonly TestPartition[]): Buffer {
  return Buffer.concat([
    int(32, 17),
    ...(version >= 7 ? [int(16, 0), int(32, 0)] : []),
    int(32, 1),
    int(16, 6),
    Buffer.from('syslog'),
    int(32, partitions.length),
    ...partitions.flatMap(({ partition, errorCode = 0, highWatermark, aborted = [], records }) => [
      int(32, partition),
      int(16, errorCode),
      int(64, highWatermark),
      int(64, highWatermark),
      ...(version >= 5 ? [int(64, 0)] : []),
      int(32, aborted.length),
      ...aborted.flatMap(({ producerId, firstOffset }) => [int(64, producerId), int(64, firstOffset)]),
      ...(version >= 11 ? [int(32, -1)] : []),
      int(32, records.length),
      records,
    ]),
  ]);
}

const asked = () => ({ fromOffset: 5, epoch: 3 });
const batchAt = (baseOffset: number, more = {}) =>
  encodeBatch({ baseOffset, firstAtMs: 1_000, records: [{ value: 'a' }, { value: 'b' }], ...more });

describe('readFetchResponse', () => {
  it.each([4, 5, 7, 10, 11])('reads version %d', (version) => {
    const bytes = responseOf(version, [
      { partition: 0, highWatermark: 8, records: Buffer.concat([batchAt(4), batchAt(6)]) },
      { partition: 1, highWatermark: 0, records: Buffer.alloc(0) },
    ]);
    const response = readFetchResponse(bytes, version, asked);
    expect(response).toMatchObject({ throttleTime: 0, clientSideThrottleTime: 17 });
    const [first, second] = response.responses[0]?.partitions ?? [];
    expect(first?.messages.map(({ offset }) => offset)).toEqual(['5', '7']);
    expect(blocksOf(first?.messages ?? [])).toMatchObject([
      { topic: 'syslog', partition: 0, baseOffset: 4, lastOffset: 5, fromOffset: 5, epoch: 3 },
      { baseOffset: 6, lastOffset: 7 },
    ]);
    expect(second).toMatchObject({ partition: 1, highWatermark: '0', messages: [] });
  });

  it('passes over transaction marks and the batches of aborted transactions', () => {
    const transactional = { attributes: 0x10 };
    const records = Buffer.concat([
      batchAt(0, { ...transactional, producerId: 1 }),
      batchAt(2, { ...transactional, producerId: 2 }),
      batchAt(4, { attributes: 0x30, producerId: 1 }),
      batchAt(6, { ...transactional, producerId: 1 }),
      batchAt(8),
    ]);
    const aborted = [
      { producerId: 1, firstOffset: 0 },
      { producerId: 3, firstOffset: 0 },
    ];
    const response = readFetchResponse(
      responseOf(11, [{ partition: 0, highWatermark: 10, aborted, records }]),
      11,
      asked,
    );
    const messages = response.responses[0]?.partitions[0]?.messages ?? [];
    expect(messages.map(({ offset, isControlRecord }) => [offset, isControlRecord])).toEqual([
      ['1', true],
      ['3', false],
      ['5', true],
      ['7', false],
      ['9', false],
    ]);
  });

  it('refuses brokers without record batches', () => {
    expect(() => readFetchResponse(Buffer.alloc(0), 3, asked)).toThrow(/fetch 3/);
  });
});

describe('takeFetches', () => {
  /** A broker as far as it is used: it builds a request by version and decodes the response by what the request says. */
  class FakeBroker {
    response: Buffer = Buffer.alloc(0);
    failure: Error | undefined;
    lookupRequest(): (request: unknown) => {
      request: { apiVersion: number };
      response: { decode: (bytes: Buffer) => unknown };
    } {
      return () => ({ request: { apiVersion: 11 }, response: { decode: () => 'decoded by the client' } });
    }
    async fetch(request: unknown): Promise<unknown> {
      if (this.failure) throw this.failure;
      return this.lookupRequest()(request).response.decode(this.response);
    }
  }

  const request = { topics: [{ topic: 'syslog', partitions: [{ partition: 0, fetchOffset: '5' }] }] };

  it('decodes in place of the client, and tells which partitions are at their end', async () => {
    const broker = new FakeBroker();
    const cluster = { findBroker: async () => broker };
    const completed: { epoch: number; partitions: readonly FetchedPartition[] }[] = [];
    const failures: unknown[] = [];
    takeFetches(cluster, {
      epoch: () => 9,
      completed: (epoch, partitions) => completed.push({ epoch, partitions }),
      failed: (error) => failures.push(error),
    });
    await cluster.findBroker();
    await cluster.findBroker();
    for (const highWatermark of [5, 6]) {
      broker.response = responseOf(11, [{ partition: 0, highWatermark, records: Buffer.alloc(0) }]);
      await broker.fetch(request);
    }
    broker.response = responseOf(11, [{ partition: 0, highWatermark: 7, records: batchAt(5) }]);
    expect(await broker.fetch(request)).toMatchObject({ responses: [{ topicName: 'syslog' }] });
    const place = { topic: 'syslog', partition: 0 };
    expect(completed).toEqual([
      { epoch: 9, partitions: [{ ...place, fromOffset: 5, endOffset: 5, isAtEnd: true }] },
      { epoch: 9, partitions: [{ ...place, fromOffset: 5, endOffset: 6, isAtEnd: false }] },
      { epoch: 9, partitions: [{ ...place, fromOffset: 5, endOffset: 7, isAtEnd: false }] },
    ]);
    broker.failure = new Error('closed');
    await expect(broker.fetch(request)).rejects.toThrow('closed');
    expect(failures).toEqual([broker.failure]);
  });
});
