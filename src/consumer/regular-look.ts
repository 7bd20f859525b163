/** Looks at something regularly, and earlier when asked to. */
import type { Clock } from '../ports.ts';

export class RegularLook {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #waiting = Promise.withResolvers<void>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** Does not wait for the next moment. */
  soon(): void {
    this.#waiting.resolve();
  }

  /**
   * Calls `look` until `signal` aborts, at the same moments of the clock on all machines, so that what all of them find
   * makes them act together. A look that fails counts for nothing.
   */
  async run(signal: AbortSignal, look: () => Promise<void>): Promise<void> {
    this.#waiting = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => this.soon(), { once: true });
    while (!signal.aborted) {
      await this.#clock.sleep(this.#intervalMs - (this.#clock.nowMs() % this.#intervalMs), this.#waiting.promise);
      if (signal.aborted) return;
      this.#waiting = Promise.withResolvers<void>();
      await look().catch(() => {});
    }
  }
}
