/**
 * The byte search that spares noise the decoding: finds what opens a report or a boot in bytes of any encoding in which
 * ASCII stands for itself.
 *
 * Wu and Manber's algorithm: the last two bytes of a window tell how far the window may move before any literal can
 * begin in it, so that most bytes are never looked at.
 */
import { BOOT_ANCHORS } from '../../kernel/boot.ts';
import { OPENERS } from '../../kernel/openers.ts';

/**
 * A MESSAGE that is not clean UTF-8 is written by journald as an array of numbers, in which no literal can be seen.
 * Sources: systemd, src/shared/logs-show.c and json.c; older releases print blanks around the colon.
 */
const BLIND_SPOTS = ['"MESSAGE":[', '"MESSAGE" : ['];

export type ByteSearch = (bytes: Uint8Array, from: number, end: number) => number;

/**
 * A search for the first of several ASCII literals. The function returned gives the offset at which one begins in
 * bytes[from, end), or -1. Literals are at least two characters long.
 */
export function createByteSearch(literals: readonly string[]): ByteSearch {
  const windowLength = Math.min(...literals.map((literal) => literal.length));
  const shifts = new Uint8Array(65_536).fill(Math.min(windowLength - 1, 255));
  const candidates = new Map<number, Uint8Array[]>();
  for (const literal of literals) {
    const bytes = Uint8Array.from(literal, (character) => character.charCodeAt(0));
    for (let last = 1; last < windowLength; last += 1) {
      const pair = ((bytes[last - 1] ?? 0) << 8) | (bytes[last] ?? 0);
      const shift = windowLength - 1 - last;
      shifts[pair] = Math.min(shifts[pair] ?? 0, shift);
      if (shift === 0) candidates.set(pair, [...(candidates.get(pair) ?? []), bytes]);
    }
  }
  return (bytes, from, end) => {
    let last = from + windowLength - 1;
    while (last < end) {
      const pair = ((bytes[last - 1] ?? 0) << 8) | (bytes[last] ?? 0);
      const shift = shifts[pair] ?? 1;
      if (shift > 0) {
        last += shift;
        continue;
      }
      const start = last - windowLength + 1;
      for (const literal of candidates.get(pair) ?? []) {
        if (start + literal.length <= end && standsAt(bytes, start, literal)) return start;
      }
      last += 1;
    }
    return -1;
  };
}

function standsAt(bytes: Uint8Array, start: number, literal: Uint8Array): boolean {
  for (let at = 0; at < literal.length; at += 1) {
    if (bytes[start + at] !== literal[at]) return false;
  }
  return true;
}

const literals = [...OPENERS, ...BOOT_ANCHORS].map(({ literal }) => literal);

/** The first opener, of a report or of a boot, in bytes[from, end), or -1. */
export const findOpener: ByteSearch = createByteSearch(literals);

/** As findOpener, and also what might hide one from a search over bytes. */
export const findOpenerOrBlindSpot: ByteSearch = createByteSearch([...literals, ...BLIND_SPOTS]);
