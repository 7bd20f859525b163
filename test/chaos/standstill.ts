/** How long the group as a whole committed nothing while records waited: the time that it took to recover. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topics } from '../support/topics.ts';

const LOOK_MS = 500;

/** Looks every half second until `end` is called. A broker that does not answer counts as standing still. */
export class StandstillWatch {
  readonly #topics: Topics;
  readonly #group: string;
  readonly #topic: string;
  readonly #done: Promise<void>;
  #ended = false;
  #longestMs = 0;

  constructor(topics: Topics, group: string, topic: string) {
    this.#topics = topics;
    this.#group = group;
    this.#topic = topic;
    this.#done = this.#watch();
  }

  /** Stops looking; the longest standstill seen, in seconds. */
  async end(): Promise<number> {
    this.#ended = true;
    await this.#done;
    return Math.round(this.#longestMs / 1_000);
  }

  async #watch(): Promise<void> {
    let [movedMs, before] = [performance.now(), 0];
    while (!this.#ended) {
      const progress = await this.#progress();
      const nowMs = performance.now();
      if (progress !== undefined && (progress.committed > before || progress.waiting === 0)) {
        this.#longestMs = Math.max(this.#longestMs, nowMs - movedMs);
        movedMs = nowMs;
        before = Math.max(before, progress.committed);
      }
      await sleep(LOOK_MS);
    }
  }

  async #progress(): Promise<{ committed: number; waiting: number } | undefined> {
    try {
      const ends = sumOf(await this.#topics.ends(this.#topic));
      const committed = sumOf(await this.#topics.committed(this.#group, this.#topic));
      return { committed, waiting: ends - committed };
    } catch {
      return undefined;
    }
  }
}

/** Nothing committed is -1. */
const sumOf = (offsets: readonly number[]): number => offsets.reduce((sum, offset) => sum + Math.max(0, offset), 0);
