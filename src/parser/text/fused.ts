/** Log lines that share a physical line: fused by a lost newline, or re-flowed like prose. */
import { stripPrefix } from '../../kernel/prefix.ts';

const STAMP = /\[ {0,8}\d{1,10}\.\d{6}\]/g;
const HEADER_BEFORE =
  /(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})? (?:\S{1,64} )?(?:kernel: |\[kernel\] )|<\d{1,3}>)$/;

/** More lines than this on one are no log. */
const MAX_PIECES = 10_000;
/** A header in front of a stamp is no longer. */
const HEADER_WINDOW = 120;

/** So many lines with a stamp show where stamps stand. */
const SAMPLE = 500;

/** True where stamps begin lines, and not only after a prefix of an unknown kind: then one in mid-line begins another. */
export function stampsLead(lines: readonly { readonly text: string }[]): boolean {
  let stamped = 0;
  let leading = 0;
  for (const { text } of lines) {
    STAMP.lastIndex = 0;
    const first = STAMP.exec(text);
    if (!first) continue;
    stamped += 1;
    if (isPrefix(text, first.index + first[0].length)) leading += 1;
    if (stamped === SAMPLE) break;
  }
  return leading * 8 > stamped;
}

/**
 * One physical line cut in front of each stamp, and of the syslog header that belongs to it.
 *
 *     [12.000001] 0 pages in swap cache[12.000002] Free swap  = 0kB
 *                                      ^ cut
 *     pages_scanned:0 all_unreclaimable? no [  776.233602] Normal
 *                                           ^ cut, for the text in front of it has no stamp of its own
 */
export function splitFused(text: string, stampsLeadLines: boolean): string[] {
  STAMP.lastIndex = 0;
  const first = STAMP.exec(text);
  // `** 5 printk messages dropped ** [13.000000]` has two stamps and is one line.
  if (!first || text.includes('printk messages dropped')) return [text];
  const leads = !stampsLeadLines || isPrefix(text, first.index + first[0].length);
  const pieces: string[] = [];
  let from = 0;
  let at = leads ? first.index + first[0].length : 0;
  for (let count = 0; count < MAX_PIECES; count += 1) {
    STAMP.lastIndex = at;
    const next = STAMP.exec(text);
    if (!next) break;
    const header = HEADER_BEFORE.exec(text.slice(Math.max(from, next.index - HEADER_WINDOW), next.index));
    const cut = header ? next.index - header[0].length : next.index;
    if (cut > from) pieces.push(text.slice(from, cut));
    from = cut;
    at = next.index + next[0].length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

/** A line of the choice or the kill behind the end of another: of the victim's name, or of `or a child`. */
const KILL_INSIDE = /(?<=[)d])(?=(?:Out of [Mm]emory: [Kk]ill(?:ed)? process|[Kk]illed process) \d{1,9} \()/;

/** `Killed process 12 (sh)Out of memory: kill process 14 (vi) score 9 or a child` is two lines. */
export const splitKills = (text: string): string[] => (text.includes('ill') ? text.split(KILL_INSIDE) : [text]);

/** True when all in front of `end` is the prefix of the line. */
function isPrefix(text: string, end: number): boolean {
  const from = text.length - text.trimStart().length;
  const { text: rest } = stripPrefix(text.slice(from));
  return text.length - rest.length >= end || text.slice(from, end).startsWith('[');
}
