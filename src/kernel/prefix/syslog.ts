/** Syslog headers: PRI, RFC 5424, what follows the time of RFC 3164, and what other daemons put in its place. */
import { clockAt, type HeaderParts, isoStampAt, shortStampAt } from './calendar.ts';
import {
  BLANK,
  COLON,
  type Found,
  hasHeader,
  isLower,
  isTagCharacter,
  keepIso,
  skipBlank,
  skipBlanks,
  skipDigits,
} from './found.ts';
import { facilityOf, KERNEL_HEADS, KERNEL_NEXT, KERNEL_STARTS, NO_HOST, severityOf } from './words.ts';

/** `<4>`, and the whole RFC 5424 header when `1 ` follows. */
export function priorityAt(text: string, at: number, found: Found): number {
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

/** What begins with a word: RFC 3164 and journalctl stamps, weekdays, `kern  :warn  :`, `kern: warning:`, `kernel:`. */
export function wordAt(text: string, at: number, found: Found): number {
  if (text.startsWith('kernel:', at) && found.program === undefined) {
    found.program = 'kernel';
    return afterTag(text, at + 7);
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
  // date(1): Tue Sep 23 02:04:16 CEST 2014
  const zone = /^ [A-Z]{2,5}(?= \d{4} )/.exec(text.slice(stamp.end, stamp.end + 12))?.[0].length ?? 0;
  return headerTailAt(text, skipBlank(text, yearAt(text, { ...stamp, end: stamp.end + zone }, found)), found);
}

/**
 * What follows the time of a syslog header: `host kernel: `, `kernel: `, `[kernel] `, `kern.warn kernel: `,
 * `host kern.warn kernel: `, `host kernel ` (RFC 5424 input without procid), `host daemon[12]: `, `host ` alone.
 */
export function headerTailAt(text: string, from: number, found: Found): number {
  // A host that was blacked out leaves two blanks.
  const start = text.startsWith(' kernel: ', from) ? from + 1 : from;
  const program = programAt(text, start, found);
  if (program > 0) return program;
  if (text.charCodeAt(start) === 91) return start;
  const space = text.indexOf(' ', start);
  if (space < 0 || space > start + 255 || !isHost(text, start, space)) return start;
  // Without host and tag the line's first word would pass for a host.
  if (KERNEL_STARTS.test(text.slice(start, start + 24)) || KERNEL_NEXT.test(text.slice(space + 1, space + 24)))
    return start;
  if (NO_HOST.test(text.slice(start, space))) return start;
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
  // `kernel:[ 1772.850644]` holds a stamp, `runc:[1:CHILD] invoked oom-killer` a task's name.
  const opens = after === BLANK || Number.isNaN(after) || /^\[ {0,8}\d{1,12}\./.test(text.slice(colon + 1, colon + 24));
  if (end === at || text.charCodeAt(colon) !== COLON || !opens) {
    return level > 0 ? at : -1;
  }
  const name = text.slice(at, end);
  if (KERNEL_HEADS.has(name) || text.startsWith(' page allocation ', colon + 1)) return level > 0 ? at : -1;
  found.program = name;
  return afterTag(text, colon + 1);
}

/** `kernel: : [ 1772.850644]`: some syslogs write the colon of an empty tag once more in front of the kernel's own stamp. */
function afterTag(text: string, at: number): number {
  const from = skipBlank(text, at);
  return text.startsWith(': [', from) ? from + 2 : from;
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

/** Letters, digits, `.`, `-`, `_`, `:` (IPv6), not ending in a colon. */
export function isHost(text: string, from: number, to: number): boolean {
  if (to === from || text.charCodeAt(to - 1) === COLON) return false;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (!isTagCharacter(code) && code !== COLON) return false;
  }
  return !(clockAt(text, from) !== undefined && to - from === 8);
}
