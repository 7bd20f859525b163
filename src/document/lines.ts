/**
 * What oom.report keeps of the lines beside their texts, which stand in event.original: block, stamp and position of
 * each, as runs of equal values.
 */
import type { Position, ReportLine } from '../domain.ts';
import { leftOutOf, originalTexts } from './original.ts';
import { isObject } from './shape.ts';

/** Values with how many lines in a row have each; null for lines without one. */
type Runs<T> = readonly (readonly [T | null, number])[];

interface LineMarks {
  readonly count: number;
  /** First line without its text and how many there are: event.original is capped. */
  readonly leftOut?: readonly [number, number];
  readonly blocks: Runs<string>;
  /** Differences to the line before that has one. */
  readonly bootUs: Runs<number>;
  /** Differences to the line before. */
  readonly offsets: Runs<number>;
}

export function lineMarks(lines: readonly ReportLine[]): LineMarks {
  const leftOut = leftOutOf(originalTexts(lines));
  return {
    count: lines.length,
    ...(leftOut && { leftOut: [leftOut.first, leftOut.count] as const }),
    blocks: runsOf(lines.map(({ block }) => block ?? null)),
    bootUs: runsOf(differencesOf(lines.map((line) => line.bootUs))),
    offsets: runsOf(differencesOf(lines.map(({ position }) => position.offset))),
  };
}

/**
 * The lines of a stored report; those whose texts were left out are empty. `original` is event.original, `first` the
 * report's first position: a report lies in one partition. Undefined when text and marks do not belong together.
 */
export function readLines(marks: unknown, original: string, first: Position): ReportLine[] | undefined {
  if (!isLineMarks(marks)) return undefined;
  const { count, leftOut } = marks;
  const texts = count === 0 ? [] : original.split('\n');
  // One line of the text stands for all that were left out.
  if (leftOut) texts.splice(leftOut[0], 1, ...new Array<string>(leftOut[1]).fill(''));
  if (texts.length !== count) return undefined;
  const blocks = valuesOf(marks.blocks);
  const stamps = sumsOf(valuesOf(marks.bootUs));
  const offsets = sumsOf(valuesOf(marks.offsets));
  return texts.map((text, index) => {
    const block = blocks[index];
    const bootUs = stamps[index];
    return {
      text,
      position: { ...first, offset: offsets[index] ?? first.offset },
      ...(typeof bootUs === 'number' ? { bootUs } : {}),
      ...(typeof block === 'string' ? { block } : {}),
    };
  });
}

/** No report has as many lines, so no more are made of a number that says so. */
const MOST_LINES = 10_000_000;

function isLineMarks(value: unknown): value is LineMarks {
  if (!isObject(value)) return false;
  const { count, leftOut, blocks, bootUs, offsets } = value;
  if (!isCount(count)) return false;
  return (
    (leftOut === undefined || (Array.isArray(leftOut) && leftOut.length === 2 && leftOut.every(isCount))) &&
    isRuns(blocks, 'string', count) &&
    isRuns(bootUs, 'number', count) &&
    isRuns(offsets, 'number', count)
  );
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_LINES;

/** True for runs of such values, or of null, that are of `count` lines together. */
function isRuns(value: unknown, type: 'string' | 'number', count: number): boolean {
  if (!Array.isArray(value)) return false;
  let lines = 0;
  for (const run of value) {
    if (!Array.isArray(run) || run.length !== 2 || !isCount(run[1])) return false;
    if (run[0] !== null && typeof run[0] !== type) return false;
    lines += run[1];
  }
  return lines === count;
}

function runsOf<T>(values: readonly (T | null)[]): Runs<T> {
  const runs: [T | null, number][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last && last[0] === value) last[1] += 1;
    else runs.push([value, 1]);
  }
  return runs;
}

const valuesOf = <T>(runs: Runs<T>): (T | null)[] =>
  runs.flatMap(([value, count]) => new Array<T | null>(count).fill(value));

function differencesOf(values: readonly (number | undefined)[]): (number | null)[] {
  let before = 0;
  return values.map((value) => {
    if (value === undefined) return null;
    const difference = value - before;
    before = value;
    return difference;
  });
}

function sumsOf(differences: readonly (number | null)[]): (number | null)[] {
  let sum = 0;
  return differences.map((difference) => {
    if (difference === null) return null;
    sum += difference;
    return sum;
  });
}
