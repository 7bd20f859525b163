/** What begins with a bracket: the kernel's own stamp, the caller, metalog's `[kernel]`, the dates of `dmesg -T`. */
import { type HeaderParts, isoStampAt, looseDate, monthOf, wallMsOf } from './calendar.ts';
import { BLANK, COLON, type Found, hasHeader, keepIso, skipBlank, skipBlanks, skipDigits } from './found.ts';
import { isHost } from './syslog.ts';

/** Any bracket that is a prefix: stamp, caller, `[kernel]`, a date. */
export function bracketAt(text: string, at: number, found: Found): number {
  const first = text.charCodeAt(skipBlanks(text, at + 1));
  if (first === 84 || first === 67) {
    const caller = callerAt(text, at, found);
    if (caller > 0) return skipBlank(text, caller);
  }
  if (text.startsWith('[kernel]', at) && found.program === undefined) {
    found.program = 'kernel';
    return skipBlank(text, at + 8);
  }
  if (found.bootUs === undefined) {
    const stamp = stampAt(text, at, found);
    if (stamp > 0) return stamp;
  }
  return hasHeader(found) ? -1 : dateAt(text, at, found);
}

/** `[ 1772.850644] `, `[ 1772.850644 <    0.000015>] `, `[  +0.000015] `, each with or without `[ T1234]` after it. */
export function stampAt(text: string, at: number, found: Found): number {
  let cursor = skipBlanks(text, at + 1);
  const delta = text.charCodeAt(cursor) === 43;
  if (delta) cursor += 1;
  const dot = skipDigits(text, cursor);
  if (dot === cursor || dot > cursor + 12 || text.charCodeAt(dot) !== 46) return -1;
  const end = skipDigits(text, dot + 1);
  if (end === dot + 1 || end > dot + 10) return -1;
  let close = end;
  if (text.charCodeAt(close) === BLANK && text.charCodeAt(close + 1) === 60) {
    close = text.indexOf('>', close);
    if (close < 0 || close > end + 24) return -1;
    close += 1;
  }
  // Device makers write `[ 1772.850644s]`, `[ 1772.850644,0]` (CPU), `[ 1772.850644 / 05-07 03:04:05.123]`.
  if (text.charCodeAt(close) !== 93)
    close += /^(?:s|,\d{1,2}| \/ [\d :.-]{8,24})(?=\])/.exec(text.slice(close, close + 32))?.[0].length ?? 0;
  if (text.charCodeAt(close) !== 93) return -1;
  if (!delta) {
    const micros = Number(
      text
        .slice(dot + 1, end)
        .padEnd(6, '0')
        .slice(0, 6),
    );
    found.bootUs = Number(text.slice(cursor, dot)) * 1_000_000 + micros;
  }
  const caller = callerAt(text, close + 1, found);
  const after = skipBlank(text, vendorTaskAt(text, caller > 0 ? caller : close + 1));
  return found.host === undefined && found.program === undefined ? monotonicTailAt(text, after, found) : after;
}

const VENDOR_TASK =
  / {0,2}[A-Z]? ?\[\d{1,2}: {0,16}[^\]]{1,24}: {0,8}\d{1,7}\]|(?:<\d>)?[ .-]{0,2}\(\d{1,2}\)\[\d{1,7}:[^\]]{1,20}\]| {0,2}c\d{1,2} {1,8}\d{1,7}(?= )|(?:\[\d{4}[:-]\d\d[:-]\d\d \d\d:\d\d:\d\d\])?\[pid:\d{1,7},cpu\d{1,3},[^\]]{1,24}\]| \(CPU:\d{1,3}-pid:\d{1,7}:[^)]{1,24}\)| \[\d{8}_\d\d:\d\d:\d\d\.\d{6}\]@\d{1,3}/y;

/**
 * CPU and task that device makers print: ` [0:  kswapd0:   50]`, ` -(0)[50:kswapd0]`, ` c0   50`, `[pid:50,cpu0,kswapd0]`,
 * ` (CPU:0-pid:50:kswapd0)`, ` [20240507_03:04:05.123456]@0`; the offset after them.
 */
function vendorTaskAt(text: string, at: number): number {
  VENDOR_TASK.lastIndex = at;
  return at + (VENDOR_TASK.exec(text)?.[0].length ?? 0);
}

/** `[ T1234]` or `[    C0]`; the offset after it, or -1. Keeps the id. */
function callerAt(text: string, at: number, found: Found): number {
  if (text.charCodeAt(at) !== 91) return -1;
  const letter = skipBlanks(text, at + 1);
  const code = text.charCodeAt(letter);
  if (code !== 84 && code !== 67) return -1;
  const end = skipDigits(text, letter + 1);
  if (end === letter + 1 || text.charCodeAt(end) !== 93) return -1;
  found.callerId ??= text.slice(letter, end);
  return end + 1;
}

/** journalctl -o short-monotonic: `[ 1772.850644] host kernel: text`. */
function monotonicTailAt(text: string, at: number, found: Found): number {
  const space = text.indexOf(' ', at);
  if (space < 0 || space > at + 255 || !text.startsWith('kernel: ', space + 1)) return at;
  if (!isHost(text, at, space)) return at;
  found.host = text.slice(at, space);
  found.program = 'kernel';
  return space + 9;
}

/** `[Tue Sep 23 02:04:16 2014] ` in any locale, `[Sep23 02:04] `, `[2026-01-12T20:27:31.9Z]: `. */
function dateAt(text: string, at: number, found: Found): number {
  const close = text.indexOf(']', at);
  if (close < 0 || close > at + 64) return -1;
  const after = text.charCodeAt(close + 1) === COLON ? close + 2 : close + 1;
  const iso = isoStampAt(text, at + 1);
  if (iso) {
    keepIso(iso, found);
    return skipBlank(text, after);
  }
  const inside = text.slice(at + 1, close);
  const short = /^(\p{L}{3,5})\.? ?(\d{1,2}) (\d\d):(\d\d)$/u.exec(inside);
  if (short) {
    const month = monthOf(short[1] ?? '');
    if (month === undefined) return -1;
    found.headerStamp = inside;
    found.headerParts = {
      month,
      day: Number(short[2]),
      hour: Number(short[3]),
      minute: Number(short[4]),
      second: 0,
      ms: 0,
    };
    return skipBlank(text, after);
  }
  const parts = looseDate(inside);
  if (!parts) return -1;
  keepLoose(parts, inside, found);
  return skipBlank(text, after);
}

function keepLoose(parts: HeaderParts, stamp: string, found: Found): void {
  const wallMs = parts.month === 0 ? undefined : wallMsOf(parts);
  found.headerParts = parts;
  if (wallMs === undefined) found.headerStamp = stamp;
  else found.wallMs = wallMs;
}

/** `** 12 printk messages dropped ** ` glued in front of a line (3.16 to 4.14); a line of its own later. */
export function droppedAt(text: string, at: number, found: Found): number {
  if (!text.startsWith('** ', at)) return -1;
  const digits = skipDigits(text, at + 3);
  const literal = ' printk messages dropped ** ';
  if (digits === at + 3 || !text.startsWith(literal, digits)) return -1;
  const end = digits + literal.length;
  if (end >= text.length) return -1;
  // The stamp before it is the dropped lines' own; the next line brings another.
  if (text.charCodeAt(end) === 91) delete found.bootUs;
  return end;
}
