import { describe, expect, it } from 'vitest';
import type { DocumentWrite } from '../../../src/ports.ts';
import { type LetterArchive, type LetterEntry, openLetters } from '../../../src/sink/letter-archive.ts';

const source = { topic: 'syslog', partition: 0, offset: 1 };
const positions = { first: source, last: source };

const letter = (key: string, offset: number, version = 1, partition = 0): LetterEntry => {
  const write: DocumentWrite = {
    id: key,
    index: 'oom-report-2026.09.01',
    version,
    document: {},
    supersedes: [],
    positions,
  };
  const stored = { id: key, reason: 'rejected', error: `version ${version}`, positions, write } as const;
  return { kind: 'letter', place: { partition, offset }, atMs: offset, key, letter: stored };
};
const resolved = (key: string, offset: number, through = offset, partition = 0): LetterEntry => ({
  kind: 'resolved',
  place: { partition, offset },
  key,
  through,
});

const archiveOf = (entries: readonly LetterEntry[]): LetterArchive => ({
  name: 'topic letters',
  async *entries() {
    yield* entries;
  },
  entryAt: async () => undefined,
  resolve: async () => {},
  close: async () => {},
});

const open = async (...entries: readonly LetterEntry[]) =>
  (await openLetters(archiveOf(entries))).map(({ summary, place, ranges }) => ({
    id: summary.id,
    offset: place.offset,
    ranges: ranges.map(({ partition, offset }) => `${partition}@${offset}`),
  }));

describe('the open letters', () => {
  it('stand once per id, newest first', async () => {
    expect(await open(letter('a', 0), letter('b', 1), letter('a', 2))).toEqual([
      { id: 'a', offset: 2, ranges: ['0@2'] },
      { id: 'b', offset: 1, ranges: ['0@1'] },
    ]);
  });

  it('show the fullest reading, also when a poorer one came after it', async () => {
    expect(await open(letter('a', 0, 9), letter('a', 1, 3))).toEqual([{ id: 'a', offset: 0, ranges: ['0@1'] }]);
  });

  it('lack what was resolved, until it is refused anew', async () => {
    expect(await open(letter('a', 0), resolved('a', 1), resolved('b', 2))).toEqual([]);
    expect(await open(letter('a', 0), resolved('a', 1), letter('a', 2))).toMatchObject([{ id: 'a', offset: 2 }]);
  });

  it('keep a letter that came between the reading and its resolution', async () => {
    expect(await open(letter('a', 0), letter('a', 1, 5), resolved('a', 2, 0))).toMatchObject([{ id: 'a', offset: 1 }]);
    expect(await open(letter('a', 0), letter('a', 1, 5), resolved('a', 2, 1))).toEqual([]);
  });

  it('of one id on two partitions are one, resolved on both', async () => {
    const two = [letter('a', 4, 1, 0), letter('a', 0, 2, 1)];
    expect(await open(...two)).toEqual([{ id: 'a', offset: 0, ranges: ['0@4', '1@0'] }]);
    expect(await open(...two, resolved('a', 5, 4, 0))).toEqual([{ id: 'a', offset: 0, ranges: ['1@0'] }]);
  });

  it('name records that are no letters, with nothing to resolve', async () => {
    const bytes = Buffer.from('hello');
    const foreign = { kind: 'foreign', place: { partition: 2, offset: 7 }, detail: 'it is not JSON', bytes } as const;
    const [found] = await openLetters(archiveOf([foreign]));
    expect(found).toMatchObject({ summary: { id: '2/7', reason: 'unreadable', isRetriable: false }, ranges: [] });
    expect(found?.summary.error).toBe('not a letter of oomscope: it is not JSON (topic letters, 5 bytes)');
  });
});
