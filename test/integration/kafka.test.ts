/** The Kafka source against a real broker. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CODECS } from '../../src/clients/codecs.ts';
import { createKafka } from '../../src/clients/kafka.ts';
import { createDecoder, createKafkaSource, decodeUtf8, type KafkaSourceOptions } from '../../src/consumer/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { LineBatch, LineSource, SourceHandler, TopicPartition } from '../../src/ports.ts';
import { createDeadLetterTopic } from '../../src/sink/index.ts';
import { MemoryLogger } from '../support/fakes.ts';

const kafkaService = inject('kafka');
const brokers = kafkaService?.brokers ?? [];
const LIMIT_MS = 40_000;

const decoder = createDecoder({
  format: 'auto',
  maxBytes: 1_048_576,
  kernelOnly: false,
  trustProgram: true,
  labels: {},
  decodeUtf8,
});

const client = createKafka({ brokers, clientId: 'test' }, new MemoryLogger());
const admin = client.admin();
const producer = client.producer({ allowAutoTopicCreation: false });

let serial = 0;
const unique = (name: string): string => {
  serial += 1;
  return `${name}-${process.pid}-${Date.now()}-${serial}`;
};

const kernelLine = (host: string, text: string): string => `<4>Nov 23 04:01:02 ${host} kernel: [12.500000] ${text}`;
const TRIGGER = 'mailscand invoked oom-killer: gfp_mask=0x84d0, order=0';

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

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${LIMIT_MS} ms for: ${what}`);
    await sleep(50);
  }
}

/** A worker as far as the source sees one; everything it is told is kept. */
class Worker implements SourceHandler {
  readonly logger = new MemoryLogger();
  readonly source: LineSource;
  readonly assignments: { epoch: number; partitions: readonly TopicPartition[] }[] = [];
  readonly batches: { epoch: number; batch: LineBatch; texts: string[] }[] = [];
  readonly undecodable: string[] = [];
  idleMs = 0;
  failWith: Error | undefined;
  /** Resolves or rejects as the source's run does. */
  readonly running: Promise<void>;

  constructor(options: Partial<KafkaSourceOptions> & { topics: readonly string[]; group: string }) {
    this.source = createKafkaSource(
      {
        brokers,
        clientId: 'oomscope-test',
        sessionTimeoutMs: 6_000,
        maxBytes: 4_194_304,
        maxBytesPerPartition: 1_048_576,
        ...options,
      },
      { decoder, clock: systemClock, logger: this.logger },
    );
    this.running = this.source.run(this);
    this.running.catch(() => {});
  }

  get epoch(): number {
    return this.assignments.at(-1)?.epoch ?? -1;
  }

  /** Offsets seen in the present epoch, by partition. */
  seen(partition: number): number[] {
    return this.batches
      .filter(({ epoch, batch }) => epoch === this.epoch && batch.partition === partition)
      .flatMap(({ batch }) => Array.from({ length: batch.recordCount }, (_, index) => batch.firstOffset + index));
  }

  get texts(): string[] {
    return this.batches.flatMap(({ texts }) => texts);
  }

  onAssigned(epoch: number, partitions: readonly TopicPartition[]): void {
    this.assignments.push({ epoch, partitions });
  }

  async onBatch(batch: LineBatch, { epoch, heartbeat }: { epoch: number; heartbeat(): Promise<void> }): Promise<void> {
    if (this.failWith) throw this.failWith;
    const texts: string[] = [];
    for (const decoded of batch.lines(new Set())) {
      if (decoded.kind === 'line') texts.push(decoded.line.text);
      if (decoded.kind === 'undecodable') this.undecodable.push(decoded.reason);
    }
    this.batches.push({ epoch, batch, texts });
    await heartbeat();
  }

  onIdle(_partition: TopicPartition, idleMs: number): void {
    this.idleMs += idleMs;
  }

  events(name: string): Readonly<Record<string, unknown>>[] {
    return this.logger.events.filter((event) => event.name === name).map(({ fields }) => fields);
  }
}

describe.skipIf(kafkaService === undefined)('the Kafka source', () => {
  const workers: Worker[] = [];
  const start = (options: ConstructorParameters<typeof Worker>[0]): Worker => {
    const worker = new Worker(options);
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
        [kernelLine('web01', 'eth0: link up'), kernelLine('web01', `${TRIGGER} ${codec}`), null],
        codec,
      );
    }
    const worker = start({ topics: [topic], group: unique('group') });
    await until(() => worker.seen(0).length === codecs.length * 3, 'all records');
    expect(worker.texts).toEqual(codecs.map((codec) => `${TRIGGER} ${codec}`));
    expect(worker.seen(0)).toEqual(Array.from({ length: codecs.length * 3 }, (_, offset) => offset));
    expect(worker.batches[0]?.batch.firstAtMs).toBeGreaterThan(Date.UTC(2020));
  });

  it('commits what it is told, and goes on from there', async () => {
    const [topic, group] = [await createTopic(), unique('group')];
    await produce(
      topic,
      0,
      Array.from({ length: 10 }, (_, index) => kernelLine('web01', `${TRIGGER} ${index}`)),
    );
    const first = start({ topics: [topic], group });
    await until(() => first.seen(0).length === 10, 'ten records');
    const place = { topic, partition: 0 };
    await first.source.commit(first.epoch - 1, place, 9);
    await first.source.commit(first.epoch, { topic, partition: 5 }, 9);
    expect(await committedOffset(group, topic)).toBe('-1');
    await first.source.commit(first.epoch, place, 4);
    expect(await committedOffset(group, topic)).toBe('4');
    await first.source.close();
    await first.running;
    const second = start({ topics: [topic], group });
    await until(() => second.seen(0).length === 6, 'the rest');
    expect(second.seen(0)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(second.texts).toHaveLength(6);
  });

  it('counts idle time at the end of a partition, and none while it is paused', async () => {
    const topic = await createTopic();
    const worker = start({ topics: [topic], group: unique('group') });
    await until(() => worker.idleMs > 1_000, 'idle time');
    const place = { topic, partition: 0 };
    worker.source.pause([place]);
    await sleep(600);
    const atPause = worker.idleMs;
    await produce(topic, 0, [kernelLine('web01', TRIGGER)]);
    await sleep(1_500);
    expect(worker.idleMs).toBe(atPause);
    expect(worker.batches).toHaveLength(0);
    worker.source.resume([place]);
    await until(() => worker.texts.length === 1, 'the record after the pause');
    await until(() => worker.idleMs > atPause, 'idle time after the pause');
    expect(worker.idleMs - atPause).toBeLessThan(1_500);
  });

  it('takes a rebalance for a new beginning: all state void, nothing skipped, no commit of the old epoch', async () => {
    const [topic, group] = [await createTopic(4), unique('group')];
    for (let partition = 0; partition < 4; partition += 1) {
      await produce(
        topic,
        partition,
        Array.from({ length: 20 }, (_, index) => kernelLine('web01', `${TRIGGER} ${index}`)),
      );
    }
    const first = start({ topics: [topic], group });
    await until(() => [0, 1, 2, 3].every((partition) => first.seen(partition).length === 20), 'all partitions');
    const oldEpoch = first.epoch;
    for (let partition = 0; partition < 4; partition += 1) {
      await first.source.commit(oldEpoch, { topic, partition }, 10 + partition);
    }
    first.source.pause([{ topic, partition: 0 }]);
    const second = start({ topics: [topic], group });
    await until(() => second.assignments.length > 0 && first.epoch > oldEpoch, 'the rebalance');
    await until(() => {
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
    await until(() => worker.epoch > 0, 'the assignment');
    worker.failWith = new TypeError('a defect');
    await produce(topic, 0, [kernelLine('web01', TRIGGER)]);
    await expect(worker.running).rejects.toThrow('a defect');
    expect(await committedOffset(group, topic)).toBe('-1');
  });

  it('joins anew at the beginning when the committed offset is gone', async () => {
    const [topic, group] = [await createTopic(), unique('group')];
    await produce(
      topic,
      0,
      Array.from({ length: 5 }, (_, index) => kernelLine('web01', `${TRIGGER} ${index}`)),
    );
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '999' }] });
    const worker = start({ topics: [topic], group });
    await until(() => worker.texts.length >= 5, 'the records from the beginning');
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
      await transaction.send({ topic, messages: [{ partition: 0, value: kernelLine('web01', `${TRIGGER} ${text}`) }] });
      await transaction[ends]();
    }
    await transactional.disconnect();
    const worker = start({ topics: [topic], group: unique('group') });
    await until(() => worker.texts.length >= 2 && worker.idleMs > 0, 'the committed transactions');
    expect(worker.texts).toEqual([`${TRIGGER} b`, `${TRIGGER} d`]);
  });

  it('waits for a topic that does not exist yet, and names it', async () => {
    const topic = unique('later');
    const worker = start({ topics: [topic], group: unique('group') });
    await until(() => worker.events('kafka-retry').length > 0, 'the message');
    expect(worker.events('kafka-retry')[0]).toMatchObject({
      code: 'KAFKA_TOPIC_MISSING',
      option: 'kafka.topics',
      topics: [topic],
    });
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic }] });
    await until(() => worker.epoch > 0, 'the assignment');
  });

  it('keeps trying brokers that do not answer, names address and option, and ends when closed', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const worker = start({ topics: ['syslog'], group: 'group', brokers: [`127.0.0.1:${port}`] });
    await until(() => worker.events('kafka-retry').length >= 2, 'two attempts');
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
