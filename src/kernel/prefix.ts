/**
 * The reader of log prefixes: what syslog, journald, dmesg, a console or /dev/kmsg put in front of kernel text.
 *
 * One pass from the left; each step takes one element of the prefix, chosen by its first character, and the one blank
 * that separates it from what follows. So the blanks with which kernel text itself begins survive.
 */
import {
  clockAt,
  type HeaderParts,
  isoStampAt,
  looseDate,
  monthOf,
  shortStampAt,
  wallMsOf,
} from './prefix/calendar.ts';
import { facilityOf, KERNEL_HEADS, severityOf } from './prefix/words.ts';

export type { HeaderParts } from './prefix/calendar.ts';
export { facilityOf, severityOf } from './prefix/words.ts';

/** A physical line without its prefix, and what the prefix said. Absent means that it was not said. */
export interface Stripped {
  /** Kernel text; blanks after the one separating blank are kept. */
  readonly text: string;
  /** False when there was no prefix at all. */
  readonly prefixed: boolean;
  /** As written. */
  readonly host?: string;
  /** Program name without pid, 'kernel' for `kernel:` and metalog's `[kernel]`. */
  readonly program?: string;
  readonly facility?: number;
  readonly severity?: number;
  /** A stamp that states no full date, exactly as written: 'Sep 23 02:04:16'. */
  readonly headerStamp?: string;
  /** Ms since the epoch of a header with a full date; a date without zone counts as UTC. */
  readonly wallMs?: number;
  readonly headerParts?: HeaderParts;
  /** Microseconds since boot. */
  readonly bootUs?: number;
  /** `T123` or `C0` of CONFIG_PRINTK_CALLER. */
  readonly callerId?: string;
}

type Found = { -readonly [K in keyof Stripped]: Stripped[K] };

/** More elements than any transport stacks: PRI, header, decode, stamp, caller, inner PRI, with room for doubles. */
const MAX_ELEMENTS = 10;

const BLANK = 32;
const COLON = 58;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const skipBlank = (text: string, at: number): number => (text.charCodeAt(at) === BLANK ? at + 1 : at);

function skipBlanks(text: string, at: number): number {
  let cursor = at;
  while (text.charCodeAt(cursor) === BLANK) cursor += 1;
  return cursor;
}

function skipDigits(text: string, at: number): number {
  let cursor = at;
  while (isDigit(text.charCodeAt(cursor))) cursor += 1;
  return cursor;
}

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

const hasHeader = (found: Found): boolean => found.headerParts !== undefined || found.wallMs !== undefined;

const hasOnlyLevel = (found: Found): boolean =>
  !hasHeader(found) && found.bootUs === undefined && found.program === undefined;

/** `<4>`, and the whole RFC 5424 header when `1 ` follows. */
function priorityAt(text: string, at: number, found: Found): number {
  const end = skipDigits(text, at + 1);
  if (end === at + 1 || end > at + 4 || text.charCodeAt(end) !== 62) return -1;
  const value = Number(text.slice(at + 1, end));
  if (value > 191) return -1;
  found.facility ??= value >> 3;
  found.severity ??= value & 7;
  // <4>1 2014-09-23T02:04:16.850644+02:00 host kernel - - - [1772321.850644] text
  if (at === 0 && text.charCodeAt(end + 1) === 49 && text.charCodeAt(end + 2) === BLANK) {
    const after = syslog5424At(text, end + 3, found);
    if (after > 0) return after;
  }
  return end + 1;
}

/** timestamp host app-name procid msgid structured-data message; `-` is nil. */
function syslog5424At(text: string, start: number, found: Found): number {
  const ends: number[] = [];
  let at = start;
  for (let field = 0; field < 5; field += 1) {
    const end = text.indexOf(' ', at);
    if (end < 0 || end - at > 256) return -1;
    ends.push(at, end);
    at = end + 1;
  }
  const [stampFrom = 0, stampTo = 0, hostFrom = 0, hostTo = 0, appFrom = 0, appTo = 0] = ends;
  const stamp = isoStampAt(text, stampFrom);
  if (!stamp && text.slice(stampFrom, stampTo) !== '-') return -1;
  if (stamp) keepIso(stamp, found);
  const host = text.slice(hostFrom, hostTo);
  const app = text.slice(appFrom, appTo);
  if (host !== '-') found.host = host;
  if (app !== '-') found.program = app;
  if (text.charCodeAt(at) === 45) at += 1;
  else {
    while (text.charCodeAt(at) === 91) {
      const end = structuredEnd(text, at);
      if (end < 0) return -1;
      at = end;
    }
  }
  return skipBlank(text, at);
}

/** Offset after `[id name="value"]`; values escape `"`, `]` and the backslash. */
function structuredEnd(text: string, at: number): number {
  let quoted = false;
  for (let cursor = at + 1; cursor < text.length; cursor += 1) {
    const code = text.charCodeAt(cursor);
    if (code === 92) cursor += 1;
    else if (code === 34) quoted = !quoted;
    else if (code === 93 && !quoted) return cursor + 1;
  }
  return -1;
}

function keepIso(stamp: { parts: HeaderParts; offsetMinutes?: number }, found: Found): void {
  const wallMs = wallMsOf(stamp.parts, stamp.offsetMinutes);
  found.headerParts = stamp.parts;
  if (wallMs !== undefined) found.wallMs = wallMs;
}

/** Any bracket that is a prefix: stamp, caller, `[kernel]`, a date. */
function bracketAt(text: string, at: number, found: Found): number {
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
function stampAt(text: string, at: number, found: Found): number {
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
  const after = skipBlank(text, caller > 0 ? caller : close + 1);
  return found.host === undefined && found.program === undefined ? monotonicTailAt(text, after, found) : after;
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
function droppedAt(text: string, at: number, found: Found): number {
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

/** What begins with a digit: ISO headers, svlogd, journalctl's unix stamps, /dev/kmsg, netconsole. */
function numberAt(text: string, at: number, found: Found): number {
  const iso = isoStampAt(text, at);
  if (iso) {
    keepIso(iso, found);
    const after = skipBlank(text, iso.end);
    // dmesg --time-format=iso writes a comma and names no host.
    return iso.comma ? after : headerTailAt(text, after, found);
  }
  const digits = skipDigits(text, at);
  const next = text.charCodeAt(digits);
  if (next === 44) return kmsgAt(text, at, found);
  if (next !== 46) return -1;
  const micros = skipDigits(text, digits + 1);
  if (text.charCodeAt(micros) === BLANK && digits - at >= 9 && digits - at <= 11 && micros === digits + 7) {
    // 1411437856.850644 host kernel: text
    const after = headerTailAt(text, micros + 1, found);
    if (found.program === undefined) return -1;
    found.wallMs = Number(text.slice(at, digits)) * 1000 + Math.trunc(Number(text.slice(digits + 1, micros)) / 1000);
    return after;
  }
  // netconsole since 6.2: the release in front, 6.6.14,4,1234,5678,-;text
  const comma = text.indexOf(',', micros);
  return comma > 0 && comma < at + 80 && isDigit(text.charCodeAt(comma + 1)) ? kmsgAt(text, comma + 1, found) : -1;
}

/** `6,30574067,3816544225424,-;text` and `6,30574067,3816544225424,-,caller=T123;text`. */
function kmsgAt(text: string, at: number, found: Found): number {
  const priorityEnd = skipDigits(text, at);
  const sequenceEnd = skipDigits(text, priorityEnd + 1);
  const microsEnd = skipDigits(text, sequenceEnd + 1);
  if (text.charCodeAt(priorityEnd) !== 44 || text.charCodeAt(sequenceEnd) !== 44) return -1;
  if (priorityEnd === at || microsEnd === sequenceEnd + 1 || microsEnd > sequenceEnd + 20) return -1;
  const semicolon = text.indexOf(';', microsEnd);
  if (semicolon < 0 || semicolon > microsEnd + 120) return -1;
  if (semicolon > microsEnd && text.charCodeAt(microsEnd) !== 44) return -1;
  const priority = Number(text.slice(at, priorityEnd));
  if (priority > 0xffff) return -1;
  found.severity = priority & 7;
  found.facility = (priority >> 3) & 0xff;
  found.bootUs = Number(text.slice(sequenceEnd + 1, microsEnd));
  const caller = text.indexOf('caller=', microsEnd);
  if (caller > 0 && caller < semicolon) {
    const end = skipDigits(text, caller + 8);
    found.callerId = text.slice(caller + 7, end);
  }
  return semicolon + 1;
}

/** What begins with a word: RFC 3164 and journalctl stamps, weekdays, `kern  :warn  :`, `kern: warning:`, `kernel:`. */
function wordAt(text: string, at: number, found: Found): number {
  if (text.startsWith('kernel:', at) && found.program === undefined) {
    found.program = 'kernel';
    return skipBlank(text, at + 7);
  }
  if (found.bootUs !== undefined || hasHeader(found)) return -1;
  const stamp = shortStampAt(text, at);
  if (stamp) {
    found.headerStamp = text.slice(at, stamp.end);
    found.headerParts = stamp.parts;
    return headerTailAt(text, skipBlank(text, yearAt(text, stamp, found)), found);
  }
  if (found.facility === undefined) {
    const level = levelAt(text, at, found);
    if (level > 0) return level;
  }
  return weekdayAt(text, at, found);
}

/** Some daemons write the year after the time: `Jan 27 00:14:32 2024 host kernel:`. */
function yearAt(text: string, stamp: { parts: HeaderParts; end: number }, found: Found): number {
  const from = stamp.end + 1;
  const end = skipDigits(text, from);
  if (end !== from + 4 || text.charCodeAt(stamp.end) !== BLANK || text.charCodeAt(end) !== BLANK) return stamp.end;
  const year = Number(text.slice(from, end));
  if (year < 1990 || year > 2100) return stamp.end;
  delete found.headerStamp;
  keepIso({ parts: { ...stamp.parts, year } }, found);
  return end;
}

/** `kern  :warn  : ` of dmesg -x; `kern: warning: ` of Talos when a bracket follows. */
function levelAt(text: string, at: number, found: Found): number {
  let end = at;
  while (end < at + 9 && isLower(text.charCodeAt(end))) end += 1;
  const colon = skipBlanks(text, end);
  if (end === at || colon > end + 8 || text.charCodeAt(colon) !== COLON) return -1;
  const facility = facilityOf(text.slice(at, end));
  if (facility === undefined) return -1;
  const from = skipBlanks(text, colon + 1);
  let to = from;
  while (to < from + 8 && isLower(text.charCodeAt(to))) to += 1;
  const severity = severityOf(text.slice(from, to));
  const second = skipBlanks(text, to);
  if (severity === undefined || second > to + 8 || text.charCodeAt(second) !== COLON) return -1;
  found.facility = facility;
  found.severity = severity;
  return skipBlank(text, second + 1);
}

const isLower = (code: number): boolean => (code >= 97 && code <= 122) || isDigit(code);

/** `Sat Jan 27 00:14:32 2024 kern.warn kernel: ` and `Tue 2014-09-23 02:04:16 CEST host kernel: `. */
function weekdayAt(text: string, at: number, found: Found): number {
  const space = text.indexOf(' ', at);
  if (space < at + 2 || space > at + 8) return -1;
  const iso = isoStampAt(text, space + 1);
  if (iso) {
    const zoneEnd = text.indexOf(' ', iso.end + 1);
    if (zoneEnd < 0 || zoneEnd > iso.end + 8) return -1;
    const zone = text.slice(iso.end + 1, zoneEnd);
    found.headerParts = iso.parts;
    // Other abbreviations do not tell the offset.
    if (zone === 'UTC' || zone === 'GMT') keepIso(iso, found);
    else found.headerStamp = text.slice(at, zoneEnd);
    return headerTailAt(text, zoneEnd + 1, found);
  }
  const stamp = shortStampAt(text, space + 1);
  if (!stamp) return -1;
  found.headerStamp = text.slice(at, stamp.end);
  found.headerParts = stamp.parts;
  return headerTailAt(text, skipBlank(text, yearAt(text, stamp, found)), found);
}

/**
 * What follows the time of a syslog header: `host kernel: `, `kernel: `, `[kernel] `, `kern.warn kernel: `,
 * `host kern.warn kernel: `, `host kernel ` (RFC 5424 input without procid), `host daemon[12]: `, `host ` alone.
 */
function headerTailAt(text: string, start: number, found: Found): number {
  const program = programAt(text, start, found);
  if (program > 0) return program;
  if (text.charCodeAt(start) === 91) return start;
  const space = text.indexOf(' ', start);
  if (space < 0 || space > start + 255 || !isHost(text, start, space)) return start;
  // Without host and tag the line's first word would pass for a host.
  if (text.startsWith('invoked oom-killer', space + 1)) return start;
  found.host = text.slice(start, space);
  const tag = programAt(text, space + 1, found);
  return tag > 0 ? tag : space + 1;
}

/** `kernel: `, `kernel [`, `[kernel] `, `daemon[12]: `, each perhaps after `kern.warn `. -1 when there is no tag. */
function programAt(text: string, start: number, found: Found): number {
  let at = start;
  const level = facilityDotAt(text, at, found);
  if (level > 0) at = level;
  if (text.startsWith('[kernel]', at)) {
    found.program = 'kernel';
    return skipBlank(text, at + 8);
  }
  if (text.startsWith('kernel [', at)) {
    found.program = 'kernel';
    return at + 7;
  }
  let end = at;
  while (isTagCharacter(text.charCodeAt(end)) && end < at + 64) end += 1;
  let colon = end;
  if (text.charCodeAt(end) === 91) {
    const digits = skipDigits(text, end + 1);
    if (digits === end + 1 || text.charCodeAt(digits) !== 93) return level > 0 ? at : -1;
    colon = digits + 1;
  }
  const after = text.charCodeAt(colon + 1);
  if (end === at || text.charCodeAt(colon) !== COLON || !(after === BLANK || Number.isNaN(after) || after === 91)) {
    return level > 0 ? at : -1;
  }
  const name = text.slice(at, end);
  if (KERNEL_HEADS.has(name) || text.startsWith(' page allocation ', colon + 1)) return level > 0 ? at : -1;
  found.program = name;
  return skipBlank(text, colon + 1);
}

/** `kern.warn ` or svlogd's `kern.info: `. */
function facilityDotAt(text: string, at: number, found: Found): number {
  const dot = text.indexOf('.', at);
  if (dot < at + 3 || dot > at + 8) return -1;
  const facility = facilityOf(text.slice(at, dot));
  if (facility === undefined) return -1;
  let end = dot + 1;
  while (end < dot + 9 && isLower(text.charCodeAt(end))) end += 1;
  const severity = severityOf(text.slice(dot + 1, end));
  if (severity === undefined) return -1;
  found.facility = facility;
  found.severity = severity;
  return skipBlank(text, text.charCodeAt(end) === COLON ? end + 1 : end);
}

const isTagCharacter = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  isDigit(code) ||
  code === 45 ||
  code === 95 ||
  code === 46 ||
  code === 47 ||
  code === 43 ||
  code === 64;

/** Letters, digits, `.`, `-`, `_`, `:` (IPv6), not ending in a colon. */
function isHost(text: string, from: number, to: number): boolean {
  if (to === from || text.charCodeAt(to - 1) === COLON) return false;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (!isTagCharacter(code) && code !== COLON) return false;
  }
  return !(clockAt(text, from) !== undefined && to - from === 8);
}
