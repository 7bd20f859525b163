/** Times as shippers write them. */
import { isoStampAt, wallMsOf } from '../../kernel/prefix/calendar.ts';

/** `Nov 23 04:01:02` or `Nov  3 04:01:02`: a stamp of RFC 3164, without year and zone. */
const SYSLOG_STAMP = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d$/;

/**
 * Milliseconds since the epoch from an ISO 8601 string or from a number of seconds, ms, us or ns (also as a string, or a
 * bigint); the unit follows from the size. Undefined for anything else.
 */
export function timeMsOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return epochMs(Number(value));
  if (typeof value === 'number') return epochMs(value);
  if (typeof value !== 'string') return undefined;
  if (/^\d{9,20}(?:\.\d{1,9})?$/.test(value)) return epochMs(Number(value));
  const stamp = isoStampAt(value, 0);
  return stamp?.end === value.length ? wallMsOf(stamp.parts, stamp.offsetMinutes) : undefined;
}

/** True for a stamp of RFC 3164. */
export const isSyslogStamp = (value: unknown): value is string => typeof value === 'string' && SYSLOG_STAMP.test(value);

function epochMs(value: number): number | undefined {
  // 10^9 s is 2001, 10^11 ms is 1973, and so on: the ranges of plausible years do not meet.
  if (!(value >= 1e8)) return undefined;
  if (value < 1e11) return Math.trunc(value * 1_000);
  if (value < 1e14) return Math.trunc(value);
  if (value < 1e17) return Math.trunc(value / 1_000);
  return value < 1e20 ? Math.trunc(value / 1_000_000) : undefined;
}
