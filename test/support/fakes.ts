/** Ports for tests that need no servers. */
import type {
  Clock,
  DeadLetter,
  DeadLetters,
  Decoded,
  DocumentWrite,
  LineBatch,
  LineSource,
  Logger,
  ReportSink,
  SourceHandler,
  TopicPartition,
  WriteOutcome,
} from '../../src/ports.ts';

/** A clock that moves only when told; sleepers wake when their time has come. */
export class ManualClock implements Clock {
  #nowMs: number;
  #sleepers: { atMs: number; wake: () => void }[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  elapsedMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, wake?: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ atMs: this.#nowMs + ms, wake: resolve });
      wake?.then(
        () => resolve(),
        () => resolve(),
      );
    });
  }

  /** Moves the clock and lets everything that became due run. */
  async advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#sleepers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { wake } of due) wake();
    await settle();
  }
}

/** Lets promises that are ready run their course. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

/** A batch of what a test wants decoded; positions are 0, 1, 2, ... from `firstOffset`. */
export function batchOf(
  place: TopicPartition,
  firstOffset: number,
  decoded: readonly Decoded[],
  firstAtMs = 0,
): LineBatch {
  return {
    ...place,
    firstOffset,
    lastOffset: firstOffset + decoded.length - 1,
    recordCount: decoded.length,
    byteLength: decoded.length * 100,
    firstAtMs,
    lastAtMs: firstAtMs,
    lines: () => decoded,
  };
}

/** A source that a test drives by hand; it records what the pipeline asks of it. */
export class ManualSource implements LineSource {
  readonly commits: { epoch: number; place: TopicPartition; offset: number }[] = [];
  readonly paused = new Set<string>();
  closed = false;
  handler: SourceHandler | undefined;
  readonly #ended = Promise.withResolvers<void>();

  async run(handler: SourceHandler): Promise<void> {
    this.handler = handler;
    await this.#ended.promise;
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.paused.add(`${topic}/${partition}`);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.paused.delete(`${topic}/${partition}`);
  }

  async commit(epoch: number, place: TopicPartition, offset: number): Promise<void> {
    this.commits.push({ epoch, place, offset });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.#ended.resolve();
  }

  /** Ends the source as a file ends. */
  end(): void {
    this.#ended.resolve();
  }
}

/** A sink whose writes wait until a test settles them. */
export class ManualSink implements ReportSink {
  readonly writes: { write: DocumentWrite; settle: (outcome: WriteOutcome) => void; fail: (error: Error) => void }[] =
    [];
  heldBytes = 0;

  write(write: DocumentWrite): Promise<WriteOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<WriteOutcome>();
    this.writes.push({ write, settle: resolve, fail: reject });
    return promise;
  }

  async flush(): Promise<void> {
    for (const { settle } of this.writes) settle('created');
    await settle();
  }

  close(): Promise<void> {
    return this.flush();
  }
}

export class MemoryDeadLetters implements DeadLetters {
  readonly letters: DeadLetter[] = [];

  async put(letter: DeadLetter): Promise<void> {
    this.letters.push(letter);
  }

  async close(): Promise<void> {}
}

/** A logger that remembers what it was told. */
export class MemoryLogger implements Logger {
  readonly events: { name: string; fields: Readonly<Record<string, unknown>> }[] = [];

  event(name: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.events.push({ name, fields });
  }
}
