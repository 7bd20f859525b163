/** A LineSource over records at hand: a simulated fleet, or a file read as a stream. It ends by itself. */
import { setImmediate } from 'node:timers/promises';
import type { LineBatch, LineSource, SourceHandler, TopicPartition } from '../ports.ts';
import type { Decoder, RawRecord } from './decode/index.ts';

/** As many records as a shipper puts into one batch of Kafka. */
const BATCH_RECORDS = 500;

/** A batch ends at such a gap: the partition's clock goes by the first stamps of batches, and no shipper waits longer. */
const BATCH_SPAN_MS = 5_000;

/**
 * Hands the records over in batches, each of one partition, in their order. `partitions` are all that occur in them.
 * Commits go nowhere.
 */
export function createLinesSource(
  records: Iterable<RawRecord> | AsyncIterable<RawRecord>,
  decoder: Decoder,
  partitions: readonly TopicPartition[],
): LineSource {
  return new LinesSource(records, decoder, partitions);
}

const spanMs = (first: RawRecord, last: RawRecord): number => (last.timestampMs ?? 0) - (first.timestampMs ?? 0);

class LinesSource implements LineSource {
  readonly #records: Iterable<RawRecord> | AsyncIterable<RawRecord>;
  readonly #decoder: Decoder;
  readonly #partitions: readonly TopicPartition[];
  readonly #paused = new Set<string>();
  readonly #ended = Promise.withResolvers<void>();
  #resumed = Promise.withResolvers<void>();
  #closed = false;
  #running = false;

  constructor(
    records: Iterable<RawRecord> | AsyncIterable<RawRecord>,
    decoder: Decoder,
    partitions: readonly TopicPartition[],
  ) {
    this.#records = records;
    this.#decoder = decoder;
    this.#partitions = partitions;
  }

  async run(handler: SourceHandler): Promise<void> {
    this.#running = true;
    try {
      handler.onAssigned(0, this.#partitions);
      let pending: RawRecord[] = [];
      for await (const record of this.#records) {
        const previous = pending[0];
        const isOther =
          previous !== undefined && (keyOf(previous) !== keyOf(record) || spanMs(previous, record) > BATCH_SPAN_MS);
        if (isOther || pending.length >= BATCH_RECORDS) {
          await this.#hand(pending, handler);
          pending = [];
        }
        if (this.#closed) return;
        pending.push(record);
      }
      await this.#hand(pending, handler);
    } finally {
      this.#ended.resolve();
    }
  }

  async #hand(records: readonly RawRecord[], handler: SourceHandler): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    while (this.#paused.has(keyOf(first)) && !this.#closed) await this.#resumed.promise;
    if (this.#closed) return;
    await handler.onBatch(batchOf(records, first, this.#decoder), { epoch: 0, heartbeat: async () => {} });
    // Timers and sockets of the process get their turn.
    await setImmediate();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.add(keyOf(partition));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.delete(keyOf(partition));
    this.#wake();
  }

  async commit(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    if (this.#running) await this.#ended.promise;
  }

  #wake(): void {
    this.#resumed.resolve();
    this.#resumed = Promise.withResolvers<void>();
  }
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

function batchOf(records: readonly RawRecord[], first: RawRecord, decoder: Decoder): LineBatch {
  const last = records.at(-1) ?? first;
  return {
    topic: first.topic,
    partition: first.partition,
    firstOffset: first.offset,
    lastOffset: last.offset,
    recordCount: records.length,
    byteLength: records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
    firstAtMs: first.timestampMs,
    lastAtMs: last.timestampMs,
    *lines() {
      for (const record of records) yield* decoder.decode(record);
    },
  };
}
