/** Looking up fields of a decoded JSON or Avro record, whatever their spelling. */
import { facilityOf, priOf, severityOf } from './priority.ts';
import type { Envelope } from './record.ts';
import { isSyslogStamp, timeMsOf } from './time.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at `log.syslog.hostname`: nested objects, or keys that hold dots themselves. */
export function fieldAt(fields: Fields, path: string): unknown {
  if (Object.hasOwn(fields, path)) return fields[path];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    const inner = Object.hasOwn(fields, head) ? fields[head] : undefined;
    if (!isFields(inner)) continue;
    const value = fieldAt(inner, path.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The first of the paths at which `read` finds something. */
export function firstOf<T>(
  fields: Fields,
  paths: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const path of paths) {
    const value = fieldAt(fields, path);
    if (value === undefined || value === null) continue;
    const found = read(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A string that is not empty; a field that journald saw several times is an array, of which the first counts. */
export function stringOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return stringOf(value[0]);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A host name or address: 6.x Filebeat's `source` is a path, and a relay may write words. */
const hostOf = (value: unknown): string | undefined => {
  const text = stringOf(value)?.trim();
  return text === undefined || text === '' || text === '-' || /[\s/]/.test(text) ? undefined : text;
};

/** A count of microseconds, written as a number or as a string of digits. */
export function microsecondsOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/**
 * The text of a field: a string, or the byte numbers as which journald writes what is not clean UTF-8, or several
 * strings where the field was set several times (then one line each).
 */
export function textOf(value: unknown, decodeUtf8: (bytes: Uint8Array) => string): string | undefined {
  if (!Array.isArray(value)) return typeof value === 'string' ? value : undefined;
  if (value.length > 0 && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) {
    return decodeUtf8(Uint8Array.from(value));
  }
  const texts = value.map((part) => textOf(part, decodeUtf8)).filter((text) => text !== undefined);
  return texts.length > 0 ? texts.join('\n') : undefined;
}

const TEXT = ['message', 'MESSAGE', 'log', 'msg', 'event.original'];
const HOST = [
  'log.syslog.hostname',
  'hostname',
  'logsource',
  'host.hostname',
  'host.name',
  'host',
  'HOST',
  '_HOSTNAME',
  'source',
];
const TIME = ['@timestamp', 'timestamp', 'ISODATE', 'time', '__REALTIME_TIMESTAMP'];
const PROGRAM = [
  'log.syslog.appname',
  'appname',
  'program',
  'ident',
  'PROGRAM',
  'SYSLOG_IDENTIFIER',
  'syslog.identifier',
  'process.name',
];
const SEVERITY = ['log.syslog.severity.code', 'PRIORITY', 'severity'];
const FACILITY = ['log.syslog.facility.code', 'facility', 'FACILITY', 'SYSLOG_FACILITY', 'syslog.facility'];

/** The fields of an envelope by the look-up order common to all shippers; undefined when there is no text. */
export function lookUp(shape: string, fields: Fields, decodeUtf8: (bytes: Uint8Array) => string): Envelope | undefined {
  const text = firstOf(fields, TEXT, (value) => textOf(value, decodeUtf8));
  if (text === undefined) return undefined;
  const pri = priOf(fields['pri']);
  const bootUs =
    firstOf(fields, ['_SOURCE_MONOTONIC_TIMESTAMP'], microsecondsOf) ??
    secondsAndMicroseconds(fields) ??
    firstOf(fields, ['__MONOTONIC_TIMESTAMP'], microsecondsOf);
  return {
    shape,
    text,
    host: firstOf(fields, HOST, hostOf),
    timeMs: firstOf(fields, TIME, timeMsOf),
    headerStamp: firstOf(fields, ['timestamp', 'time'], (value) => (isSyslogStamp(value) ? value : undefined)),
    program: firstOf(fields, PROGRAM, stringOf),
    severity: firstOf(fields, SEVERITY, severityOf) ?? (pri === undefined ? severityOf(fields['level']) : pri % 8),
    facility: firstOf(fields, FACILITY, facilityOf) ?? (pri === undefined ? undefined : pri >> 3),
    bootUs,
    bootId: firstOf(fields, ['_BOOT_ID', 'journald.host.boot_id'], stringOf),
    hostId: firstOf(fields, ['host.id', '_MACHINE_ID'], stringOf),
    transport: firstOf(fields, ['_TRANSPORT', 'systemd.transport'], stringOf),
    processOutput: isProcessOutput(fields),
  };
}

/** `"sec":12345,"usec":678901` of Fluent Bit's kmsg input. */
function secondsAndMicroseconds(fields: Fields): number | undefined {
  const { sec, usec } = fields;
  return typeof sec === 'number' && typeof usec === 'number' ? microsecondsOf(sec * 1_000_000 + usec) : undefined;
}

/** Container logs name the stream they were read from; all headers in such a text are the process's own claim. */
function isProcessOutput(fields: Fields): boolean {
  const { stream } = fields;
  return stream === 'stdout' || stream === 'stderr' || isFields(fields['kubernetes']);
}
