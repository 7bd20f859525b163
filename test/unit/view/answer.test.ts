import { describe, expect, it } from 'vitest';
import type { AnswerTable } from '../../../src/ports.ts';
import { answerScreen, spark } from '../../../src/view/index.ts';

describe('spark', () => {
  it.each([
    [[], ''],
    [[0, 0], '··'],
    [[1], '█'],
    [[0, 1, 2, 4, 8], '·▁▂▄█'],
    [[1, 1000], '▁█'],
  ])('draws %j as %s', (counts, line) => {
    expect(spark(counts)).toBe(line);
  });

  it('draws lines of one scale', () => {
    expect(spark([1, 2], 8)).toBe('▁▂');
  });
});

const table: AnswerTable = {
  complete: true,
  columns: [
    { name: 'victim', kind: 'text' },
    { name: 'reports', kind: 'number' },
    { name: 'largest_rss_bytes', kind: 'bytes' },
    { name: 'share', kind: 'ratio' },
    { name: 'last_seen', kind: 'time' },
  ],
  rows: [
    ['indexer', 12, 4_294_967_296, 0.5, '2026-08-03T01:02:03.456Z'],
    ['bad\u001b[2J', 3, null, 1 / 3, null],
  ],
};

const TREND: Omit<AnswerTable, 'rows'> = {
  complete: true,
  columns: [
    { name: 'time', kind: 'time' },
    { name: 'verdict', kind: 'text' },
    { name: 'reports', kind: 'number' },
  ],
};

describe('answerScreen', () => {
  it('shows a table with units, without anything that steers a terminal', () => {
    expect(answerScreen('Top victims', 'last 7d', table).split('\n')).toEqual([
      'Top victims, last 7d',
      '',
      'victim      reports  largest rss  share  last seen',
      'indexer          12      4.0 GiB   0.50  2026-08-03 01:02:03',
      'bad\\x1b[2J        3            -   0.33  -',
      '',
    ]);
  });

  it('says how many rows it leaves out', () => {
    const rows = Array.from({ length: 60 }, (_, i) => [`host${i}`, 2]);
    const screen = answerScreen('Hosts', 'last 7d', { columns: table.columns.slice(0, 2), rows, complete: true });
    expect(screen).toContain('host49');
    expect(screen).not.toContain('host50');
    expect(screen).toContain('and 10 more; --json prints them\n');
    const cut = answerScreen('Hosts', 'last 7d', { columns: table.columns.slice(0, 2), rows, complete: false });
    expect(cut).toMatch(/and 10 more.*\nThere may be more than these 60 rows: ask for less time.\n$/);
  });

  it('says that there is nothing', () => {
    expect(answerScreen('Hosts', 'last 7d', { ...table, rows: [] })).toBe('Hosts, last 7d\n\nNone.\n');
  });

  it('draws a line over time for each value, the most frequent first, and one for all', () => {
    const day = (n: number) => new Date(Date.UTC(2026, 7, n)).toISOString();
    const trend: AnswerTable = {
      ...TREND,
      rows: [
        [day(3), 'memcg-limit', 8],
        [day(3), 'fragmented', 2],
        [day(1), 'fragmented', 1],
      ],
    };
    const steps = { interval: 'day', starts: [1, 2, 3].map((n) => Date.UTC(2026, 7, n)) };
    expect(answerScreen('Trend', 'last 3d', trend, steps).split('\n').slice(2, 6)).toEqual([
      'verdict      reports  over time',
      'memcg-limit        8  ··█',
      'fragmented         3  ▁·▂',
      'all               11  ▁·█',
    ]);
  });

  it('draws ten years in a line that fits, and counts what lies beyond it', () => {
    const week = (n: number) => new Date(Date.UTC(2016, 7, 1 + 7 * n)).toISOString();
    const trend: AnswerTable = {
      ...TREND,
      rows: [
        ['2099-01-05T00:00:00.000Z', 'manual', 1],
        [week(519), 'manual', 4],
        [week(518), 'manual', 4],
        [week(0), 'manual', 1],
      ],
    };
    const steps = { interval: 'week', starts: Array.from({ length: 520 }, (_, n) => Date.parse(week(n))) };
    const [head, line, all] = answerScreen('Trend', 'last 3640d', trend, steps).split('\n').slice(2);
    expect(head).toBe('verdict  reports  over time, 6 weeks a mark');
    expect(line).toBe(`manual        10  ▁${'·'.repeat(85)}█`);
    expect(all).toBe(`all           10  ▁${'·'.repeat(85)}█`);
  });
});
