/** Watches for signs of life. Counts looks, not time: a process that was frozen as a whole is given its turn first. */
import type { Clock } from '../ports.ts';

const LOOK_INTERVAL_MS = 6_000;
/** So many looks in a row without a sign, and what is watched hangs. */
const MOST_SILENT_LOOKS = 20;

/** Silence after which `watch` gives up. */
export const SILENCE_LIMIT_MS = LOOK_INTERVAL_MS * MOST_SILENT_LOOKS;

export class Watchdog {
  readonly #clock: Clock;
  #signs = 0;
  #silentLooks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For how long there was no sign of life, by the looks; 0 while nothing is watched. */
  get silentMs(): number {
    return this.#silentLooks * LOOK_INTERVAL_MS;
  }

  /** There is life. */
  sign(): void {
    this.#signs += 1;
  }

  /** Resolves with true when the limit of silence is reached, with false once `signal` aborts. */
  async watch(signal: AbortSignal): Promise<boolean> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    let before = this.#signs;
    for (this.#silentLooks = 0; this.#silentLooks < MOST_SILENT_LOOKS; ) {
      await this.#clock.sleep(LOOK_INTERVAL_MS, aborted);
      this.#silentLooks = this.#signs === before ? this.#silentLooks + 1 : 0;
      if (signal.aborted) {
        this.#silentLooks = 0;
        return false;
      }
      before = this.#signs;
    }
    return true;
  }
}
