/** The Kafka client: the only importer of kafkajs. TLS, SASL, codecs, logs, and errors by kind. */
import kafkajs, { type Consumer, type Kafka, type KafkaConfig, type Producer } from 'kafkajs';
import type { Logger } from '../ports.ts';
import { CODECS } from './codecs.ts';
import { type FetchWatch, takeFetches } from './kafka-fetch.ts';

export type { Consumer, EachBatchPayload, Producer } from 'kafkajs';
export { blocksOf, type FetchedBlock, type FetchedPartition } from './kafka-fetch.ts';
export { openBlock, RecordCursor, readRecord } from './record-batch.ts';

const { CompressionCodecs, CompressionTypes, logLevel, PartitionAssigners } = kafkajs;

export interface KafkaClientOptions {
  /** host:port each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** CA certificates in PEM, or the system's when `ca` is absent. */
  readonly tls?: { readonly ca?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

export interface ConsumerOptions {
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly maxBytes: number;
  readonly maxBytesPerPartition: number;
}

/** A fetch waits so long at the end of a partition; pauses and idle time are noticed at this pace. */
export const FETCH_WAIT_MS = 250;

const CONNECTION_TIMEOUT_MS = 5_000;

/** Without these kafkajs stops for good at the first batch of another codec than gzip. Here they serve producers. */
for (const [type, codec] of Object.entries(CODECS)) {
  const entry = {
    compress: async (encoder: { buffer: Buffer }) => codec.compress(encoder.buffer),
    decompress: async (bytes: Buffer) => codec.decompress(bytes),
  };
  Object.assign(CompressionCodecs, { [type]: () => entry });
}

/** How often kafkajs tries again by itself before it fails. */
const RETRIES = 5;

/** A client for the options; connects to nothing yet. Without `retries` what is wrong shows at once. */
export function createKafka(options: KafkaClientOptions, logger: Logger, retries = RETRIES): Kafka {
  return new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    ssl: options.tls === undefined ? undefined : { ca: options.tls.ca },
    sasl: saslOf(options),
    retry: { initialRetryTime: 300, retries },
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ namespace, label, log }) => {
        const { message, broker, groupId, error } = log;
        logger.event('kafka-client', { namespace, severity: label, message, broker, groupId, error });
      },
  });
}

function saslOf({ sasl }: KafkaClientOptions): KafkaConfig['sasl'] {
  if (sasl === undefined) return undefined;
  const { mechanism, username, password } = sasl;
  // One literal per mechanism: the type is a union over them.
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}

/** A consumer whose fetches go through `watch`. */
export function createConsumer(kafka: Kafka, options: ConsumerOptions, watch: FetchWatch): Consumer {
  return kafka.consumer({
    groupId: options.group,
    sessionTimeout: options.sessionTimeoutMs,
    rebalanceTimeout: Math.max(60_000, options.sessionTimeoutMs),
    heartbeatInterval: Math.min(3_000, Math.floor(options.sessionTimeoutMs / 4)),
    maxBytes: options.maxBytes,
    maxBytesPerPartition: options.maxBytesPerPartition,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    allowAutoTopicCreation: false,
    // kafkajs would restart by itself, under the same handlers and without a word; the source does it instead.
    retry: { initialRetryTime: 300, retries: RETRIES, restartOnFailure: async () => false },
    partitionAssigners: [
      (config) => {
        takeFetches(config.cluster, watch);
        return PartitionAssigners.roundRobin(config);
      },
    ],
  });
}

/** A producer that waits for all replicas. */
export const createProducer = (kafka: Kafka): Producer =>
  kafka.producer({ allowAutoTopicCreation: false, retry: { initialRetryTime: 300, retries: RETRIES } });

export const GZIP = CompressionTypes.GZIP;

/** What a failure of the client calls for. */
export type KafkaFailure = 'unreachable' | 'topic-missing' | 'refused' | 'retriable' | 'fatal';

const UNREACHABLE = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSLockTimeout',
]);

const REFUSED = new Set(['KafkaJSSASLAuthenticationError', 'KafkaJSServerDoesNotSupportApiKey']);

/** What kafkajs does not try again by itself, though a new attempt to join may mend it. */
const PASSING = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSStaleTopicMetadataAssignment',
  'KafkaJSTimeout',
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
]);

/** The kind of a failure, from the cause at its root. */
export function failureOf(error: unknown): KafkaFailure {
  const root = rootCause(error);
  const { name, type, retriable } = root as { name?: string; type?: string; retriable?: boolean };
  if (name !== undefined && UNREACHABLE.has(name)) return 'unreachable';
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return 'topic-missing';
  if ((name !== undefined && REFUSED.has(name)) || type?.endsWith('AUTHORIZATION_FAILED')) return 'refused';
  const isPassing = (name !== undefined && PASSING.has(name)) || (type !== undefined && PASSING.has(type));
  return retriable === true || isPassing ? 'retriable' : 'fatal';
}

/** The innermost cause: kafkajs wraps what it gave up on. */
export function rootCause(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 8 && root instanceof Error && root.cause instanceof Error; depth += 1) root = root.cause;
  return root;
}
