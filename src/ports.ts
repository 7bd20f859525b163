/**
 * The contracts between the pure core, the adapters and the wiring. Types only.
 */
import type { Analysis, HostFacts, LogLine, OomReport, Position } from './domain.ts';
import type { LogEventName } from './tables/log-events.ts';
import type { MetricName } from './tables/metrics.ts';

// ---- lines in ------------------------------------------------------------------------------------------------------

/** Why a record gave no line. Serves as a metric label. */
export const UNDECODABLE = ['empty', 'binary', 'json', 'avro', 'too-long', 'no-text', 'encoding'] as const;
export type UndecodableReason = (typeof UNDECODABLE)[number];

/** What a record became. One record may become several lines (embedded newlines). */
export type Decoded =
  | { readonly kind: 'line'; readonly line: LogLine; readonly shape: string }
  /** Not the kernel's. `spoof` is true when its text holds an opener: a userland process that writes like the kernel. */
  | { readonly kind: 'foreign'; readonly position: Position; readonly spoof: boolean; readonly shape: string }
  | {
      readonly kind: 'undecodable';
      readonly position: Position;
      /** What the record looked like, where its first bytes say so. */
      readonly shape?: string;
      readonly reason: UndecodableReason;
      readonly detail: string;
      readonly bytes: Uint8Array;
      /** True when the bytes hold an opener: such a record goes to the dead letters raw. */
      readonly holdsOpener: boolean;
    };

/** Consecutive records of one partition, decoded on demand. */
export interface LineBatch {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly recordCount: number;
  readonly byteLength: number;
  /** Time of the first record (Kafka's stamp, else the line's own); absent when nothing states one. */
  readonly firstAtMs?: number;
  readonly lastAtMs?: number;
  /**
   * Decodes the records in order. A source may leave out what provably cannot matter: records that hold no opener and
   * are not of a host in `openHosts` (lower case), which is read anew at each record. Each call decodes again.
   */
  lines(openHosts: OpenHosts): Iterable<Decoded>;
}

/** Names of hosts whose lines all matter, lower case. `size` may count a host more than once. */
export interface OpenHosts extends Iterable<string> {
  readonly size: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What the wiring offers a source. Calls never overlap for one partition. */
export interface SourceHandler {
  /**
   * The assignment is new: everything known of earlier positions is void, each partition starts again at its
   * committed offset. Batches and commits of an earlier epoch are ignored. Called before the first batch, and without
   * partitions when the source has left its group and will try again.
   */
  onAssigned(epoch: number, partitions: readonly TopicPartition[]): void;
  /**
   * One batch. Resolves when every line was pushed; the documents need not be acknowledged. The source fetches the next
   * batch of the partition only then. `heartbeat` is to be called at least every 500 lines; what it throws is
   * passed on.
   */
  onBatch(batch: LineBatch, context: { epoch: number; heartbeat(): Promise<void> }): Promise<void>;
  /** A completed fetch returned nothing for this unpaused partition at its end, `idleMs` after the last such call. */
  onIdle(partition: TopicPartition, idleMs: number): void;
}

/** Where lines come from. */
export interface LineSource {
  /**
   * Runs until the source ends by itself (a file) or is closed. Brokers that do not answer and missing topics are logged
   * and tried again without end. Rejects with KAFKA_CRASHED when the client will not restart, or with what the handler
   * threw.
   */
  run(handler: SourceHandler): Promise<void>;
  /** Stops fetching a partition; a bounded overrun (one fetch) may still arrive. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Offset of the next record to read after a restart. Ignored when epoch or assignment are no longer the current ones. */
  commit(epoch: number, partition: TopicPartition, offset: number): Promise<void>;
  /** Stops fetching, waits for the batch in hand, leaves the group. Idempotent. */
  close(): Promise<void>;
}

// ---- documents out -------------------------------------------------------------------------------------------------

/** A document with the identity that makes its write idempotent. */
export interface DocumentWrite {
  readonly id: string;
  readonly index: string;
  /** External version: strictly greater wins. */
  readonly version: number;
  readonly document: Readonly<Record<string, unknown>>;
  /** Ids of earlier, poorer readings of the same event, to be deleted in the index named with each. */
  readonly supersedes: readonly { readonly id: string; readonly index: string }[];
  readonly positions: { readonly first: Position; readonly last: Position };
}

/** How a write ended. `duplicate`: an equal or fuller reading was already there. */
export type WriteOutcome = 'created' | 'updated' | 'duplicate' | 'dead-letter' | 'expired';

/** Where documents go. */
export interface ReportSink {
  /**
   * Resolves when the document is where it belongs or in the dead letters; may be called many times without waiting.
   * Rejects only with an OomscopeError that ends the worker (SINK_FORBIDDEN, DEAD_LETTER_FAILED, STORE_FAILED, and
   * DRAIN_TIMEOUT when closed first); then nothing was acknowledged.
   */
  write(write: DocumentWrite): Promise<WriteOutcome>;
  /** Bytes of documents that wait or are in flight: the measure of back-pressure. */
  readonly heldBytes: number;
  /** Sends what waits without waiting for batch limits, and resolves when all is acknowledged. */
  flush(): Promise<void>;
  /** Flushes within the limit given, then closes. Rejects with DRAIN_TIMEOUT when documents are left. Idempotent. */
  close(limitMs: number): Promise<void>;
}

/** A document or record that nothing can take. */
export interface DeadLetter {
  readonly reason: 'rejected' | 'undecodable';
  /** Error type and text of whoever refused it. */
  readonly error: string;
  readonly write?: DocumentWrite;
  readonly bytes?: Uint8Array;
  readonly positions: { readonly first: Position; readonly last: Position };
}

/** A dead letter as it is read back. */
export interface StoredLetter {
  /** Id of the document, else `topic/partition/offset` of the record. */
  readonly id: string;
  /** When it was put away. */
  readonly atMs?: number;
  readonly reason: DeadLetter['reason'];
  readonly error: string;
  readonly positions: DeadLetter['positions'];
  readonly host?: string;
  /** The refused document; only with it can the letter be written again. */
  readonly write?: DocumentWrite;
  /** The record that could not be decoded. */
  readonly bytes?: Uint8Array;
  /** What the storage had no room for; it can be had from the positions only. */
  readonly omitted?: { readonly what: 'document' | 'bytes'; readonly bytes: number };
}

/** One line of a list of dead letters. `unreadable` is a record among the letters that is none. */
export interface LetterSummary extends Omit<StoredLetter, 'reason' | 'positions' | 'write' | 'bytes'> {
  readonly reason: DeadLetter['reason'] | 'unreadable';
  readonly positions?: DeadLetter['positions'];
  /** True when it holds a document to write. */
  readonly isRetriable: boolean;
}

export interface DeadLetters {
  /** Resolves when the letter is stored durably. Rejects with DEAD_LETTER_FAILED. */
  put(letter: DeadLetter): Promise<void>;
  close(): Promise<void>;
}

// ---- reading back --------------------------------------------------------------------------------------------------

/** Equality filters on flat field names of the document ('oom.verdict'). */
export type StoreFilter = Readonly<Record<string, string | number | boolean>>;

/** Reading back what was stored. */
export interface ReportStore {
  get(id: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Newest first, at most `limit`. */
  search(filter: StoreFilter, limit: number): Promise<Readonly<Record<string, unknown>>[]>;
  /** Counts of documents by the values of one field, largest first. */
  aggregate(field: string, filter?: StoreFilter): Promise<{ value: string; count: number }[]>;
  /** Every document, in order of id. */
  scan(filter?: StoreFilter): AsyncIterable<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/** A column of an answer. `time` cells are ISO texts. */
export interface AnswerColumn {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'bytes' | 'ratio' | 'time';
}

/** Null: no report of the row printed it. */
export type AnswerCell = string | number | null;

/** The answer to an operator's question, whatever it was asked of. */
export interface AnswerTable {
  readonly columns: readonly AnswerColumn[];
  readonly rows: readonly (readonly AnswerCell[])[];
  /** False when the answer has as many rows as an answer can have: there may be more. */
  readonly complete: boolean;
}

// ---- the surroundings ----------------------------------------------------------------------------------------------

/** The machine's clock and timers, so that tests need neither. */
export interface Clock {
  nowMs(): number;
  /** Monotonic. */
  elapsedMs(): number;
  /** Resolves after `ms`, or as soon as `wake` settles. */
  sleep(ms: number, wake?: Promise<unknown>): Promise<void>;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured log. Event names come from tables/log-events.ts, with their level. */
export interface Logger {
  event(name: LogEventName, fields?: Readonly<Record<string, unknown>>): void;
}

/** Metrics. Names, kinds and labels come from tables/metrics.ts. */
export interface Metrics {
  increment(name: MetricName, labels?: Readonly<Record<string, string>>, by?: number): void;
  set(name: MetricName, value: number, labels?: Readonly<Record<string, string>>): void;
  observe(name: MetricName, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Shows a gauge no longer for these labels. */
  remove(name: MetricName, labels: Readonly<Record<string, string>>): void;
}

// ---- the core, as the wiring sees it -------------------------------------------------------------------------------

/** Pure: text to reports. Never throws on input, keeps no clock. */
export interface Parser {
  /** Takes one line; returns the reports that it closed or emitted early, in order. */
  push(line: LogLine): OomReport[];
  /**
   * Moves the partition's clock to `atMs`; returns the reports that silence emitted (provisional) or age closed. The
   * caller calls it with a clock that never runs backwards. With `elapsedMs`, time that really passed, a report whose last
   * line has come is emitted early after a second of both: a stream that is read in real time need not wait for silence.
   */
  advance(topic: string, partition: number, atMs: number, elapsedMs?: number): OomReport[];
  /** Ends the input: closes every open report. */
  end(): OomReport[];
  /** Hosts with an open report on the partition, lower case; live. */
  openHosts(topic: string, partition: number): ReadonlySet<string>;
  /** First position that an open report of the partition still needs; undefined when none is open. */
  firstNeeded(topic: string, partition: number): number | undefined;
  /** Forgets everything of the partition (a new assignment). */
  reset(topic: string, partition: number): void;
  readonly stats: ParserStats;
}

export interface ParserStats {
  readonly openReports: number;
  readonly heldBytes: number;
  readonly evictedReports: number;
  /** How many reports the bound on memory made shed their raw lines, their process table, their other sections. */
  readonly shedReports: Readonly<Record<'lines' | 'tasks' | 'sections', number>>;
}

/** Pure: the lines of a boot to the facts of its host. Never throws on input, keeps no clock; bounded as its options say. */
export interface BootReader {
  /** Takes one line; returns the boots that it closed. */
  push(line: LogLine): HostFacts[];
  /** Moves the partition's clock to `atMs`; returns the boots that silence or age closed. */
  advance(topic: string, partition: number, atMs: number): HostFacts[];
  /** Ends the input: closes every open boot. */
  end(): HostFacts[];
  /** Hosts with an open boot on the partition, lower case; live. */
  openHosts(topic: string, partition: number): ReadonlySet<string>;
  /** First position that an open boot of the partition still needs; undefined when none is open. */
  firstNeeded(topic: string, partition: number): number | undefined;
  /** Forgets everything of the partition (a new assignment). */
  reset(topic: string, partition: number): void;
  readonly openBoots: number;
}

/** Pure: a report to its analysis. */
export type Analyse = (report: OomReport) => Analysis;
