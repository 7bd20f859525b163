/** A binary heap: which host speaks next. */
import type { Message } from '../prefix.ts';

interface Due<T> {
  readonly atMs: number;
  /** Order of arrival, so that equal times keep it. */
  readonly turn: number;
  readonly entry: T;
  readonly message: Message;
}

const isBefore = <T>(a: Due<T>, b: Due<T>): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn);

/** Messages of many sources in order of time. */
export class Timeline<T> {
  readonly #heap: Due<T>[] = [];
  #turn = 0;

  push(atMs: number, entry: T, message: Message): void {
    const heap = this.#heap;
    const due = { atMs, turn: this.#turn, entry, message };
    this.#turn += 1;
    let index = heap.push(due) - 1;
    while (index > 0) {
      const up = (index - 1) >> 1;
      const parent = heap[up];
      if (!parent || !isBefore(due, parent)) break;
      heap[index] = parent;
      index = up;
    }
    heap[index] = due;
  }

  /** The earliest message, removed; undefined when there is none. */
  pop(): Due<T> | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (!left) break;
      const child = right && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
      const smaller = heap[child];
      if (!smaller || !isBefore(smaller, last)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}
