/**
 * Feeding one topic with as little work per record as can be: kafkajs makes several objects for each, some 6 µs, a tenth
 * of which does. So ready-made record batches go out through kafkajs's connections. Written for kafkajs 2.2.4, which is
 * pinned.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import { createKafka, failureOf, type KafkaClientOptions, messageOf, partitionOfKey } from './kafka.ts';
import { clusterOf } from './kafka-read.ts';
import { LZ4, type NewRecord, RECORD_OVERHEAD, writeRecordBatch } from './record-batch-write.ts';

export interface FeedRecord extends NewRecord {
  readonly partition: number;
}

export interface Feed {
  readonly partitions: number;
  /** Where the records of a key belong; the same as the Java client says. */
  partitionOf(key: string): number;
  /**
   * Sends the records, in their order within each partition, and resolves when all in-sync replicas have them: with the
   * offset of the first one of each partition. What passes is tried again, so that records may come twice. Calls
   * must not overlap. Rejects with KAFKA_UNREACHABLE or KAFKA_TOPIC_MISSING.
   */
  send(records: readonly FeedRecord[]): Promise<ReadonlyMap<number, number>>;
  /** The offset that a group has committed for a partition; undefined when none. */
  committed(group: string, partition: number): Promise<number | undefined>;
  close(): Promise<void>;
}

interface ProduceResponse {
  readonly topics: readonly {
    readonly partitions: readonly { readonly partition: number; readonly baseOffset: string }[];
  }[];
}

interface ProducingBroker {
  produce(request: { acks: number; timeout: number; topicData: readonly [] }): Promise<ProduceResponse>;
  lookupRequest(apiKey: number, definition: unknown): (request: unknown) => { readonly request: object };
}

interface RefreshableCluster {
  refreshMetadata(): Promise<void>;
}

const ALL_REPLICAS = -1;
const TIMEOUT_MS = 30_000;
const ATTEMPTS = 6;
const RETRY_MS = 500;

/** Below the broker's limit of a record batch, message.max.bytes, of 1,048,588. */
const MOST_BATCH_BYTES = 900_000;

/** Connects and looks the topic up, which must exist. Rejects with KAFKA_UNREACHABLE or KAFKA_TOPIC_MISSING. */
export async function openFeed(options: KafkaClientOptions, topic: string, logger: Logger): Promise<Feed> {
  const kafka = createKafka(options, logger);
  const cluster = clusterOf(kafka);
  const places = new Map<string, number>();
  const asError = (error: unknown): OomscopeError => errorOf(error, options, topic);
  try {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
  } catch (error) {
    await cluster.disconnect().catch(() => {});
    throw asError(error);
  }
  const partitions = cluster.findTopicPartitionMetadata(topic).length;

  /** Partitions of one broker in one request; each broker at the same time. */
  async function sendBatches(batches: ReadonlyMap<number, Buffer>): Promise<Map<number, number>> {
    const offsets = new Map<number, number>();
    const leaders = Object.entries(cluster.findLeaderForPartitions(topic, [...batches.keys()]));
    await Promise.all(
      leaders.map(async ([nodeId, led]) => {
        const broker = (await cluster.findBroker({ nodeId })) as ProducingBroker;
        const body = requestBody(
          topic,
          led.map((partition) => ({ partition, batch: batches.get(partition) ?? Buffer.alloc(0) })),
        );
        const { topics } = await produce(broker, body);
        for (const { partition, baseOffset } of topics.flatMap((each) => each.partitions)) {
          offsets.set(partition, Number(baseOffset));
        }
      }),
    );
    return offsets;
  }

  async function sendUntilTaken(batches: ReadonlyMap<number, Buffer>): Promise<Map<number, number>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sendBatches(batches);
      } catch (error) {
        const kind = failureOf(error);
        if (attempt === ATTEMPTS || (kind !== 'unreachable' && kind !== 'retriable')) throw asError(error);
        await sleep(RETRY_MS * attempt);
        await (cluster as unknown as RefreshableCluster).refreshMetadata().catch(() => {});
      }
    }
  }

  return {
    partitions,
    partitionOf(key) {
      const known = places.get(key);
      if (known !== undefined) return known;
      const place = partitionOfKey(key, partitions);
      places.set(key, place);
      return place;
    },
    async send(records) {
      const offsets = new Map<number, number>();
      const pieces = [...byPartition(records)].map(([place, some]) => [place, inPieces(some)] as const);
      for (let round = 0; pieces.some(([, some]) => some.length > round); round += 1) {
        const batches = pieces.flatMap(([place, some]) => {
          const piece = some[round];
          return piece === undefined ? [] : [[place, writeRecordBatch(piece, LZ4)] as const];
        });
        for (const [place, offset] of await sendUntilTaken(new Map(batches))) {
          if (!offsets.has(place)) offsets.set(place, offset);
        }
      }
      return offsets;
    },
    async committed(group, partition) {
      const admin = kafka.admin();
      try {
        await admin.connect();
        const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
        const offset = Number(found?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
        return offset < 0 ? undefined : offset;
      } catch (error) {
        throw asError(error);
      } finally {
        await admin.disconnect();
      }
    },
    close: () => cluster.disconnect(),
  };
}

function errorOf(error: unknown, { brokers }: KafkaClientOptions, topic: string): OomscopeError {
  const found = messageOf(error);
  if (failureOf(error) === 'topic-missing') {
    return new OomscopeError(
      'KAFKA_TOPIC_MISSING',
      `Topic ${topic} cannot be produced to: ${found}. Create it, or name another in topic.`,
      error,
    );
  }
  const advice = 'Check kafka.brokers, kafka.tls and kafka.sasl.*, and the right to write to the topic.';
  return new OomscopeError(
    'KAFKA_UNREACHABLE',
    `Brokers ${brokers.join(', ')}, topic ${topic}: ${found}. ${advice}`,
    error,
  );
}

function byPartition(records: readonly FeedRecord[]): Map<number, FeedRecord[]> {
  const found = new Map<number, FeedRecord[]>();
  for (const record of records) {
    const some = found.get(record.partition);
    if (some === undefined) found.set(record.partition, [record]);
    else some.push(record);
  }
  return found;
}

/** Record batches that a broker takes, also where they hardly compress; a longer record goes alone. */
function inPieces(records: readonly FeedRecord[]): FeedRecord[][] {
  const pieces: FeedRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const more = Buffer.byteLength(record.key) + Buffer.byteLength(record.value) + RECORD_OVERHEAD;
    bytes += more;
    if (bytes > MOST_BATCH_BYTES) {
      pieces.push([]);
      bytes = more;
    }
    pieces.at(-1)?.push(record);
  }
  return pieces;
}

/** kafkajs writes the header, sends, waits and reads the answer; the body is ours. */
function produce(broker: ProducingBroker, body: Buffer): Promise<ProduceResponse> {
  const view: ProducingBroker = Object.create(broker, {
    lookupRequest: {
      value: (apiKey: number, definition: unknown) => {
        const build = broker.lookupRequest(apiKey, definition);
        return (parameters: unknown) => {
          const protocol = build(parameters);
          // What kafkajs takes for one of its encoders.
          const encode = async () => ({ buf: body, buffer: body });
          return { ...protocol, request: { ...protocol.request, encode } };
        };
      },
    },
  });
  return broker.produce.call(view, { acks: ALL_REPLICAS, timeout: TIMEOUT_MS, topicData: [] });
}

/** Produce request, versions 3 to 8: transactional id (null), acks int16, timeout int32, topics of partitions: number, bytes. */
function requestBody(topic: string, data: readonly { readonly partition: number; readonly batch: Buffer }[]): Buffer {
  const name = Buffer.from(topic);
  const head = Buffer.alloc(2 + 2 + 4 + 4 + 2 + name.length + 4);
  head.writeInt16BE(-1, 0);
  head.writeInt16BE(ALL_REPLICAS, 2);
  head.writeInt32BE(TIMEOUT_MS, 4);
  head.writeInt32BE(1, 8);
  head.writeInt16BE(name.length, 12);
  name.copy(head, 14);
  head.writeInt32BE(data.length, 14 + name.length);
  return Buffer.concat([
    head,
    ...data.flatMap(({ partition, batch }) => {
      const place = Buffer.alloc(8);
      place.writeInt32BE(partition, 0);
      place.writeInt32BE(batch.length, 4);
      return [place, batch];
    }),
  ]);
}
