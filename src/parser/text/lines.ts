/** A whole file as lines of kernel text. */
import type { LogLine } from '../../domain.ts';
import { type Stripped, stripPrefix } from '../../kernel/prefix.ts';
import { isHostOutput } from '../context/host-output.ts';
import { splitFused, stampsLead } from './fused.ts';
import { dmesgEntries, type Entry, isJournal, journalEntries, jsonEntry, stampsOf } from './journal.ts';
import { learnTemplate, withoutTemplate } from './template.ts';
import { type PhysicalLine, undress } from './undress.ts';
import { hardWrapWidth } from './wrap.ts';

export interface TextSource {
  /** Becomes the topic of the positions. */
  readonly path: string;
}

/** A line of a file. */
export interface FileLine extends LogLine {
  /** It ends at the column at which the file is hard-wrapped: what follows continues it in mid-word. */
  readonly filled?: true;
  /** A blank line stands in front of it: it continues nothing. */
  readonly afterBlank?: true;
}

/** A line without a prefix is bare when one of so many lines before it had one. */
const NEIGHBOURS = 500;

/**
 * The kernel lines of a text, in whatever dress it comes: mail quoting, quoted-printable, HTML entities, journal JSON,
 * export or verbose form, escaped newlines, several lines on one. Position: topic = path, partition 0, offset = 0-based
 * number of the physical line. Lines that another program wrote are left out.
 */
export function linesOfText(text: string, source: TextSource = { path: '' }): FileLine[] {
  const dmesg = text.trimStart().startsWith('{') ? dmesgEntries(text) : undefined;
  if (dmesg) return dmesg.flatMap((entry) => entryLines(entry, source.path));
  const physical = undress(text);
  if (isJournal(physical)) return journalEntries(physical).flatMap((entry) => entryLines(entry, source.path));
  return prefixedLines(physical, source.path);
}

function prefixedLines(physical: readonly PhysicalLine[], path: string): FileLine[] {
  const wrapWidth = hardWrapWidth(physical);
  const template = learnTemplate(physical.map(({ text }) => text));
  const stampsLeadLines = stampsLead(physical);
  const lines: FileLine[] = [];
  let host = '';
  let sincePrefixed = Number.POSITIVE_INFINITY;
  for (const line of physical) {
    if (line.text.trimStart().startsWith('{"')) {
      const entry = jsonEntry(line);
      if (entry) {
        lines.push(...entryLines(entry, path));
        continue;
      }
    }
    const marks = {
      ...(line.width === wrapWidth ? { filled: true as const } : {}),
      ...(line.afterBlank ? { afterBlank: true as const } : {}),
    };
    for (const piece of splitFused(line.text, stampsLeadLines)) {
      const stripped = strip(piece, template);
      if (stripped.program !== undefined && !isKernel(stripped.program)) {
        sincePrefixed = 0;
        continue;
      }
      sincePrefixed = stripped.prefixed ? 0 : isHostOutput(piece) ? Number.POSITIVE_INFINITY : sincePrefixed + 1;
      if (stripped.host !== undefined) host = stripped.host.toLowerCase();
      const bare = !stripped.prefixed && sincePrefixed <= NEIGHBOURS;
      for (const each of splitEscaped(stripped.text)) {
        if (each.trim() === '') continue;
        const position = { topic: path, partition: 0, offset: line.offset };
        lines.push({ ...lineOf(each, stripped, host, position, bare), ...marks });
      }
    }
  }
  return namedHost(lines);
}

/** The first lines of a file may have lost their header: where one host is named, they are its. */
function namedHost(lines: FileLine[]): FileLine[] {
  const hosts = new Set(lines.map(({ host }) => host));
  if (hosts.size !== 2 || !hosts.delete('')) return lines;
  const [host] = hosts;
  return host === undefined ? lines : lines.map((line) => (line.host === '' ? { ...line, host } : line));
}

function lineOf(text: string, stripped: Stripped, host: string, position: LogLine['position'], bare: boolean): LogLine {
  return {
    host,
    text,
    position,
    trust: 'file',
    ...(stripped.wallMs === undefined ? {} : { observedAtMs: stripped.wallMs, timeSource: 'header' as const }),
    ...(stripped.headerStamp === undefined ? {} : { headerStamp: stripped.headerStamp }),
    ...(stripped.bootUs === undefined ? {} : { bootUs: stripped.bootUs }),
    ...(stripped.facility === undefined ? {} : { facility: stripped.facility }),
    ...(stripped.severity === undefined ? {} : { severity: stripped.severity }),
    ...(stripped.callerId === undefined ? {} : { callerId: stripped.callerId }),
    ...(bare ? { bare: true } : {}),
  };
}

const isKernel = (program: string): boolean => program === 'kernel' || program === 'klogd' || program === 'vmunix';

/** Strips the known prefix, else the file's own; an indent in front of a prefix belongs to neither. */
function strip(text: string, template: string | undefined): Stripped {
  const stripped = stripPrefix(text);
  if (stripped.prefixed) return stripRelayed(stripped);
  if (text.charCodeAt(0) === 32) {
    const inner = stripPrefix(text.trimStart());
    if (inner.bootUs !== undefined || inner.headerParts !== undefined || inner.program !== undefined) {
      return stripRelayed(inner);
    }
  }
  if (template === undefined) return stripped;
  const rest = withoutTemplate(text, template);
  if (rest === undefined) return stripped;
  const inner = stripPrefix(rest);
  return inner.prefixed ? stripRelayed(inner) : { text: rest, prefixed: true };
}

/**
 * What a relay was given had a prefix of its own, which tells more.
 *
 *     2023-04-05T06:07:08.123456789Z stdout F Sep 23 02:04:16 db1 kernel: [ 1772.850644] Mem-Info:
 *     ^ written by a container runtime        ^ its line
 */
function stripRelayed(outer: Stripped): Stripped {
  const stream = (outer.host === 'stdout' || outer.host === 'stderr') && /^[FP] /.test(outer.text);
  const { host: _, ...unnamed } = outer;
  const given: Stripped = stream ? { ...unnamed, text: outer.text.slice(2) } : outer;
  if (given.program !== undefined && !isKernel(given.program)) return given;
  const inner = stripPrefix(given.text);
  if (inner.bootUs === undefined && inner.headerParts === undefined && inner.program === undefined) return given;
  return { ...given, ...inner };
}

/** rsyslog writes an embedded newline as `#012`, /dev/kmsg as `\x0a`. */
const splitEscaped = (text: string): string[] =>
  text.includes('#012') || text.includes('\\x0a') || text.includes('\\n ') ? text.split(/#012|\\x0a|\\n(?= )/) : [text];

/** The lines of a journal entry: its text may hold a prefix of its own, and newlines. */
function entryLines(entry: Entry, path: string): LogLine[] {
  if (entry.program !== undefined && !isKernel(entry.program)) return [];
  const lines: LogLine[] = [];
  const position = { topic: path, partition: 0, offset: entry.offset };
  for (const [index, text] of entry.text.split('\n').entries()) {
    const stripped = stripPrefix(text);
    if (stripped.program !== undefined && !isKernel(stripped.program)) continue;
    for (const each of splitEscaped(stripped.text)) {
      if (each.trim() === '') continue;
      const host = (entry.host ?? stripped.host ?? '').toLowerCase();
      lines.push({ ...lineOf(each, stripped, host, position, index > 0), ...stampsOf(entry) });
    }
  }
  return lines;
}
