/** Looks at the cluster: which of the topics chosen are there, and whether they got partitions. */
import { failureOf, type KafkaAdmin } from '../clients/kafka.ts';
import type { Logger, Metrics } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import { chosenTopics, type TopicChoice } from './topic-choice.ts';

export interface TopicWatchParts {
  readonly connect: () => Promise<KafkaAdmin>;
  /** Number of partitions by topic, of all topics. */
  readonly list: () => Promise<ReadonlyMap<string, number>>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class TopicWatch {
  readonly #choice: TopicChoice;
  readonly #parts: TopicWatchParts;
  #partitions: ReadonlyMap<string, number> = new Map();

  constructor(choice: TopicChoice, parts: TopicWatchParts) {
    this.#choice = choice;
    this.#parts = parts;
  }

  /** The topics chosen that are there, sorted, also when some are missing. Rejects with what the client rejects with. */
  async look(): Promise<readonly string[]> {
    const existing = await this.#existing();
    const topics = chosenTopics(this.#choice, existing.keys());
    const partitions = new Map(topics.map((topic) => [topic, existing.get(topic) ?? 0]));
    for (const [topic, to] of partitions) {
      const from = this.#partitions.get(topic) ?? to;
      if (to <= from) continue;
      this.#parts.metrics.increment('oomscope_partitions_added_total', { topic }, to - from);
      const effect = 'keys move between partitions: a report in flight at this time may be split in two';
      this.#parts.logger.event('partitions-added', { topic, from, to, effect });
    }
    this.#partitions = partitions;
    return topics;
  }

  /** Throws KAFKA_TOPIC_MISSING unless every name, and with patterns alone any topic, is among them. */
  expect(topics: readonly string[]): void {
    const { names, patterns } = this.#choice;
    const missing = names.filter((name) => !topics.includes(name));
    if (missing.length > 0) {
      throw new OomscopeError(
        'KAFKA_TOPIC_MISSING',
        `${missing.join(', ')}: no such topic, or no right to describe it. Create it, or see kafka.topics.`,
      );
    }
    if (topics.length > 0) return;
    const shown = patterns.map(({ source }) => source).join(', ');
    throw new OomscopeError(
      'KAFKA_TOPIC_MISSING',
      `${shown}: no topic matches, or there is no right to describe it. Create one, or see kafka.topics.`,
    );
  }

  /** Where only names are chosen, no more is asked for than these. */
  async #existing(): Promise<ReadonlyMap<string, number>> {
    const { names, patterns } = this.#choice;
    if (patterns.length > 0) return this.#parts.list();
    const admin = await this.#parts.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
      return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
    } catch (error) {
      if (failureOf(error) !== 'topic-missing') throw error;
      return await this.#parts.list();
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}
