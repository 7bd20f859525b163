import { describe, expect, it } from 'vitest';
import { openReportDatabase } from '../../../src/clients/sqlite.ts';
import { toHostWrite, toWrite } from '../../../src/document/index.ts';
import { systemClock } from '../../../src/ops/index.ts';
import { createSqliteSink } from '../../../src/sink/index.ts';
import {
  askDatabase,
  findQuestion,
  intervalOf,
  intervalStart,
  QUESTIONS,
  type Question,
} from '../../../src/store/index.ts';
import { dslOf, esqlOf, kqlOf, readDsl, readEsql, sqlOf, tableOf } from '../../../src/store/questions/index.ts';
import { fullAnalysis, fullReport, SAMPLE_MS } from '../../support/reports.ts';

const DAY_MS = 86_400_000;
const period = { fromMs: SAMPLE_MS - DAY_MS, toMs: SAMPLE_MS + DAY_MS, interval: 'day' } as const;

const questionOf = (name: string): Question => {
  const question = findQuestion(name);
  if (!question) throw new Error(name);
  return question;
};

describe('the questions', () => {
  it('have names of their own and count reports first', () => {
    expect(new Set(QUESTIONS.map(({ name }) => name)).size).toBe(QUESTIONS.length);
    for (const { measures, groups, conditions } of QUESTIONS) {
      expect(measures[0]).toMatchObject({ name: 'reports', kind: 'count' });
      expect(groups.length).toBeGreaterThan(0);
      expect(conditions.length).toBeGreaterThan(0);
      const names = [...groups, ...measures].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('ask the inventory whatever the period, and count its hosts as none of the reports', async () => {
    const database = openReportDatabase(':memory:');
    const sink = createSqliteSink(database, systemClock);
    const facts = { host: 'db07', source: 'boot', isWhole: true, trust: 'facility', highmem: true } as const;
    const position = { topic: 'x', partition: 0, offset: 0 };
    const host = toHostWrite({
      ...facts,
      seenAtMs: SAMPLE_MS - 900 * DAY_MS,
      positions: { first: position, last: position },
    });
    if (!host) throw new Error('no host');
    await sink.write(host);
    const answer = askDatabase(database, questionOf('at-risk'), period);
    expect(answer.rows.map((row) => row.slice(0, 3))).toEqual([['db07', 0, 0]]);
    expect(askDatabase(database, questionOf('hosts'), period).rows).toEqual([]);
    database.close();
  });

  it('quote what they compare with, in every language', () => {
    const hostile: Question = {
      name: 'x',
      title: '',
      meaning: '',
      conditions: [{ field: 'process.name', is: `a"b'c\\` }],
      groups: [{ name: 'host', field: 'host.name' }],
      measures: [{ name: 'reports', kind: 'count' }],
    };
    expect(kqlOf(hostile)).toBe(`process.name : "a\\"b'c\\\\"`);
    expect(esqlOf(hostile, period)).toContain(`process.name == "a\\"b'c\\\\"`);
    expect(sqlOf(hostile, period)).toContain(`'a"b''c\\'`);
    const database = openReportDatabase(':memory:');
    expect(askDatabase(database, hostile, period).rows).toEqual([]);
    database.close();
  });
});

describe('a period', () => {
  it.each([
    [DAY_MS, 'hour'],
    [7 * DAY_MS, 'day'],
    [400 * DAY_MS, 'week'],
  ])('of %d ms is told by the %s', (span, interval) => {
    expect(intervalOf(span)).toBe(interval);
  });

  it('begins its weeks on Monday', () => {
    const sunday = Date.UTC(2026, 10, 22, 23, 59);
    expect(new Date(intervalStart(sunday, 'week')).toISOString()).toBe('2026-11-16T00:00:00.000Z');
    expect(new Date(intervalStart(sunday + 60_000, 'week')).toISOString()).toBe('2026-11-23T00:00:00.000Z');
  });
});

describe('an answer that is cut', () => {
  const trend = questionOf('kernel-trend');
  const rows = (days: number, kernels: number): (string | number)[][] =>
    Array.from({ length: days * kernels }, (_, i) => [
      new Date(SAMPLE_MS + Math.trunc(i / kernels) * DAY_MS).toISOString(),
      `5.15.${i % kernels}`,
      1,
      1,
    ]);

  it('lacks the oldest of a trend, and says that there may be more', () => {
    const whole = tableOf(trend, rows(60, 30));
    expect(whole.rows.length).toBe(1800);
    expect(whole.complete).toBe(true);
    const cut = tableOf(trend, rows(400, 30));
    expect(cut.complete).toBe(false);
    expect(cut.rows.length).toBe(10_000);
    expect(cut.rows[0]?.[0]).toBe(new Date(SAMPLE_MS + 399 * DAY_MS).toISOString());
    expect(cut.rows.at(-1)?.[0]).toBe(new Date(SAMPLE_MS + 66 * DAY_MS).toISOString());
  });

  it('asks every language for the newest first', () => {
    expect(esqlOf(trend, period)).toContain('| SORT time DESC, reports DESC, kernel ASC\n| LIMIT 10000');
    expect(sqlOf(trend, period)).toContain('ORDER BY "time" DESC, "reports" DESC, "kernel" ASC\nLIMIT 10000');
  });
});

describe('the readers', () => {
  it('take an answer without buckets and one of another shape as empty', () => {
    for (const question of QUESTIONS) {
      for (const body of [{}, { aggregations: {} }, null, 'no']) {
        expect(readDsl(question, body).rows).toEqual([]);
        expect(readEsql(question, body).rows).toEqual([]);
      }
    }
  });

  it('read ES|QL by the names of its columns', () => {
    const body = { columns: [{ name: 'reports' }, { name: 'holder' }], values: [[2, 'slab']] };
    expect(readEsql(questionOf('lowmem'), body).rows).toEqual([['slab', 2, null, null, null, null]]);
  });
});

describe('askDatabase', () => {
  it('counts what lies in the period, once per document', async () => {
    const database = openReportDatabase(':memory:');
    const sink = createSqliteSink(database, systemClock);
    const at = (id: string, timestampMs: number) => ({ identity: { id, version: 1024, timestampMs } });
    await sink.write(toWrite(fullReport(), fullAnalysis(at('a', SAMPLE_MS))));
    await sink.write(toWrite(fullReport(), fullAnalysis(at('b', SAMPLE_MS + 1))));
    await sink.write(toWrite(fullReport(), fullAnalysis(at('late', SAMPLE_MS + 2 * DAY_MS))));
    const rowOf = (name: string) => askDatabase(database, questionOf(name), period).rows[0];
    expect(rowOf('victims')?.slice(0, 3)).toEqual(['spooler', 2, 1]);
    expect(rowOf('at-risk')?.slice(0, 3)).toEqual(['build7', 2, 2]);
    expect(askDatabase(database, questionOf('hosts'), { ...period, fromMs: SAMPLE_MS + 1 }).rows).toEqual([]);
    database.close();
  });

  it('asks by aggregations that need no more than the core of Elasticsearch', () => {
    const allowed = new Set(['terms', 'date_histogram', 'filter', 'cardinality', 'min', 'max', 'aggs']);
    const kinds = (aggs: unknown): string[] =>
      Object.values(Object(aggs)).flatMap((agg) => [
        ...Object.keys(Object(agg)),
        ...kinds(Reflect.get(Object(agg), 'aggs')),
      ]);
    for (const question of QUESTIONS) {
      for (const kind of kinds(dslOf(question, period)['aggs'])) expect(allowed).toContain(kind);
    }
  });
});
