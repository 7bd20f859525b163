/** A row of counts as a line of block characters. */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Nothing happened. */
const EMPTY = '·';

/**
 * One character per count: a dot for zero, else a block whose height is the count's share of `most` (the largest count
 * unless given), so that lines with the same `most` can be compared.
 */
export function spark(counts: readonly number[], most = Math.max(0, ...counts)): string {
  return counts
    .map((count) => {
      if (count <= 0) return EMPTY;
      const height = Math.ceil((count / most) * BLOCKS.length) - 1;
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.max(0, height))] ?? EMPTY;
    })
    .join('');
}
