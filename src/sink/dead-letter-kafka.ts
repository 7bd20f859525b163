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
import type { DeadLetters, Logger } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import { letterJson } from './letter.ts';

export interface DeadLetterTopicOptions extends KafkaClientOptions {
  readonly topic: string;
}

/**
 * Dead letters go to `topic`, acknowledged by all in-sync replicas; the key is the document's id, else
 * `topic/partition/offset` of the record. The topic must exist. Connects with the first letter, so that a worker without
 * dead letters needs neither topic nor rights.
 */
export function createDeadLetterTopic(options: DeadLetterTopicOptions, logger: Logger): DeadLetters {
  let connected: Promise<Producer> | undefined;

  async function connect(): Promise<Producer> {
    const producer = createProducer(createKafka(options, logger));
    await producer.connect();
    return producer;
  }

  return {
    async put(letter) {
      const { topic, partition, offset } = letter.positions.first;
      const key = letter.write?.id ?? `${topic}/${partition}/${offset}`;
      try {
        connected ??= connect();
        const producer = await connected;
        const messages = [{ key, value: letterJson(letter) }];
        await producer.send({ topic: options.topic, acks: -1, compression: GZIP, messages });
      } catch (error) {
        connected = undefined;
        throw new OomscopeError('DEAD_LETTER_FAILED', messageFor(error, options, key), error);
      }
    },
    async close() {
      const producer = await connected?.catch(() => undefined);
      connected = undefined;
      await producer?.disconnect();
    },
  };
}

function messageFor(error: unknown, options: DeadLetterTopicOptions, key: string): string {
  const root = rootCause(error);
  const found = root instanceof Error ? root.message : String(root);
  const advice =
    failureOf(error) === 'topic-missing'
      ? 'Create the topic, or name another in dead.letters.topic.'
      : `Check the brokers ${options.brokers.join(', ')} and the right to write to the topic.`;
  return `Dead letter ${key} cannot be written to topic ${options.topic}: ${found}. ${advice}`;
}
