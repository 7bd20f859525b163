/** Topics by pattern, partitions that are added, starts and lag of the Kafka source, against a real broker. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createKafka } from '../../src/clients/kafka.ts';
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

async function createTopic(topic: string, numPartitions = 1): Promise<void> {
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions }] });
}

/** Trigger lines, each told from others by its mark. A producer of its own: one that is older knows no new partitions. */
async function produce(
  topic: string,
  partition: number,
  marks: readonly (string | number)[],
  atMs?: number,
): Promise<void> {
  const producer = client.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const messages = marks.map((mark) => ({
    partition,
    value: kernelLine('web01', triggerOf(mark)),
    ...(atMs === undefined ? {} : { timestamp: String(atMs) }),
  }));
  await producer.send({ topic, messages });
  await producer.disconnect();
}

async function committed(groupId: string, topic: string): Promise<string[]> {
  const [fetched] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return [...(fetched?.partitions ?? [])].sort((a, b) => a.partition - b.partition).map(({ offset }) => offset);
}

describe.skipIf(kafkaService === undefined)('the Kafka source', () => {
  const workers: SourceWorker[] = [];
  const start = (options: Omit<SourceWorkerOptions, 'brokers'>): SourceWorker => {
    const worker = new SourceWorker({ brokers, metadataIntervalMs: 1_000, ...options });
    workers.push(worker);
    return worker;
  };
  const isAssigned = (worker: SourceWorker) => () => (worker.assignments.at(-1)?.partitions.length ?? 0) > 0;
  const topicsOf = (worker: SourceWorker): string[] => [
    ...new Set(worker.assignments.at(-1)?.partitions.map(({ topic }) => topic)),
  ];

  beforeAll(() => admin.connect());

  afterAll(async () => {
    await Promise.all(workers.map(({ source }) => source.close()));
    await admin.disconnect();
  });

  describe('with a pattern', () => {
    it('waits until a topic matches, reads those that come later, and neither the dead letters nor the rest', async () => {
      const [prefix, group] = [unique('fleet'), unique('group')];
      const letters = `${prefix}-dead`;
      await createTopic(letters);
      const worker = start({ topics: [`/^${prefix}-/`, '/offsets$/'], excludedTopics: [letters], group });
      await waitUntil(() => worker.events('kafka-retry').length > 0, 'the message');
      expect(worker.events('kafka-retry')[0]).toMatchObject({
        code: 'KAFKA_TOPIC_MISSING',
        option: 'kafka.topics',
        error: expect.stringContaining(`/^${prefix}-/, /offsets$/: no topic matches`),
      });
      await createTopic(`${prefix}-eu`);
      await produce(`${prefix}-eu`, 0, ['eu']);
      await waitUntil(() => worker.texts.length === 1, 'the first topic');
      const firstEpoch = worker.epoch;
      await createTopic(`other-${prefix}`);
      await createTopic(`${prefix}-us`, 2);
      await produce(`${prefix}-us`, 1, ['us']);
      await waitUntil(() => worker.texts.includes(triggerOf('us')), 'the second topic');
      expect(worker.epoch).toBeGreaterThan(firstEpoch);
      expect(topicsOf(worker)).toEqual([`${prefix}-eu`, `${prefix}-us`]);
      expect(worker.events('topics-added')).toEqual([{ topics: [`${prefix}-us`] }]);
    });

    it('goes on with the topics that are left when one is deleted', async () => {
      const [prefix, group] = [unique('fleet'), unique('group')];
      await createTopic(`${prefix}-a`);
      await createTopic(`${prefix}-b`);
      const worker = start({ topics: [`/^${prefix}/`], group });
      await waitUntil(isAssigned(worker), 'the assignment');
      await admin.deleteTopics({ topics: [`${prefix}-a`] });
      await waitUntil(() => topicsOf(worker).join() === `${prefix}-b`, 'the topic that is left');
      await produce(`${prefix}-b`, 0, ['b']);
      await waitUntil(() => worker.texts.length === 1, 'its record');
    });
  });

  it('notices partitions that were added, says so, and reads them from their beginning', async () => {
    const [topic, group] = [unique('syslog'), unique('group')];
    await createTopic(topic, 1);
    const worker = start({ topics: [topic], group, start: 'latest' });
    await waitUntil(isAssigned(worker), 'the assignment');
    await waitUntil(async () => (await committed(group, topic)).join() === '0', 'the start');
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await waitUntil(
      async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length === 3,
      '3',
    );
    await produce(topic, 2, ['new']);
    await waitUntil(() => worker.texts.length > 0, 'the record of the new partition');
    expect(worker.texts[0]).toBe(triggerOf('new'));
    await waitUntil(() => worker.events('partitions-added').length > 0, 'the message');
    expect(worker.events('partitions-added')).toEqual([
      { topic, from: 1, to: 3, effect: expect.stringContaining('split in two') },
    ]);
    expect(worker.metrics.value('oomscope_partitions_added_total', { topic })).toBe(2);
    expect(worker.assignments.at(-1)?.partitions.length).toBe(3);
  });

  describe('with start latest', () => {
    it('commits the end of every partition before it reads, and keeps to it after a crash', async () => {
      const [topic, group] = [unique('syslog'), unique('group')];
      await createTopic(topic, 2);
      await produce(topic, 0, [1, 2, 3]);
      const first = start({ topics: [topic], group, start: 'latest' });
      await waitUntil(async () => (await committed(group, topic)).join() === '3,0', 'the start of both');
      expect(first.texts).toEqual([]);
      await produce(topic, 0, ['after']);
      await produce(topic, 1, ['after too']);
      await waitUntil(() => first.texts.length === 2, 'what was written since');
      // It ends without a commit of its own.
      await first.source.close();
      const second = start({ topics: [topic], group, start: 'latest' });
      await waitUntil(() => second.texts.length === 2, 'the same again');
      expect(second.texts.sort()).toEqual([triggerOf('after'), triggerOf('after too')].sort());
      expect(second.events('start-committed')).toEqual([]);
    });

    it('holds for all workers alike that begin together', async () => {
      const [topic, group] = [unique('syslog'), unique('group')];
      await createTopic(topic, 6);
      for (let partition = 0; partition < 6; partition += 1) await produce(topic, partition, ['old']);
      const all = [1, 2, 3].map(() => start({ topics: [topic], group, start: 'latest' }));
      await waitUntil(() => all.every((worker) => isAssigned(worker)()), 'the assignments');
      await waitUntil(async () => (await committed(group, topic)).join() === '1,1,1,1,1,1', 'the starts');
      for (let partition = 0; partition < 6; partition += 1) await produce(topic, partition, [partition]);
      const texts = () => new Set(all.flatMap((worker) => worker.texts));
      await waitUntil(() => texts().size >= 6, 'what was written since');
      expect([...texts()].sort()).toEqual([0, 1, 2, 3, 4, 5].map(triggerOf));
      expect(all.flatMap((worker) => worker.events('start-committed'))).toHaveLength(1);
    });

    it('waits for the leader of the group, and takes its place when it goes', async () => {
      const [topic, group] = [unique('syslog'), unique('group')];
      await createTopic(topic, 2);
      for (const partition of [0, 1]) await produce(topic, partition, ['old']);
      // Of another configuration: it commits no start.
      const leader = start({ topics: [topic], group });
      await waitUntil(() => leader.texts.length === 2, 'the leader');
      const worker = start({ topics: [topic], group, start: 'latest' });
      await waitUntil(isAssigned(worker), 'the assignment');
      const waitingEpoch = worker.epoch;
      await sleep(2_000);
      expect([worker.texts, worker.epoch]).toEqual([[], waitingEpoch]);
      await leader.source.close();
      await waitUntil(async () => (await committed(group, topic)).join() === '1,1', 'the starts');
      await produce(topic, 1, ['new']);
      await waitUntil(() => worker.texts.length > 0, 'what was written since');
      expect(worker.texts).toEqual([triggerOf('new')]);
    });

    it('reads topics from their beginning that came later: by pattern, by name, and made again', async () => {
      const [prefix, group, named] = [unique('fleet'), unique('group'), unique('named')];
      await createTopic(`${prefix}-1`);
      await produce(`${prefix}-1`, 0, ['old']);
      const worker = start({ topics: [named, `/^${prefix}/`], group, start: 'latest' });
      await waitUntil(() => worker.events('kafka-retry').length > 0, 'the missing name');
      await createTopic(named);
      await produce(named, 0, ['named']);
      await waitUntil(() => worker.texts.length === 1, 'the topic that was missing');
      await createTopic(`${prefix}-2`);
      await produce(`${prefix}-2`, 0, ['late']);
      await waitUntil(() => worker.texts.includes(triggerOf('late')), 'the topic that came later');
      expect(worker.texts).not.toContain(triggerOf('old'));
      await admin.deleteTopics({ topics: [`${prefix}-2`] });
      await waitUntil(() => !topicsOf(worker).includes(`${prefix}-2`), 'its end');
      await createTopic(`${prefix}-2`);
      await produce(`${prefix}-2`, 0, ['again']);
      await waitUntil(() => worker.texts.includes(triggerOf('again')), 'the topic that was made again');
    });
  });

  it('begins at a time, and at the end where nothing is as late', async () => {
    const [topic, group] = [unique('syslog'), unique('group')];
    await createTopic(topic, 2);
    const atMs = Date.now() - 3_600_000;
    await produce(topic, 0, ['before'], atMs - 1);
    await produce(topic, 0, ['then'], atMs);
    await produce(topic, 1, ['long ago'], atMs - 60_000);
    const worker = start({ topics: [topic], group, start: new Date(atMs).toISOString() });
    await waitUntil(() => worker.texts.length > 0, 'the record of that time');
    await produce(topic, 1, ['now']);
    await waitUntil(() => worker.texts.length > 1, 'what was written since');
    expect(worker.texts).toEqual([triggerOf('then'), triggerOf('now')]);
    expect(await committed(group, topic)).toEqual(['1', '1']);
  });

  describe('shows the lag', () => {
    it('from the commit to the end, also while paused, and only of its partitions', async () => {
      const [topic, group] = [unique('syslog'), unique('group')];
      await createTopic(topic, 2);
      await produce(topic, 0, [1, 2, 3, 4, 5]);
      const first = start({ topics: [topic], group });
      const place = { topic, partition: 0 };
      await waitUntil(() => first.seen(0).length === 5 && first.lag(topic) === 5, 'all is read, nothing committed');
      await first.source.commit(first.epoch, place, 3);
      expect(first.lag(topic)).toBe(2);
      await first.source.commit(first.epoch, place, 5);
      expect(first.lag(topic)).toBe(0);
      expect(first.lag(topic, 1)).toBe(0);
      first.source.pause([place]);
      await sleep(500);
      await produce(topic, 0, [6, 7, 8]);
      await waitUntil(() => first.lag(topic) === 3, 'the lag while paused');
      expect(first.texts).toHaveLength(5);
      const second = start({ topics: [topic], group });
      await waitUntil(() => isAssigned(second)() && first.assignments.at(-1)?.partitions.length === 1, 'the rebalance');
      const shown = () => [first, second].map((worker) => [0, 1].map((partition) => worker.lag(topic, partition)));
      await waitUntil(
        () =>
          shown()
            .flat()
            .filter((lag) => lag !== undefined).length === 2,
        'one of each partition',
      );
      expect(shown().map((lags) => lags.filter((lag) => lag !== undefined).length)).toEqual([1, 1]);
      await first.source.close();
      expect(shown()[0]).toEqual([undefined, undefined]);
    });

    it('as 0 when a topic of transactions is read to its end', async () => {
      const [topic, group] = [unique('syslog'), unique('group')];
      await createTopic(topic);
      const producer = client.producer({ transactionalId: unique('tx'), maxInFlightRequests: 1, idempotent: true });
      await producer.connect();
      for (const ends of ['commit', 'abort'] as const) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ partition: 0, value: kernelLine('web01', triggerOf(ends)) }] });
        await transaction[ends]();
      }
      await producer.disconnect();
      const worker = start({ topics: [topic], group });
      await waitUntil(() => worker.texts.length === 1 && worker.lag(topic) === 4, 'all is read');
      await worker.source.commit(worker.epoch, { topic, partition: 0 }, 1);
      await waitUntil(() => worker.lag(topic) === 0, 'a lag of 0');
    });
  });
});
