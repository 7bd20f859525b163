/** event.original: the raw lines of a report, capped. */
import type { ReportLine } from '../domain.ts';

/** Most UTF-16 units of event.original. */
export const ORIGINAL_LIMIT = 65_536;

/** Share of the limit that goes to the head; the kill line stands at the end, so the tail needs its part. */
const HEAD_LIMIT = 49_152;

/** Room for the line that names what was left out. */
const MARKER_LIMIT = 64;

/** Texts of the lines as event.original holds them, one line each. */
export const originalTexts = (lines: readonly ReportLine[]): string[] =>
  lines.map((line) => line.text.replaceAll('\n', ' '));

/**
 * The lines joined by newlines; line n of the text is line n of the report. Beyond the limit lines in the middle are
 * left out, and one line in brackets says which, counted from 1: `[lines 412 to 977 left out]`.
 */
export function originalText(lines: readonly ReportLine[]): string {
  const texts = originalTexts(lines);
  const leftOut = leftOutOf(texts);
  if (!leftOut) return texts.join('\n');
  const { first, count } = leftOut;
  return [
    ...texts.slice(0, first),
    `[lines ${first + 1} to ${first + count} left out]`,
    ...texts.slice(first + count),
  ].join('\n');
}

/** Which texts have no room: the first of them, from 0, and how many; undefined when all fit. */
export function leftOutOf(texts: readonly string[]): { readonly first: number; readonly count: number } | undefined {
  const length = texts.reduce((sum, text) => sum + text.length + 1, -1);
  if (length <= ORIGINAL_LIMIT) return undefined;
  const first = countFitting(texts, HEAD_LIMIT);
  const tailCount = countFitting(texts.slice(first).reverse(), ORIGINAL_LIMIT - HEAD_LIMIT - MARKER_LIMIT);
  return { first, count: texts.length - tailCount - first };
}

/** How many of the first texts fit into the limit, each with its newline. */
function countFitting(texts: readonly string[], limit: number): number {
  let length = 0;
  let count = 0;
  for (const text of texts) {
    length += text.length + 1;
    if (length > limit) break;
    count += 1;
  }
  return count;
}
