/**
 * The tokenizer of `key:value` lines: counters of Mem-Info, node and zone lines, memory.stat, kill lines.
 *
 *     free:8056kB min:80 48kB shmem_thp: 0kB inactive_anon18042 all_unreclaimable? yes
 *                 ^ a wrap that left a blank   ^ printed so  ^ a colon that the kernel forgot
 *
 * One pass over the words; nothing is looked at more than twice.
 */

import type { IssueCode } from '../tables/issues.ts';

export interface ScannedField {
  readonly key: string;
  readonly value: number;
  /** True when kB or KB follows. */
  readonly kb: boolean;
}

export interface FieldScan {
  readonly fields: ScannedField[];
  /** Words that are no field. */
  unread: number;
  /** Fields read in spite of damage. */
  repaired: number;
  /** The text ends within a field. */
  cut: boolean;
  /** `all_unreclaimable? yes` */
  allUnreclaimable?: boolean;
  /** Keys of fields whose numbers are too large to be any; they are not among the fields. */
  absurd?: readonly string[];
}

/** In bytes still a long for those who read the documents. A kernel that miscounts prints watermarks near it. */
const LARGEST = 2 ** 53 - 1;
/** Fields beyond this are noise; no kernel prints as many on a line. */
const MAX_FIELDS = 128;

const isBlank = (code: number): boolean => code === 32 || code === 44 || code === 9;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * Reads the fields of `text` from offset `from`. `isKnown` tells the labels of the block: they decide repairs.
 * `expectsKb`: values of this block carry kB, so a last value without it was cut.
 */
export function scanFields(
  text: string,
  from: number,
  isKnown: (key: string) => boolean,
  expectsKb: boolean,
): FieldScan {
  const scan: FieldScan = { fields: [], unread: 0, repaired: 0, cut: false };
  let end = text.length;
  while (end > from && isBlank(text.charCodeAt(end - 1))) end -= 1;
  // less and journalctl mark a cut line with `>`.
  if (end > from && text.charCodeAt(end - 1) === 62) {
    scan.cut = true;
    end -= 1;
  }
  let at = from;
  // A word that made no sense, and a key that waits for its value.
  let stray = '';
  let waiting: string | undefined;
  let lastWasField = false;
  while (at < end && scan.fields.length < MAX_FIELDS) {
    while (at < end && isBlank(text.charCodeAt(at))) at += 1;
    if (at >= end) break;
    let to = at;
    while (to < end && !isBlank(text.charCodeAt(to))) to += 1;
    const word = text.slice(at, to);
    at = to;
    lastWasField = false;
    const number = numberOf(word, 0);
    if (number) {
      if (waiting !== undefined) {
        scan.fields.push({ key: waiting, value: number.value, kb: number.kb });
        waiting = undefined;
        lastWasField = true;
        continue;
      }
      const previous = scan.fields.at(-1);
      if (previous && !previous.kb && number.kb && expectsKb && stray === '' && isDigit(word.charCodeAt(0))) {
        // min:80 48kB
        scan.fields[scan.fields.length - 1] = {
          key: previous.key,
          value: Number(`${previous.value}${number.digits}`),
          kb: true,
        };
        scan.repaired += 1;
        lastWasField = true;
        continue;
      }
    }
    if (waiting !== undefined) {
      scan.unread += 1;
      waiting = undefined;
    }
    if (word === 'yes' || word === 'no') {
      if (stray === 'all_unreclaimable?') {
        scan.allUnreclaimable = word === 'yes';
        stray = '';
        lastWasField = true;
        continue;
      }
    }
    const colon = word.lastIndexOf(':');
    if (colon > 0) {
      let key = word.slice(0, colon);
      if (stray !== '' && !isKnown(key) && isKnown(stray + key)) {
        key = stray + key;
        stray = '';
        scan.repaired += 1;
      }
      if (colon === word.length - 1) {
        waiting = key;
        scan.unread += stray === '' ? 0 : 1;
        stray = '';
        continue;
      }
      const value = numberOf(word, colon + 1);
      if (value) {
        scan.unread += stray === '' ? 0 : 1;
        stray = '';
        scan.fields.push({ key, value: value.value, kb: value.kb });
        lastWasField = true;
        continue;
      }
    } else {
      const bare = withoutColon(word);
      if (bare && isKnown(bare.key)) {
        scan.fields.push(bare);
        scan.repaired += 1;
        lastWasField = true;
        continue;
      }
    }
    scan.unread += stray === '' ? 0 : 1;
    stray = word;
  }
  if (stray !== '') scan.unread += 1;
  if (waiting !== undefined) {
    // `total-vm:` at the end of a line: the value is lost, the label is right.
    scan.cut = true;
    if (!isKnown(waiting)) scan.unread += 1;
  }
  if (!lastWasField && scan.unread > 0) scan.cut = true;
  const last = scan.fields.at(-1);
  if (
    expectsKb &&
    lastWasField &&
    last &&
    !last.kb &&
    last.key !== 'pages_scanned' &&
    scan.allUnreclaimable === undefined
  ) {
    // free:3624kB min:14
    scan.cut = true;
    scan.unread += 1;
    scan.fields.pop();
  }
  // A larger number is no count: damage, or a counter that fell below zero (18446744073709547520).
  const sane = scan.fields.filter(({ value }) => Math.abs(value) <= LARGEST);
  if (sane.length === scan.fields.length) return scan;
  const absurd = scan.fields.filter((field) => !sane.includes(field)).map(({ key }) => key);
  return { ...scan, fields: sane, absurd };
}

/** `-12`, `12kB`, `12KB` from offset `from` to the end of the word. */
function numberOf(word: string, from: number): { value: number; kb: boolean; digits: string } | undefined {
  let at = from;
  if (word.charCodeAt(at) === 45) at += 1;
  const start = at;
  while (isDigit(word.charCodeAt(at))) at += 1;
  if (at === start || at - start > 20) return undefined;
  const rest = word.length - at;
  const kb = rest === 2 && (word.charCodeAt(at) | 32) === 107 && word.charCodeAt(at + 1) === 66;
  if (rest !== 0 && !kb) return undefined;
  return { value: Number(word.slice(from, at)), kb, digits: word.slice(start, at) };
}

/** `inactive_anon18042` */
function withoutColon(word: string): ScannedField | undefined {
  let end = word.length;
  const kb = end > 2 && word.endsWith('B') && (word.charCodeAt(end - 2) | 32) === 107;
  if (kb) end -= 2;
  let start = end;
  while (start > 0 && isDigit(word.charCodeAt(start - 1))) start -= 1;
  if (start === end || start === 0 || end - start > 20) return undefined;
  return { key: word.slice(0, start), value: Number(word.slice(start, end)), kb };
}

/** Keeps a counter of an unknown name; at most 64 of them, and none that would shadow an object's own machinery. */
export function keepOther(holder: { other?: Record<string, number> }, key: string, value: number): void {
  if (key === '__proto__' || key.length > 64) return;
  holder.other ??= {};
  if (Object.keys(holder.other).length < 64) holder.other[key] = value;
}

/** What there is to say about the fields of a line. */
export function issuesOf(scan: FieldScan, isKnown: (key: string) => boolean): { code: IssueCode; detail?: string }[] {
  const unknown = scan.fields.find(({ key }) => !isKnown(key));
  return [
    ...(scan.repaired > 0 ? [{ code: 'value-repaired' as const }] : []),
    ...(unknown ? [{ code: 'field-unknown' as const, detail: unknown.key.slice(0, 80) }] : []),
  ];
}
