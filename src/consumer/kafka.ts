/**
 * Lines from a Kafka consumer group.
 *
 * Offsets are committed by hand only. After any rebalance kafkajs reads every partition again from its committed offset,
 * so each join of the group is a new epoch, and what was fetched or is to be committed for an earlier one is dropped.
 */
import { setImmediate } from 'node:timers/promises';
import {
  blocksOf,
  type Consumer,
  type ConsumerOptions,
  createConsumer,
  createKafka,
  type EachBatchPayload,
  FETCH_WAIT_MS,
  type FetchedPartition,
  failureOf,
  type KafkaClientOptions,
  rootCause,
} from '../clients/kafka.ts';
import type { Clock, LineSource, Logger, SourceHandler, TopicPartition } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { Decoder } from './decode/index.ts';
import { lineBatchOf } from './record-batches.ts';

export interface KafkaSourceOptions extends KafkaClientOptions, ConsumerOptions {
  readonly topics: readonly string[];
}

export interface KafkaSourceParts {
  readonly decoder: Decoder;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface KafkaSource extends LineSource {
  /** For how long the client has shown no sign of life, by the looks at it; 0 while it works or waits for a broker. */
  readonly silentMs: number;
}

export function createKafkaSource(options: KafkaSourceOptions, parts: KafkaSourceParts): KafkaSource {
  return new GroupSource(options, parts);
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/** kafkajs may take its retries to the end before it stops; a restart does not wait for that. */
const STOP_LIMIT_MS = 10_000;

/** Between two fetches that returned nothing at most so much counts as idle: more means that the worker stood still. */
const LONGEST_IDLE_MS = 4 * FETCH_WAIT_MS;

/** Looks at the client's signs of life so often; so many looks without one, and it hangs. */
const WATCH_INTERVAL_MS = 6_000;
const WATCH_LIMIT = 20;

/** How a run of the consumer ended, if not by `close`. */
type Ending =
  | { readonly kind: 'closed' }
  | { readonly kind: 'again'; readonly reason?: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

/** No epoch of an assignment. */
const NO_EPOCH = -1;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

class GroupSource implements KafkaSource {
  readonly #options: KafkaSourceOptions;
  readonly #parts: KafkaSourceParts;
  readonly #closing = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #paused = new Map<string, TopicPartition>();
  /** Elapsed time of the last fetch of a partition that shows how long it has been idle. */
  readonly #idleSince = new Map<string, number>();
  #assigned = new Map<string, TopicPartition>();
  #epoch = 0;
  #handler: SourceHandler | undefined;
  /** Present while a member of the group. */
  #consumer: Consumer | undefined;
  #commitOffsets: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  #end: (ending: Ending) => void = () => {};
  #signsOfLife = 0;
  #silentLooks = 0;
  #running = false;
  #closed = false;

  constructor(options: KafkaSourceOptions, parts: KafkaSourceParts) {
    this.#options = options;
    this.#parts = parts;
  }

  get silentMs(): number {
    return this.#silentLooks * WATCH_INTERVAL_MS;
  }

  async run(handler: SourceHandler): Promise<void> {
    this.#handler = handler;
    this.#running = true;
    try {
      for (let attempt = 0; !this.#closed; attempt += 1) {
        const joinedBefore = this.#epoch;
        const ending = await this.#consume(handler);
        if (ending.kind === 'closed') return;
        if (ending.kind === 'failed') throw ending.error;
        if (this.#epoch > joinedBefore) attempt = 0;
        if (ending.reason !== undefined) await this.#backOff(ending.reason, attempt);
      }
    } finally {
      this.#ended.resolve();
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const place of partitions) {
      this.#paused.set(keyOf(place), place);
      this.#idleSince.delete(keyOf(place));
    }
    if (partitions.length > 0) this.#consumer?.pause(grouped(partitions));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const place of partitions) this.#paused.delete(keyOf(place));
    if (partitions.length > 0) this.#consumer?.resume(grouped(partitions));
  }

  async commit(epoch: number, place: TopicPartition, offset: number): Promise<void> {
    // kafkajs puts the generation of a new assignment in place a few microtasks before it tells of it. In a macrotask of
    // its own a commit sees both or neither; one that is overtaken on its way is refused by the broker.
    await setImmediate();
    if (epoch !== this.#epoch || !this.#assigned.has(keyOf(place))) return;
    const topics = [{ topic: place.topic, partitions: [{ partition: place.partition, offset: String(offset) }] }];
    await this.#commitOffsets?.({ topics });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.resolve();
    this.#end({ kind: 'closed' });
    if (this.#running) await this.#ended.promise;
  }

  /** One life of a consumer, from the first connection to its end. */
  async #consume(handler: SourceHandler): Promise<Ending> {
    const { options, logger } = { options: this.#options, logger: this.#parts.logger };
    const ended = Promise.withResolvers<Ending>();
    this.#end = ended.resolve;
    if (this.#closed) return { kind: 'closed' };
    const missing = await this.#probe();
    if (missing !== undefined) return this.#endingFor(missing);
    // A consumer that was given up may still be joining, and would do so behind the back of the one after it.
    let isOver = false;
    const whileAlive =
      <Args extends unknown[]>(react: (...args: Args) => void) =>
      (...args: Args): void => {
        if (!isOver) react(...args);
      };
    const consumer = createConsumer(createKafka(options, logger), options, {
      epoch: () => (isOver ? NO_EPOCH : this.#epoch),
      completed: whileAlive((epoch, partitions) => this.#fetched(epoch, partitions)),
      failed: whileAlive((error) => this.#fetchFailed(error)),
    });
    const { GROUP_JOIN, STOP, CRASH, HEARTBEAT, REQUEST } = consumer.events;
    consumer.on(
      GROUP_JOIN,
      whileAlive(({ payload }) => this.#joined(consumer, payload.memberAssignment)),
    );
    consumer.on(
      STOP,
      whileAlive(() => this.#left()),
    );
    consumer.on(
      CRASH,
      whileAlive(({ payload }) => ended.resolve(this.#endingFor(payload.error))),
    );
    consumer.on(
      HEARTBEAT,
      whileAlive(() => this.#showLife()),
    );
    consumer.on(
      REQUEST,
      whileAlive(() => this.#showLife()),
    );
    const watching = new AbortController();
    void this.#watch(watching.signal, ended.resolve);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => {
          if (!isOver) await this.#eachBatch(handler, payload);
        },
      });
      return await ended.promise;
    } catch (error) {
      return this.#endingFor(error);
    } finally {
      isOver = true;
      watching.abort();
      this.#left();
      await this.#stop(consumer);
    }
  }

  /** Asks for the topics once, without kafkajs's own retries: what is wrong is said at once. */
  async #probe(): Promise<unknown> {
    const admin = createKafka(this.#options, this.#parts.logger, 0).admin();
    try {
      await admin.connect();
      await admin.fetchTopicMetadata({ topics: [...this.#options.topics] });
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  async #eachBatch(handler: SourceHandler, payload: EachBatchPayload): Promise<void> {
    this.#showLife();
    this.#commitOffsets = payload.commitOffsetsIfNecessary;
    const { batch } = payload;
    const epoch = this.#epoch;
    for (const block of blocksOf(batch.messages)) {
      // Fetched before a rejoin, delivered after it: to go on from here would skip what lies before.
      if (block.epoch !== this.#epoch || this.#closed) return;
      let heartbeatFailure: unknown;
      const heartbeat = async (): Promise<void> => {
        try {
          await payload.heartbeat();
        } catch (error) {
          heartbeatFailure = error;
          throw error;
        }
      };
      try {
        await handler.onBatch(lineBatchOf(block, this.#parts.decoder), { epoch, heartbeat });
      } catch (error) {
        if (error === heartbeatFailure) throw error;
        // kafkajs would read the batch again and again.
        this.#end({ kind: 'failed', error });
        return;
      }
      await payload.heartbeat();
    }
    if (epoch !== this.#epoch) return;
    this.#idleSince.set(keyOf(batch), this.#parts.clock.elapsedMs());
    payload.resolveOffset(batch.lastOffset());
  }

  #joined(consumer: Consumer, assignment: Readonly<Record<string, number[]>>): void {
    if (this.#closed) return;
    this.#consumer = consumer;
    this.#epoch += 1;
    this.#idleSince.clear();
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    this.#assigned = new Map(partitions.map((place) => [keyOf(place), place]));
    // kafkajs keeps partitions paused over a rejoin.
    this.resume([...this.#paused.values()]);
    this.#handler?.onAssigned(this.#epoch, partitions);
  }

  #left(): void {
    this.#consumer = undefined;
    this.#commitOffsets = undefined;
    const had = this.#assigned.size;
    this.#assigned = new Map();
    if (had === 0 || this.#closed) return;
    this.#epoch += 1;
    this.#handler?.onAssigned(this.#epoch, []);
  }

  /** Counts the time between fetches as idle for the partitions that returned nothing at their end. */
  #fetched(epoch: number, partitions: readonly FetchedPartition[]): void {
    this.#showLife();
    if (epoch !== this.#epoch || this.#closed) return;
    const nowMs = this.#parts.clock.elapsedMs();
    for (const { topic, partition, isAtEnd } of partitions) {
      const key = keyOf({ topic, partition });
      if (this.#paused.has(key) || !this.#assigned.has(key)) continue;
      const sinceMs = this.#idleSince.get(key);
      if (isAtEnd) this.#idleSince.set(key, nowMs);
      if (!isAtEnd || sinceMs === undefined) continue;
      this.#handler?.onIdle({ topic, partition }, Math.min(nowMs - sinceMs, LONGEST_IDLE_MS));
    }
  }

  #fetchFailed(error: unknown): void {
    this.#idleSince.clear();
    if (!(error instanceof Error) || error.name !== 'KafkaJSOffsetOutOfRange') return;
    const { topic, partition } = error as Error & { topic?: string; partition?: number };
    this.#parts.logger.event('offset-reset', { topic, partition });
    // kafkajs goes on from the beginning of this partition within the same assignment. Joining anew keeps the rule that
    // an epoch begins at the committed offsets.
    this.#epoch += 1;
    this.#end({ kind: 'again' });
  }

  #showLife(): void {
    this.#signsOfLife += 1;
  }

  /** Ends a consumer that shows no sign of life. Counts looks, not time: a process that was frozen is given its turn. */
  async #watch(signal: AbortSignal, end: (ending: Ending) => void): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    let before = this.#signsOfLife;
    for (this.#silentLooks = 0; this.#silentLooks < WATCH_LIMIT; ) {
      await this.#parts.clock.sleep(WATCH_INTERVAL_MS, aborted);
      this.#silentLooks = this.#signsOfLife === before ? this.#silentLooks + 1 : 0;
      if (signal.aborted) {
        this.#silentLooks = 0;
        return;
      }
      before = this.#signsOfLife;
    }
    const seconds = (WATCH_LIMIT * WATCH_INTERVAL_MS) / 1_000;
    end({ kind: 'failed', error: this.#crash(new Error(`it neither fetched nor sent a heartbeat for ${seconds} s`)) });
  }

  #endingFor(error: unknown): Ending {
    if (this.#closed) return { kind: 'closed' };
    const failure = failureOf(error);
    if (failure === 'fatal' || failure === 'refused') return { kind: 'failed', error: this.#crash(error) };
    return { kind: 'again', reason: error };
  }

  #crash(error: unknown): OomscopeError {
    const root = rootCause(error);
    const found = root instanceof Error ? `${root.name}: ${root.message}` : String(root);
    const advice =
      failureOf(error) === 'refused'
        ? `Check kafka.sasl.* and the rights on topics ${this.#options.topics.join(', ')} and group ${this.#options.group}.`
        : 'Start the worker anew; it goes on from the committed offsets.';
    this.#parts.logger.event('kafka-crashed', { error: found });
    return new OomscopeError('KAFKA_CRASHED', `The Kafka client stopped: ${found}. ${advice}`, error);
  }

  /** Says what failed, and waits: 1 s, doubled up to 10 s. */
  async #backOff(reason: unknown, attempt: number): Promise<void> {
    const { clock, logger } = this.#parts;
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS);
    logger.event('kafka-retry', { ...this.#described(reason), attempt: attempt + 1, retryMs });
    await clock.sleep(retryMs, this.#closing.promise);
  }

  #described(reason: unknown): Record<string, unknown> {
    const { brokers, topics } = this.#options;
    const root = rootCause(reason);
    const error = root instanceof Error ? root.message : String(root);
    switch (failureOf(reason)) {
      case 'unreachable':
        return { code: 'KAFKA_UNREACHABLE', option: 'kafka.brokers', brokers, error };
      case 'topic-missing':
        return { code: 'KAFKA_TOPIC_MISSING', option: 'kafka.topics', topics, error };
      default:
        return { brokers, error };
    }
  }

  async #stop(consumer: Consumer): Promise<void> {
    // What fails here fails because the connection is gone, which is what was wanted.
    const stopped = consumer.disconnect().catch(() => {});
    await this.#parts.clock.sleep(STOP_LIMIT_MS, stopped);
  }
}

function grouped(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  return [...byTopic].map(([topic, places]) => ({ topic, partitions: places.map(({ partition }) => partition) }));
}
