/**
 * Reading stretches of a topic without a consumer group: no group is joined, nothing is committed, and no right on groups
 * is needed. Records come as the record batches that the broker holds, still compressed.
 *
 * kafkajs reads topics through groups only, so its cluster is used below them. Written for kafkajs 2.2.4, which is pinned.
 */
import type { Logger } from '../ports.ts';
import { createKafka, FETCH_WAIT_MS, type KafkaClientOptions } from './kafka.ts';
import { type ClusterOfBrokers, type FetchedBlock, takeFetches } from './kafka-fetch.ts';

/** What lies on one partition: offsets of the oldest record and of the next one to be written. */
export interface PartitionSpan {
  readonly partition: number;
  readonly firstOffset: number;
  readonly endOffset: number;
}

export interface TopicReader {
  /** In the order of the partitions. Rejects when the topic is missing (see `failureOf`); the topic is never made. */
  spans(topic: string): Promise<PartitionSpan[]>;
  /**
   * The record batches that hold the offsets from `span.firstOffset` to before `span.endOffset`, marks and aborted
   * transactions left out; the first and the last may hold records outside. Ends early when the broker has no more. One
   * stretch at a time: of fetches that begin together kafkajs loses a connection, which then holds the process.
   */
  blocks(topic: string, span: PartitionSpan, maxBytes: number): AsyncGenerator<FetchedBlock>;
  close(): Promise<void>;
}

export interface Cluster extends ClusterOfBrokers {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>;
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number }[];
      readonly fromBeginning: boolean;
    }[],
  ): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>;
}

interface FetchingBroker {
  fetch(request: object): Promise<{
    readonly responses: readonly {
      readonly partitions: readonly {
        readonly messages: readonly { readonly isControlRecord: boolean; readonly block: FetchedBlock }[];
      }[];
    }[];
  }>;
}

/** Only what was committed, as the worker reads it. */
const READ_COMMITTED = 1;

/** A fetch may come back empty while a leader moves. */
const MOST_EMPTY_FETCHES = 4;

/** Connects. Rejects with what kafkajs rejects with; `failureOf` tells its kind. */
export async function openTopicReader(
  options: KafkaClientOptions,
  logger: Logger,
  retries?: number,
): Promise<TopicReader> {
  const cluster = clusterOf(createKafka(options, logger, retries));
  takeFetches(cluster, { epoch: () => 0, completed: () => {}, failed: () => {} });
  await cluster.connect();

  async function offsetsOf(topic: string, partitions: readonly number[], fromBeginning: boolean) {
    const wanted = { topic, partitions: partitions.map((partition) => ({ partition })), fromBeginning };
    const [found] = await cluster.fetchTopicsOffset([wanted]);
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  return {
    async spans(topic) {
      await cluster.addTargetTopic(topic);
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
      const [first, end] = await Promise.all([offsetsOf(topic, partitions, true), offsetsOf(topic, partitions, false)]);
      return partitions
        .sort((a, b) => a - b)
        .map((partition) => ({
          partition,
          firstOffset: first.get(partition) ?? 0,
          endOffset: end.get(partition) ?? 0,
        }));
    },

    async *blocks(topic, { partition, firstOffset, endOffset }, maxBytes) {
      await cluster.addTargetTopic(topic);
      let at = firstOffset;
      for (let empty = 0; at < endOffset && empty < MOST_EMPTY_FETCHES; ) {
        const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
        if (nodeId === undefined) return;
        const broker = (await cluster.findBroker({ nodeId })) as FetchingBroker;
        const { responses } = await broker.fetch({
          isolationLevel: READ_COMMITTED,
          maxWaitTime: FETCH_WAIT_MS,
          minBytes: 1,
          maxBytes,
          topics: [{ topic, partitions: [{ partition, fetchOffset: String(at), maxBytes }] }],
        });
        const messages = responses.flatMap(({ partitions }) => partitions.flatMap((each) => each.messages));
        empty = messages.length === 0 ? empty + 1 : 0;
        for (const { block, isControlRecord } of messages) {
          at = Math.max(at, block.lastOffset + 1);
          if (!isControlRecord) yield block;
          if (at >= endOffset) return;
        }
      }
    },

    close: () => cluster.disconnect(),
  };
}

/** kafkajs keeps the maker of its clusters under a symbol. */
export function clusterOf(kafka: object): Cluster {
  const key = Object.getOwnPropertySymbols(kafka).find(({ description }) => description?.endsWith('createCluster'));
  const create: unknown = key === undefined ? undefined : Reflect.get(kafka, key);
  if (typeof create !== 'function') throw new TypeError('kafkajs has no createCluster; expected version 2.2.4');
  return create({ allowAutoTopicCreation: false, isolationLevel: READ_COMMITTED }) as Cluster;
}
