/** Entries of the systemd journal and other structured shapes in a file: JSON lines, `dmesg -J`, export and verbose form. */
import type { LogLine } from '../../domain.ts';
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

type Fields = Readonly<Record<string, unknown>>;

/** An entry of a JSON line; undefined when the line is no JSON object or holds no text. */
export function jsonEntry({ text, offset }: Pick<PhysicalLine, 'text' | 'offset'>): Entry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.trim().replace(/,$/, ''));
  } catch {
    return undefined;
  }
  return isFields(value) ? entryOf(value, offset) : undefined;
}

/** `dmesg -J`: one object for the whole file. Undefined when it is none. */
export function dmesgEntries(text: string): Entry[] | undefined {
  if (!text.includes('"dmesg"')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = isFields(value) ? value['dmesg'] : undefined;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((each: unknown, index) => {
    const entry = isFields(each) ? entryOf(each, index) : undefined;
    return entry ? [entry] : [];
  });
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function entryOf(fields: Fields, offset: number): Entry | undefined {
  const text = textOf(fields['MESSAGE'] ?? fields['message'] ?? fields['msg'] ?? fields['log']);
  if (text === undefined) return undefined;
  const micros = numberOf(fields['_SOURCE_MONOTONIC_TIMESTAMP']);
  const seconds =
    typeof fields['time'] === 'number' || fields['msg'] !== undefined ? numberOf(fields['time']) : undefined;
  const realtime = numberOf(fields['__REALTIME_TIMESTAMP']);
  const host = textOf(fields['_HOSTNAME'] ?? fields['hostname'] ?? fields['host']);
  const program = textOf(fields['SYSLOG_IDENTIFIER']);
  const bootId = textOf(fields['_BOOT_ID']);
  const bootUs = micros ?? (seconds === undefined ? undefined : Math.round(seconds * 1e6));
  const severity = numberOf(fields['PRIORITY']);
  return {
    text: text.replace(/\n$/, ''),
    offset,
    ...(host === undefined ? {} : { host }),
    ...(program === undefined ? {} : { program }),
    ...(bootUs === undefined ? {} : { bootUs }),
    ...(realtime === undefined ? {} : { observedAtMs: Math.trunc(realtime / 1000) }),
    ...(bootId === undefined ? {} : { bootId }),
    ...(severity === undefined ? {} : { severity }),
  };
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
