/** Syslog headers that a re-flow of the text put in mid-line, or cut in two. */
import { stripPrefix } from '../../kernel/prefix.ts';
import type { PhysicalLine } from './undress.ts';

const DATE = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\\d{1,2}';
const CLOCK = '\\d\\d:\\d\\d:\\d\\d';
const HEADER = `${DATE} ${CLOCK} (?:[\\w.-]{1,64} )?(?:kernel: |\\[kernel\\] )`;

const STARTS = new RegExp(`^${HEADER}`);
const INSIDE = new RegExp(HEADER, 'g');
/** `Feb  4`, `Feb  4 16:15:15`, `Feb  4 16:15:15 db1` at the end of a line. */
const TAIL = new RegExp(`(?:^|[\\s)])(${DATE}(?: ${CLOCK}(?: [\\w.-]{1,64})?)?)\\s{0,4}$`);

/** A header is no longer. */
const WINDOW = 100;
/** More lines than this on one are no log. */
const MAX_PIECES = 10_000;

/**
 * Puts headers that were wrapped back together: what of one ends a line goes in front of the next.
 *
 *     __get_free_pages+0x39/0x47 Feb  4          __get_free_pages+0x39/0x47
 *     16:15:16 db1 kernel: copy_process     ->   Feb  4 16:15:16 db1 kernel: copy_process
 */
export function rejoinHeaders(lines: readonly PhysicalLine[]): readonly PhysicalLine[] {
  let moved: PhysicalLine[] | undefined;
  for (const [index, { text }] of lines.entries()) {
    const next = (moved ?? lines)[index + 1];
    const tail = next && !next.afterBlank ? TAIL.exec(text.slice(-WINDOW))?.[1] : undefined;
    if (!next || tail === undefined || STARTS.test(next.text)) continue;
    const whole = `${tail} ${next.text.trimStart()}`;
    if (!STARTS.test(whole)) continue;
    moved ??= [...lines];
    const line = moved[index];
    if (line) moved[index] = { ...line, text: line.text.slice(0, line.text.lastIndexOf(tail)) };
    moved[index + 1] = { ...next, text: whole };
  }
  return moved?.filter(({ text }) => text.trim() !== '') ?? lines;
}

/** So many lines with a header show where headers stand. */
const SAMPLE = 500;

/** True where headers of the kernel begin lines, and not only after a prefix of an unknown kind. */
export function headersLead(lines: readonly PhysicalLine[]): boolean {
  let seen = 0;
  let leading = 0;
  for (const { text } of lines) {
    const at = text.search(INSIDE);
    if (at < 0) continue;
    seen += 1;
    if (text.slice(0, at).trim() === '') leading += 1;
    if (seen === SAMPLE) break;
  }
  return leading * 8 > seen;
}

/**
 * One line without kernel stamps cut in front of each header of the kernel after the first. What another program or a
 * relay wrote in front of one stays whole: it quotes a line.
 *
 *     Feb  4 16:15:16 db1 kernel: Mem-info: Feb  4 16:15:16 db1 kernel: DMA per-cpu:
 *                                           ^ cut
 */
export function splitHeaders(text: string, headersLeadLines: boolean): string[] {
  INSIDE.lastIndex = 0;
  if (!headersLeadLines || !INSIDE.test(text)) return [text];
  const pieces: string[] = [];
  let from = 0;
  INSIDE.lastIndex = 0;
  for (let match = INSIDE.exec(text); match && pieces.length < MAX_PIECES; match = INSIDE.exec(text)) {
    const before = text.slice(from, match.index);
    if (before.trim() === '') continue;
    const { prefixed, program, text: rest } = stripPrefix(before);
    const isWhole = prefixed ? program === 'kernel' && rest.trim() !== '' : true;
    if (!isWhole) return [text];
    pieces.push(before);
    from = match.index;
  }
  pieces.push(text.slice(from));
  return pieces;
}
