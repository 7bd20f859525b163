import { describe, expect, it } from 'vitest';
import { readStart, topicsAtStart } from '../../../src/consumer/start.ts';
import { readTopicChoice } from '../../../src/consumer/topic-choice.ts';

describe('readStart', () => {
  it.each([
    ['earliest', { kind: 'earliest' }],
    ['latest', { kind: 'latest' }],
    ['2026-11-01', { kind: 'time', atMs: Date.UTC(2026, 10, 1) }],
    ['2026-11-01T06:00Z', { kind: 'time', atMs: Date.UTC(2026, 10, 1, 6) }],
    ['2026-11-01T06:00:00.250+02:00', { kind: 'time', atMs: Date.UTC(2026, 10, 1, 4, 0, 0, 250) }],
    ['1793512800000', { kind: 'time', atMs: 1_793_512_800_000 }],
  ])('reads %s', (text, expected) => {
    expect(readStart(text)).toEqual(expected);
  });

  it.each(['', 'newest', '1793512800', '2026-11-01T06:00', '2026-13-01', '1 Nov 2026', '-5'])('refuses %s', (text) => {
    expect(() => readStart(text)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('start: ') }),
    );
  });
});

describe('topicsAtStart', () => {
  const commitsOf = (topics: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(topics).map(([topic, offsets]) => ({
      topic,
      partitions: offsets.map((offset, partition) => ({ partition, offset })),
    }));
  const atStart = (
    items: readonly string[],
    topics: Readonly<Record<string, readonly string[]>>,
    absentAtFirst: readonly string[] = [],
  ): string[] => [
    ...topicsAtStart(commitsOf(topics), readTopicChoice(items, []), (topic) => !absentAtFirst.includes(topic)),
  ];

  it('takes topics that the group has never read', () => {
    expect(atStart(['a', 'b'], { a: ['-1', '-1'], b: ['-1'] })).toEqual(['a', 'b']);
    expect(atStart(['/^a/'], { a1: ['-1'], a2: ['-1'] })).toEqual(['a1', 'a2']);
  });

  it('leaves partitions that were added to a topic to its beginning', () => {
    expect(atStart(['a', 'b'], { a: ['7', '-1'], b: ['-1'] })).toEqual(['b']);
  });

  it('leaves a topic that came later to its beginning', () => {
    expect(atStart(['/^a/'], { a1: ['7'], a2: ['-1'] })).toEqual([]);
    expect(atStart(['a', '/^b/'], { a: ['-1'], b1: ['-1'] }, ['b1'])).toEqual(['a']);
  });

  it('takes a pattern or a name that was added to those that the group reads', () => {
    expect(atStart(['a', '/^b/'], { a: ['7'], b1: ['-1'] })).toEqual(['b1']);
    expect(atStart(['/^b/', 'a'], { a: ['-1'], b1: ['7'] })).toEqual(['a']);
  });

  it('knows that the commit -2 of the client is one', () => {
    expect(atStart(['a'], { a: ['-2'] })).toEqual([]);
  });
});
