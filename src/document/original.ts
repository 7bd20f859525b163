/** event.original: the raw lines of a report, capped. */
import type { ReportLine } from '../domain.ts';

/** Most UTF-16 units of event.original. */
export const ORIGINAL_LIMIT = 65_536;

/** Share of the limit that goes to the head; the kill line stands at the end, so the tail needs its part. */
const HEAD_LIMIT = 49_152;

/** Room for the line that names what was left out. */
const MARKER_LIMIT = 64;

/**
 * The lines joined by newlines; line n of the text is line n of the report. Beyond the limit lines in the middle are
 * left out, and one line in brackets says which, counted from 1: `[lines 412 to 977 left out]`.
 */
export function originalText(lines: readonly ReportLine[]): string {
  const texts = lines.map((line) => line.text.replaceAll('\n', ' '));
  const whole = texts.join('\n');
  if (whole.length <= ORIGINAL_LIMIT) return whole;

  const headCount = countFitting(texts, HEAD_LIMIT);
  const reversed = texts.slice(headCount).reverse();
  const tailCount = countFitting(reversed, ORIGINAL_LIMIT - HEAD_LIMIT - MARKER_LIMIT);
  const firstLeftOut = headCount + 1;
  const lastLeftOut = texts.length - tailCount;
  return [
    ...texts.slice(0, headCount),
    `[lines ${firstLeftOut} to ${lastLeftOut} left out]`,
    ...texts.slice(texts.length - tailCount),
  ].join('\n');
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
