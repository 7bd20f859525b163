/** The Kafka client: the only importer of kafkajs. TLS, SASL, codecs, logs, and errors by kind. */
import kafkajs, {
  type Admin,
  type Consumer,
  type Kafka,
  type KafkaConfig,
  type PartitionerArgs,
  type Producer,
} from 'kafkajs';
import type { Logger } from '../ports.ts';
import { CODECS } from './codecs.ts';
import { type FetchWatch, takeBrokers, takeFetches } from './kafka-fetch.ts';
import { type GroupWatch, takeGroup } from './kafka-group.ts';
import type { TokenSource } from './oauth.ts';

export type { Admin as KafkaAdmin, Consumer, EachBatchPayload, Producer } from 'kafkajs';
export { blocksOf, type FetchedBlock, type FetchedPartition } from './kafka-fetch.ts';
export type { GroupWatch, Membership, TopicOffsets } from './kafka-group.ts';
export { openBlock, RecordCursor, readRecord } from './record-batch.ts';

const { CompressionCodecs, CompressionTypes, logLevel, PartitionAssigners, Partitioners } = kafkajs;

export interface KafkaClientOptions {
  /** host:port each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
}

/** All in PEM. */
export interface KafkaTls {
  /** CA certificates to trust, instead of the system's. */
  readonly ca?: string;
  /** The worker's own certificate with its chain, and its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: TokenSource };

export interface ConsumerOptions {
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly maxBytes: number;
  readonly maxBytesPerPartition: number;
  /** How often the client asks for the topics' partitions anew. */
  readonly metadataIntervalMs: number;
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
    ssl: options.tls === undefined ? undefined : { ...options.tls },
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
  // One literal per mechanism: the type is a union over them.
  switch (sasl.mechanism) {
    case 'plain':
      return { mechanism: 'plain', username: sasl.username, password: sasl.password };
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', username: sasl.username, password: sasl.password };
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', username: sasl.username, password: sasl.password };
    case 'oauthbearer':
      return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await sasl.token() }) };
  }
}

/** A consumer whose fetches and whose committed offsets go through `watch`. It joins anew when partitions were added. */
export function createConsumer(kafka: Kafka, options: ConsumerOptions, watch: FetchWatch & GroupWatch): Consumer {
  return kafka.consumer({
    groupId: options.group,
    sessionTimeout: options.sessionTimeoutMs,
    rebalanceTimeout: Math.max(60_000, options.sessionTimeoutMs),
    heartbeatInterval: Math.min(3_000, Math.floor(options.sessionTimeoutMs / 4)),
    maxBytes: options.maxBytes,
    maxBytesPerPartition: options.maxBytesPerPartition,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    metadataMaxAge: options.metadataIntervalMs,
    allowAutoTopicCreation: false,
    // kafkajs would restart by itself, under the same handlers and without a word; the source does it instead.
    retry: { initialRetryTime: 300, retries: RETRIES, restartOnFailure: async () => false },
    partitionAssigners: [
      (config) => {
        takeFetches(config.cluster, watch);
        takeBrokers(config.cluster, (broker) => takeGroup(broker, watch));
        return PartitionAssigners.roundRobin(config);
      },
    ],
  });
}

/** A connection of its own, to ask and to look. Without `retries` what is wrong shows at once. */
export async function connectAdmin(options: KafkaClientOptions, logger: Logger, retries?: number): Promise<Admin> {
  const admin = createKafka(options, logger, retries).admin();
  try {
    await admin.connect();
    return admin;
  } catch (error) {
    await admin.disconnect().catch(() => {});
    throw error;
  }
}

/** A producer that waits for all replicas. */
export const createProducer = (kafka: Kafka): Producer =>
  kafka.producer({ allowAutoTopicCreation: false, retry: { initialRetryTime: 300, retries: RETRIES } });

export const GZIP = CompressionTypes.GZIP;

const placeMessage = Partitioners.DefaultPartitioner();

/** The partition, of so many, to which the Java client and its likes send a key (murmur2). */
export function partitionOfKey(key: string, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }));
  return placeMessage({ topic: '', partitionMetadata, message: { key, value: null } } as unknown as PartitionerArgs);
}

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

const REFUSED = new Set(['KafkaJSSASLAuthenticationError', 'KafkaJSServerDoesNotSupportApiKey', 'TokenError']);

/** What kafkajs does not try again by itself, though a new attempt to join may mend it. */
const PASSING = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSStaleTopicMetadataAssignment',
  'KafkaJSTimeout',
  // A session that was to be authenticated anew twice within a second.
  'ILLEGAL_SASL_STATE',
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
]);

/** The kind of a failure, from the cause at its root. */
export function failureOf(error: unknown): KafkaFailure {
  const root = rootCause(error);
  const { name, type, code, retriable } = root as { name?: string; type?: string; code?: unknown; retriable?: boolean };
  if (name !== undefined && UNREACHABLE.has(name)) return 'unreachable';
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || code === 'KAFKA_TOPIC_MISSING') return 'topic-missing';
  if (retriable !== true && name !== undefined && REFUSED.has(name)) return 'refused';
  if (type?.endsWith('AUTHORIZATION_FAILED')) return 'refused';
  const isPassing =
    (name !== undefined && PASSING.has(name)) || (type !== undefined && PASSING.has(type)) || isSlipOfKafkajs(root);
  return retriable === true || isPassing ? 'retriable' : 'fatal';
}

/**
 * When its connection goes at the wrong moment, kafkajs reads what it has just set to null (2.2: `brokerPool.metadata`, in
 * `fetchTopicMetadata`). The next attempt has a connection of its own.
 */
function isSlipOfKafkajs(error: unknown): boolean {
  if (!(error instanceof TypeError)) return false;
  const [, thrownAt = ''] = error.stack?.split('\n    at ') ?? [];
  return /[\\/]node_modules[\\/]kafkajs[\\/]/.test(thrownAt);
}

/** The innermost cause: kafkajs wraps what it gave up on. */
export function rootCause(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 8 && root instanceof Error && root.cause instanceof Error; depth += 1) root = root.cause;
  return root;
}

/**
 * The text of a failure, with the option or the right that mends it where the text itself does not tell: certificates
 * that are refused, and rights that the user lacks.
 */
export function messageOf(error: unknown): string {
  const root = rootCause(error);
  if (!(root instanceof Error)) return String(root);
  const { type, code } = root as { type?: string; code?: unknown };
  const advice = RIGHTS[type ?? root.name] ?? tlsAdvice(`${root.message} ${code}`);
  return advice === undefined ? root.message : `${root.message}; ${advice}`;
}

/** The access control entry that is missing, by the error of the broker or of kafkajs, which hides that of the group. */
const RIGHTS: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'the user lacks Read on a topic of kafka.topics, or Write on dead.letters.topic',
  GROUP_AUTHORIZATION_FAILED: 'the user lacks Read on the group of kafka.group',
  CLUSTER_AUTHORIZATION_FAILED: 'the user lacks a right on the cluster',
  KafkaJSGroupCoordinatorNotFound:
    'the brokers are not ready for groups, or the user lacks Read on the group of kafka.group',
};

function tlsAdvice(text: string): string | undefined {
  // Alerts of the broker about the worker's certificate: `tlsv13 alert certificate required`, `alert bad certificate`.
  if (/alert (?:certificate|bad certificate|unknown ca|handshake failure|access denied)/.test(text)) {
    return 'the broker asks for a certificate that it trusts: see kafka.tls.cert and kafka.tls.key';
  }
  if (/wrong version number|packet length too long/.test(text)) return 'no TLS is spoken there: see kafka.tls';
  if (/certificate|altnames/.test(text)) return "see kafka.tls.ca, and the names in the broker's certificate";
  return undefined;
}
