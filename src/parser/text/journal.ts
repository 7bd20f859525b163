/** Entries of the systemd journal and other structured shapes in a file: JSON lines, `dmesg -J`, export and verbose form. */
import type { LogLine } from '../../domain.ts';
import { isoStampAt, wallMsOf } from '../../kernel/prefix/calendar.ts';
import { type Fields, messageOf, messagesIn, objectIn, parsed, timeOf } from './json.ts';
import { type PhysicalLine, utf8 } from './undress.ts';

/** One message with what its envelope says. */
export interface Entry {
  readonly text: string;
  readonly offset: number;
  readonly host?: string;
  readonly program?: string;
  readonly bootUs?: number;
  readonly observedAtMs?: number;
  readonly bootId?: string;
  readonly severity?: number;
}

/** The entries of a JSON line; none when the line is no JSON object or holds no text. */
export const jsonEntries = ({ text, offset }: Pick<PhysicalLine, 'text' | 'offset'>): Entry[] =>
  messagesIn(objectIn(text)).flatMap((fields) => entriesOf(fields, offset));

/** A file that is one JSON document (`dmesg -J`, exports of log stores). Undefined when it is none. */
export function documentEntries(text: string): Entry[] | undefined {
  const first = text.trimStart().slice(0, 64);
  if (!/^(?:\{|\[\s{0,40}[{[\]"])/.test(first)) return undefined;
  const value = parsed(text);
  if (value === undefined) return undefined;
  return messagesIn(value).flatMap((fields, index) => entriesOf(fields, index));
}

/** One entry, or one for each text of a list. */
function entriesOf(fields: Fields, offset: number): Entry[] {
  const message = messageOf(fields);
  const texts = Array.isArray(message) && message.every((each) => typeof each === 'string') ? message : undefined;
  if (texts) return texts.map((text: string) => ({ text, offset }));
  const entry = entryOf(fields, offset);
  return entry ? [entry] : [];
}

function entryOf(fields: Fields, offset: number): Entry | undefined {
  const text = textOf(messageOf(fields));
  if (text === undefined) return undefined;
  const micros = numberOf(fields['_SOURCE_MONOTONIC_TIMESTAMP']);
  const seconds =
    typeof fields['time'] === 'number' || fields['msg'] !== undefined ? numberOf(fields['time']) : undefined;
  const realtime = numberOf(fields['__REALTIME_TIMESTAMP']);
  const atMs = realtime === undefined ? statedMs(timeOf(fields)) : Math.trunc(realtime / 1000);
  const host = textOf(fields['_HOSTNAME'] ?? fields['hostname'] ?? fields['host']);
  const program = textOf(fields['SYSLOG_IDENTIFIER']);
  const bootId = textOf(fields['_BOOT_ID']);
  const bootUs = micros ?? (seconds === undefined ? undefined : Math.round(seconds * 1e6));
  const severity = numberOf(fields['PRIORITY']);
  return {
    text: text.replace(/\r?\n$/, ''),
    offset,
    ...(host === undefined ? {} : { host }),
    ...(program === undefined ? {} : { program }),
    ...(bootUs === undefined ? {} : { bootUs }),
    ...(atMs === undefined ? {} : { observedAtMs: atMs }),
    ...(bootId === undefined ? {} : { bootId }),
    ...(severity === undefined ? {} : { severity }),
  };
}

/** Ms since the epoch of an ISO time; one without a zone counts as UTC. */
function statedMs(time: string | undefined): number | undefined {
  const stamp = time === undefined ? undefined : isoStampAt(time, 0);
  return stamp && wallMsOf(stamp.parts, stamp.offsetMinutes);
}

/** A string, or journald's array of byte numbers. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'number')) return undefined;
  return utf8(value as number[]);
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const FIELD = /^\s{0,16}([A-Z_][A-Z0-9_]{1,63})(?:=(.*))?$/;

/** True when the lines are journal entries in export or verbose form. */
export const isJournal = (lines: readonly PhysicalLine[]): boolean =>
  lines.some(({ text }) => /^\s{0,16}MESSAGE=/.test(text)) &&
  lines.some(({ text }) =>
    /^\s{0,16}(?:_TRANSPORT|SYSLOG_IDENTIFIER|PRIORITY|_HOSTNAME|__CURSOR|_BOOT_ID)=/.test(text),
  );

/**
 * The entries of `journalctl -o export` and `-o verbose`. Fields come in any order, so an entry ends where the next
 * begins: at `__CURSOR=`, at verbose's time line, or at a field that the entry already has.
 */
export function journalEntries(lines: readonly PhysicalLine[]): Entry[] {
  const entries: Entry[] = [];
  let fields: Record<string, string> = {};
  let offset = 0;
  let last = '';
  const finish = () => {
    const entry = fields['MESSAGE'] === undefined ? undefined : entryOf(fields, offset);
    if (entry) entries.push(entry);
    fields = {};
    last = '';
  };
  for (const line of lines) {
    const match = FIELD.exec(line.text);
    const key = match?.[1];
    if (key !== undefined && match?.[2] !== undefined) {
      if (key === '__CURSOR' || Object.hasOwn(fields, key)) finish();
      fields[key] = match[2];
      if (key === 'MESSAGE') offset = line.offset;
      last = key;
    } else if (key === 'MESSAGE') {
      // Export form of a message with newlines: eight bytes of length, then the text.
      fields[key] = '';
      offset = line.offset;
      last = key;
    } else if (/\[s=[0-9a-f]{8}/.test(line.text)) finish();
    else if (last === 'MESSAGE') {
      const before = fields['MESSAGE'] ?? '';
      fields['MESSAGE'] = before === '' ? line.text : `${before}\n${line.text.trimStart()}`;
    }
  }
  finish();
  return entries;
}

/** The parts of a LogLine that an entry states. */
export const stampsOf = (entry: Entry): Partial<LogLine> => ({
  ...(entry.bootUs === undefined ? {} : { bootUs: entry.bootUs }),
  ...(entry.observedAtMs === undefined ? {} : { observedAtMs: entry.observedAtMs, timeSource: 'envelope' as const }),
  ...(entry.bootId === undefined ? {} : { bootId: entry.bootId }),
  ...(entry.severity === undefined ? {} : { severity: entry.severity }),
});
