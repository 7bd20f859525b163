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
  connectAdmin,
  createConsumer,
  createKafka,
  type EachBatchPayload,
  type FetchedPartition,
  failureOf,
  type KafkaClientOptions,
} from '../clients/kafka.ts';
import { listTopics } from '../clients/kafka-topics.ts';
import type { Clock, LineSource, Logger, Metrics, SourceHandler, TopicPartition } from '../ports.ts';
import type { Decoder } from './decode/index.ts';
import { IdleTime } from './idle-time.ts';
import { crashOf, retryFields } from './kafka-failure.ts';
import { LagGauge } from './lag.ts';
import { lineBatchOf } from './record-batches.ts';
import { RegularLook } from './regular-look.ts';
import { readStart } from './start.ts';
import { StartOffsets } from './start-offsets.ts';
import { readTopicChoice } from './topic-choice.ts';
import { TopicWatch } from './topic-watch.ts';
import { SILENCE_LIMIT_MS, Watchdog } from './watchdog.ts';

export interface KafkaSourceOptions extends KafkaClientOptions, ConsumerOptions {
  /** Names, and /patterns/ between slashes. */
  readonly topics: readonly string[];
  /** Matched by no pattern: the dead letters. */
  readonly excludedTopics: readonly string[];
  /** earliest, latest, an ISO time, or milliseconds since 1970. */
  readonly start: string;
}

export interface KafkaSourceParts {
  readonly decoder: Decoder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface KafkaSource extends LineSource {
  /** For how long the client has shown no sign of life, by the looks at it; 0 while it works or waits for a broker. */
  readonly silentMs: number;
}

/** Connects to nothing yet. Throws CONFIG_INVALID for topics and starts that nobody can read. */
export function createKafkaSource(options: KafkaSourceOptions, parts: KafkaSourceParts): KafkaSource {
  return new GroupSource(options, parts);
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/** kafkajs may take its retries to the end before it stops; a restart does not wait for that. */
const STOP_LIMIT_MS = 10_000;

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
  readonly #watchdog: Watchdog;
  readonly #closing = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #paused = new Map<string, TopicPartition>();
  readonly #topics: TopicWatch;
  readonly #looks: RegularLook;
  readonly #starts: StartOffsets;
  readonly #lag: LagGauge;
  readonly #idle = new IdleTime();
  #assigned = new Map<string, TopicPartition>();
  #epoch = 0;
  #handler: SourceHandler | undefined;
  /** Present while a member of the group. */
  #consumer: Consumer | undefined;
  #commitOffsets: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  #end: (ending: Ending) => void = () => {};
  #running = false;
  #closed = false;

  constructor(options: KafkaSourceOptions, parts: KafkaSourceParts) {
    this.#options = options;
    this.#parts = parts;
    this.#watchdog = new Watchdog(parts.clock);
    const { clock, logger, metrics } = parts;
    const choice = readTopicChoice(options.topics, options.excludedTopics);
    this.#topics = new TopicWatch(choice, {
      connect: () => connectAdmin(options, logger, 0),
      list: () => listTopics(createKafka(options, logger, 0)),
      logger,
      metrics,
    });
    this.#starts = new StartOffsets(readStart(options.start), options.group, choice, {
      connect: () => connectAdmin(options, logger),
      clock,
      logger,
    });
    this.#looks = new RegularLook(clock, options.metadataIntervalMs);
    this.#lag = new LagGauge(metrics);
  }

  get silentMs(): number {
    return this.#watchdog.silentMs;
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
      this.#idle.forget(keyOf(place));
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
    if (this.#commitOffsets === undefined) return;
    const topics = [{ topic: place.topic, partitions: [{ partition: place.partition, offset: String(offset) }] }];
    await this.#commitOffsets({ topics });
    if (epoch === this.#epoch) this.#lag.committed(place, offset);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.resolve();
    this.#end({ kind: 'closed' });
    if (this.#running) await this.#ended.promise;
  }

  /** One life of a consumer, from the first connection to its end. */
  async #consume(handler: SourceHandler): Promise<Ending> {
    const [options, { logger }] = [this.#options, this.#parts];
    let topics: readonly string[];
    const ended = Promise.withResolvers<Ending>();
    this.#end = ended.resolve;
    if (this.#closed) return { kind: 'closed' };
    try {
      topics = await this.#look();
      this.#topics.expect(topics);
    } catch (error) {
      return this.#endingFor(error);
    }
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
      admitted: whileAlive((membership) => this.#starts.admitted(membership)),
      offsetsFetched: async (offsets, ask) => {
        if (isOver) return offsets;
        const begins = await this.#starts.offsetsFetched(offsets, ask);
        if (!isOver) this.#lag.began(begins);
        return begins;
      },
    });
    const { GROUP_JOIN, STOP, CRASH, HEARTBEAT, REQUEST } = consumer.events;
    consumer.on(
      GROUP_JOIN,
      whileAlive(({ payload }) => {
        this.#starts.joined(topics, (error) => ended.resolve(this.#endingFor(error)));
        this.#joined(consumer, payload.memberAssignment);
      }),
    );
    const left = whileAlive(() => this.#left());
    consumer.on(STOP, left);
    consumer.on(
      CRASH,
      whileAlive(({ payload }) => ended.resolve(this.#endingFor(payload.error))),
    );
    const sign = whileAlive(() => this.#watchdog.sign());
    for (const event of [HEARTBEAT, REQUEST]) consumer.on(event, sign);
    const watching = new AbortController();
    void this.#watch(watching.signal, ended.resolve);
    void this.#looks.run(watching.signal, () => this.#lookAgain(watching.signal, topics));
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
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

  async #look(): Promise<readonly string[]> {
    const topics = await this.#topics.look();
    this.#starts.found(topics);
    return topics;
  }

  /**
   * Looks for new topics and partitions, and at the ends of paused partitions. kafkajs joins anew by itself when partitions
   * were added, but it expands patterns only once. What is wrong with brokers and topics shows at the consumer.
   */
  async #lookAgain(signal: AbortSignal, topics: readonly string[]): Promise<void> {
    const added = (await this.#look()).filter((topic) => !topics.includes(topic));
    if (signal.aborted) return;
    if (added.length > 0) {
      this.#parts.logger.event('topics-added', { topics: added });
      this.#end({ kind: 'again' });
      return;
    }
    const paused = [...this.#paused.values()].filter((place) => this.#assigned.has(keyOf(place)));
    if (paused.length === 0) return;
    const admin = await connectAdmin(this.#options, this.#parts.logger, 0);
    await this.#lag.look(admin, paused).finally(() => admin.disconnect());
  }

  async #eachBatch(handler: SourceHandler, payload: EachBatchPayload): Promise<void> {
    this.#watchdog.sign();
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
      this.#lag.handed(batch, block.lastOffset);
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
    this.#idle.handed(keyOf(batch), this.#parts.clock.elapsedMs());
    payload.resolveOffset(batch.lastOffset());
  }

  #joined(consumer: Consumer, assignment: Readonly<Record<string, number[]>>): void {
    if (this.#closed) return;
    const isFirst = this.#consumer === undefined;
    this.#consumer = consumer;
    this.#epoch += 1;
    this.#idle.forgetAll();
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    this.#assigned = new Map(partitions.map((place) => [keyOf(place), place]));
    this.#lag.assigned(partitions);
    // A later join may be one for the sake of partitions that were added.
    if (!isFirst) this.#looks.soon();
    // kafkajs keeps partitions paused over a rejoin.
    this.resume([...this.#paused.values()]);
    this.#handler?.onAssigned(this.#epoch, partitions);
  }

  #left(): void {
    this.#consumer = undefined;
    this.#commitOffsets = undefined;
    const had = this.#assigned.size;
    this.#assigned = new Map();
    this.#lag.assigned([]);
    if (had === 0 || this.#closed) return;
    this.#epoch += 1;
    this.#handler?.onAssigned(this.#epoch, []);
  }

  /** Counts the time between fetches as idle for the partitions that returned nothing at their end. */
  #fetched(epoch: number, partitions: readonly FetchedPartition[]): void {
    this.#watchdog.sign();
    if (epoch !== this.#epoch || this.#closed) return;
    const nowMs = this.#parts.clock.elapsedMs();
    for (const place of partitions) {
      const key = keyOf(place);
      if (!this.#assigned.has(key)) continue;
      this.#lag.fetched(place, place.fromOffset, place.endOffset);
      if (this.#paused.has(key)) continue;
      const idleMs = this.#idle.fetched(key, nowMs, place.isAtEnd);
      if (idleMs !== undefined) this.#handler?.onIdle({ topic: place.topic, partition: place.partition }, idleMs);
    }
  }

  #fetchFailed(error: unknown): void {
    this.#idle.forgetAll();
    if (!(error instanceof Error) || error.name !== 'KafkaJSOffsetOutOfRange') return;
    const { topic, partition } = error as Error & { topic?: string; partition?: number };
    this.#parts.logger.event('offset-reset', { topic, partition });
    // kafkajs goes on from the beginning of this partition within the same assignment. Joining anew keeps the rule that
    // an epoch begins at the committed offsets.
    this.#epoch += 1;
    this.#end({ kind: 'again' });
  }

  /** Ends a consumer that shows no sign of life. */
  async #watch(signal: AbortSignal, end: (ending: Ending) => void): Promise<void> {
    if (!(await this.#watchdog.watch(signal))) return;
    const seconds = SILENCE_LIMIT_MS / 1_000;
    end({ kind: 'failed', error: this.#crash(new Error(`it neither fetched nor sent a heartbeat for ${seconds} s`)) });
  }

  #endingFor(error: unknown): Ending {
    if (this.#closed) return { kind: 'closed' };
    const failure = failureOf(error);
    if (failure === 'fatal' || failure === 'refused') return { kind: 'failed', error: this.#crash(error) };
    return { kind: 'again', reason: error };
  }

  #crash(error: unknown): unknown {
    const crash = crashOf(error, this.#options);
    this.#parts.logger.event('kafka-crashed', { error: crash.message });
    return crash;
  }

  /** Says what failed, and waits: 1 s, doubled up to 10 s. */
  async #backOff(reason: unknown, attempt: number): Promise<void> {
    const { clock, logger } = this.#parts;
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS);
    logger.event('kafka-retry', { ...retryFields(reason, this.#options), attempt: attempt + 1, retryMs });
    await clock.sleep(retryMs, this.#closing.promise);
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
