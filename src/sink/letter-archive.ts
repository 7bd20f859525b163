/** Dead letters read back: what a storage offers, and what of it is still open. */
import type { LetterSummary, StoredLetter } from '../ports.ts';

/** Where an entry lies in its storage: a Kafka offset, or the offset in bytes of a line in a file (partition 0). */
export interface LetterPlace {
  readonly partition: number;
  readonly offset: number;
}

/** One entry of a storage. `key` is what a resolution names: the key of the record, or the id of the letter. */
export type LetterEntry = { readonly place: LetterPlace; readonly atMs?: number } & (
  | { readonly kind: 'letter'; readonly key: string; readonly letter: StoredLetter }
  /** Letters of the key up to the offset `through` are dealt with. */
  | { readonly kind: 'resolved'; readonly key: string; readonly through: number }
  /** Somebody else's; `detail` says why it is no letter. */
  | { readonly kind: 'foreign'; readonly detail: string; readonly bytes: Uint8Array }
);

/** What a resolution names. */
export interface LetterRange extends LetterPlace {
  readonly key: string;
}

export interface LetterArchive {
  /** For messages: `topic oomscope-dead-letters`. */
  readonly name: string;
  /** Every entry that lies there when it is called; each partition in order. */
  entries(): AsyncIterable<LetterEntry>;
  /** The entry at a place, undefined when it is gone. */
  entryAt(place: LetterPlace): Promise<LetterEntry | undefined>;
  /** Notes that the letters of these keys up to these places are dealt with. Resolves when that is durable. */
  resolve(ranges: readonly LetterRange[]): Promise<void>;
  close(): Promise<void>;
}

/** A letter that nothing has resolved: the fullest reading of its id, the later of two equals. */
export interface OpenLetter {
  readonly summary: LetterSummary;
  readonly place: LetterPlace;
  /** The last letter of the id on each partition; empty for what is no letter. */
  readonly ranges: readonly LetterRange[];
}

interface Newest {
  readonly key: string;
  readonly summary: LetterSummary;
  readonly version: number;
  readonly place: LetterPlace;
  readonly last: LetterPlace;
}

/**
 * The open letters of an archive, newest first. Holds a summary per id, not the documents. A letter that came after the
 * one that a resolution names stays open.
 */
export async function openLetters(archive: LetterArchive): Promise<OpenLetter[]> {
  const newest = new Map<string, Newest>();
  const foreign: OpenLetter[] = [];
  for await (const entry of archive.entries()) {
    const { place } = entry;
    if (entry.kind === 'foreign') {
      foreign.push({ summary: foreignSummary(archive, entry), place, ranges: [] });
      continue;
    }
    const slot = `${place.partition}/${entry.key}`;
    const before = newest.get(slot);
    if (entry.kind === 'resolved') {
      if (before && before.last.offset <= entry.through) newest.delete(slot);
      continue;
    }
    const summary = summaryOf(entry.letter, entry.atMs);
    const version = entry.letter.write?.version ?? 0;
    const isFuller = before === undefined || version >= before.version;
    newest.set(slot, { ...(isFuller ? { key: entry.key, summary, version, place } : before), last: place });
  }
  // One id has letters on two partitions when the topic was given more of them meanwhile.
  const byKey = Map.groupBy(newest.values(), ({ key }) => key);
  const letters = [...byKey.values()].flatMap((readings) => {
    const [fullest] = readings.toSorted((a, b) => b.version - a.version || timeOf(b.summary) - timeOf(a.summary));
    if (!fullest) return [];
    const ranges = readings.map(({ key, last }) => ({ key, ...last }));
    return [{ summary: fullest.summary, place: fullest.place, ranges }];
  });
  return [...letters, ...foreign].sort((a, b) => timeOf(b.summary) - timeOf(a.summary));
}

const timeOf = ({ atMs }: LetterSummary): number => atMs ?? 0;

/** A summary of what a letter says; `storedAtMs` is used for letters that state no time. */
function summaryOf(letter: StoredLetter, storedAtMs?: number): LetterSummary {
  const { write, bytes: _, ...rest } = letter;
  const atMs = letter.atMs ?? storedAtMs;
  return { ...rest, ...(atMs !== undefined && { atMs }), isRetriable: write !== undefined };
}

function foreignSummary({ name }: LetterArchive, entry: LetterEntry & { kind: 'foreign' }): LetterSummary {
  const { partition, offset } = entry.place;
  return {
    id: `${partition}/${offset}`,
    reason: 'unreadable',
    error: `not a letter of oomscope: ${entry.detail} (${name}, ${entry.bytes.byteLength} bytes)`,
    isRetriable: false,
    ...(entry.atMs !== undefined && { atMs: entry.atMs }),
  };
}
