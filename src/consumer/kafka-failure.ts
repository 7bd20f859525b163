/** Failures of the Kafka client in the words of the options. */
import { failureOf, messageOf, rootCause } from '../clients/kafka.ts';
import { OomscopeError } from '../tables/errors.ts';

interface Asked {
  readonly brokers: readonly string[];
  readonly topics: readonly string[];
  readonly group: string;
}

/** A failure after which the source does not try again by itself: KAFKA_CRASHED. */
export function crashOf(error: unknown, { topics, group }: Asked): OomscopeError {
  const root = rootCause(error);
  const found = root instanceof Error ? `${root.name}: ${messageOf(error)}` : String(root);
  const advice =
    failureOf(error) === 'refused'
      ? `Check kafka.sasl.* and the rights on topics ${topics.join(', ')} and group ${group}.`
      : 'Start the worker anew; it goes on from the committed offsets.';
  return new OomscopeError('KAFKA_CRASHED', `The Kafka client stopped: ${found}. ${advice}`, error);
}

/** The fields of the log event of a failure after which the source tries again. */
export function retryFields(reason: unknown, { brokers, topics }: Asked): Readonly<Record<string, unknown>> {
  const error = messageOf(reason);
  switch (failureOf(reason)) {
    case 'unreachable':
      return { code: 'KAFKA_UNREACHABLE', option: 'kafka.brokers', brokers, error };
    case 'topic-missing':
      return { code: 'KAFKA_TOPIC_MISSING', option: 'kafka.topics', topics, error };
    default:
      return { brokers, error };
  }
}
