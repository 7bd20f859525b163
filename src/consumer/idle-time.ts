/** How long partitions have been idle: the time between fetches that returned nothing at their end. */
import { FETCH_WAIT_MS } from '../clients/kafka.ts';

/** Between two such fetches at most so much counts: more means that the worker stood still. */
const LONGEST_IDLE_MS = 4 * FETCH_WAIT_MS;

export class IdleTime {
  /** Elapsed time of the last fetch of a partition that shows how long it has been idle. */
  readonly #sinceMs = new Map<string, number>();

  /** Its records were handed over. */
  handed(key: string, nowMs: number): void {
    this.#sinceMs.set(key, nowMs);
  }

  /** A fetch was answered; returns how long the partition was idle before, if it still is. */
  fetched(key: string, nowMs: number, isAtEnd: boolean): number | undefined {
    const sinceMs = this.#sinceMs.get(key);
    if (!isAtEnd) return undefined;
    this.#sinceMs.set(key, nowMs);
    return sinceMs === undefined ? undefined : Math.min(nowMs - sinceMs, LONGEST_IDLE_MS);
  }

  /** Nothing is known of the time that follows. */
  forget(key: string): void {
    this.#sinceMs.delete(key);
  }

  forgetAll(): void {
    this.#sinceMs.clear();
  }
}
