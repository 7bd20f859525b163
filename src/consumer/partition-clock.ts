/**
 * The clock of one partition, on which idle time and age of reports run.
 *
 * It follows the median of the first time stamps of the last 31 record batches, so that one host's wrong clock moves
 * nothing and reading lazily or eagerly gives the same. Wall time advances it only across fetches that returned nothing.
 * It never runs backwards. So a backlog read at full speed yields the same reports as live traffic.
 *
 * Only differences of what it shows mean anything. A leap from one batch to the next says little about the lines between
 * them: batches of a backlog span hours, and after a quiet time the median catches up within a burst. So one batch
 * counts as 15 s at most; a burst of 16 batches, through which the median has caught up with any quiet time, as four minutes.
 *
 * Where most stamps were wrong for a while and lay far ahead, it would stand still until the right ones get there, and no
 * report would come of age. So a whole window of batches far behind it is what it goes on from.
 */
const WINDOW = 31;

/** Far enough below parser.age (10 min) that 16 of them close no report whose lines still come. */
const LONGEST_STEP_MS = 15_000;

/** Stamps that are late by less catch up by themselves. */
const FAR_BEHIND_MS = 3_600_000;

export class PartitionClock {
  readonly #firsts: number[] = [];
  /** By the stamps. */
  #atMs: number | undefined;
  /** How far it shows less than that, for all the leaps. */
  #leaptMs = 0;
  /** Batches in a row since which the median is far behind. */
  #behindCount = 0;

  /** Takes the first time stamp of a batch; returns the clock's time, or undefined while nothing has stated one. */
  batch(firstAtMs: number | undefined): number | undefined {
    if (firstAtMs !== undefined && Number.isFinite(firstAtMs)) {
      this.#firsts.push(firstAtMs);
      if (this.#firsts.length > WINDOW) this.#firsts.shift();
      const sorted = [...this.#firsts].sort((a, b) => a - b);
      // The lower middle: of two batches the later one, perhaps wrong, does not move the clock alone.
      const median = sorted[(sorted.length - 1) >> 1] ?? firstAtMs;
      const before = this.#atMs ?? median;
      this.#behindCount = before - median > FAR_BEHIND_MS ? this.#behindCount + 1 : 0;
      this.#atMs = this.#behindCount > WINDOW ? median : Math.max(before, median);
      // Less than nothing where it goes on from behind: it shows the same as before.
      this.#leaptMs += this.#atMs < before ? this.#atMs - before : Math.max(0, this.#atMs - before - LONGEST_STEP_MS);
    }
    return this.#shown();
  }

  /** Wall time passed at the partition's end without a record; returns the clock's time. */
  idle(elapsedMs: number): number | undefined {
    if (this.#atMs !== undefined) this.#atMs += Math.max(0, elapsedMs);
    return this.#shown();
  }

  #shown(): number | undefined {
    return this.#atMs === undefined ? undefined : this.#atMs - this.#leaptMs;
  }
}
