/** What a check is, and the words that all of them use. */
import type { ErrorCode } from '../../tables/errors.ts';
import type { Facts } from './facts.ts';

export const AREAS = ['kafka', 'records', 'elasticsearch'] as const;
export type Area = (typeof AREAS)[number];

export const STATES = ['ok', 'warning', 'failure'] as const;
export type State = (typeof STATES)[number];

/** What a check says of one thing. */
export interface Finding {
  readonly state: State;
  /** Topic, broker or index, where there may be several. */
  readonly subject?: string;
  readonly found: string;
  /** What to do; absent when all is well. */
  readonly advice?: string;
}

export interface Check {
  readonly name: string;
  readonly area: Area;
  /** A few words for the checklist. */
  readonly title: string;
  /** What is looked at. */
  readonly looksAt: string;
  /** When it warns and when it fails; absent where it never does. */
  readonly warns?: string;
  readonly fails?: string;
  /** The error that a failure stands for: its exit code is the command's. */
  readonly code: ErrorCode;
  /** Nothing when the facts it needs could not be had: the check that says why has failed then. */
  readonly judge: (facts: Facts) => readonly Finding[];
}

export const ok = (found: string, subject?: string): Finding => ({ state: 'ok', found, ...about(subject) });

export const warning = (found: string, advice: string, subject?: string): Finding => ({
  state: 'warning',
  found,
  advice,
  ...about(subject),
});

export const failure = (found: string, advice: string, subject?: string): Finding => ({
  state: 'failure',
  found,
  advice,
  ...about(subject),
});

const about = (subject: string | undefined) => (subject === undefined ? {} : { subject });

const MOST_NAMES = 5;

/** 'a, b, c and 4 more' */
export function listed(names: readonly string[], most = MOST_NAMES): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** '1 record', '12,345 records' */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** '37 %'; '< 1 %' and '> 99 %' rather than a rounded 0 or 100. */
export function share(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part * 100) / whole;
  if (percent > 0 && percent < 1) return '< 1 %';
  if (percent > 99 && percent < 100) return '> 99 %';
  return `${Math.round(percent)} %`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
  [1_000, 's'],
];

/** '3 days', '90 minutes', '2.5 s', '40 ms': the largest unit of which there are at least two. */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  for (const [unit, name] of UNITS) {
    if (size >= unit * 2) return `${Math.round((size * 10) / unit) / 10} ${name}`;
  }
  return size >= 1_000 ? `${Math.round(size / 100) / 10} s` : `${Math.round(size)} ms`;
}

/** A text of a record, short enough for a line. */
export const quoted = (text: string): string => `"${text.length > 120 ? `${text.slice(0, 120)}...` : text}"`;
