/**
 * The dress of a kernel message: what consoles, log files and shippers put around it.
 *
 * A message is one printk record (its text may hold newlines) or one line of a userland program. `renderMessage` gives
 * the lines or Kafka record values that it becomes; styles that carry the kernel log alone give none for userland.
 */
import { journalJson, recordJson } from './record-json.ts';

export interface Message {
  readonly host: string;
  /** ms since the epoch. */
  readonly atMs: number;
  /** Microseconds since boot. */
  readonly bootUs: number;
  readonly facility: number;
  readonly severity: number;
  /** 'kernel' for the kernel's own messages. */
  readonly program: string;
  /** Process id of a userland program. */
  readonly pid?: number;
  readonly text: string;
  /** `T123` or `C0`, printed by the style 'dmesg-caller' and by kmsg. */
  readonly callerId?: string;
  /** Sequence number of the printk record. */
  readonly sequence?: number;
  readonly bootId?: string;
  readonly machineId?: string;
}

export const STYLES = [
  'bare',
  'dmesg',
  'dmesg-indented',
  'dmesg-caller',
  'dmesg-raw',
  'dmesg-human',
  'kmsg',
  'metalog',
  'rfc3164-file',
  'rfc3164-file-no-stamp',
  'imjournal-file',
  'iso-file',
  'rfc3164-wire',
  'rfc5424',
  'rsyslog-kafka',
  'syslog-ng-kafka',
  'journal-json',
  'filebeat-json',
  'fluent-bit-json',
  'vector-json',
  'syslog-ng-json',
] as const;
export type Style = (typeof STYLES)[number];

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const clock = (date: Date): string => date.toISOString().slice(11, 19);

/** `Sep  3 02:04:16`, in UTC. */
export function rfc3164Stamp(atMs: number): string {
  const date = new Date(atMs);
  return `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock(date)}`;
}

/** `Tue Sep 23 02:04:16 2014`, in UTC. */
function humanStamp(atMs: number): string {
  const date = new Date(atMs);
  return `${DAYS[date.getUTCDay()]} ${rfc3164Stamp(atMs)} ${date.getUTCFullYear()}`;
}

/** `2026-11-23T04:01:02+00:00` */
const isoSeconds = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}+00:00`;

/** `2026-11-23T04:01:02.123000+00:00` */
const isoMicros = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 23)}000+00:00`;

/** `[ 1772.850644] `: seconds in five columns and six digits of microseconds. */
export function bootStamp(bootUs: number): string {
  const seconds = String(Math.trunc(bootUs / 1e6)).padStart(5);
  return `[${seconds}.${String(bootUs % 1e6).padStart(6, '0')}] `;
}

const priority = (message: Message): number => message.facility * 8 + message.severity;

const isKernel = (message: Message): boolean => message.facility === 0;

/** `kernel: ` or `sshd[812]: `. */
const tag = (message: Message): string =>
  message.pid === undefined ? `${message.program}: ` : `${message.program}[${message.pid}]: `;

/** The kernel stamps its own lines; programs do not. */
const stamp = (message: Message): string => (isKernel(message) ? bootStamp(message.bootUs) : '');

/** Every line of a record gets the same prefix, as kernel consoles and syslog(2) do. */
const prefixed = (message: Message, prefix: string): string[] =>
  message.text.split('\n').map((line) => `${prefix}${line}`);

/** Bytes below 0x20, from 0x7f on, and the backslash become `\xNN` (kernel/printk msg_print_ext_body). */
function escapeKmsg(text: string): string {
  const escaped = text.replace(/[^\x20-\x7e]|\\/gu, (char) => {
    if (char === '\\') return '\\x5c';
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
    return encodeURIComponent(char).toLowerCase().replaceAll('%', '\\x');
  });
  return escaped;
}

const syslogLine = (message: Message): string =>
  `${rfc3164Stamp(message.atMs)} ${message.host} ${tag(message)}${stamp(message)}`;

const rfc5424Head = (message: Message): string => {
  const pid = message.pid ?? '-';
  return `<${priority(message)}>1 ${isoMicros(message.atMs)} ${message.host} ${message.program} ${pid} - - `;
};

/** One message per line of the text, for the shapes whose input was syslog. */
const perLine = (message: Message): Message[] =>
  message.text.split('\n').map((text) => ({ ...message, text: `${stamp(message)}${text}` }));

/** The lines, or the values of the Kafka records, that a message becomes. */
export function renderMessage(message: Message, style: Style): string[] {
  switch (style) {
    case 'bare':
      return isKernel(message) ? message.text.split('\n') : [];
    case 'dmesg':
      return isKernel(message) ? prefixed(message, bootStamp(message.bootUs)) : [];
    case 'dmesg-indented': {
      if (!isKernel(message)) return [];
      const prefix = bootStamp(message.bootUs);
      const [first = '', ...rest] = message.text.split('\n');
      return [`${prefix}${first}`, ...rest.map((line) => `${' '.repeat(prefix.length)}${line}`)];
    }
    case 'dmesg-caller': {
      if (!isKernel(message)) return [];
      const caller = `[${(message.callerId ?? 'T1').padStart(6)}] `;
      return prefixed(message, `${bootStamp(message.bootUs).trimEnd()}${caller}`);
    }
    case 'dmesg-raw':
      return isKernel(message) ? prefixed(message, `<${priority(message)}>${bootStamp(message.bootUs)}`) : [];
    case 'dmesg-human':
      return isKernel(message) ? prefixed(message, `[${humanStamp(message.atMs)}] `) : [];
    case 'kmsg': {
      const caller = message.callerId === undefined ? '' : `,caller=${message.callerId}`;
      const head = `${priority(message)},${message.sequence ?? 0},${message.bootUs},-${caller};`;
      return [`${head}${escapeKmsg(isKernel(message) ? message.text : `${tag(message)}${message.text}`)}`];
    }
    case 'metalog':
      return prefixed(message, `${rfc3164Stamp(message.atMs)} [${message.program}] ${stamp(message)}`);
    case 'rfc3164-file':
      return prefixed(message, syslogLine(message));
    case 'rfc3164-file-no-stamp':
      return prefixed(message, `${rfc3164Stamp(message.atMs)} ${message.host} ${tag(message)}`);
    case 'imjournal-file': {
      // imjournal drops leading blanks and writes embedded newlines as #012.
      const text = message.text.trimStart().replaceAll('\n', '#012');
      return [`${rfc3164Stamp(message.atMs)} ${message.host} ${tag(message)}${text}`];
    }
    case 'iso-file':
      return prefixed(message, `${isoMicros(message.atMs)} ${message.host} ${tag(message)}${stamp(message)}`);
    case 'rfc3164-wire':
      return prefixed(message, `<${priority(message)}>${syslogLine(message)}`);
    case 'rfc5424':
      return prefixed(message, `${rfc5424Head(message)}${stamp(message)}`);
    case 'rsyslog-kafka':
    case 'syslog-ng-kafka': {
      // The default template of omkafka ends each record with a newline, that of syslog-ng does not.
      const end = style === 'rsyslog-kafka' ? '\n' : '';
      const prefix = `${isoSeconds(message.atMs)} ${message.host} ${tag(message)}${stamp(message)}`;
      return prefixed(message, prefix).map((line) => `${line}${end}`);
    }
    case 'journal-json':
      return [journalJson(message)];
    case 'filebeat-json':
      return prefixed(message, syslogLine(message)).map((line) => recordJson({ ...message, text: line }, style));
    case 'fluent-bit-json':
    case 'vector-json':
    case 'syslog-ng-json':
      return perLine(message).map((line) => recordJson(line, style));
  }
}

/** Where and when a report is printed. */
export interface Occasion {
  readonly host: string;
  readonly startMs: number;
  readonly bootUs: number;
  readonly callerId?: string;
  readonly bootId?: string;
  readonly machineId?: string;
}

/** printk records as messages of one host: each takes the kernel a few microseconds. */
export function messagesOf(records: readonly string[], occasion: Occasion): Message[] {
  return records.map((text, index) => {
    const elapsedUs = index * 4 + Math.trunc(index / 8);
    return {
      ...occasion,
      atMs: occasion.startMs + Math.trunc(elapsedUs / 1000),
      bootUs: occasion.bootUs + elapsedUs,
      facility: 0,
      severity: text.startsWith('Killed process') || text.includes(': Killed process') ? 3 : 4,
      program: 'kernel',
      text,
      sequence: 4000 + index,
    };
  });
}

/** printk records (see `printRecords`) as the lines or record values of one style. */
export const render = (records: readonly string[], style: Style, occasion: Occasion): string[] =>
  messagesOf(records, occasion).flatMap((message) => renderMessage(message, style));
