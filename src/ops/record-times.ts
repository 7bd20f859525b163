/**
 * When the records of one partition were read and when the broker got them, kept as long as something may ask: from the
 * record that holds the commit back on.
 */
export interface RecordTimes {
  /** The worker's monotonic clock when the record was read. */
  readonly readAtMs: number;
  /** Kafka's stamp of the record, within a second; absent when it states none. */
  readonly stampMs?: number | undefined;
}

interface Stretch extends RecordTimes {
  lastOffset: number;
}

/** Stretches closer than this in both times are one. */
const RESOLUTION_MS = 1_000;

/** More than an hour at one stretch a second; beyond it neighbours are merged. */
const MOST_STRETCHES = 4_096;

const isNear = (a: number | undefined, b: number | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Math.abs(a - b) < RESOLUTION_MS);

export class PartitionTimes {
  #stretches: Stretch[] = [];

  /** A batch that ends at `lastOffset` is about to be pushed. Batches come in order; one that comes again changes nothing. */
  read(lastOffset: number, readAtMs: number, stampMs: number | undefined): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && lastOffset <= last.lastOffset) return;
    if (last !== undefined && isNear(last.readAtMs, readAtMs) && isNear(last.stampMs, stampMs)) {
      last.lastOffset = lastOffset;
      return;
    }
    this.#stretches.push({ lastOffset, readAtMs, stampMs });
    if (this.#stretches.length > MOST_STRETCHES) this.#stretches = inPairs(this.#stretches);
  }

  /** The times of the record at `offset`; undefined when it was forgotten or not read. */
  of(offset: number): RecordTimes | undefined {
    return this.#stretches.find(({ lastOffset }) => offset <= lastOffset);
  }

  /** Nothing before `offset` is asked for any more. */
  forgetBefore(offset: number): void {
    const first = this.#stretches.findIndex(({ lastOffset }) => offset <= lastOffset);
    if (first !== 0) this.#stretches = first < 0 ? [] : this.#stretches.slice(first);
  }
}

/** Two neighbours as one with the times of the earlier: what was read long ago is known less exactly than what is new. */
function inPairs(stretches: readonly Stretch[]): Stretch[] {
  return stretches.flatMap((stretch, index) => {
    if (index % 2 === 1) return [];
    return [{ ...stretch, lastOffset: stretches[index + 1]?.lastOffset ?? stretch.lastOffset }];
  });
}
