/** The time that a question asks about, in each query language. */

/** What the reports of a trend are put together by, in UTC; weeks begin on Monday. */
export type Interval = 'hour' | 'day' | 'week';

/** Reports of the last hours or days by the clock of whoever answers, or those from one instant on. */
export type Period = { readonly interval: Interval } & (
  | { readonly last: number; readonly unit: 'h' | 'd' }
  /** `toMs` is exclusive; without it reports of hosts whose clock is ahead count as well. */
  | { readonly fromMs: number; readonly toMs?: number }
);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/** 5 January 1970 was the first Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** The interval that draws a time span in at most some sixty steps. */
export function intervalOf(spanMs: number): Interval {
  if (spanMs <= 2 * DAY_MS) return 'hour';
  return spanMs <= 62 * DAY_MS ? 'day' : 'week';
}

export const INTERVAL_MS: Readonly<Record<Interval, number>> = { hour: HOUR_MS, day: DAY_MS, week: WEEK_MS };

/** The start of the interval into which a time falls. */
export function intervalStart(ms: number, interval: Interval): number {
  const offset = interval === 'week' ? FIRST_MONDAY_MS : 0;
  const step = INTERVAL_MS[interval];
  return Math.floor((ms - offset) / step) * step + offset;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A range of the Query DSL. */
export function dslRange(period: Period): Readonly<Record<string, string>> {
  if ('last' in period) return { gte: `now-${period.last}${period.unit}` };
  return { gte: iso(period.fromMs), ...(period.toMs === undefined ? {} : { lt: iso(period.toMs) }) };
}

/** A condition of ES|QL. */
export function esqlRange(period: Period): string {
  if ('last' in period) return `@timestamp >= NOW() - ${period.last} ${period.unit === 'h' ? 'hours' : 'days'}`;
  const from = `@timestamp >= "${iso(period.fromMs)}"`;
  return period.toMs === undefined ? from : `${from} AND @timestamp < "${iso(period.toMs)}"`;
}

/** A condition of SQL on the table of the embedded store. */
export function sqlRange(period: Period): string {
  if ('last' in period) {
    return `timestamp_ms >= (unixepoch() - ${period.last} * ${period.unit === 'h' ? 3600 : 86_400}) * 1000`;
  }
  const from = `timestamp_ms >= ${Math.trunc(period.fromMs)}`;
  return period.toMs === undefined ? from : `${from} AND timestamp_ms < ${Math.trunc(period.toMs)}`;
}

/** The start of the interval in SQL, in ms since the epoch. */
export function sqlInterval(interval: Interval): string {
  const step = INTERVAL_MS[interval];
  if (interval !== 'week') return `timestamp_ms / ${step} * ${step}`;
  return `(timestamp_ms - ${FIRST_MONDAY_MS}) / ${step} * ${step} + ${FIRST_MONDAY_MS}`;
}
