/** Takes off what mail, web pages and terminals put on a log: quoting, quoted-printable, entities, colours, indents. */
import { type MailLine, withoutRemarks } from './remarks.ts';

/** A line of the file. */
export interface PhysicalLine {
  readonly text: string;
  /** 0-based number of its first physical line. */
  readonly offset: number;
  /** Its length in the file, indent included. */
  readonly width: number;
  /** A blank line stands in front of it, in a file that has few: nothing before continues here. */
  readonly afterBlank?: true;
}

/** The lines of a file without their dress. Blank lines are left out. */
export function undress(text: string): PhysicalLine[] {
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const raw = clean.split('\n');
  const quotedPrintable = isQuotedPrintable(clean, raw);
  const html = isHtml(clean);
  const mail: MailLine[] = [];
  let encoded: boolean = quotedPrintable;
  let blanks = 0;
  let answerBlank = false;
  let quotedBlank = false;
  for (let offset = 0; offset < raw.length; offset += 1) {
    const first = offset;
    const quoted = raw[offset]?.charCodeAt(0) === 62;
    const open = (at: number): string => unquote(withoutReturn(raw[at] ?? ''));
    let line = open(offset);
    encoded = quotedPrintable && (encodingOf(line) ?? encoded);
    if (encoded) {
      // A soft line end: `oom_sc=` goes on with the next line.
      while (encodingOf(line) && line.endsWith('=') && offset + 1 < raw.length && line.length < 65_536) {
        offset += 1;
        line = line.slice(0, -1) + open(offset);
      }
      line = decodeQuotedPrintable(line);
    }
    if (html) line = withoutHtml(line);
    // Converters write each line of a block of code between backticks: Mem-info: `` ``DMA per-cpu:
    if (line.includes('`` ``')) line = line.replace(/ ?`` {1,2}`` ?/g, '\n');
    line = withNewlines(line);
    for (const each of line.includes('\n') ? line.split('\n').map(withoutReturns) : [line]) {
      const text = plain(each);
      if (text.trim() === '') {
        blanks += 1;
        if (quoted) quotedBlank = true;
        else answerBlank = true;
        continue;
      }
      const afterBlank = answerBlank || quotedBlank ? { afterBlank: true as const } : {};
      const line = { text, offset: first, width: each.length, ...afterBlank };
      mail.push({ line, quoted, answerBlank, quotedBlank });
      answerBlank = false;
      quotedBlank = false;
    }
  }
  const lines = withoutRemarks(mail);
  // Some mailers put a blank line after each.
  return withoutIndent(blanks * 4 > lines.length ? lines.map(({ afterBlank: _, ...line }) => line) : lines);
}

/** So many escaped newlines make a line a whole log. */
const MIN_ESCAPED = 4;

/** A log in a string, as programs print it: `"Mem-Info:\nNode 0 DMA per-cpu:\n"`. JSON is read elsewhere. */
function withNewlines(line: string): string {
  if (!line.includes('\\n') || line.includes('{"')) return line;
  const lines = line.split(/(?:\\r)?\\n/);
  return lines.length > MIN_ESCAPED ? lines.join('\n').replace(/^\s{0,16}b?["']/, '') : line;
}

/** Quoted-printable line ends may be written out: `=0D=0A=`, `=0A=` and `=0D` in front of the next. */
const withoutReturns = (line: string): string => withoutReturn(line.charCodeAt(0) === 13 ? line.slice(1) : line);

/** Serial consoles end lines with several. */
function withoutReturn(line: string): string {
  let end = line.length;
  while (line.charCodeAt(end - 1) === 13) end -= 1;
  return line.slice(0, end);
}

/** `> > [ 1171.795551] Out of memory: ...`; no kernel text begins with `>`. */
const unquote = (line: string): string => (line.charCodeAt(0) === 62 ? line.replace(/^(?:> ?)+/, '') : line);

/** Longest line of quoted-printable text (RFC 2045, 6.7). */
const QP_WIDTH = 76;

/**
 * `=3D`, or blanks and soft ends at line ends together, or soft ends wherever a line is full. Journal exports hold
 * `KEY=20` for other reasons.
 */
function isQuotedPrintable(text: string, raw: readonly string[]): boolean {
  if (/^\s{0,16}MESSAGE=/m.test(text)) return false;
  if (text.includes('=3D')) return true;
  if (!/[^=\s]=\r?\n/.test(text)) return false;
  if (/=20\r?\n/.test(text)) return true;
  const lengths = raw.map((line) => unquote(withoutReturn(line)).length);
  const widest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (widest < 40 || widest > QP_WIDTH) return false;
  const full = raw.filter((_, index) => (lengths[index] ?? 0) >= widest - 3);
  const certain = full.length >= 2 || !/=(?![0-9A-F]{2}|\r?\n|$)/.test(text);
  return (
    certain && full.length > 0 && full.filter((line) => withoutReturn(line).endsWith('=')).length * 5 >= full.length * 4
  );
}

/**
 * Whether a line is quoted-printable; undefined where it does not tell. A mail may hold parts of both kinds, and
 * `task=java,pid=4503` means what it says in the one, `task=3Djava,pid=3D4503` in the other.
 */
function encodingOf(line: string): boolean | undefined {
  if (!line.includes('=')) return undefined;
  if (/=(?![0-9A-F]{2}|$)/.test(line)) return false;
  return /=3D|=$/.test(line) ? true : undefined;
}

function decodeQuotedPrintable(line: string): string {
  if (encodingOf(line) === false) return line;
  return line.replace(/(?:=[0-9A-F]{2})+/g, (codes) => {
    const bytes = codes
      .slice(1)
      .split('=')
      .map((code) => Number.parseInt(code, 16));
    return utf8(bytes);
  });
}

/** Bytes as UTF-8 text; what is not UTF-8 counts as Latin-1, as mail of that age mostly is. */
export function utf8(bytes: readonly number[]): string {
  let escaped = '';
  for (const byte of bytes) escaped += byte < 128 && byte !== 37 ? String.fromCharCode(byte) : `%${hex(byte)}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return String.fromCharCode(...bytes);
  }
}

const hex = (byte: number): string => (byte & 0xff).toString(16).padStart(2, '0');

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', nbsp: ' ' };
const ENTITY = /&(?:(lt|gt|amp|quot|nbsp)|#(\d{1,6})|#[xX]([0-9a-fA-F]{1,5}));/g;

/** The character of one entity; blanks of all kinds become plain ones. */
function characterOf(whole: string, name: string | undefined, decimal?: string, hex?: string): string {
  if (name !== undefined) return ENTITIES[name] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  if (code === 160) return ' ';
  return code >= 32 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

const isHtml = (text: string): boolean =>
  /&(?:lt|gt|amp|quot|nbsp|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});|<(?:br|pre|code|p|div)\b[^<>]{0,300}>/i.test(text);

const TAG = /<(\/?)(pre|code|br|p|div|span|font|tt|blockquote|td|tr|li)\b[^<>]{0,300}>/gi;
const LINE_ENDS: ReadonlySet<string> = new Set(['br', '/p', '/div', '/pre', '/tr', '/li']);

/** `&gt; Mem-Info:<br>` is a quoted line: tags go, some of them end a line, then entities are read. */
function withoutHtml(line: string): string {
  const bare = line.includes('<')
    ? line.replace(TAG, (_, slash: string, name: string) =>
        LINE_ENDS.has(`${slash}${name.toLowerCase()}`) ? '\n' : '',
      )
    : line;
  if (!bare.includes('&')) return bare;
  const text = bare.replace(ENTITY, characterOf);
  return text.split('\n').map(unquote).join('\n');
}

/** Without colours, NULs and tabs: `ESC[32m`, also as rsyslog's `#033[32m`. */
function plain(line: string): string {
  let out = line;
  if (out.includes('\u001b[')) out = out.replace(/\u001b\[[0-9;]{0,16}[A-Za-z]/g, '');
  // The escape character did not survive the paste, or was made visible.
  if (out.includes('m') && /\[\d{1,3}m|\^\[/.test(out)) out = out.replace(/(?:\^\[)?\[\d{1,3}(?:;\d{1,3}){0,4}m/g, '');
  if (out.includes('#033[')) out = out.replace(/#033\[[0-9;]{0,16}[A-Za-z]/g, '');
  // Markdown's emphasis around lines; `** 5 printk messages dropped **` has a blank behind the stars.
  if (out.includes('**')) out = out.replace(/^\*\*(?=[\w[<])/, '').replace(/(?<=[^\s*])\*\*$/, '');
  if (out.includes('\0')) out = out.replaceAll('\0', '');
  if (out.includes('#011')) out = out.replaceAll('#011', ' ');
  if (out.includes('\t')) out = out.replaceAll('\t', '    ');
  if (out.includes('\u00a0')) out = out.replaceAll('\u00a0', ' ');
  if (out.includes(' Time(s): ')) out = out.replace(/^\s{0,16}\d{1,9} Time\(s\): /, '');
  return out;
}

/** Forums indent code: the blanks that all lines share are none of the log's. */
function withoutIndent(lines: PhysicalLine[]): PhysicalLine[] {
  let shared = Number.POSITIVE_INFINITY;
  for (const { text } of lines) {
    let at = 0;
    while (text.charCodeAt(at) === 32) at += 1;
    shared = Math.min(shared, at);
    if (shared === 0) return lines;
  }
  return lines.map((line) => ({ ...line, text: line.text.slice(shared) }));
}
