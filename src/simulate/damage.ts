/** What transport does to a report: deterministic damage that says what it did, so that a test can demand its report. */
import { random } from './random.ts';
import { wrapAt } from './seed-twin.ts';

export type Damage =
  /** Hard line breaks every so many columns, inside words too. */
  | { readonly kind: 'wrap'; readonly columns: number }
  /** Lines that contain the text are lost. */
  | { readonly kind: 'lose'; readonly containing: string }
  /** So many lines, chosen by the seed, are lost. */
  | { readonly kind: 'lose-some'; readonly count: number }
  /** Everything before the first line that contains the text is lost, as from a full ring buffer. */
  | { readonly kind: 'lose-head'; readonly until: string }
  /** Everything from the first line that contains the text on is lost. */
  | { readonly kind: 'lose-tail'; readonly from: string }
  /** Longer lines are cut. */
  | { readonly kind: 'cut'; readonly columns: number }
  /** So many lines, chosen by the seed, are delivered twice. */
  | { readonly kind: 'duplicate'; readonly count: number }
  /** The given lines are strewn in. */
  | { readonly kind: 'foreign'; readonly lines: readonly string[] }
  /** Every line with a leading `> `, as many times as said. */
  | { readonly kind: 'quote'; readonly depth: number }
  /** Quoted-printable of mail: `=3D`, soft line ends at 76 columns. */
  | { readonly kind: 'quoted-printable' }
  /** An empty line after each line. */
  | { readonly kind: 'double-spaced' };

export interface Damaged {
  readonly lines: readonly string[];
  readonly lost: readonly string[];
  readonly cut: readonly string[];
  readonly duplicated: readonly string[];
  readonly foreign: readonly string[];
}

interface Step {
  lines: string[];
  lost?: string[];
  cut?: string[];
  duplicated?: string[];
  foreign?: string[];
}

/** `count` different indices below `length`, in ascending order. */
function chosen(length: number, count: number, seed: number): number[] {
  const generator = random(seed);
  const indices = new Set<number>();
  const wanted = Math.min(count, length);
  while (indices.size < wanted) indices.add(generator.int(0, length - 1));
  return [...indices].sort((a, b) => a - b);
}

function split(lines: readonly string[], isLost: (line: string, index: number) => boolean): Step {
  return { lines: lines.filter((line, index) => !isLost(line, index)), lost: lines.filter(isLost) };
}

/** RFC 2045 section 6.7 for ASCII text: `=` is escaped, lines end softly after 75 characters. */
function quotedPrintable(line: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const char of line) {
    const encoded = char === '=' ? '=3D' : char;
    if (piece.length + encoded.length > 75) {
      pieces.push(`${piece}=`);
      piece = '';
    }
    piece += encoded;
  }
  return [...pieces, piece];
}

function strew(lines: readonly string[], foreign: readonly string[], seed: number): Step {
  const places = chosen(lines.length, foreign.length, seed);
  const inserted: string[] = [];
  const result = lines.flatMap((line, index) => {
    const place = places.indexOf(index);
    const stranger = place < 0 ? undefined : foreign[place];
    if (stranger === undefined) return [line];
    inserted.push(stranger);
    return [line, stranger];
  });
  return { lines: result, foreign: inserted };
}

function step(lines: readonly string[], damage: Damage, seed: number): Step {
  switch (damage.kind) {
    case 'wrap':
      return { lines: wrapAt(lines, damage.columns) };
    case 'lose':
      return split(lines, (line) => line.includes(damage.containing));
    case 'lose-some': {
      const places = new Set(chosen(lines.length, damage.count, seed));
      return split(lines, (_, index) => places.has(index));
    }
    case 'lose-head': {
      const first = lines.findIndex((line) => line.includes(damage.until));
      return split(lines, (_, index) => index < first);
    }
    case 'lose-tail': {
      const first = lines.findIndex((line) => line.includes(damage.from));
      return split(lines, (_, index) => first >= 0 && index >= first);
    }
    case 'cut': {
      const cut = lines.filter((line) => line.length > damage.columns);
      return { lines: lines.map((line) => line.slice(0, damage.columns)), cut };
    }
    case 'duplicate': {
      const places = new Set(chosen(lines.length, damage.count, seed));
      return {
        lines: lines.flatMap((line, index) => (places.has(index) ? [line, line] : [line])),
        duplicated: lines.filter((_, index) => places.has(index)),
      };
    }
    case 'foreign':
      return strew(lines, damage.lines, seed);
    case 'quote':
      return { lines: lines.map((line) => `${'> '.repeat(damage.depth)}${line}`) };
    case 'quoted-printable':
      return { lines: lines.flatMap(quotedPrintable) };
    case 'double-spaced':
      return { lines: lines.flatMap((line) => [line, '']) };
  }
}

/** Applies the damages one after the other; the same seed does the same damage. */
export function applyDamage(lines: readonly string[], damages: readonly Damage[], seed = 1): Damaged {
  let current: readonly string[] = lines;
  const lost: string[] = [];
  const cut: string[] = [];
  const duplicated: string[] = [];
  const foreign: string[] = [];
  for (const [index, damage] of damages.entries()) {
    const done = step(current, damage, seed + index);
    current = done.lines;
    lost.push(...(done.lost ?? []));
    cut.push(...(done.cut ?? []));
    duplicated.push(...(done.duplicated ?? []));
    foreign.push(...(done.foreign ?? []));
  }
  return { lines: current, lost, cut, duplicated, foreign };
}

/** Two reports printed at once on two processors: their lines in turns, each report's own order kept. */
export function interleave(first: readonly string[], second: readonly string[], seed = 1): string[] {
  const generator = random(seed);
  const result: string[] = [];
  let a = 0;
  let b = 0;
  while (a < first.length || b < second.length) {
    const run = generator.int(1, 5);
    const fromFirst = b >= second.length || (a < first.length && generator.chance(0.5));
    const source = fromFirst ? first : second;
    const from = fromFirst ? a : b;
    result.push(...source.slice(from, from + run));
    if (fromFirst) a += run;
    else b += run;
  }
  return result;
}

/** The pieces in which the kernel sends a line: node and zone, each reserve, each count of free blocks with its letters. */
function piecesOf(record: string): string[] {
  const node = /^Node \d+ (?=[A-Z])/.exec(record)?.[0] ?? '';
  const rest = record.slice(node.length);
  const head = node === '' ? [] : [node];
  if (/^(?:lowmem_reserve|protections)\[\]:/.test(rest)) return rest.split(/(?= )/);
  if (/^\w+: \d+\*\d+kB /.test(rest)) return [...head, ...rest.split(/(?<= )/)];
  return /^\w+ free:/.test(rest) && node !== '' ? [node, rest] : [record];
}

/**
 * printk records of which some were torn: another processor's message came between two pieces of a line, and the rest
 * became a record of its own. Takes and gives records without prefix.
 */
export function tear(records: readonly string[], count: number, seed = 1): string[] {
  const generator = random(seed);
  const torn = records.flatMap((record, index) => (piecesOf(record).length > 1 ? [index] : []));
  const places = new Set(chosen(torn.length, count, seed).map((place) => torn[place]));
  return records.flatMap((record, index) => {
    if (!places.has(index)) return [record];
    const pieces = piecesOf(record);
    const cut = generator.int(1, pieces.length - 1);
    return [pieces.slice(0, cut).join(''), pieces.slice(cut).join('')];
  });
}
