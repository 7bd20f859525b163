/** At which column, and how, a file is wrapped. */
import { stripPrefix } from '../../kernel/prefix.ts';
import { readLine } from '../read.ts';
import type { PhysicalLine } from './undress.ts';

/** So many lines show how a file is wrapped, and so many pairs of them are read to tell. */
const SAMPLE_LINES = 20_000;
const SAMPLE_PAIRS = 64;

const ROW = /^\s{0,40}\[ {0,8}\d{1,9}\]\s/;

/**
 * The column at which a file is hard-wrapped, cutting words. Then the lines that the next continues end there, and read
 * better when nothing is put between the two; wrapped at blanks they read better with a blank. Undefined when neither
 * shows.
 */
export function hardWrapWidth(physical: readonly PhysicalLine[]): number | undefined {
  const sample = physical.slice(0, SAMPLE_LINES);
  const stripped = sample.map(({ text }) => stripPrefix(text));
  const hasPrefixes = stripped.filter(({ prefixed }) => prefixed).length * 8 > sample.length;
  const continued = sample
    .map((_, index) => index)
    .filter((index) => index + 1 < sample.length && !(hasPrefixes && stripped[index + 1]?.prefixed));
  const width = hasPrefixes ? commonWidth(sample, continued) : Math.max(0, ...widthsOf(sample));
  if (width < 40 || width > 1024) return undefined;
  const filled = continued.filter((index) => sample[index]?.width === width);
  const longer = continued.filter((index) => (sample[index]?.width ?? 0) > width);
  if (filled.length < 2 || longer.length * 8 > continued.length) return undefined;
  let tight = 0;
  let spaced = 0;
  const step = Math.max(1, Math.floor(filled.length / SAMPLE_PAIRS));
  for (let at = 0; at < filled.length; at += step) {
    const index = filled[at] ?? 0;
    const before = stripped[index]?.text ?? '';
    const after = stripped[index + 1]?.text ?? '';
    // A row of the process table reads as well with one number more, until its header is known.
    if (ROW.test(before)) continue;
    const difference = quality(`${before}${after}`) - quality(`${before} ${after}`);
    if (difference > 0) tight += 1;
    else if (difference < 0) spaced += 1;
  }
  if (tight !== spaced) return tight > spaced ? width : undefined;
  // Lines shorter than that whose next word would not have fitted are wrapped at blanks.
  const soft = continued.filter((index) => {
    const length = sample[index]?.width ?? 0;
    const word = /^\S{1,400}/.exec((sample[index + 1]?.text ?? '').trimStart())?.[0].length ?? 0;
    return length < width && length + 1 + word > width;
  });
  return filled.length > soft.length ? width : undefined;
}

const quality = (text: string): number => readLine(text, undefined)?.reading.quality ?? 0;

function widthsOf(sample: readonly PhysicalLine[]): number[] {
  return [...new Set(sample.map(({ width }) => width))].slice(0, 10_000);
}

/** The width that most continued lines have. */
function commonWidth(sample: readonly PhysicalLine[], continued: readonly number[]): number {
  const counts = new Map<number, number>();
  let best = 0;
  for (const index of continued) {
    const width = sample[index]?.width ?? 0;
    const count = (counts.get(width) ?? 0) + 1;
    counts.set(width, count);
    if (count > (counts.get(best) ?? 0) || (count === counts.get(best) && width > best)) best = width;
  }
  return best;
}
