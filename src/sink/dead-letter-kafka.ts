/** Dead letters in a Kafka topic: what nothing else can take, kept for a human with all it takes to try again. */
import {
  createKafka,
  createProducer,
  failureOf,
  GZIP,
  type KafkaClientOptions,
  type Producer,
  rootCause,
} from '../clients/kafka.ts';
import type { Clock, DeadLetters, Logger } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import { backoffMs } from './backoff.ts';
import { letterJson } from './letter.ts';

export interface DeadLetterTopicOptions extends KafkaClientOptions {
  readonly topic: string;
}

/**
 * Dead letters go to `topic`, acknowledged by all in-sync replicas; the key is the document's id, else
 * `topic/partition/offset` of the record. The topic must exist. Connects with the first letter, so that a worker without
 * dead letters needs neither topic nor rights. Brokers that do not answer are waited for until `close`; a letter that waits
 * is then rejected.
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
      const { topic, partition, offset } = letter.positions.first;
      const key = letter.write?.id ?? `${topic}/${partition}/${offset}`;
      const messages = [{ key, value: letterJson(letter) }];
      for (let attempt = 1; ; attempt += 1) {
        try {
          connected ??= connect();
          const producer = await connected;
          await producer.send({ topic: options.topic, acks: -1, compression: GZIP, messages });
          return;
        } catch (error) {
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

function messageFor(error: unknown, options: DeadLetterTopicOptions, key: string): string {
  const root = rootCause(error);
  const found = root instanceof Error ? root.message : String(root);
  const advice =
    failureOf(error) === 'topic-missing'
      ? 'Create the topic, or name another in dead.letters.topic.'
      : `Check the brokers ${options.brokers.join(', ')} and the right to write to the topic.`;
  return `Dead letter ${key} cannot be written to topic ${options.topic}: ${found}. ${advice}`;
}
