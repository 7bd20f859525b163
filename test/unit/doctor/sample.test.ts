import { describe, expect, it } from 'vitest';
import type { FetchedBlock } from '../../../src/clients/kafka-fetch.ts';
import type { PartitionSpan, TopicReader } from '../../../src/clients/kafka-read.ts';
import { readBlocks } from '../../../src/clients/record-batch.ts';
import { createDecoder } from '../../../src/consumer/index.ts';
import { sampleTopic } from '../../../src/doctor/sample.ts';
import { DECODER_OPTIONS } from '../../support/decoder.ts';
import { ManualClock } from '../../support/fakes.ts';
import { encodeBatch } from '../../support/record-batch.ts';

const TOPIC = 'syslog';
const options = { ...DECODER_OPTIONS, maxBytes: 10_000 };
const decoders = {
  decoder: createDecoder(options),
  anySpeaker: createDecoder({ ...options, kernelOnly: true }),
  recordMaxBytes: 10_000,
};

const blockOf = (partition: number, baseOffset: number, count: number, attributes = 0): FetchedBlock => {
  const value = `<6>1 2026-11-23T04:01:02Z web0${partition} kernel - - - [1.000000] eth0: up`;
  const records = Array.from({ length: count }, () => ({ key: 'web', value }));
  const [block] = readBlocks(encodeBatch({ baseOffset, firstAtMs: 1_000, records, attributes }));
  if (block === undefined) throw new Error('no block');
  return { ...block, topic: TOPIC, partition, fromOffset: 0, epoch: 0 };
};

/** Hands over these blocks by partition and keeps what was asked for. */
function readerOf(
  blocks: readonly FetchedBlock[],
  between: () => Promise<void> = async () => {},
): { reader: TopicReader; asked: PartitionSpan[] } {
  const asked: PartitionSpan[] = [];
  const reader: TopicReader = {
    spans: async () => [],
    close: async () => {},
    async *blocks(_, span) {
      asked.push(span);
      for (const block of blocks.filter(({ partition }) => partition === span.partition)) {
        await between();
        yield block;
      }
    },
  };
  return { reader, asked };
}

const span = (partition: number, firstOffset: number, endOffset: number) => ({ partition, firstOffset, endOffset });

describe('the sample of a topic', () => {
  it('is the end of each partition that holds records', async () => {
    const { reader, asked } = readerOf([blockOf(0, 99_990, 10), blockOf(2, 0, 5)]);
    const spans = [span(0, 0, 100_000), span(1, 7, 7), span(2, 0, 3)];
    const { sample } = await sampleTopic({ reader, ...decoders }, TOPIC, spans, new ManualClock(), 1_000);
    expect(asked).toEqual([span(0, 96_000, 100_000), span(2, 0, 3)]);
    // The last batch reaches beyond the end that was asked for.
    expect(sample).toMatchObject({ records: 13, unreadPartitions: [], codecs: { none: 2 } });
    expect(sample?.hosts.map(({ host }) => host)).toEqual(['web00', 'web02']);
  });

  it('ends when its time is over, and names the partitions that it left unread', async () => {
    const clock = new ManualClock();
    const { reader } = readerOf([blockOf(0, 0, 1), blockOf(1, 0, 1), blockOf(2, 0, 1)], () => clock.advance(400));
    const spans = [span(0, 0, 1), span(1, 0, 1), span(2, 0, 1)];
    const { sample } = await sampleTopic({ reader, ...decoders }, TOPIC, spans, clock, 1_000);
    expect(sample).toMatchObject({ records: 2, unreadPartitions: [2] });
  });

  it('does not wait for a fetch that hangs', async () => {
    const clock = new ManualClock();
    const { reader } = readerOf([blockOf(0, 0, 1)], () => new Promise(() => {}));
    const sampling = sampleTopic({ reader, ...decoders }, TOPIC, [span(0, 0, 1)], clock, 1_000);
    await clock.advance(1_000);
    expect((await sampling).sample).toMatchObject({ records: 0, unreadPartitions: [0] });
  });

  it('counts batches that cannot be opened, and goes on', async () => {
    const { reader } = readerOf([blockOf(0, 0, 1, 6), blockOf(0, 1, 2), { ...blockOf(0, 3, 2), inTransaction: true }]);
    const { sample } = await sampleTopic({ reader, ...decoders }, TOPIC, [span(0, 0, 5)], new ManualClock(), 1_000);
    expect(sample).toMatchObject({ records: 4, inTransactions: 2, unopened: { count: 1 } });
    expect(sample?.unopened?.example.text).toContain('codec 6');
  });

  it('says why a topic cannot be read', async () => {
    const refused = Object.assign(new Error('Not authorized'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    const { reader } = readerOf([blockOf(0, 0, 1)], () => Promise.reject(refused));
    const { trouble } = await sampleTopic({ reader, ...decoders }, TOPIC, [span(0, 0, 1)], new ManualClock(), 1_000);
    expect(trouble).toMatchObject({ kind: 'rights' });
  });
});
