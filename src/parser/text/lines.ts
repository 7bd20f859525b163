/** A whole file as lines of kernel text. */
import type { LogLine } from '../../domain.ts';
import { type Stripped, stripPrefix } from '../../kernel/prefix.ts';
import { isHostOutput } from '../context/host-output.ts';
import { splitFused, splitKills, stampsLead } from './fused.ts';
import { headersLead, rejoinHeaders, splitHeaders } from './headers.ts';
import { documentEntries, type Entry, isJournal, journalEntries, jsonEntries, stampsOf } from './journal.ts';
import { rejoinObjects } from './json.ts';
import { inTimeOrder } from './order.ts';
import { type Dress, holdsAnchor, learnDresses, withoutDress } from './template.ts';
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
  const entries = documentEntries(text);
  if (entries) return inTimeOrder(entries.flatMap((entry) => entryLines(entry, source.path)));
  const physical = undress(text);
  if (isJournal(physical)) {
    return inTimeOrder(journalEntries(physical).flatMap((entry) => entryLines(entry, source.path)));
  }
  return inTimeOrder(prefixedLines(physical, source.path));
}

function prefixedLines(wrapped: readonly PhysicalLine[], path: string): FileLine[] {
  const physical = rejoinHeaders(rejoinObjects(wrapped));
  const wrapWidth = hardWrapWidth(physical);
  const stampsLeadLines = stampsLead(physical);
  const headersLeadLines = headersLead(physical);
  const splitLines = (text: string) =>
    splitFused(text, stampsLeadLines)
      .flatMap((piece) => splitHeaders(piece, headersLeadLines))
      .flatMap(splitKills);
  const dresses = learnDresses(
    physical.filter(({ text }) => holdsAnchor(text)).flatMap(({ text }) => splitLines(text)),
    physical.map(({ text }) => text),
  );
  const lines: FileLine[] = [];
  let host = '';
  let sincePrefixed = Number.POSITIVE_INFINITY;
  for (const line of physical) {
    const entries = line.text.includes('{"') ? jsonEntries(line) : [];
    if (entries.length > 0) {
      lines.push(...entries.flatMap((entry) => entryLines(entry, path)));
      continue;
    }
    const marks = {
      ...(line.width === wrapWidth ? { filled: true as const } : {}),
      ...(line.afterBlank ? { afterBlank: true as const } : {}),
    };
    for (const piece of splitLines(line.text)) {
      const stripped = strip(piece, dresses);
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

/** Strips the known prefix, then the file's own; an indent in front of a prefix belongs to neither. */
function strip(text: string, dresses: readonly Dress[]): Stripped {
  const stripped = stripKnown(text);
  for (const dress of dresses) {
    const rest = withoutDress(stripped.text, dress);
    if (rest !== undefined) return withoutEnd({ ...stripped, ...stripKnown(rest), prefixed: true });
  }
  return withoutEnd(stripped);
}

/** Ends of what encloses a whole log: its last line has one more than the others. */
const END = /(?:["']|`{1,3}|\[\/(?:code|CODE|pre|PRE|quote|QUOTE)\]|\{(?:code|noformat|quote)\})[,;\]}]{0,3} {0,8}$/;

const ENDS: ReadonlySet<string> = new Set(['"', "'", '`', ']', '}', ',', ';', ' ']);

function withoutEnd(stripped: Stripped): Stripped {
  const { text } = stripped;
  if (!ENDS.has(text.at(-1) ?? '')) return stripped;
  if (END.test(text.slice(-32))) return { ...stripped, text: text.replace(END, '') };
  // Terminals fill lines with blanks.
  return text.endsWith('  ') ? { ...stripped, text: text.trimEnd() } : stripped;
}

function stripKnown(text: string): Stripped {
  const stripped = stripPrefix(text);
  if (stripped.prefixed) return stripRelayed(stripped);
  if (text.charCodeAt(0) !== 32) return stripped;
  const inner = stripPrefix(text.trimStart());
  const says = inner.bootUs !== undefined || inner.headerParts !== undefined || inner.program !== undefined;
  return says ? stripRelayed(inner) : stripped;
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
  text.includes('#012') || text.includes('\\x0a') || text.includes('\\n')
    ? text.split(/#012|\\x0a|\\n(?= |Killed process )/)
    : [text];

/** The lines of a journal entry: its text may hold a prefix of its own, and newlines. */
function entryLines(entry: Entry, path: string): LogLine[] {
  if (entry.program !== undefined && !isKernel(entry.program)) return [];
  const lines: LogLine[] = [];
  const position = { topic: path, partition: 0, offset: entry.offset };
  for (const [index, text] of entry.text.split('\n').entries()) {
    const stripped = stripKnown(text);
    if (stripped.program !== undefined && !isKernel(stripped.program)) continue;
    for (const each of splitEscaped(stripped.text)) {
      if (each.trim() === '') continue;
      const host = (entry.host ?? stripped.host ?? '').toLowerCase();
      lines.push({ ...lineOf(each, stripped, host, position, index > 0), ...stampsOf(entry) });
    }
  }
  return lines;
}
