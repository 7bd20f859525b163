/**
 * The clock of one partition, on which idle time and age of reports run.
 *
 * It shows the median of the first time stamps of the last 31 record batches, so that one host's wrong clock moves
 * nothing and reading lazily or eagerly gives the same. Wall time advances it only across fetches that returned nothing.
 * It never runs backwards. So a backlog read at full speed yields the same reports as live traffic.
 */
const WINDOW = 31;

export class PartitionClock {
  readonly #firsts: number[] = [];
  #atMs: number | undefined;

  /** Takes the first time stamp of a batch; returns the clock's time, or undefined while nothing has stated one. */
  batch(firstAtMs: number | undefined): number | undefined {
    if (firstAtMs !== undefined && Number.isFinite(firstAtMs)) {
      this.#firsts.push(firstAtMs);
      if (this.#firsts.length > WINDOW) this.#firsts.shift();
      const sorted = [...this.#firsts].sort((a, b) => a - b);
      // The lower middle: of two batches the later one, perhaps wrong, does not move the clock alone.
      const median = sorted[(sorted.length - 1) >> 1] ?? firstAtMs;
      this.#atMs = this.#atMs === undefined ? median : Math.max(this.#atMs, median);
    }
    return this.#atMs;
  }

  /** Wall time passed at the partition's end without a record; returns the clock's time. */
  idle(elapsedMs: number): number | undefined {
    if (this.#atMs !== undefined) this.#atMs += Math.max(0, elapsedMs);
    return this.#atMs;
  }
}
