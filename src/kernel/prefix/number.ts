/** What begins with a digit: ISO headers, svlogd, journalctl's unix stamps, /dev/kmsg, netconsole. */
import { isoStampAt } from './calendar.ts';
import { BLANK, type Found, isDigit, keepIso, skipBlank, skipDigits } from './found.ts';
import { headerTailAt } from './syslog.ts';

/** What begins with a digit: ISO headers, svlogd, journalctl's unix stamps, /dev/kmsg, netconsole. */
export function numberAt(text: string, at: number, found: Found): number {
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
