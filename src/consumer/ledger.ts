/**
 * Which offsets may be committed: per partition everything before the first record that something still needs.
 *
 * A record is needed by an open report (the parser knows) or by a document that is not acknowledged (held here). Nothing
 * of an earlier epoch counts in a later one.
 */
import type { TopicPartition } from '../ports.ts';

export interface Ledger {
  /** A new assignment: everything known is void. */
  reset(epoch: number, partitions: readonly TopicPartition[]): void;
  /** All lines up to and including `lastOffset` were pushed to the parser. */
  seen(epoch: number, place: TopicPartition, lastOffset: number): void;
  /**
   * An unacknowledged document needs the record at `offset` and those after it. Returns the release, to be called once
   * it is acknowledged; a release of an earlier epoch does nothing.
   */
  hold(epoch: number, place: TopicPartition, offset: number): () => void;
  /**
   * The next offset to read after a restart: the least of what open reports need, of what is held, and of the offset
   * after the last one seen. Undefined when nothing was seen or it is not beyond the last committed one.
   */
  commitPoint(place: TopicPartition, needed: number | undefined): number | undefined;
  /** The first record that is needed, and how many were seen from it on; undefined when none is. */
  pin(place: TopicPartition, needed: number | undefined): { offset: number; records: number } | undefined;
  /** The broker has taken `offset`. */
  committed(epoch: number, place: TopicPartition, offset: number): void;
}

interface PartitionState {
  /** Offset after the last one seen. */
  nextOffset: number | undefined;
  committedOffset: number | undefined;
  /** Offsets held, with the count of documents that hold each. */
  readonly holds: Map<number, number>;
}

export function createLedger(): Ledger {
  let current = -1;
  let states = new Map<string, PartitionState>();
  const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
  const stateOf = (epoch: number, place: TopicPartition): PartitionState | undefined =>
    epoch === current ? states.get(keyOf(place)) : undefined;

  const firstHeld = (state: PartitionState, needed = Number.POSITIVE_INFINITY): number => {
    let first = needed;
    for (const offset of state.holds.keys()) first = Math.min(first, offset);
    return first;
  };

  return {
    reset(epoch, partitions) {
      current = epoch;
      states = new Map(
        partitions.map((place) => [
          keyOf(place),
          { nextOffset: undefined, committedOffset: undefined, holds: new Map() },
        ]),
      );
    },
    seen(epoch, place, lastOffset) {
      const state = stateOf(epoch, place);
      if (state !== undefined) state.nextOffset = Math.max(state.nextOffset ?? 0, lastOffset + 1);
    },
    hold(epoch, place, offset) {
      const holds = stateOf(epoch, place)?.holds;
      if (holds === undefined) return () => {};
      holds.set(offset, (holds.get(offset) ?? 0) + 1);
      let released = false;
      return () => {
        if (released) return;
        released = true;
        const count = holds.get(offset) ?? 0;
        if (count > 1) holds.set(offset, count - 1);
        else holds.delete(offset);
      };
    },
    commitPoint(place, needed) {
      const state = stateOf(current, place);
      if (state?.nextOffset === undefined) return undefined;
      const point = Math.min(state.nextOffset, firstHeld(state, needed));
      return state.committedOffset === undefined || point > state.committedOffset ? point : undefined;
    },
    pin(place, needed) {
      const state = stateOf(current, place);
      if (state?.nextOffset === undefined) return undefined;
      const offset = firstHeld(state, needed);
      return offset < state.nextOffset ? { offset, records: state.nextOffset - offset } : undefined;
    },
    committed(epoch, place, offset) {
      const state = stateOf(epoch, place);
      if (state !== undefined) state.committedOffset = Math.max(state.committedOffset ?? 0, offset);
    },
  };
}
