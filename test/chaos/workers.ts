/** Workers under a supervisor: each slot holds one; whatever ends it, another takes its place. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker, type WorkerProcess } from '../support/worker.ts';

/** Beyond worker.drain and the time that the Kafka client may take to leave. */
const STOP_LIMIT_MS = 30_000;

export class Slot {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #exits: Map<string, number>;
  #worker: WorkerProcess | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closing = false;
  /** Most resident memory of any worker of the slot so far, in MB. */
  peakMb = 0;

  constructor(environment: Readonly<Record<string, string>>, exits: Map<string, number>) {
    this.#environment = environment;
    this.#exits = exits;
  }

  /** Starts the first worker. */
  open(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  /** Ends the worker by SIGKILL and starts another. */
  kill(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end('SIGKILL');
      await this.#start();
    });
  }

  /** Asks the worker to end, waits until it has, and starts another. */
  replace(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end('SIGTERM');
      await this.#start();
    });
  }

  /** Stops the process for so long without its knowing. */
  freeze(ms: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#worker?.kill('SIGSTOP');
      await sleep(ms);
      this.#worker?.kill('SIGCONT');
    });
  }

  /** Ends the worker for good. */
  close(): Promise<void> {
    this.#closing = true;
    return this.#inTurn(() => this.#end('SIGTERM'));
  }

  /** The last events of the present worker's log. */
  lastEvents(count: number): readonly unknown[] {
    return this.#worker?.events.slice(-count) ?? [];
  }

  async metric(name: string): Promise<number | undefined> {
    return this.#worker?.metric(name);
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #start(): Promise<void> {
    if (this.#closing) return;
    const worker = await startWorker(this.#environment);
    this.#worker = worker;
    void worker.ended.then((code) => {
      if (this.#worker !== worker) return;
      this.#count(`unasked ${code}`);
      console.error('a worker ended by itself:', code, JSON.stringify(worker.events.slice(-3)));
      void this.#inTurn(() => this.#start());
    });
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#measure(worker.pid);
    this.#worker = undefined;
    worker.kill(signal);
    const code = await Promise.race([worker.ended, sleep(STOP_LIMIT_MS, 'hung', { ref: false })]);
    this.#count(`${signal} ${code}`);
    if (code !== 'hung') return;
    console.error('a worker did not end:', JSON.stringify(worker.events.slice(-5)));
    worker.kill('SIGKILL');
    await worker.ended;
  }

  #count(exit: string): void {
    this.#exits.set(exit, (this.#exits.get(exit) ?? 0) + 1);
  }

  #measure(pid: number): void {
    try {
      const peakKb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      this.peakMb = Math.max(this.peakMb, Math.round(Number(peakKb ?? 0) / 1024));
    } catch {
      // It has ended, or this is no Linux.
    }
  }
}
