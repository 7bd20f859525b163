/**
 * The batcher: collects writes, sends them in batches one after another, and answers each write when it has ended.
 *
 * A batch leaves when it is full by documents or bytes, or when its first document has waited for the age limit. A
 * write that fails through no fault of its own waits by itself and is sent again, without end, while the others go on.
 * Writes that share an id never overtake one another. A reading that supersedes another is stored first; the other is
 * deleted after that, so that a refused document never takes an accepted one with it.
 */

import { backoffMs } from '../clients/backoff.ts';
import type { Clock, DeadLetters, DocumentWrite, Logger, Metrics, WriteOutcome } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { Delivery, Job, JobVerdict, WriteHead } from './job.ts';

export interface BatchLimits {
  readonly maxDocuments: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

export interface BatcherDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly deadLetters: DeadLetters;
  /** Between 0 and 1. */
  readonly random: () => number;
  /** The document of a body. */
  readonly documentOf: (body: Buffer) => DocumentWrite['document'];
  /** Sends a batch. Never rejects. */
  readonly deliver: (jobs: readonly Job[]) => Promise<Delivery>;
}

interface Pending extends Job {
  stage: 'index' | 'delete';
  readonly keys: readonly string[];
  readonly enqueuedAtMs: number;
  readonly ended: PromiseWithResolvers<WriteOutcome>;
  attempts: number;
  dueAtMs: number;
  /** Leaves without waiting for others. */
  urgent: boolean;
  result: WriteOutcome;
}

/** False once it has ended or is on its way to the dead letters. */
const isPending = (job: Pending): boolean => job.dueAtMs !== Number.POSITIVE_INFINITY;

/** A delete is one short line. */
const DELETE_BYTES = 256;

const sizeOf = (job: Pending): number =>
  job.stage === 'index' ? job.bytes : DELETE_BYTES * job.write.supersedes.length;

const bytesOf = (jobs: readonly Pending[]): number => jobs.reduce((sum, job) => sum + sizeOf(job), 0);

/** A delivery as a metric label. */
function outcomeOf(delivery: Delivery): string {
  if (delivery.kind === 'whole') return delivery.outcome;
  return delivery.verdicts.every(({ outcome }) => outcome === 'stored') ? 'stored' : 'partial';
}

/** Batches never shrink below this, however often a request is refused as too large. */
const LEAST_BATCH_BYTES = 16_384;

export class Batcher {
  readonly #limits: BatchLimits;
  readonly #deps: BatcherDeps;
  /** What waits or is in flight, in the order of its arrival. */
  #queue: Pending[] = [];
  /** On their way to the dead letters. */
  readonly #leaving = new Set<Pending>();
  /** Most bytes that a request may have; lower than the limit once one was refused as too large. */
  #ceilingBytes: number;
  /** What is sent at once now: halved when the server does not cope, doubled when it does. */
  #maxBytes: number;
  #heldBytes = 0;
  /** What was ready when the loop last looked, and what came since. */
  #readyDocuments = 0;
  #readyBytes = 0;
  #pausedUntilMs = 0;
  /** When the loop wakes by itself; before the present while it works. */
  #asleepUntilMs = 0;
  #failures = 0;
  #failingSinceMs: number | undefined;
  #failure: OomscopeError | undefined;
  #closed: Promise<void> | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(limits: BatchLimits, deps: BatcherDeps) {
    this.#limits = limits;
    this.#deps = deps;
    this.#ceilingBytes = limits.maxBytes;
    this.#maxBytes = limits.maxBytes;
    void this.#run();
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** For how long no request has got through; 0 while they do. */
  get failingMs(): number {
    return this.#failingSinceMs === undefined ? 0 : this.#deps.clock.elapsedMs() - this.#failingSinceMs;
  }

  /** Takes a write; resolves when it has ended. Rejects with what ended the batcher. */
  write(write: WriteHead, body: Buffer): Promise<WriteOutcome> {
    if (this.#failure) return Promise.reject(this.#failure);
    const bytes = body.length;
    const job: Pending = {
      write,
      body,
      bytes,
      stage: 'index',
      keys: [write.id, ...write.supersedes.map(({ id }) => id)],
      enqueuedAtMs: this.#deps.clock.elapsedMs(),
      ended: Promise.withResolvers(),
      attempts: 0,
      dueAtMs: 0,
      urgent: false,
      result: 'created',
    };
    this.#queue.push(job);
    this.#heldBytes += bytes;
    this.#readyDocuments += 1;
    this.#readyBytes += bytes;
    const isFull = this.#readyDocuments >= this.#limits.maxDocuments || this.#readyBytes >= this.#maxBytes;
    const isFirst = job.enqueuedAtMs + this.#limits.maxAgeMs < this.#asleepUntilMs;
    if ((isFull || isFirst) && job.enqueuedAtMs >= this.#pausedUntilMs) this.#wakeUp();
    return job.ended.promise;
  }

  /** Sends what waits now; resolves when all of it has ended, rejects with what ended the batcher. */
  async flush(): Promise<void> {
    if (this.#failure && !this.#closed) throw this.#failure;
    for (const job of this.#queue) job.urgent = true;
    this.#wakeUp();
    await Promise.all([...this.#queue, ...this.#leaving].map((job) => job.ended.promise));
  }

  /** Flushes within the limit. What has not ended by then is rejected with DRAIN_TIMEOUT, and so is this call. */
  close(limitMs: number): Promise<void> {
    this.#closed ??= this.#drain(limitMs);
    return this.#closed;
  }

  async #drain(limitMs: number): Promise<void> {
    const drained = this.flush().catch(() => undefined);
    await Promise.race([drained, this.#deps.clock.sleep(limitMs, drained)]);
    if (this.#failure) return;
    const left = this.#queue.filter(isPending).length + this.#leaving.size;
    const message = `${left} documents were not acknowledged within ${limitMs} ms (worker.drain); they are read again after the next start`;
    const error = new OomscopeError('DRAIN_TIMEOUT', left === 0 ? 'the sink was closed before this write' : message);
    this.#fail(error);
    if (left > 0) throw error;
  }

  #wakeUp(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async #run(): Promise<void> {
    while (!this.#failure) {
      const wake = this.#wake.promise;
      const ready = this.#ready();
      const waitMs = this.#waitMs(ready);
      if (waitMs === undefined) {
        this.#asleepUntilMs = Number.POSITIVE_INFINITY;
        await wake;
      } else if (waitMs > 0) {
        this.#asleepUntilMs = this.#deps.clock.elapsedMs() + waitMs;
        await this.#deps.clock.sleep(waitMs, wake);
      } else {
        await this.#send(this.#cut(ready));
        this.#queue = this.#queue.filter(isPending);
      }
    }
  }

  /**
   * Jobs that may be sent now, in order, up to a batch of them: due, and no earlier job shares an id with them, whether
   * it goes or stays.
   */
  #ready(): Pending[] {
    const nowMs = this.#deps.clock.elapsedMs();
    const taken = new Set<string>();
    const ready: Pending[] = [];
    this.#readyBytes = 0;
    for (const job of this.#queue) {
      const isFree = job.keys.every((key) => !taken.has(key));
      if (isFree && job.dueAtMs <= nowMs) {
        ready.push(job);
        this.#readyBytes += sizeOf(job);
        if (ready.length >= this.#limits.maxDocuments || this.#readyBytes >= this.#maxBytes) break;
      }
      for (const key of job.keys) taken.add(key);
    }
    this.#readyDocuments = ready.length;
    return ready;
  }

  /** How long to wait before the ready jobs are sent; undefined when only a new job or a flush changes anything. */
  #waitMs(ready: readonly Pending[]): number | undefined {
    const nowMs = this.#deps.clock.elapsedMs();
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs - nowMs;
    if (ready.some((job) => job.urgent)) return 0;
    if (this.#readyDocuments >= this.#limits.maxDocuments || this.#readyBytes >= this.#maxBytes) return 0;
    const times = [
      ...ready.map((job) => job.enqueuedAtMs + this.#limits.maxAgeMs),
      ...this.#queue.map((job) => job.dueAtMs).filter((dueAtMs) => dueAtMs > nowMs),
    ];
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - nowMs);
  }

  /** The ready jobs but the last when it does not fit; a job that is larger than a batch goes alone. */
  #cut(ready: readonly Pending[]): readonly Pending[] {
    return this.#readyBytes > this.#maxBytes && ready.length > 1 ? ready.slice(0, -1) : ready;
  }

  async #send(jobs: readonly Pending[]): Promise<void> {
    const { clock, metrics, deliver } = this.#deps;
    const startedMs = clock.elapsedMs();
    const delivery = await deliver(jobs);
    metrics.increment('oomscope_sink_requests_total', { outcome: outcomeOf(delivery) });
    metrics.observe('oomscope_sink_batch_documents', jobs.length);
    metrics.observe('oomscope_sink_batch_bytes', bytesOf(jobs));
    metrics.observe('oomscope_sink_batch_seconds', (clock.elapsedMs() - startedMs) / 1000);
    if (this.#failure) return;
    if (delivery.kind === 'items') {
      this.#recover();
      if (delivery.verdicts.some((verdict) => verdict.outcome !== 'stored' && verdict.crowded)) this.#shrink(jobs);
      else this.#maxBytes = Math.min(this.#ceilingBytes, this.#maxBytes * 2);
      this.#settleItems(jobs, delivery.verdicts);
      return;
    }
    const { outcome, reason, detail, code = 'SINK_FORBIDDEN' } = delivery;
    if (outcome === 'stop') this.#fail(new OomscopeError(code, detail));
    else if (outcome === 'retry') {
      if (delivery.crowded) this.#shrink(jobs);
      this.#pause(jobs, reason, detail);
    } else await this.#split(jobs, delivery.tooLarge === true, { outcome: 'dead-letter', reason, detail });
  }

  /** Halves a refused batch until the document that is refused stands alone. */
  async #split(jobs: readonly Pending[], tooLarge: boolean, refusal: JobVerdict): Promise<void> {
    const [first] = jobs;
    if (first && jobs.length === 1) {
      this.#settle(first, refusal);
      return;
    }
    if (tooLarge) this.#ceilingBytes = this.#shrink(jobs);
    const middle = Math.ceil(jobs.length / 2);
    await this.#send(jobs.slice(0, middle));
    if (!this.#failure) await this.#send(jobs.slice(middle));
  }

  /** Halves what is sent at once: a batch that the server has no room for never gets through as it is. */
  #shrink(jobs: readonly Pending[]): number {
    this.#maxBytes = Math.max(LEAST_BATCH_BYTES, Math.min(this.#maxBytes, Math.floor(bytesOf(jobs) / 2)));
    return this.#maxBytes;
  }

  #recover(): void {
    if (this.#failures === 0) return;
    this.#deps.logger.event('sink-recovered', { attempts: this.#failures });
    this.#failures = 0;
    this.#failingSinceMs = undefined;
  }

  /** Nothing gets through: everything waits. */
  #pause(jobs: readonly Pending[], reason: string, detail: string): void {
    const { clock, logger, metrics, random } = this.#deps;
    this.#failures += 1;
    this.#failingSinceMs ??= clock.elapsedMs();
    const delayMs = backoffMs(this.#failures, random());
    this.#pausedUntilMs = clock.elapsedMs() + delayMs;
    for (const job of jobs) job.urgent = true;
    metrics.increment('oomscope_sink_retries_total', { reason }, jobs.length);
    logger.event('sink-retry', { reason, detail, documents: jobs.length, delayMs });
  }

  #settleItems(jobs: readonly Pending[], verdicts: readonly JobVerdict[]): void {
    const retried = new Map<string, { documents: number; detail: string; delayMs: number }>();
    for (const [index, job] of jobs.entries()) {
      const verdict = verdicts[index] ?? { outcome: 'retry', reason: 'no-item', detail: 'the answer lacks an item' };
      const delayMs = this.#settle(job, verdict);
      if (verdict.outcome !== 'retry' || delayMs === undefined) continue;
      const documents = (retried.get(verdict.reason)?.documents ?? 0) + 1;
      retried.set(verdict.reason, { documents, detail: verdict.detail, delayMs });
    }
    for (const [reason, { documents, detail, delayMs }] of retried) {
      this.#deps.metrics.increment('oomscope_sink_retries_total', { reason }, documents);
      this.#deps.logger.event('sink-retry', { reason, detail, documents, delayMs });
    }
  }

  /** Takes a job one step further; returns the delay when it is tried again. */
  #settle(job: Pending, verdict: JobVerdict): number | undefined {
    if (this.#failure) return undefined;
    switch (verdict.outcome) {
      case 'stored':
        if (job.stage === 'index') {
          job.result = verdict.result;
          if (job.write.supersedes.length > 0) {
            job.stage = 'delete';
            job.attempts = 0;
            job.urgent = true;
            return undefined;
          }
        }
        this.#end(job, job.result);
        return undefined;
      case 'retry': {
        job.attempts += 1;
        const delayMs = backoffMs(job.attempts, this.#deps.random());
        job.dueAtMs = this.#deps.clock.elapsedMs() + delayMs;
        job.urgent = true;
        return delayMs;
      }
      case 'dead-letter':
        // The document is stored; only the earlier reading could not be deleted.
        if (job.stage === 'delete') this.#end(job, job.result);
        else void this.#bury(job, verdict.reason, `${verdict.reason}: ${verdict.detail}`);
        return undefined;
      case 'stop':
        this.#fail(new OomscopeError('SINK_FORBIDDEN', verdict.detail));
        return undefined;
    }
  }

  /** Puts a document into the dead letters; the others do not wait for it. */
  async #bury(job: Pending, reason: string, error: string): Promise<void> {
    const { deadLetters, logger, metrics, documentOf } = this.#deps;
    this.#leaving.add(job);
    job.dueAtMs = Number.POSITIVE_INFINITY;
    const { id, index, positions } = job.write;
    logger.event('dead-letter', { id, index, error, first: positions.first });
    try {
      const write = { ...job.write, document: documentOf(job.body) };
      await deadLetters.put({ reason: 'rejected', error, write, positions });
      metrics.increment('oomscope_dead_letters_total', { kind: 'document', reason });
      this.#leaving.delete(job);
      if (!this.#failure) this.#end(job, 'dead-letter');
    } catch (cause) {
      const message = `the document ${id} was refused (${error}) and the dead letters could not take it`;
      this.#fail(cause instanceof OomscopeError ? cause : new OomscopeError('DEAD_LETTER_FAILED', message, cause));
    }
  }

  #end(job: Pending, outcome: WriteOutcome): void {
    job.dueAtMs = Number.POSITIVE_INFINITY;
    this.#heldBytes -= job.bytes;
    job.ended.resolve(outcome);
  }

  /** Ends everything: nothing that has not ended is acknowledged. */
  #fail(error: OomscopeError): void {
    this.#failure ??= error;
    const left = [...this.#queue.filter(isPending), ...this.#leaving];
    this.#queue = [];
    this.#leaving.clear();
    this.#heldBytes = 0;
    for (const job of left) job.ended.reject(this.#failure);
    this.#wakeUp();
  }
}
