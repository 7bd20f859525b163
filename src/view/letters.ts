/** Dead letters as an operator reads them: a line each, or one with all that it holds. */
import type { LetterSummary, StoredLetter } from '../ports.ts';
import { escapeJson, escapeTerminal } from './escape.ts';
import { labelled, table } from './layout.ts';

/** Widest text of an error in a list. */
const ERROR_WIDTH = 100;

/** Bytes of a record that a screen shows. */
const MOST_BYTES = 4_096;

const SCREEN_WIDTH = 110;
const LABEL_WIDTH = 12;

/** A line per letter, in the order given; `where` names what holds them. */
export function lettersScreen(where: string, letters: readonly LetterSummary[]): string {
  if (letters.length === 0) return `No dead letters: ${escapeTerminal(where)}.\n`;
  const rows = letters.map(({ id, atMs, reason, host, positions, error }) => [
    timeText(atMs),
    reason,
    escapeTerminal(host ?? '-'),
    escapeTerminal(id),
    positions ? sourceText(positions) : '-',
    firstSentence(error),
  ]);
  const counts = [...Map.groupBy(letters, ({ reason }) => reason)].map(([reason, some]) => `${some.length} ${reason}`);
  const total = `${letters.length} dead letters (${counts.join(', ')}): ${escapeTerminal(where)}.`;
  return `${[...table([HEADS, ...rows], new Set()), '', total].join('\n')}\n`;
}

const HEADS = ['time', 'reason', 'host', 'id', 'source', 'error'];

/** All that a letter holds: the document as indented JSON, the bytes of a record as text with what is unprintable escaped. */
export function letterScreen(summary: LetterSummary, letter: Pick<StoredLetter, 'write' | 'bytes'>): string {
  const { write, bytes } = letter;
  const parts: [string, string | undefined][] = [
    ['id', summary.id],
    ['time', timeText(summary.atMs)],
    ['reason', summary.reason],
    ['host', summary.host],
    ['error', summary.error],
    ['source', summary.positions && sourceText(summary.positions)],
    ['index', write && `${write.index}, version ${write.version}`],
    ['supersedes', write?.supersedes.map(({ id }) => id).join(', ') || undefined],
    ['what to do', remedyOf(summary)],
  ];
  const head = parts.flatMap(([label, text]) =>
    text === undefined ? [] : labelled(label, escapeTerminal(text), LABEL_WIDTH, SCREEN_WIDTH),
  );
  const body = [
    ...(write ? ['', escapeJson(JSON.stringify(write.document, null, 2))] : []),
    ...(bytes ? ['', ...bytesText(bytes)] : []),
  ];
  return `${[...head, ...body].join('\n')}\n`;
}

/** What an operator can do about a letter, in a sentence or two. */
export function remedyOf({ reason, positions, omitted, isRetriable }: LetterSummary): string {
  if (reason === 'unreadable' || !positions) return 'Nothing: it is not a letter of oomscope, and stays where it is.';
  if (isRetriable) return 'Mend what the error names, then `oomscope dead-letters retry` writes the document again.';
  const { topic, partition, offset } = positions.first;
  const again = `let the worker's group read ${topic}/${partition} again from offset ${offset} (docs/dead-letters.md): what is stored already does not change`;
  if (omitted?.what === 'document') {
    return `The document (${omitted.bytes} bytes) had no room in the dead letters, so it cannot be written from here. Mend what the error names, then ${again}.`;
  }
  return `One record is only a piece of a report, so it is not written by itself. Mend the options records.*, then ${again}.`;
}

/** `syslog/3@100-180`: topic, partition, first and last offset. */
function sourceText({ first, last }: StoredLetter['positions']): string {
  const start = `${first.topic}/${first.partition}@${first.offset}`;
  if (first.topic !== last.topic || first.partition !== last.partition) {
    return escapeTerminal(`${start}-${last.topic}/${last.partition}@${last.offset}`);
  }
  return escapeTerminal(first.offset === last.offset ? start : `${start}-${last.offset}`);
}

/** Seconds in UTC; any number of ms may stand in a letter. */
function timeText(atMs: number | undefined): string {
  const date = new Date(atMs ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? '-' : `${date.toISOString().slice(0, 19)}Z`;
}

function firstSentence(error: string): string {
  const end = error.indexOf('. ');
  const text = escapeTerminal(end < 0 ? error : error.slice(0, end));
  return text.length > ERROR_WIDTH ? `${text.slice(0, ERROR_WIDTH - 3)}...` : text;
}

/** ASCII as it is, all else as `\xNN`, broken into lines. */
function bytesText(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  let line = '';
  for (const byte of bytes.subarray(0, MOST_BYTES)) {
    if (line.length >= SCREEN_WIDTH - LABEL_WIDTH) {
      lines.push(line);
      line = '';
    }
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    line += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  const left = bytes.length - MOST_BYTES;
  return [...lines, line, ...(left > 0 ? [`and ${left} bytes more; --json has all of them, in base64`] : [])];
}
