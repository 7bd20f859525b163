/** Topics and records of a test, on a real Kafka. */
import { Kafka, logLevel } from 'kafkajs';
import { until } from './worker.ts';

export interface TestRecord {
  readonly key: string;
  /** Null is a tombstone. */
  readonly value: string | null;
  readonly atMs: number;
  /** That of the key unless given. */
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Topics {
  /** Makes the topic and its dead-letter topic. */
  create(name: string, partitions: number): Promise<void>;
  /** Produces the records in their order, each key on one partition. */
  produce(name: string, records: readonly TestRecord[]): Promise<void>;
  /** Adds partitions until there are so many. */
  grow(name: string, partitions: number): Promise<void>;
  remove(name: string): Promise<void>;
  /** Offsets that the group has committed, by partition; -1 where none. */
  committed(group: string, topic: string): Promise<number[]>;
  /** Offsets of the next records, by partition. */
  ends(topic: string): Promise<number[]>;
  /** Number of records on a topic. */
  count(topic: string): Promise<number>;
  /** Every record of a topic that lies still. */
  values(topic: string): Promise<{ readonly key: string; readonly value: string }[]>;
  close(): Promise<void>;
}

const BATCH_RECORDS = 2_000;

export async function connectTopics(brokers: readonly string[]): Promise<Topics> {
  const kafka = new Kafka({
    clientId: 'test',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 12 },
  });
  const admin = kafka.admin();
  const connectProducer = async () => {
    const made = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await made.connect();
    return made;
  };
  await admin.connect();
  let producer = await connectProducer();
  const ends = async (topic: string): Promise<number[]> => {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  };
  // kafkajs gives up its own waiting when a broker has not heard of the topic yet.
  const hasLeaders = (name: string, partitions: number) =>
    until(`topic ${name} has its leaders`, async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
      return topics[0]?.partitions.length === partitions && topics[0].partitions.every(({ leader }) => leader >= 0);
    });
  return {
    async create(name, partitions) {
      await admin.createTopics({ topics: [{ topic: name, numPartitions: partitions }], waitForLeaders: false });
      await hasLeaders(name, partitions);
    },
    async grow(name, partitions) {
      await admin.createPartitions({ topicPartitions: [{ topic: name, count: partitions }] });
      await hasLeaders(name, partitions);
      // A producer drops without a word what goes to partitions that it has not heard of.
      await producer.disconnect();
      producer = await connectProducer();
    },
    remove: (name) => admin.deleteTopics({ topics: [name] }),
    async produce(name, records) {
      for (let at = 0; at < records.length; at += BATCH_RECORDS) {
        const messages = records.slice(at, at + BATCH_RECORDS).map(({ key, value, atMs, partition, headers }) => ({
          key,
          value,
          timestamp: String(atMs),
          ...(partition === undefined ? {} : { partition }),
          ...(headers ? { headers: { ...headers } } : {}),
        }));
        await producer.send({ topic: name, messages });
      }
    },
    async committed(group, topic) {
      const [fetched] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const offsets = fetched?.partitions ?? [];
      return [...offsets].sort((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
    },
    ends,
    count: async (topic) => (await ends(topic)).reduce((sum, end) => sum + end, 0),
    async values(topic) {
      const wanted = (await ends(topic)).reduce((sum, end) => sum + end, 0);
      const found: { key: string; value: string }[] = [];
      if (wanted === 0) return found;
      const consumer = kafka.consumer({ groupId: `values-${topic}-${Date.now()}` });
      try {
        await consumer.connect();
        await consumer.subscribe({ topics: [topic], fromBeginning: true });
        await consumer.run({
          autoCommit: false,
          eachMessage: async ({ message: { key, value } }) => {
            found.push({ key: String(key), value: String(value) });
          },
        });
        await until(`${wanted} records of ${topic} were read`, async () => found.length >= wanted);
        return found;
      } finally {
        await consumer.disconnect();
      }
    },
    async close() {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}
