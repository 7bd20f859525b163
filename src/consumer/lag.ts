/** How far the commits of each assigned partition are behind its end. */
import type { KafkaAdmin, TopicOffsets } from '../clients/kafka.ts';
import type { Metrics, TopicPartition } from '../ports.ts';

interface PartitionLag {
  readonly place: TopicPartition;
  committedOffset?: number;
  /** Offset after the last record handed over. */
  handedOffset?: number;
  /** Where the last fetch began: everything before it was handed over or is no record. */
  fetchedOffset?: number;
  endOffset?: number;
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
const labelsOf = ({ topic, partition }: TopicPartition) => ({ topic, partition: String(partition) });

export class LagGauge {
  readonly #metrics: Metrics;
  #partitions = new Map<string, PartitionLag>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** A new assignment; what is another worker's now is shown no longer. */
  assigned(partitions: readonly TopicPartition[]): void {
    const next = new Map<string, PartitionLag>(partitions.map((place) => [keyOf(place), { place }]));
    for (const [key, { place }] of this.#partitions) {
      if (!next.has(key)) this.#metrics.remove('oomscope_lag_records', labelsOf(place));
    }
    this.#partitions = next;
  }

  /** What the group has committed, as the consumer read it; negative where there is nothing. */
  began(offsets: readonly TopicOffsets[]): void {
    for (const { topic, partitions } of offsets) {
      for (const { partition, offset } of partitions) {
        if (Number(offset) >= 0) this.committed({ topic, partition }, Number(offset));
      }
    }
  }

  /** This worker's commit. */
  committed(place: TopicPartition, offset: number): void {
    this.#change(place, (lag) => {
      lag.committedOffset = offset;
    });
  }

  /** Records up to `lastOffset` are being handed over. */
  handed(place: TopicPartition, lastOffset: number): void {
    this.#change(place, (lag) => {
      lag.handedOffset = Math.max(lag.handedOffset ?? 0, lastOffset + 1);
    });
  }

  /** A fetch was answered. The first of an assignment begins at the commit, or where the group begins without one. */
  fetched(place: TopicPartition, fromOffset: number, endOffset: number): void {
    this.#change(place, (lag) => {
      lag.committedOffset ??= fromOffset;
      lag.fetchedOffset = fromOffset;
      lag.endOffset = endOffset;
    });
  }

  /** Asks for the ends of partitions that are not fetched. */
  async look(admin: Pick<KafkaAdmin, 'fetchTopicOffsets'>, places: readonly TopicPartition[]): Promise<void> {
    const wanted = new Set(places.map(keyOf));
    for (const topic of new Set(places.map((place) => place.topic))) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (!wanted.has(keyOf({ topic, partition }))) continue;
        this.#change({ topic, partition }, (lag) => {
          lag.committedOffset ??= Number(low);
          lag.endOffset = Number(high);
        });
      }
    }
  }

  #change(place: TopicPartition, change: (lag: PartitionLag) => void): void {
    const lag = this.#partitions.get(keyOf(place));
    if (lag === undefined) return;
    change(lag);
    const { committedOffset, handedOffset = 0, fetchedOffset = 0, endOffset } = lag;
    if (committedOffset === undefined || endOffset === undefined) return;
    // Once all that was handed over is committed, only marks of transactions lie between the commit and the last fetch.
    const doneOffset = committedOffset >= handedOffset ? Math.max(committedOffset, fetchedOffset) : committedOffset;
    this.#metrics.set('oomscope_lag_records', Math.max(0, endOffset - doneOffset), labelsOf(place));
  }
}
