/**
 * A dress of an unknown kind: found by what stands around lines that every report has, then taken off all lines. What
 * shippers, CI runners, spreadsheets and tools put around a line need not be known for that.
 *
 *     node7|kmsg|0001234| Mem-Info:
 *     ^ digits count as equal, whatever their number
 *     ts=2024-05-07T03:04:05Z level=warn msg="Mem-Info:"
 *                                                      ^ what stands behind such a line stands behind all
 */
import { stripPrefix } from '../../kernel/prefix.ts';

/** Texts with which kernel lines begin, whatever their numbers. */
const ANCHORS = [
  'Mem-Info:',
  'Mem-info:',
  'Call Trace:',
  'lowmem_reserve[]: ',
  'Free swap  = ',
  'Total swap = ',
  'Tasks state (memory values',
  'oom-kill:constraint=',
  'protections[]: ',
  'Free pages: ',
  'Swap cache: add ',
  'Out of memory: Kill',
  'Out of Memory: Kill',
  'Memory cgroup out of memory: Kill',
  'Killed process ',
  'Kernel panic - not syncing: ',
  'Hardware name: ',
  'memory+swap: usage ',
  'memory: usage ',
  'kmem: usage ',
  'Memory cgroup stats for ',
  'Task in /',
];

/** Whole lines: what follows them is none of the kernel's. */
const WHOLE =
  /(?:Mem-[Ii]nfo:|Call Trace:|lowmem_reserve\[\]:(?: \d{1,12}){2,8}|(?:Free|Total) swap {1,2}= -?\d{1,15}kB|\d{1,15} pages (?:RAM|reserved|in swap cache)|Tasks state \(memory values in pages\):|failcnt \d{1,20})/;

const MAX_PREFIX = 200;
const MAX_SUFFIX = 120;
/** So many shapes are tried on each line. */
const MAX_DRESSES = 4;

/** Shapes of what stands in front of the text and behind it; the last is empty where nothing does. */
export interface Dress {
  readonly prefix: string;
  readonly suffix: string;
}

const ANY_ANCHOR = new RegExp([...ANCHORS.map((text) => text.replace(/[[\](){}+]/g, '\\$&')), WHOLE.source].join('|'));

/** True for a line from which a dress can be learnt. */
export const holdsAnchor = (line: string): boolean => ANY_ANCHOR.test(line);

/**
 * The dresses that stand around at least two of the lines with an anchor, the longest prefix first; empty when there is
 * none. `all` are the lines of the file.
 */
export function learnDresses(lines: readonly string[], all: readonly string[] = lines): Dress[] {
  const counts = new Map<string, number>();
  let anchors = 0;
  for (const line of lines) {
    const around = aroundAnchor(line);
    if (around === undefined) continue;
    anchors += 1;
    const { before, after } = around;
    if (before === '' && after === '') continue;
    const key = JSON.stringify([leadingShape(before), shapeOf(after)]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= 2 && count * 8 >= anchors)
    .map(([key]) => dressOf(key))
    .filter((dress) => isMarked(dress) || standsAround(all, dress))
    .sort((a, b) => b.prefix.length - a.prefix.length || b.suffix.length - a.suffix.length)
    .slice(0, MAX_DRESSES);
}

function dressOf(key: string): Dress {
  const [prefix = '', suffix = ''] = JSON.parse(key) as string[];
  return { prefix, suffix };
}

/** What stands around an anchor, known prefixes left out. Undefined without one, and where kernel text stands there. */
function aroundAnchor(line: string): { before: string; after: string } | undefined {
  const anchor = ANCHORS.find((text) => line.includes(text));
  const whole = WHOLE.exec(line);
  if (anchor === undefined && whole === null) return undefined;
  const { text, prefixed } = stripPrefix(line);
  const at = anchor === undefined ? -1 : text.indexOf(anchor);
  const end = whole === null ? line.length : whole.index + whole[0].length;
  const after = line.slice(end);
  const kept = after.length > MAX_SUFFIX || !/^["'`|<{}[\]\\,]/.test(after.trimStart()) ? '' : after.trimEnd();
  if (at < 1) return { before: '', after: prefixed || at === 0 ? kept : '' };
  if (at > MAX_PREFIX) return undefined;
  const before = text.slice(0, ownStart(text, at));
  // The source that prints the line.
  if (/(?:pr_[a-z]{1,8}|printk|panic)\(/.test(before)) return undefined;
  // Node 0 active_anon: and the like are kernel text, as is what stands after blanks only.
  const isKernels = before.trim() === '' || /^\s*Node \d+ $|emory(?: \([^)]*\))?: $|\[ end $/.test(before);
  return { before: isKernels ? '' : before, after: kept };
}

/** Numbers alone might be the kernel's own. */
const isMarked = ({ prefix, suffix }: Dress): boolean => suffix !== '' || /[^0 ]/.test(prefix);

const standsAround = (lines: readonly string[], dress: Dress): boolean =>
  lines.filter((line) => withoutDress(line, dress) !== undefined).length * 10 >= lines.length * 9;

/** Where the file's own prefix ends: a known one may stand between it and the text, `node7|kmsg| [12.000001] Mem-Info:`. */
function ownStart(line: string, textAt: number): number {
  for (let at = 1; at < textAt; at += 1) {
    const { text, prefixed, ...said } = stripPrefix(line.slice(at, textAt));
    if (prefixed && text === '' && Object.keys(said).length > 0) return at;
  }
  return textAt;
}

/** Runs of digits and of blanks count as one. */
const shapeOf = (text: string): string => text.replace(/\d+/g, '0').replace(/ +/g, ' ');

/** `  99 ` and ` 100 ` are the same: line numbers are set flush right. */
const leadingShape = (before: string): string => shapeOf(before.trimStart());

/** The text in a dress of that shape; undefined when the line has another. Quotes that it escapes are read. */
export function withoutDress(line: string, { prefix, suffix }: Dress): string | undefined {
  const from = prefixEnd(line, prefix);
  if (from === undefined) return undefined;
  const to = suffixStart(line, suffix, from);
  if (to === undefined) return prefix === '' ? undefined : line.slice(from);
  const text = line.slice(from, to);
  return prefix.endsWith('"') && text.includes('"') ? text.replace(/\\"|""/g, '"') : text;
}

/** Offset after a prefix of the shape; the blanks after its last one are the text's own. */
function prefixEnd(line: string, shape: string): number | undefined {
  let at = 0;
  if (shape !== '' && shape.charCodeAt(0) !== 32) while (line.charCodeAt(at) === 32) at += 1;
  for (let index = 0; index < shape.length; index += 1) {
    const wanted = shape.charCodeAt(index);
    const isLast = index === shape.length - 1;
    const code = line.charCodeAt(at);
    if (wanted === 48) {
      const from = at;
      while (isDigit(line.charCodeAt(at))) at += 1;
      if (at === from) return undefined;
    } else if (wanted === 32) {
      if (code !== 32) return undefined;
      at += 1;
      if (!isLast) while (line.charCodeAt(at) === 32) at += 1;
    } else {
      // grep writes `messages:` in front of a line that it sought and `messages-` in front of those around it.
      if (code !== wanted && !(isLast && isGrepMark(wanted) && isGrepMark(code))) return undefined;
      at += 1;
    }
  }
  return at;
}

const isGrepMark = (code: number): boolean => code === 45 || code === 58;

/** Offset at which a suffix of the shape begins, not before `from`. */
function suffixStart(line: string, shape: string, from: number): number | undefined {
  let at = line.length;
  if (shape === '') return at;
  while (at > from && line.charCodeAt(at - 1) === 32) at -= 1;
  for (let index = shape.length - 1; index >= 0; index -= 1) {
    const wanted = shape.charCodeAt(index);
    const end = at;
    if (wanted === 48) while (at > from && isDigit(line.charCodeAt(at - 1))) at -= 1;
    else if (wanted === 32) while (at > from && line.charCodeAt(at - 1) === 32) at -= 1;
    else if (at > from && line.charCodeAt(at - 1) === wanted) at -= 1;
    if (at === end) return undefined;
  }
  return at;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
