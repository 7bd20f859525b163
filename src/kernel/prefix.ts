/**
 * The reader of log prefixes: what syslog, journald, dmesg, a console or /dev/kmsg put in front of kernel text.
 *
 * One pass from the left; each step takes one element of the prefix, chosen by its first character, and the one blank
 * that separates it from what follows. So the blanks with which kernel text itself begins survive.
 */

import { bracketAt, droppedAt, stampAt } from './prefix/bracket.ts';
import { looseDate, shortStampAt, wallMsOf } from './prefix/calendar.ts';
import { BLANK, type Found, hasHeader, isDigit, type Stripped } from './prefix/found.ts';
import { numberAt } from './prefix/number.ts';
import { priorityAt, wordAt } from './prefix/syslog.ts';

export type { HeaderParts } from './prefix/calendar.ts';
export type { Stripped } from './prefix/found.ts';
export { facilityOf, severityOf } from './prefix/words.ts';

/** More elements than any transport stacks: PRI, header, decode, stamp, caller, inner PRI, with room for doubles. */
const MAX_ELEMENTS = 10;

/**
 * Takes the prefix off one physical line, whatever transport it came by. Pure, linear in the length of the prefix,
 * never throws; text without a prefix comes back as it is, with `prefixed` false.
 */
export function stripPrefix(text: string): Stripped {
  const found: Found = { text, prefixed: false };
  let at = 0;
  for (let element = 0; element < MAX_ELEMENTS; element += 1) {
    const next = elementAt(text, at, found);
    if (next < 0) break;
    at = next;
  }
  if (at > 0) {
    found.prefixed = true;
    found.text = text.slice(at);
  }
  return found;
}

/**
 * The year that puts a stamp without one ('Sep 23 02:04:16') closest to a stored time. Undefined when the stamp cannot
 * be read. Both count as UTC.
 */
export function resolveYear(headerStamp: string, nearMs: number): number | undefined {
  const parts = shortStampAt(headerStamp, 0)?.parts ?? looseDate(headerStamp);
  if (!parts || parts.month === 0) return undefined;
  const middle = new Date(nearMs).getUTCFullYear();
  let best: { year: number; distance: number } | undefined;
  for (const year of [middle - 1, middle, middle + 1]) {
    const atMs = wallMsOf({ ...parts, year }) ?? 0;
    // 29 February of a year that has none would turn into 1 March.
    if (new Date(atMs).getUTCMonth() !== parts.month - 1) continue;
    const distance = Math.abs(atMs - nearMs);
    if (!best || distance < best.distance) best = { year, distance };
  }
  return best?.year;
}

/**
 * Ms between two stamps without a year, the shorter way round the calendar. Undefined when one cannot be read. Serves to
 * tell what belongs together; the stamps' zone does not matter.
 */
export function stampGapMs(from: string, to: string): number | undefined {
  if (from === to) return 0;
  const a = shortStampAt(from, 0);
  const b = shortStampAt(to, 0);
  if (!a || !b) return undefined;
  const year = Date.UTC(2001, 0) - Date.UTC(2000, 0);
  const gap = (wallMsOf({ ...b.parts, year: 2000 }) ?? 0) - (wallMsOf({ ...a.parts, year: 2000 }) ?? 0);
  if (gap > year / 2) return gap - year;
  return gap < -year / 2 ? gap + year : gap;
}

/** Offset after the prefix element at `at`, or -1 when kernel text begins there. */
function elementAt(text: string, at: number, found: Found): number {
  const code = text.charCodeAt(at);
  if (code === 60) return priorityAt(text, at, found);
  if (code === 91) return bracketAt(text, at, found);
  if (code === 42) return droppedAt(text, at, found);
  if (code === BLANK) {
    // rsyslog's RFC 5424 output has two blanks before the kernel's own stamp.
    if (at === 0 || found.bootUs !== undefined || text.charCodeAt(at + 1) !== 91) return -1;
    return stampAt(text, at + 1, found);
  }
  if (code === 0xfeff) return at + 1;
  if (isDigit(code)) return at === 0 || hasOnlyLevel(found) ? numberAt(text, at, found) : -1;
  if (code < 65 || Number.isNaN(code)) return -1;
  return wordAt(text, at, found);
}

const hasOnlyLevel = (found: Found): boolean =>
  !hasHeader(found) && found.bootUs === undefined && found.program === undefined;
