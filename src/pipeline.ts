/**
 * The wiring: lines from a source, through parser and enricher, to a sink, and offsets back.
 *
 *     source -> decode -> parser -> analyse -> document -> sink
 *        ^                                              |
 *        +------- ledger: commit what nothing needs <----+
 *
 * It works on ports only; what stands at its ends is the caller's choice.
 */
import { setImmediate } from 'node:timers/promises';
import { createLedger, type Ledger, PartitionClock, unionOfHosts } from './consumer/index.ts';
import { hostFactsOf, toHostWrite, toWrite } from './document/index.ts';
import type { HostFacts, OomReport, Position } from './domain.ts';
import { FlowMetrics } from './ops/index.ts';
import type {
  Analyse,
  BootReader,
  Clock,
  DeadLetters,
  Decoded,
  LineBatch,
  LineSource,
  Logger,
  Metrics,
  OpenHosts,
  Parser,
  ReportSink,
  SourceHandler,
  TopicPartition,
} from './ports.ts';

/** Lines between two heartbeats. */
const HEARTBEAT_LINES = 500;

/** Heart beats while reports of a batch are written, and looks whether the sink has room. */
const HEARTBEAT_MS = 500;

/** Reports written in one turn of the event loop: a storm of them must not silence the worker. */
const TURN_REPORTS = 10;

export interface PipelineParts {
  readonly source: LineSource;
  readonly parser: Parser;
  /** Absent where no inventory of hosts is kept. */
  readonly boots?: BootReader;
  readonly analyse: Analyse;
  readonly sink: ReportSink;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface PipelineOptions {
  readonly commitIntervalMs: number;
  /** Held bytes (documents) above which fetching pauses; below half of it fetching goes on. */
  readonly heldBytes: number;
  /** Called for every report emitted, before its document is written. */
  readonly onReport?: (report: OomReport, analysis: ReturnType<Analyse>) => void;
}

export interface Pipeline {
  /** Resolves when the source has ended (a file) or `stop` has drained; rejects with what ended it. */
  run(): Promise<void>;
  /** Stops fetching, waits at most `drainMs` for documents in flight, commits. Open reports are read again later. */
  stop(drainMs: number): Promise<void>;
  /** True once partitions were assigned. */
  readonly assigned: boolean;
}

export function createPipeline(parts: PipelineParts, options: PipelineOptions): Pipeline {
  return new RunningPipeline(parts, options);
}

/** A report or a boot on its way to the sink; its first record is held already. */
interface Leaving {
  /** Resolves when its documents are where they belong. */
  readonly leave: () => Promise<unknown>;
  readonly epoch: number;
  readonly release: () => void;
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

class RunningPipeline implements Pipeline, SourceHandler {
  readonly #parts: PipelineParts;
  readonly #options: PipelineOptions;
  readonly #ledger: Ledger = createLedger();
  readonly #flow: FlowMetrics;
  #epoch = -1;
  #partitions: readonly TopicPartition[] = [];
  #clocks = new Map<string, PartitionClock>();
  /** Last record of each partition whose lines the parser has had in this assignment. */
  #pushed = new Map<string, number>();
  #paused = false;
  #leaving: Leaving[] = [];
  /** While reports leave. */
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;
  #stopping: Promise<void> | undefined;
  #ended = Promise.withResolvers<void>();

  constructor(parts: PipelineParts, options: PipelineOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#flow = new FlowMetrics(parts.metrics, parts.clock);
  }

  get assigned(): boolean {
    return this.#partitions.length > 0;
  }

  async run(): Promise<void> {
    const { source, parser, sink } = this.#parts;
    const committing = this.#commitRegularly();
    try {
      await source.run(this);
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#stopping === undefined) {
        // The source ended by itself: there is no later line, so what is open is all there is.
        this.#emitAll(parser.end());
        this.#emitHosts(this.#parts.boots?.end());
        await this.#writing;
        await sink.flush();
        await this.#commit();
        if (this.#failure !== undefined) throw this.#failure;
      } else {
        await this.#stopping;
      }
    } finally {
      this.#ended.resolve();
      await committing;
      this.#showGauges();
    }
  }

  stop(drainMs: number): Promise<void> {
    this.#stopping ??= (async () => {
      const { source, sink } = this.#parts;
      // From here on no line is taken and no batch counts as seen, so what is committed is what was written.
      source.pause(this.#partitions);
      try {
        await sink.close(drainMs);
      } finally {
        await this.#commit();
        await source.close();
      }
    })();
    return this.#stopping;
  }

  onAssigned(epoch: number, partitions: readonly TopicPartition[]): void {
    const { parser, logger, source, sink } = this.#parts;
    for (const { topic, partition } of this.#partitions) {
      parser.reset(topic, partition);
      this.#parts.boots?.reset(topic, partition);
    }
    this.#epoch = epoch;
    this.#partitions = partitions;
    this.#clocks = new Map(partitions.map((partition) => [keyOf(partition), new PartitionClock()]));
    this.#ledger.reset(epoch, partitions);
    this.#pushed.clear();
    // A source resumes at a new assignment; what waited for the sink before it waits still.
    this.#paused = sink.heldBytes > this.#options.heldBytes;
    if (this.#paused) source.pause(partitions);
    else source.resume(partitions);
    this.#flow.assigned(partitions);
    logger.event('partitions-assigned', { epoch, partitions: partitions.map(keyOf) });
  }

  async onBatch(batch: LineBatch, context: { epoch: number; heartbeat(): Promise<void> }): Promise<void> {
    if (!this.#takes(context.epoch)) return;
    const key = keyOf(batch);
    const atMs = this.#clocks.get(key)?.batch(batch.firstAtMs);
    if (atMs !== undefined) this.#advance(batch, atMs);
    this.#flow.reading(batch);
    // A connection that fails under a heartbeat has the batch delivered again within the assignment.
    const pushed = this.#pushed.get(key) ?? -1;
    let [count, last] = [0, pushed];
    for (const decoded of batch.lines(this.#openHosts(batch))) {
      const { offset } = decoded.kind === 'line' ? decoded.line.position : decoded.position;
      if (offset <= pushed) continue;
      if (offset !== last) {
        this.#pushed.set(key, last);
        last = offset;
        if (count >= HEARTBEAT_LINES) {
          count = 0;
          await context.heartbeat();
          await this.#written(context);
          if (!this.#takes(context.epoch)) return;
        }
      }
      this.#take(decoded);
      count += 1;
    }
    this.#pushed.set(key, Math.max(pushed, batch.lastOffset));
    await this.#written(context);
    if (!this.#takes(context.epoch)) return;
    this.#ledger.seen(context.epoch, batch, batch.lastOffset);
    this.#flow.read(batch);
    this.#balance();
    this.#showGauges();
  }

  /** True while lines of this epoch still matter. */
  #takes(epoch: number): boolean {
    return epoch === this.#epoch && this.#failure === undefined && this.#stopping === undefined;
  }

  onIdle(partition: TopicPartition, idleMs: number): void {
    if (!this.#takes(this.#epoch)) return;
    const atMs = this.#clocks.get(keyOf(partition))?.idle(idleMs);
    if (atMs === undefined) return;
    this.#advance(partition, atMs);
    this.#showGauges();
  }

  #advance({ topic, partition }: TopicPartition, atMs: number): void {
    this.#emitAll(this.#parts.parser.advance(topic, partition, atMs, this.#parts.clock.elapsedMs()));
    this.#emitHosts(this.#parts.boots?.advance(topic, partition, atMs));
  }

  #openHosts({ topic, partition }: TopicPartition): OpenHosts {
    const { parser, boots } = this.#parts;
    const hosts = parser.openHosts(topic, partition);
    return boots ? unionOfHosts(hosts, boots.openHosts(topic, partition)) : hosts;
  }

  #take(decoded: Decoded): void {
    const { parser, boots, metrics, logger, deadLetters } = this.#parts;
    switch (decoded.kind) {
      case 'line':
        metrics.increment('oomscope_records_total', { shape: decoded.shape });
        this.#emitAll(parser.push(decoded.line));
        this.#emitHosts(boots?.push(decoded.line));
        return;
      case 'foreign':
        metrics.increment('oomscope_records_total', { shape: decoded.shape });
        if (decoded.spoof) metrics.increment('oomscope_spoofed_lines_total');
        return;
      case 'undecodable': {
        const { position, reason, shape = 'unknown', detail, bytes } = decoded;
        metrics.increment('oomscope_records_undecodable_total', { reason, shape });
        if (!decoded.holdsOpener) return;
        logger.event('record-undecodable', { position, reason, detail });
        const letter = { reason: 'undecodable', error: `${reason}: ${detail}`, bytes } as const;
        const positions = { first: position, last: position };
        const release = this.#ledger.hold(this.#epoch, position, position.offset);
        const stored = deadLetters.put({ ...letter, positions }).then(() => {
          metrics.increment('oomscope_dead_letters_total', { kind: 'record', reason });
        });
        this.#track(release, stored);
      }
    }
  }

  /** Holds the first records at once, so that no commit passes them; the rest is done in turns. */
  #emitAll(reports: readonly OomReport[]): void {
    for (const report of reports) this.#leave(report.firstPosition, () => this.#emit(report));
  }

  #emitHosts(hosts: readonly HostFacts[] = []): void {
    for (const facts of hosts) this.#leave(facts.positions.first, () => this.#emitHost(facts));
  }

  #leave(first: Position, leave: () => Promise<unknown>): void {
    const epoch = this.#epoch;
    this.#leaving.push({ leave, epoch, release: this.#ledger.hold(epoch, first, first.offset) });
    if (!this.#isWriting) this.#writing = this.#writeLeaving();
  }

  /** Waits until all reports have left, the heart beating meanwhile. */
  async #written({ epoch, heartbeat }: { epoch: number; heartbeat(): Promise<void> }): Promise<void> {
    while (this.#isWriting && this.#takes(epoch)) {
      await this.#parts.clock.sleep(HEARTBEAT_MS, this.#writing);
      await heartbeat();
    }
  }

  /** The flag falls in the same turn in which nothing is left, so that what comes next is not overlooked. */
  async #writeLeaving(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let some = this.#leaving; some.length > 0; some = this.#leaving) {
        this.#leaving = [];
        // Taken from its list one by one: a report that has left is not held until the last one has.
        some.reverse();
        for (let leaving = some.pop(), count = 1; leaving !== undefined; leaving = some.pop(), count += 1) {
          // What was held for an earlier assignment is read again; so is what a stop leaves behind.
          if (!this.#takes(leaving.epoch)) continue;
          this.#track(leaving.release, leaving.leave());
          if (count % TURN_REPORTS === 0) await setImmediate();
          await this.#room(leaving.epoch);
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Waits until the sink holds no more than it may. */
  async #room(epoch: number): Promise<void> {
    const { clock, sink } = this.#parts;
    while (sink.heldBytes > this.#options.heldBytes && this.#takes(epoch)) {
      this.#balance();
      await clock.sleep(HEARTBEAT_MS);
    }
  }

  /** Not an async function: its frame would hold the report for as long as its document waits. */
  #emit(report: OomReport): Promise<unknown> {
    const { analyse, sink, boots, logger, clock } = this.#parts;
    const analysis = analyse(report);
    this.#options.onReport?.(report, analysis);
    const ended = this.#flow.leaving(report);
    if (report.truncated) logger.event('report-truncated', { host: report.host, first: report.firstPosition });
    const victim = report.kills[0]?.comm;
    logger.event('report-emitted', { host: report.host, victim, verdict: analysis.verdict, id: analysis.identity.id });
    const written = sink.write(toWrite(report, analysis, clock.nowMs())).then(ended);
    const host = boots && hostFactsOf(report, analysis);
    return Promise.all([written, host && this.#emitHost(host)]);
  }

  /** A host's document; facts that do not tell what the inventory is for are counted alone. */
  async #emitHost(facts: HostFacts): Promise<void> {
    const write = toHostWrite(facts);
    const outcome = write === undefined ? 'untold' : await this.#parts.sink.write(write);
    this.#parts.metrics.increment('oomscope_hosts_total', { source: facts.source, outcome });
  }

  /** Releases what is held once `done` resolves; a rejection ends the pipeline. */
  #track(release: () => void, done: Promise<unknown>): void {
    done.then(release, (error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    void this.#parts.source.close();
  }

  /** Pauses or resumes fetching by what waits for the sink. */
  #balance(): void {
    const { source, sink, metrics, logger } = this.#parts;
    const { heldBytes } = this.#options;
    if (!this.#paused && sink.heldBytes > heldBytes) {
      this.#paused = true;
      source.pause(this.#partitions);
      logger.event('partitions-paused', { heldBytes: sink.heldBytes, limit: heldBytes });
    } else if (this.#paused && sink.heldBytes < heldBytes / 2) {
      this.#paused = false;
      source.resume(this.#partitions);
      logger.event('partitions-resumed', { heldBytes: sink.heldBytes });
    }
    metrics.set('oomscope_partitions_paused', this.#paused ? this.#partitions.length : 0);
  }

  async #commitRegularly(): Promise<void> {
    const { clock } = this.#parts;
    let running = true;
    const ended = this.#ended.promise.then(() => {
      running = false;
    });
    while (running) {
      await clock.sleep(this.#options.commitIntervalMs, ended);
      if (!running) return;
      this.#balance();
      this.#showGauges();
      await this.#commit();
    }
  }

  async #commit(): Promise<void> {
    const { parser, boots, source, metrics, logger } = this.#parts;
    const epoch = this.#epoch;
    for (const place of this.#partitions) {
      const { topic, partition } = place;
      const openReport = parser.firstNeeded(topic, partition) ?? Number.POSITIVE_INFINITY;
      const needed = Math.min(openReport, boots?.firstNeeded(topic, partition) ?? Number.POSITIVE_INFINITY);
      this.#flow.held(place, this.#ledger.pin(place, needed), this.#pushed.get(keyOf(place)) ?? 0);
      const offset = this.#ledger.commitPoint(place, needed);
      if (offset === undefined) continue;
      try {
        await source.commit(epoch, place, offset);
        this.#ledger.committed(epoch, place, offset);
        metrics.set('oomscope_commit_offset', offset, { topic: place.topic, partition: String(place.partition) });
      } catch (error) {
        logger.event('commit-failed', { partition: keyOf(place), offset, error });
      }
    }
  }

  #showGauges(): void {
    this.#flow.holding(this.#parts.parser.stats, this.#parts.sink.heldBytes);
    const { boots, metrics } = this.#parts;
    if (boots) metrics.set('oomscope_boots_open', boots.openBoots);
  }
}
