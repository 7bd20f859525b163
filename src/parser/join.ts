/**
 * Puts hard-wrapped and continued lines back together.
 *
 * A piece belongs to the line before it when the two together read better than each alone. Whether a blank stood at the
 * wrap is decided the same way:
 *
 *     ... isolated(anon):0kB isolate      ... 0*1024kB 1*2048kB
 *     d(file):0kB present:15808kB ...     0*4096kB = 3560kB
 *     -> no blank: isolated(file)         -> a blank: two blocks
 */
import { holdsOpener } from '../kernel/openers.ts';
import type { Draft } from './draft.ts';
import { readLine } from './read.ts';
import type { Recognised } from './section.ts';

/** A logical line is never made of more pieces, nor longer. */
const MAX_PIECES = 64;
const MAX_JOINED = 16_384;

/** A line that waits for its continuation. */
export interface Pending {
  readonly text: string;
  readonly pieces: number;
  /** Its last piece fills the column at which the file is hard-wrapped. */
  readonly filled: boolean;
  readonly recognised: Recognised | undefined;
}

/** What may continue it. */
export interface Piece {
  readonly text: string;
  readonly filled?: true;
  readonly bare?: boolean;
}

export const pendingOf = (text: string, recognised: Recognised | undefined, filled: boolean): Pending => ({
  text,
  pieces: 1,
  filled,
  recognised,
});

/**
 * The pieces of lines that the kernel prints in several printk calls (up to 4.x), when each became a line of its own:
 * ` 869 32487`, `3*16kB `, `(UE) `, `= 3624kB`, `,task=x`, `,  order=0, oom_score_adj=0`, `(null)`.
 */
const FRAGMENT =
  /^(?: ?-?\d{1,15}(?: -?\d{1,15}){0,12} ?|\d{1,12}\*\d{1,9}kB .{0,400}|\([UEMRCIH]{1,6}\) ?|= \d{1,15}kB|,(?:cpuset|mems_allowed|oom_memcg|task_memcg|task|pid)=.{0,4096}|,global_oom.{0,4096}|,\s{1,2}order=.{0,80}|\(null\)|killed as a result of limit of .{1,4096})$/;

/** True for a text that can only continue a line. */
export function isFragment(text: string): boolean {
  const code = text.charCodeAt(0);
  const first = code === 32 ? text.charCodeAt(1) : code;
  // Digit, minus, parenthesis, equals, comma, k.
  const possible =
    (first >= 48 && first <= 57) || first === 45 || first === 40 || first === 61 || first === 44 || first === 107;
  return possible && text.length <= 4200 && FRAGMENT.test(text);
}

/** `Node 0 ` alone: the first printk of a zone or buddy line. */
const OPEN_HEAD = /^\s{0,40}(?:Node \d{1,4}|lowmem_reserve\[\]:|\S{1,15} cpuset=\S*|Task in \S+)\s*$/;

export const isOpenHead = (text: string): boolean => text.length < 300 && OPEN_HEAD.test(text);

const qualityOf = (recognised: Recognised | undefined): number => recognised?.reading.quality ?? 0;

/**
 * The line that `pending` and `piece` make together, or undefined when they read no better than apart. A piece that fills
 * the column of a hard wrap was cut in mid-word: then no blank stood there, and the next piece continues it unless that
 * reads worse. In files other wraps stand at blanks.
 */
export function joined(
  pending: Pending,
  piece: Piece,
  nextAlone: Recognised | undefined,
  draft: Draft | undefined,
  wholeFile: boolean,
): Pending | undefined {
  if (pending.pieces >= MAX_PIECES || pending.text.length + piece.text.length > MAX_JOINED) return undefined;
  const apart = qualityOf(pending.recognised) + Math.max(0, qualityOf(nextAlone));
  const make = (text: string, recognised: Recognised | undefined): Pending => ({
    text,
    pieces: pending.pieces + 1,
    filled: piece.filled === true,
    recognised,
  });
  const tight = `${pending.text}${piece.text}`;
  const tightRead = readLine(tight, draft);
  const tightQuality = qualityOf(tightRead);
  const hasBlank = pending.text.endsWith(' ') || piece.text.startsWith(' ');
  const spaced = hasBlank ? tight : `${pending.text} ${piece.text}`;
  const spacedRead = hasBlank ? tightRead : readLine(spaced, draft);
  const spacedQuality = qualityOf(spacedRead);
  // One number in two reads better by just one number, `0 32` + `11`; two fields in one lose both.
  const isTight = pending.filled && tightQuality + 2 >= spacedQuality;
  if (isTight && tightRead && tightQuality >= apart) return make(tight, tightRead);
  // A piece that nobody knows, without a prefix of its own, belongs to a line that was cut, if it does no harm there.
  const isName = tightRead?.section.unspaced === true && !piece.text.trim().includes(' ');
  const belongs = (piece.bare === true || isName) && !nextAlone && pending.recognised?.reading.cut === true;
  const least = belongs ? apart : apart + 1;
  const isTie =
    spacedQuality === tightQuality &&
    wholeFile &&
    !pending.filled &&
    !tightRead?.section.unspaced &&
    !/[-./=(_]$/.test(pending.text);
  if (spacedRead && spacedQuality >= least && (spacedQuality > tightQuality || isTie)) return make(spaced, spacedRead);
  if (tightRead && tightQuality >= least) return make(tight, tightRead);
  // A line of three pieces may mean nothing until its last.
  return pending.filled && !pending.recognised && !nextAlone ? make(tight, undefined) : undefined;
}

/** A bare piece put to a line that means nothing yet; read when the two together hold an opener. */
export function glued(pending: Pending, line: Piece): Pending | undefined {
  if (pending.pieces >= MAX_PIECES || pending.text.length + line.text.length > MAX_JOINED) return undefined;
  const blank = pending.filled || pending.text.endsWith(' ') || line.text.startsWith(' ') ? '' : ' ';
  const text = `${pending.text}${blank}${line.text}`;
  return {
    text,
    pieces: pending.pieces + 1,
    filled: line.filled === true,
    recognised: holdsOpener(text) ? readLine(text, undefined) : undefined,
  };
}
