/**
 * The topics of a cluster, all of them.
 *
 * kafkajs refuses the whole list when one partition of any topic has no leader; here such topics, which may be anybody's,
 * do no harm. Written for kafkajs 2.2.4, which is pinned.
 */
import { type Cluster, clusterOf } from './kafka-read.ts';

interface TopicMetadata {
  readonly topicErrorCode: number;
  readonly topic: string;
  readonly partitionMetadata: readonly unknown[];
}

interface Protocol {
  readonly request: unknown;
  readonly response: { readonly parse: (data: unknown) => Promise<unknown> };
}

interface Broker {
  metadata(topics: readonly string[]): Promise<{ readonly topicMetadata: readonly TopicMetadata[] }>;
  lookupRequest(apiKey: number, definition: unknown): (request: unknown) => Protocol;
}

interface ClusterWithBrokers extends Cluster {
  readonly brokerPool: { findConnectedBroker(): Promise<Broker> };
}

/** Number of partitions by topic, of every topic that the user may describe. */
export async function listTopics(kafka: object): Promise<ReadonlyMap<string, number>> {
  const cluster = clusterOf(kafka) as ClusterWithBrokers;
  try {
    await cluster.connect();
    const broker = await cluster.brokerPool.findConnectedBroker();
    const view: Broker = Object.create(broker, {
      lookupRequest: {
        value: (apiKey: number, definition: unknown) => {
          const build = broker.lookupRequest(apiKey, definition);
          return (parameters: unknown): Protocol => {
            const protocol = build(parameters);
            return { ...protocol, response: { ...protocol.response, parse: async (data) => data } };
          };
        },
      },
    });
    const { topicMetadata } = await broker.metadata.call(view, []);
    const readable = topicMetadata.filter(({ topicErrorCode }) => topicErrorCode === 0);
    return new Map(readable.map(({ topic, partitionMetadata }) => [topic, partitionMetadata.length]));
  } finally {
    await cluster.disconnect().catch(() => {});
  }
}
