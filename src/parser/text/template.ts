/**
 * A prefix of an unknown kind: found by what stands in front of lines that every report has, then taken off all lines.
 *
 *     node7|kmsg|0001234| Mem-Info:
 *     ^ the template: digits count as equal, whatever their number
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
  'Out of memory: Kill',
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

const MAX_PREFIX = 120;

/** The shape of the prefix that stands in front of at least two anchors; undefined when there is none. */
export function learnTemplate(lines: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const anchor = ANCHORS.find((text) => line.includes(text));
    if (anchor === undefined) continue;
    const at = line.indexOf(anchor);
    if (at < 2 || at > MAX_PREFIX || stripPrefix(line).prefixed) continue;
    const before = line.slice(0, ownStart(line, at));
    // Node 0 active_anon: and the like are kernel text, as is what stands after blanks only.
    if (before.trim() === '' || /^\s*Node \d+ $|emory(?: \([^)]*\))?: $/.test(before)) continue;
    const shape = shapeOf(before);
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  let best: string | undefined;
  for (const [shape, count] of counts) {
    if (count >= 2 && count > (best === undefined ? 0 : (counts.get(best) ?? 0))) best = shape;
  }
  return best;
}

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

/** The text after a prefix of the template's shape; undefined when the line has none. */
export function withoutTemplate(line: string, template: string): string | undefined {
  let at = 0;
  for (let index = 0; index < template.length; index += 1) {
    const wanted = template.charCodeAt(index);
    const isLast = index === template.length - 1;
    if (wanted === 48) {
      const from = at;
      while (isDigit(line.charCodeAt(at))) at += 1;
      if (at === from) return undefined;
    } else if (wanted === 32) {
      if (line.charCodeAt(at) !== 32) return undefined;
      at += 1;
      // The blanks after the separating one are the text's own.
      if (!isLast) while (line.charCodeAt(at) === 32) at += 1;
    } else {
      if (line.charCodeAt(at) !== wanted) return undefined;
      at += 1;
    }
  }
  return line.slice(at);
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
