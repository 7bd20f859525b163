/**
 * zone_watermark_ok and its neighbours, one function for each form that the kernel has had, written down as the kernel does
 * it: subtract, halve, compare. Source: mm/page_alloc.c of the releases in the names.
 */
import type { AllocFlags, Answer, ZoneState } from './state.ts';

export type Check = (z: ZoneState, order: number, mark: number, classIndex: number, flags: AllocFlags) => Answer;

/** C's integer division. */
const div = (a: number, b: number): number => Math.trunc(a / b);

const reserveOf = (z: ZoneState, classIndex: number): number => z.reserve[classIndex] ?? 0;

const longest = (...answers: readonly Answer[]): Answer => ({
  passes: answers.some(({ passes }) => passes),
  margin: Math.max(...answers.map(({ margin }) => margin)),
});

/** 2.6.9: `if (z->free_pages < min + (1 << order) + protection) continue;`, no look at the blocks. */
export const check_2_6_9: Check = (z, order, mark, classIndex, flags) => {
  let min = mark;
  if (flags.high) min = div(min, 2);
  if (flags.harder) min -= div(min, 4);
  const bound = min + (1 << order) + reserveOf(z, classIndex);
  // free < bound fails, so free - bound = 0 is the first that passes, and a margin of 1 above "has to exceed".
  return { passes: z.freePages >= bound, margin: z.freePages - bound + 1 };
};

/** The loop of 2.6.18 to 4.3: the blocks of each lower order are taken off, the mark is halved. */
function loop(z: ZoneState, order: number, startFree: number, startMin: number): boolean {
  let free = startFree;
  let min = startMin;
  for (let o = 0; o < order; o += 1) {
    free -= (z.blocks[o] ?? 0) << o;
    min >>= 1;
    if (free <= min) return false;
  }
  return true;
}

function lowered(mark: number, flags: AllocFlags): number {
  let min = mark;
  if (flags.high) min -= div(min, 2);
  if (flags.harder) min -= div(min, 4);
  return min;
}

/** `free_pages = z->free_pages - (1 << order) + 1` */
export const check_2_6_18: Check = (z, order, mark, classIndex, flags) => {
  const free = z.freePages - (1 << order) + 1;
  const min = lowered(mark, flags);
  const margin = free - (min + reserveOf(z, classIndex));
  if (free <= min + reserveOf(z, classIndex)) return { passes: false, margin };
  return { passes: loop(z, order, free, min), margin };
};

/** `free_pages -= (1 << order) + 1;`: the sign of the + 1 is wrong. */
export const check_2_6_38: Check = (z, order, mark, classIndex, flags) => {
  let free = z.freePages;
  free -= (1 << order) + 1;
  const min = lowered(mark, flags);
  const margin = free - (min + reserveOf(z, classIndex));
  if (free <= min + reserveOf(z, classIndex)) return { passes: false, margin };
  return { passes: loop(z, order, free, min), margin };
};

/** `free_pages -= (1 << order) - 1;` */
export const check_3_3: Check = (z, order, mark, classIndex, flags) => {
  let free = z.freePages;
  free -= (1 << order) - 1;
  const min = lowered(mark, flags);
  const margin = free - (min + reserveOf(z, classIndex));
  if (free <= min + reserveOf(z, classIndex)) return { passes: false, margin };
  return { passes: loop(z, order, free, min), margin };
};

/** `free_pages -= NR_FREE_CMA_PAGES` before everything, so in the loop too. */
export const check_3_7: Check = (z, order, mark, classIndex, flags) => {
  let free = z.freePages;
  free -= (1 << order) - 1;
  const min = lowered(mark, flags);
  if (!flags.cma) free -= z.freeCma;
  const margin = free - (min + reserveOf(z, classIndex));
  if (free <= min + reserveOf(z, classIndex)) return { passes: false, margin };
  return { passes: loop(z, order, free, min), margin };
};

/** `if (free_pages - free_cma <= min + lowmem_reserve) return false;`, the loop with all of free. */
export const check_3_10: Check = (z, order, mark, classIndex, flags) => {
  let free = z.freePages;
  let freeCma = 0;
  free -= (1 << order) - 1;
  const min = lowered(mark, flags);
  if (!flags.cma) freeCma = z.freeCma;
  const margin = free - freeCma - (min + reserveOf(z, classIndex));
  if (free - freeCma <= min + reserveOf(z, classIndex)) return { passes: false, margin };
  return { passes: loop(z, order, free, min), margin };
};

type MayTake = (letters: string) => boolean;

/** A free block of the order or a larger one on a list that the request may take from. */
function blockIsThere(z: ZoneState, order: number, mayTake: MayTake): boolean {
  for (let o = order; o < z.blocks.length; o += 1) {
    if ((z.blocks[o] ?? 0) === 0) continue;
    // What is not printed cannot be told apart.
    if (z.letters === undefined || z.letters[o] === '' || z.letters[o] === undefined) return true;
    if (mayTake(z.letters[o] ?? '')) return true;
  }
  return false;
}

const ordinary: MayTake = (letters) => letters.includes('U') || letters.includes('M') || letters.includes('E');

/** __zone_watermark_ok of 4.4: one comparison, then one block. Whoever has ALLOC_HARDER takes a block of any list up to 4.14. */
export const check_4_4: Check = (z, order, mark, classIndex, flags) => {
  let min = mark;
  let free = z.freePages;
  free -= (1 << order) - 1;
  if (flags.high) min -= div(min, 2);
  if (!flags.harder) free -= z.reservedHighatomic;
  else min -= div(min, 4);
  if (!flags.cma) free -= z.freeCma;
  const margin = free - (min + reserveOf(z, classIndex));
  if (free <= min + reserveOf(z, classIndex)) return { passes: false, margin };
  if (order === 0) return { passes: true, margin };
  const there = blockIsThere(
    z,
    order,
    (letters) => flags.harder || ordinary(letters) || (flags.cma && letters.includes('C')),
  );
  return { passes: there, margin };
};

/** 4.15: ALLOC_HARDER opens the high-atomic list, not every list. */
export const check_4_15: Check = (z, order, mark, classIndex, flags) => {
  const { margin } = check_4_4(z, order, mark, classIndex, flags);
  if (margin <= 0) return { passes: false, margin };
  if (order === 0) return { passes: true, margin };
  const there = blockIsThere(
    z,
    order,
    (letters) => ordinary(letters) || (flags.cma && letters.includes('C')) || (flags.harder && letters.includes('H')),
  );
  return { passes: there, margin };
};

/** zone_watermark_fast of 4.7 to 5.8: one page passes by free less CMA alone, the high-atomic reserve forgotten. */
const fast =
  (full: Check): Check =>
  (z, order, mark, classIndex, flags) => {
    const cmaPages = flags.cma ? 0 : z.freeCma;
    const slow = full(z, order, mark, classIndex, flags);
    if (order !== 0) return slow;
    const quick = z.freePages - cmaPages;
    const needed = mark + reserveOf(z, classIndex);
    return longest({ passes: quick > needed, margin: quick - needed }, slow);
  };

export const check_4_7 = fast(check_4_4);
export const check_4_15_fast = fast(check_4_15);

/** zone_watermark_fast of 5.9: the reserve counts, and one page for an atomic request is looked at again without the boost. */
export const check_5_9: Check = (z, order, mark, classIndex, flags) => {
  const slow = check_4_15(z, order, mark, classIndex, flags);
  if (order !== 0) return slow;
  const unusable = (flags.harder ? 0 : z.reservedHighatomic) + (flags.cma ? 0 : z.freeCma);
  const needed = mark + reserveOf(z, classIndex);
  const quick = { passes: z.freePages - unusable > needed, margin: z.freePages - unusable - needed };
  if (!flags.atomicMask || mark !== z.min) return longest(quick, slow);
  return longest(quick, slow, check_4_15(z, order, mark - z.boost, classIndex, flags));
};

/** 6.3: ALLOC_MIN_RESERVE and ALLOC_NON_BLOCK. Either gives up no pages to the reserve; only the first lowers the mark. */
const with_6_3 =
  (reserveCounts: (z: ZoneState) => number): Check =>
  (z, order, mark, classIndex, flags) => {
    const ok = (from: number): Answer => {
      let free = z.freePages;
      let min = from;
      let unusable = (1 << order) - 1;
      if (!(flags.high || flags.nonBlock)) unusable += reserveCounts(z);
      if (!flags.cma) unusable += z.freeCma;
      free -= unusable;
      if (flags.high) {
        min -= div(min, 2);
        if (flags.nonBlock) min -= div(min, 4);
      }
      const margin = free - (min + reserveOf(z, classIndex));
      if (free <= min + reserveOf(z, classIndex)) return { passes: false, margin };
      if (order === 0) return { passes: true, margin };
      const there = blockIsThere(
        z,
        order,
        (letters) =>
          ordinary(letters) || (flags.cma && letters.includes('C')) || (flags.highatomic && letters.includes('H')),
      );
      return { passes: there, margin };
    };
    if (order !== 0 || !flags.high || mark !== z.min) return ok(mark);
    return longest(ok(mark), ok(mark - z.boost));
  };

export const check_6_3 = with_6_3((z) => z.reservedHighatomic);
export const check_6_13 = with_6_3((z) => z.freeHighatomic);
