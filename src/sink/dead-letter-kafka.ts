/** Dead letters in a Kafka topic: what nothing else can take, kept for a human with all it takes to try again. */

import { backoffMs } from '../clients/backoff.ts';
import {
  createKafka,
  createProducer,
  failureOf,
  GZIP,
  type KafkaClientOptions,
  messageOf,
  type Producer,
  rootCause,
} from '../clients/kafka.ts';
import type { Clock, DeadLetter, DeadLetters, Logger } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import { letterId, letterJson, shortLetterJson } from './letter.ts';

export interface DeadLetterTopicOptions extends KafkaClientOptions {
  readonly topic: string;
}

/**
 * Dead letters go to `topic`, acknowledged by all in-sync replicas; the key is the document's id, else
 * `topic/partition/offset` of the record. The topic must exist. Connects with the first letter, so that a worker without
 * dead letters needs neither topic nor rights. A letter that the brokers find too large goes without its document or bytes.
 * Brokers that do not answer are waited for until `close`; a letter that waits is then rejected.
 */
export function createDeadLetterTopic(options: DeadLetterTopicOptions, logger: Logger, clock: Clock): DeadLetters {
  const closing = Promise.withResolvers<void>();
  let isClosed = false;
  let connected: Promise<Producer> | undefined;

  async function connect(): Promise<Producer> {
    const producer = createProducer(createKafka(options, logger));
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => {});
      throw error;
    }
  }

  async function disconnect(): Promise<void> {
    const producer = connected;
    connected = undefined;
    await producer?.then((each) => each.disconnect()).catch(() => {});
  }

  return {
    async put(letter) {
      const key = letterId(letter);
      const atMs = clock.nowMs();
      let isShort = false;
      let value = '';
      const cut = (bytes: number): void => {
        logger.event('dead-letter-cut', { id: key, bytes, topic: options.topic });
        value = shortLetterJson(letter, atMs);
        isShort = true;
      };
      if (sizeOf(letter) > MOST_BYTES) cut(sizeOf(letter));
      else value = letterJson(letter, atMs);
      for (let attempt = 1; ; attempt += 1) {
        try {
          connected ??= connect();
          const producer = await connected;
          await producer.send({ topic: options.topic, acks: -1, compression: GZIP, messages: [{ key, value }] });
          return;
        } catch (error) {
          if (isTooLarge(error) && !isShort) {
            cut(Buffer.byteLength(value));
            continue;
          }
          await disconnect();
          const text = messageFor(error, options, key);
          if (isClosed || !PASSING.has(failureOf(error))) throw new OomscopeError('DEAD_LETTER_FAILED', text, error);
          const retryMs = backoffMs(attempt, 1);
          logger.event('kafka-retry', { error: text, attempt, retryMs });
          await clock.sleep(retryMs, closing.promise);
        }
      }
    },
    async close() {
      isClosed = true;
      closing.resolve();
      await disconnect();
    },
  };
}

/** Failures that end by themselves when the brokers are back. */
const PASSING: ReadonlySet<ReturnType<typeof failureOf>> = new Set(['unreachable', 'retriable']);

/**
 * Brokers close the connection of who sends more than socket.request.max.bytes (100 MiB), which looks like an outage; and
 * a text has its limit too.
 */
const MOST_BYTES = 50_331_648;

const sizeOf = ({ write, bytes }: DeadLetter): number =>
  (bytes?.byteLength ?? 0) * BASE64_RATIO + (write === undefined ? 0 : JSON.stringify(write.document).length);

const BASE64_RATIO = 4 / 3;

/** max.message.bytes of the topic, or segment.bytes. */
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

const isTooLarge = (error: unknown): boolean => {
  const { type } = rootCause(error) as { type?: string };
  return type !== undefined && TOO_LARGE.has(type);
};

function messageFor(error: unknown, options: DeadLetterTopicOptions, key: string): string {
  return `Dead letter ${key} cannot be written to topic ${options.topic}: ${messageOf(error)}. ${adviceFor(error, options)}`;
}

function adviceFor(error: unknown, { brokers }: DeadLetterTopicOptions): string {
  if (isTooLarge(error)) return 'Raise max.message.bytes of the topic.';
  return failureOf(error) === 'topic-missing'
    ? 'Create the topic, or name another in dead.letters.topic.'
    : `Check the brokers ${brokers.join(', ')} and the right to write to the topic.`;
}
