/** The Kafka source against a real broker. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CODECS } from '../../src/clients/codecs.ts';
import { createKafka } from '../../src/clients/kafka.ts';
import { systemClock } from '../../src/ops/index.ts';
import { createDeadLetterTopic } from '../../src/sink/index.ts';
import { MemoryLogger } from '../support/fakes.ts';
import {
  kernelLine,
  SourceWorker,
  type SourceWorkerOptions,
  triggerOf,
  unique,
  waitUntil,
} from '../support/source-worker.ts';

const kafkaService = inject('kafka');
const brokers = kafkaService?.brokers ?? [];

const client = createKafka({ brokers, clientId: 'test' }, new MemoryLogger());
const admin = client.admin();
const producer = client.producer({ allowAutoTopicCreation: false });

async function createTopic(numPartitions = 1): Promise<string> {
  const topic = unique('syslog');
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions }] });
  return topic;
}

const produce = (topic: string, partition: number, values: readonly (string | null)[], compression = 0) =>
  producer.send({ topic, compression, messages: values.map((value) => ({ partition, value })) });

const committedOffset = async (groupId: string, topic: string, partition = 0): Promise<string | undefined> => {
  const offsets = await admin.fetchOffsets({ groupId, topics: [topic] });
  return offsets[0]?.partitions.find((each) => each.partition === partition)?.offset;
};

describe.skipIf(kafkaService === undefined)('the Kafka source', () => {
  const workers: SourceWorker[] = [];
  const start = (options: Omit<SourceWorkerOptions, 'brokers'> & { brokers?: readonly string[] }): SourceWorker => {
    const worker = new SourceWorker({ brokers, ...options });
    workers.push(worker);
    return worker;
  };

  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()]);
  });

  afterAll(async () => {
    await Promise.all(workers.map(({ source }) => source.close()));
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  it('reads from the beginning, under every codec, and decodes only what may matter', async () => {
    const topic = await createTopic();
    const codecs = [0, ...Object.keys(CODECS).map(Number)];
    for (const codec of codecs) {
      await produce(
        topic,
        0,
        [kernelLine('web01', 'eth0: link up'), kernelLine('web01', triggerOf(codec)), null],
        codec,
      );
    }
    const worker = start({ topics: [topic], group: unique('group') });
    await waitUntil(() => worker.seen(0).length === codecs.length * 3, 'all records');
    expect(worker.texts).toEqual(codecs.map((codec) => triggerOf(codec)));
    expect(worker.seen(0)).toEqual(Array.from({ length: codecs.length * 3 }, (_, offset) => offset));
    expect(worker.batches[0]?.batch.firstAtMs).toBeGreaterThan(Date.UTC(2020));
  });

  it('commits what it is told, and goes on from there', async () => {
    const [topic, group] = [await createTopic(), unique('group')];
    await produce(
      topic,
      0,
      Array.from({ length: 10 }, (_, index) => kernelLine('web01', triggerOf(index))),
    );
    const first = start({ topics: [topic], group });
    await waitUntil(() => first.seen(0).length === 10, 'ten records');
    const place = { topic, partition: 0 };
    await first.source.commit(first.epoch - 1, place, 9);
    await first.source.commit(first.epoch, { topic, partition: 5 }, 9);
    expect(await committedOffset(group, topic)).toBe('-1');
    await first.source.commit(first.epoch, place, 4);
    expect(await committedOffset(group, topic)).toBe('4');
    await first.source.close();
    await first.running;
    const second = start({ topics: [topic], group });
    await waitUntil(() => second.seen(0).length === 6, 'the rest');
    expect(second.seen(0)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(second.texts).toHaveLength(6);
  });

  it('counts idle time at the end of a partition, and none while it is paused', async () => {
    const topic = await createTopic();
    const worker = start({ topics: [topic], group: unique('group') });
    await waitUntil(() => worker.idleMs > 1_000, 'idle time');
    const place = { topic, partition: 0 };
    worker.source.pause([place]);
    await sleep(600);
    const atPause = worker.idleMs;
    await produce(topic, 0, [kernelLine('web01', triggerOf(0))]);
    await sleep(1_500);
    expect(worker.idleMs).toBe(atPause);
    expect(worker.batches).toHaveLength(0);
    worker.source.resume([place]);
    await waitUntil(() => worker.texts.length === 1, 'the record after the pause');
    await waitUntil(() => worker.idleMs > atPause, 'idle time after the pause');
    expect(worker.idleMs - atPause).toBeLessThan(1_500);
  });

  it('takes a rebalance for a new beginning: all state void, nothing skipped, no commit of the old epoch', async () => {
    const [topic, group] = [await createTopic(4), unique('group')];
    for (let partition = 0; partition < 4; partition += 1) {
      await produce(
        topic,
        partition,
        Array.from({ length: 20 }, (_, index) => kernelLine('web01', triggerOf(index))),
      );
    }
    const first = start({ topics: [topic], group });
    await waitUntil(() => [0, 1, 2, 3].every((partition) => first.seen(partition).length === 20), 'all partitions');
    const oldEpoch = first.epoch;
    for (let partition = 0; partition < 4; partition += 1) {
      await first.source.commit(oldEpoch, { topic, partition }, 10 + partition);
    }
    first.source.pause([{ topic, partition: 0 }]);
    const second = start({ topics: [topic], group });
    await waitUntil(() => second.assignments.length > 0 && first.epoch > oldEpoch, 'the rebalance');
    await waitUntil(() => {
      const counts = [0, 1, 2, 3].map((partition) => first.seen(partition).length + second.seen(partition).length);
      return counts.join() === '10,9,8,7';
    }, 'every partition again from its committed offset, in one of the workers');
    const kept = first.assignments.at(-1)?.partitions ?? [];
    const gained = second.assignments.at(-1)?.partitions ?? [];
    expect([...kept, ...gained].map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3]);
    expect(kept.length).toBe(2);
    for (const { partition } of kept) {
      expect(first.seen(partition)[0]).toBe(10 + partition);
      await first.source.commit(oldEpoch, { topic, partition }, 20);
    }
    for (const { partition } of gained) await first.source.commit(first.epoch, { topic, partition }, 20);
    for (let partition = 0; partition < 4; partition += 1) {
      expect(await committedOffset(group, topic, partition)).toBe(String(10 + partition));
    }
  });

  it('hands over what the handler threw, once, and commits nothing', async () => {
    const [topic, group] = [await createTopic(), unique('group')];
    const worker = start({ topics: [topic], group });
    await waitUntil(() => worker.epoch > 0, 'the assignment');
    worker.failWith = new TypeError('a defect');
    await produce(topic, 0, [kernelLine('web01', triggerOf(0))]);
    await expect(worker.running).rejects.toThrow('a defect');
    expect(await committedOffset(group, topic)).toBe('-1');
  });

  it('joins anew at the beginning when the committed offset is gone', async () => {
    const [topic, group] = [await createTopic(), unique('group')];
    await produce(
      topic,
      0,
      Array.from({ length: 5 }, (_, index) => kernelLine('web01', triggerOf(index))),
    );
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '999' }] });
    const worker = start({ topics: [topic], group });
    await waitUntil(() => worker.texts.length >= 5, 'the records from the beginning');
    expect(worker.events('offset-reset')).toMatchObject([{ topic, partition: 0 }]);
    expect(worker.seen(0)).toEqual([0, 1, 2, 3, 4]);
    expect(worker.texts).toHaveLength(5);
  });

  it('passes over aborted transactions', async () => {
    const topic = await createTopic();
    const transactional = client.producer({ transactionalId: unique('tx'), maxInFlightRequests: 1, idempotent: true });
    await transactional.connect();
    for (const [text, ends] of [
      ['a', 'abort'],
      ['b', 'commit'],
      ['c', 'abort'],
      ['d', 'commit'],
    ] as const) {
      const transaction = await transactional.transaction();
      await transaction.send({ topic, messages: [{ partition: 0, value: kernelLine('web01', triggerOf(text)) }] });
      await transaction[ends]();
    }
    await transactional.disconnect();
    const worker = start({ topics: [topic], group: unique('group') });
    await waitUntil(() => worker.texts.length >= 2 && worker.idleMs > 0, 'the committed transactions');
    expect(worker.texts).toEqual([triggerOf('b'), triggerOf('d')]);
  });

  it('waits for a topic that does not exist yet, and names it', async () => {
    const topic = unique('later');
    const worker = start({ topics: [topic], group: unique('group') });
    await waitUntil(() => worker.events('kafka-retry').length > 0, 'the message');
    expect(worker.events('kafka-retry')[0]).toMatchObject({
      code: 'KAFKA_TOPIC_MISSING',
      option: 'kafka.topics',
      topics: [topic],
    });
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic }] });
    await waitUntil(() => worker.epoch > 0, 'the assignment');
  });

  it('keeps trying brokers that do not answer, names address and option, and ends when closed', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const worker = start({ topics: ['syslog'], group: 'group', brokers: [`127.0.0.1:${port}`] });
    await waitUntil(() => worker.events('kafka-retry').length >= 2, 'two attempts');
    expect(worker.events('kafka-retry')).toMatchObject([
      {
        code: 'KAFKA_UNREACHABLE',
        option: 'kafka.brokers',
        brokers: [`127.0.0.1:${port}`],
        attempt: 1,
        retryMs: 1_000,
      },
      { attempt: 2, retryMs: 2_000 },
    ]);
    await worker.source.close();
    await worker.running;
  });

  it('keeps dead letters by id, and says what is missing when it cannot', async () => {
    const topic = await createTopic();
    const options = { brokers, clientId: 'oomscope-test' };
    const position = { topic: 'syslog', partition: 0, offset: 7 };
    const letter = {
      reason: 'undecodable',
      error: 'json: bad',
      bytes: Buffer.from('{"a'),
      positions: { first: position, last: position },
    } as const;
    const letters = createDeadLetterTopic({ ...options, topic }, new MemoryLogger(), systemClock);
    await letters.put(letter);
    await letters.close();
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ partition: 0, high: '1' }]);
    const missing = createDeadLetterTopic({ ...options, topic: unique('nowhere') }, new MemoryLogger(), systemClock);
    await expect(missing.put(letter)).rejects.toMatchObject({
      code: 'DEAD_LETTER_FAILED',
      message: expect.stringMatching(/nowhere.*Create the topic/),
    });
    await missing.close();
  });
});
