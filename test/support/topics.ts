/** Topics and records of a test, on a real Kafka. */
import { Kafka, logLevel } from 'kafkajs';
import { until } from './worker.ts';

export interface TestRecord {
  readonly key: string;
  readonly value: string;
  readonly atMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Topics {
  /** Makes the topic and its dead-letter topic. */
  create(name: string, partitions: number): Promise<void>;
  /** Produces the records in their order, each key on one partition. */
  produce(name: string, records: readonly TestRecord[]): Promise<void>;
  /** Offsets that the group has committed, by partition; -1 where none. */
  committed(group: string, topic: string): Promise<number[]>;
  /** Offsets of the next records, by partition. */
  ends(topic: string): Promise<number[]>;
  /** Number of records on a topic. */
  count(topic: string): Promise<number>;
  close(): Promise<void>;
}

const BATCH_RECORDS = 2_000;

export async function connectTopics(brokers: readonly string[]): Promise<Topics> {
  const kafka = new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await Promise.all([admin.connect(), producer.connect()]);
  const ends = async (topic: string): Promise<number[]> => {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  };
  return {
    async create(name, partitions) {
      await admin.createTopics({ topics: [{ topic: name, numPartitions: partitions }], waitForLeaders: false });
      // kafkajs gives up its own waiting when a broker has not heard of the topic yet.
      await until(`topic ${name} has its leaders`, async () => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
        return topics[0]?.partitions.length === partitions && topics[0].partitions.every(({ leader }) => leader >= 0);
      });
    },
    async produce(name, records) {
      for (let at = 0; at < records.length; at += BATCH_RECORDS) {
        const messages = records.slice(at, at + BATCH_RECORDS).map(({ key, value, atMs, headers }) => ({
          key,
          value,
          timestamp: String(atMs),
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
    async close() {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}
