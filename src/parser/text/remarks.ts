/** What the author of an answer wrote between the lines of a quoted log. */
import { holdsOpener } from '../../kernel/openers.ts';
import type { PhysicalLine } from './undress.ts';

/** A line with what its place in the mail was. */
export interface MailLine {
  readonly line: PhysicalLine;
  /** `>` stands in front of it. */
  readonly quoted: boolean;
  /** A blank line of the answer, not of what is quoted, stands in front of it. */
  readonly answerBlank: boolean;
  /** A blank line of what is quoted stands in front of it. */
  readonly quotedBlank: boolean;
}

/** Longer answers end the log. */
const MAX_LINES = 40;

const KERNEL_TEXT = /\d{1,15}kB|\[<|kernel: |^\s{0,16}\[ {0,8}\d|^\s{0,16}\[ {0,4}pid {0,4}\]/;

/**
 * The lines without remarks: paragraphs that are not quoted, stand in blank lines between quoted lines, and hold nothing
 * of the kernel's. What was quoted in front of one goes on behind it, in mid-line too.
 *
 *     > mapped:0kB shmem:238740kB slab_reclaimable:2160kB
 *
 *     That is a lot of shmem.
 *
 *     > slab_unreclaimable:1844kB kernel_stack:272kB
 */
export function withoutRemarks(lines: readonly MailLine[]): PhysicalLine[] {
  const kept: PhysicalLine[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const each = lines[at];
    if (!each) break;
    const end = each.quoted || !each.answerBlank || !lines[at - 1]?.quoted ? at : remarkEnd(lines, at);
    const after = lines[end];
    if (end === at || !after) {
      kept.push(each.line);
      continue;
    }
    const { afterBlank: _, ...line } = after.line;
    kept.push(after.quotedBlank || each.quotedBlank ? after.line : line);
    at = end;
  }
  return kept;
}

/** Index of the quoted line behind the remark that begins at `from`; `from` itself when it is none. */
function remarkEnd(lines: readonly MailLine[], from: number): number {
  for (let at = from; at < Math.min(lines.length, from + MAX_LINES); at += 1) {
    const each = lines[at];
    if (!each) break;
    if (each.quoted) return each.answerBlank ? at : from;
    if (holdsOpener(each.line.text) || KERNEL_TEXT.test(each.line.text)) return from;
  }
  return from;
}
