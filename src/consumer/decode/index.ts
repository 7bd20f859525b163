/** From one record to lines: what a shipper wrote, read without being told which shipper it was. */
import type { LogLine, Position, TimeSource } from '../../domain.ts';
import { openerIn } from '../../kernel/openers.ts';
import { wallMsOf } from '../../kernel/prefix/calendar.ts';
import { resolveYear, type Stripped, stripPrefix } from '../../kernel/prefix.ts';
import type { Decoded, UndecodableReason } from '../../ports.ts';
import { readAvro } from './avro.ts';
import { type Fields, fieldAt } from './fields.ts';
import { readJson } from './json.ts';
import { readKmsg } from './kmsg.ts';
import { findOpener } from './opener-search.ts';
import { KERN } from './priority.ts';
import type { Envelope, RawRecord } from './record.ts';
import { type TrustOptions, trustOf } from './trust.ts';

export { findOpener } from './opener-search.ts';
export type { RawRecord } from './record.ts';

export interface DecoderOptions extends TrustOptions {
  /** auto looks at the first bytes of each record. */
  readonly format: 'auto' | 'text' | 'json' | 'avro';
  /** Longer values are not decoded. */
  readonly maxBytes: number;
  /** Label to the path of the record's field: `{ cluster: 'fields.cluster' }`. JSON and Avro only. */
  readonly labels: Readonly<Record<string, string>>;
  /** Never throws: what is not UTF-8 becomes U+FFFD. */
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Decodes an Avro value (with or without the registry's header of five bytes); throws on what is none. */
  readonly avro?: (bytes: Uint8Array) => unknown;
}

export interface Decoder {
  /** What a record became; several lines where it holds line feeds. Never throws. */
  decode(record: RawRecord): Decoded[];
}

export function createDecoder(options: DecoderOptions): Decoder {
  return { decode: (record) => decodeRecord(record, options) };
}

const REGISTRY_MAGIC = 0x00;
const OPENING_BRACE = 0x7b;

interface Content {
  readonly envelope: Envelope;
  readonly fields?: Fields;
}

function decodeRecord(record: RawRecord, options: DecoderOptions): Decoded[] {
  const { value } = record;
  if (value === null || isBlank(value)) {
    return [undecodable(record, 'empty', value === null ? 'tombstone' : 'no characters')];
  }
  if (value.length > options.maxBytes) {
    return [undecodable(record, 'too-long', `${value.length} bytes, the limit is ${options.maxBytes}`)];
  }
  const content = readContent(value, options);
  if ('reason' in content) return [undecodable(record, content.reason, content.detail, content.shape)];
  return linesOf(record, content, options);
}

function readContent(
  value: Uint8Array,
  options: DecoderOptions,
): Content | { readonly reason: UndecodableReason; readonly detail: string; readonly shape?: string } {
  const { format, decodeUtf8 } = options;
  const isAvro = format === 'avro' || (format === 'auto' && value[0] === REGISTRY_MAGIC);
  if (isAvro) {
    const shape = 'avro';
    if (options.avro === undefined) return { reason: 'avro', detail: 'records.avro.schema is not set', shape };
    const read = readAvro(value, options.avro, decodeUtf8);
    return 'unreadable' in read ? { reason: read.unreadable, detail: read.detail, shape: read.shape ?? shape } : read;
  }
  if (isBinary(value)) return { reason: 'binary', detail: 'control characters among the first bytes' };
  const text = decodeUtf8(value);
  if (format === 'json' || (format === 'auto' && value[firstVisible(value)] === OPENING_BRACE)) {
    const read = readJson(text, decodeUtf8);
    return 'unreadable' in read ? { reason: read.unreadable, detail: read.detail, shape: read.shape ?? 'json' } : read;
  }
  return { envelope: readKmsg(text) ?? { shape: 'text', text } };
}

function linesOf(record: RawRecord, content: Content, options: DecoderOptions): Decoded[] {
  const { envelope } = content;
  const position: Position = { topic: record.topic, partition: record.partition, offset: record.offset };
  const texts = splitLines(envelope.text);
  const strip = textIsBare(envelope) ? bare : stripPrefix;
  const first = strip(texts[0] ?? '');
  // Where the envelope names a speaker, a header inside the text is only what that speaker wrote; and where the first
  // line names one, so are the headers of the lines below it.
  const named = envelope.facility !== undefined || envelope.program !== undefined;
  const speaker = named ? envelope : { ...envelope, ...headerSpeaker(texts[0] ?? '', first) };
  const trust = trustOf(speaker, options);
  const shape = envelope.shape === 'text' ? textShape(first) : envelope.shape;
  if (trust === undefined) {
    return texts.map((text) => ({ kind: 'foreign', position, spoof: openerIn(text) !== undefined, shape }));
  }
  const labels = content.fields === undefined ? undefined : labelsOf(content.fields, options.labels);
  const host = headerHost(record, options) ?? first.host ?? envelope.host ?? keyHost(record, options) ?? '';
  return texts.map((text, index) => {
    const own = index === 0 ? first : strip(text);
    const dated = own.wallMs !== undefined || own.headerStamp !== undefined ? own : first;
    const line: LogLine = {
      host: host.toLowerCase(),
      text: own.text,
      position,
      trust,
      ...timeOf(record, envelope, dated),
      headerStamp: dated.headerStamp ?? envelope.headerStamp,
      bootUs: own.bootUs ?? first.bootUs ?? envelope.bootUs,
      facility: speaker.facility ?? first.facility,
      severity: envelope.severity ?? own.severity ?? first.severity,
      callerId: own.callerId ?? first.callerId ?? envelope.callerId,
      bootId: envelope.bootId,
      hostId: envelope.hostId,
      labels,
    };
    return { kind: 'line', line, shape };
  });
}

/** Records of /dev/kmsg and of the journal's kernel transport hold the bare message: nothing in it is a prefix. */
const textIsBare = (envelope: Envelope): boolean => envelope.shape === 'kmsg' || envelope.transport === 'kernel';

const bare = (text: string): Stripped => ({ text, prefixed: false });

/** Who speaks by the header of a text line. */
function headerSpeaker(text: string, stripped: Stripped): { facility?: number; program?: string } {
  const pri = /^<(\d{1,3})>/.exec(text);
  if (pri) return { facility: Number(pri[1]) >> 3, program: stripped.program };
  // `kern.warn kernel:` without a PRI is words in the text, as good as a program name and no better.
  if (stripped.facility === KERN) return { program: 'kernel' };
  return { facility: stripped.facility, program: stripped.program };
}

/** The message's own full date first, then its stamp without a year, then the shipper's time, then Kafka's. */
function timeOf(
  record: RawRecord,
  envelope: Envelope,
  stripped: Stripped,
): { observedAtMs?: number; timeSource?: TimeSource } {
  if (stripped.wallMs !== undefined) return { observedAtMs: stripped.wallMs, timeSource: 'header' };
  const nearMs = envelope.timeMs ?? record.timestampMs;
  if (stripped.headerStamp !== undefined && stripped.headerParts !== undefined && nearMs !== undefined) {
    const year = resolveYear(stripped.headerStamp, nearMs);
    const observedAtMs = year === undefined ? undefined : wallMsOf({ ...stripped.headerParts, year });
    if (observedAtMs !== undefined) return { observedAtMs, timeSource: 'header' };
  }
  if (envelope.timeMs !== undefined) return { observedAtMs: envelope.timeMs, timeSource: 'envelope' };
  return record.timestampMs === undefined ? {} : { observedAtMs: record.timestampMs, timeSource: 'broker' };
}

function labelsOf(fields: Fields, paths: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const [label, path] of Object.entries(paths)) {
    const value = fieldAt(fields, path);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      labels[label] = String(value);
    }
  }
  return Object.keys(labels).length > 0 ? labels : undefined;
}

/** The lines of a text: line feeds, also as rsyslog escapes them (#012; #011 is a tab). Empty ones are left out. */
function splitLines(text: string): string[] {
  const lines = text.includes('#01') ? text.replaceAll('#012', '\n').replaceAll('#011', '\t') : text;
  if (!lines.includes('\n')) return [lines.endsWith('\r') ? lines.slice(0, -1) : lines];
  return lines
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => line.trim() !== '');
}

const textShape = (stripped: Stripped): string => {
  if (stripped.facility !== undefined) return 'syslog-pri';
  return stripped.host !== undefined || stripped.program !== undefined ? 'syslog' : 'bare';
};

/** The record header `host` overrides what the text says. */
function headerHost(record: RawRecord, options: DecoderOptions): string | undefined {
  const bytes = record.headers?.['host'];
  return bytes === undefined ? undefined : hostName(bytes, options);
}

/** The key is the host's name with most shippers; it counts only where nothing else names a host. */
function keyHost(record: RawRecord, options: DecoderOptions): string | undefined {
  return record.key === undefined ? undefined : hostName(record.key, options);
}

function hostName(bytes: Uint8Array, options: DecoderOptions): string | undefined {
  if (bytes.length === 0 || bytes.length > 255) return undefined;
  const text = options.decodeUtf8(bytes);
  return /^[A-Za-z0-9][A-Za-z0-9._:-]*$/.test(text) ? text : undefined;
}

function undecodable(record: RawRecord, reason: UndecodableReason, detail: string, shape?: string): Decoded {
  const position: Position = { topic: record.topic, partition: record.partition, offset: record.offset };
  const bytes = record.value ?? new Uint8Array(0);
  const holdsOpener = findOpener(bytes, 0, bytes.length) >= 0;
  const told = { reason, detail, bytes, holdsOpener, ...(shape === undefined ? {} : { shape }) };
  return { kind: 'undecodable', position, ...told };
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);

const isBlank = (value: Uint8Array): boolean => firstVisible(value) === value.length;

/** Index of the first byte that is neither white space nor a byte order mark. */
function firstVisible(value: Uint8Array): number {
  let at = value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf ? 3 : 0;
  while (at < value.length && isSpace(value[at])) at += 1;
  return at;
}

const SAMPLE_BYTES = 512;

/** More than a tenth of control characters at the beginning: no log text (a serial console may hold a few NULs). */
function isBinary(value: Uint8Array): boolean {
  const sample = Math.min(value.length, SAMPLE_BYTES);
  let controls = 0;
  for (let at = 0; at < sample; at += 1) {
    const byte = value[at] ?? 0;
    if (byte < 0x20 && !isSpace(byte) && byte !== 0x1b) controls += 1;
  }
  return controls * 10 > sample;
}
