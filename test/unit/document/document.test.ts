import { describe, expect, it } from 'vitest';
import { FIELDS, indexOf, toDocument, toWrite } from '../../../src/document/index.ts';
import { fullAnalysis, fullReport, killOnlyReport, poorAnalysis, SAMPLE_MS } from '../../support/reports.ts';

/** Dotted names of the leaves, as a strict mapping would see them; stored objects and labels count as one leaf. */
function leafNames(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) {
    const rows = value.filter((item) => typeof item === 'object');
    return rows.length === 0 ? [prefix] : [...new Set(rows.flatMap((row) => leafNames(row, prefix)))];
  }
  if (typeof value !== 'object' || value === null) return [prefix];
  if (['oom.report', 'oom.analysis', 'oom.labels'].includes(prefix)) return [prefix];
  return Object.entries(value).flatMap(([key, item]) => leafNames(item, prefix === '' ? key : `${prefix}.${key}`));
}

function at(document: unknown, name: string): unknown {
  let node: unknown = document;
  for (const key of name.split('.')) {
    node = typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined;
  }
  return node;
}

const full = () => toDocument(fullReport(), fullAnalysis(), { ingestedAtMs: SAMPLE_MS + 5000 });

describe('toDocument', () => {
  it('emits every field of the table and no other', () => {
    const expected = FIELDS.filter((field) => field.type !== 'nested').map((field) => field.name);
    expect(leafNames(full()).sort()).toEqual(expected.sort());
  });

  it('gives every field a value of its type', () => {
    const document = full();
    for (const field of FIELDS.filter((f) => !f.name.startsWith('oom.process'))) {
      const value = at(document, field.name);
      const values = field.list ? value : [value];
      expect(Array.isArray(values), field.name).toBe(true);
      for (const item of Array.isArray(values) ? values : []) {
        const shape = { field: field.name, type: field.type, is: typeof item };
        const wanted = { keyword: 'string', text: 'string', unindexed: 'string', date: 'string', boolean: 'boolean' };
        const fallback = ['disabled', 'labels'].includes(field.type) ? 'object' : 'number';
        expect(shape).toEqual({ ...shape, is: Reflect.get(wanted, field.type) ?? fallback });
      }
    }
  });

  it('only uses values of the closed lists', () => {
    const document = full();
    for (const field of FIELDS.filter((f) => f.values !== undefined)) {
      for (const value of [at(document, field.name)].flat()) expect(field.values, field.name).toContain(value);
    }
  });

  it('writes the scalars that outside tools read', () => {
    const document = full();
    const values = {
      '@timestamp': '2026-09-23T02:04:16.000Z',
      'event.action': 'oom-kill',
      'event.outcome': 'success',
      'host.name': 'build7',
      'host.os.kernel': '3.10.0-1160.el7.i686',
      'host.architecture': 'i686',
      'host.uptime': 12_345,
      'process.pid': 4711,
      'process.name': 'spooler',
      'oom.trigger.name': 'mailscan',
      'oom.trigger.pid': 21_832,
      'oom.trigger.gfp_mask': '0x84d0',
      'oom.trigger.adj': -17,
      'oom.constraint': 'CONSTRAINT_MEMCG',
      'oom.kills': 1,
      'oom.tasks.count': 3,
      'oom.missing': [],
      'oom.highmem.present': true,
      'oom.lowmem.exhausted': true,
      'oom.swap.state': 'available',
      'oom.analyzer.revision': 1,
    };
    for (const [name, value] of Object.entries(values)) expect(at(document, name), name).toEqual(value);
  });

  it('adds up the nodes of a zone class and takes the least margin', () => {
    const normal = at(full(), 'oom.zone.normal');
    expect(normal).toMatchObject({
      free_bytes: (3992 + 9000) * 1024,
      high_bytes: 2 * 10_048 * 1024,
      reserve_bytes: 2 * 869 * 4096,
      min_margin_bytes: -1884 * 4096,
      below_min: true,
      all_unreclaimable: true,
    });
  });

  it('says unknown and no number of kills when the report was cut before its end', () => {
    const document = toDocument(killOnlyReport({ kills: [], missing: ['kill'] }), poorAnalysis());
    expect(at(document, 'event.outcome')).toBe('unknown');
    expect(at(document, 'event.type')).toEqual(['info']);
    expect(at(document, 'oom.kills')).toBeUndefined();
    expect(at(document, 'process')).toBeUndefined();
  });

  it.each(['oom-no-victim', 'oom-panic'] as const)('counts no kill for %s', (action) => {
    const document = toDocument(killOnlyReport({ action, kills: [] }), poorAnalysis());
    expect(at(document, 'event.outcome')).toBe('failure');
    expect(at(document, 'oom.kills')).toBe(0);
  });

  it('keeps a page allocation failure apart from kills', () => {
    const document = toDocument(killOnlyReport({ action: 'page-allocation-failure', kills: [] }), poorAnalysis());
    expect(at(document, 'event.category')).toEqual(['host']);
    expect(at(document, 'oom.kills')).toBeUndefined();
  });

  it('says nothing about HighMem where a kill line is all there is', () => {
    expect(at(toDocument(killOnlyReport(), poorAnalysis()), 'oom.highmem.present')).toBeUndefined();
    const wide = killOnlyReport({ kernel: { addressBits: 64, evidence: [] } });
    expect(at(toDocument(wide, poorAnalysis()), 'oom.highmem.present')).toBe(false);
  });

  it('leaves out an unlimited limit among the scalars and keeps it as null in the report', () => {
    const report = fullReport({ memcg: { line: 13, path: '/a', usageKb: 5, limitKb: null } });
    const document = toDocument(report, fullAnalysis());
    expect(at(document, 'oom.memcg.limit_bytes')).toBeUndefined();
    expect(at(document, 'oom.memcg.usage_bytes')).toBe(5 * 1024);
    expect(at(document, 'oom.report.memcg.limitKb')).toBeNull();
    expect(at(document, 'oom.victim.rss_share_ratio')).toBeUndefined();
  });

  it('leaves out numbers that would get the whole document refused', () => {
    const trigger = { line: 0, name: 'x', order: 70_000, oomScoreAdj: -99_999, pid: Number.NaN };
    const totals = { line: 1, totalSwapKb: 18_014_398_509_481_980, freeSwapKb: -4 };
    const document = toDocument(fullReport({ trigger, totals }), fullAnalysis());
    expect(at(document, 'oom.trigger')).toMatchObject({ name: 'x' });
    for (const key of ['order', 'adj', 'pid']) expect(at(document, `oom.trigger.${key}`)).toBeUndefined();
    expect(at(document, 'oom.swap.total_bytes')).toBeUndefined();
    expect(at(document, 'oom.swap.free_bytes')).toBe(-4096);
    expect(at(document, 'oom.report.totals.totalSwapKb')).toBe(18_014_398_509_481_980);
  });

  it('cuts keywords below the longest term of the index and never inside a character', () => {
    const path = `/${'\u{1F4BE}'.repeat(5000)}`;
    const document = toDocument(fullReport({ memcg: { line: 1, path } }), fullAnalysis());
    const kept = String(at(document, 'oom.memcg.path'));
    expect(kept.length).toBe(8191);
    expect(kept.isWellFormed()).toBe(true);
    expect(new TextEncoder().encode(kept).length).toBeLessThanOrEqual(32_766);
  });

  it('makes half characters of the input valid', () => {
    const kills = [{ line: 0, pid: 1, comm: 'a\ud800b' }];
    const document = toDocument(killOnlyReport({ kills }), poorAnalysis());
    expect(at(document, 'process.name')).toBe('a\ufffdb');
    expect(JSON.stringify(document)).not.toContain('\\ud800');
  });

  it('keeps the 50 largest tasks, the victim and the trigger', () => {
    const tasks = Array.from({ length: 400 }, (_, i) => ({
      line: i,
      pid: i + 1,
      comm: `task${i}`,
      rssPages: 1000 - i,
    }));
    const report = fullReport({
      tasks,
      taskCount: 900,
      trigger: { line: 0, name: 'task398', pid: 399 },
      kills: [{ line: 1, pid: 300, comm: 'task299' }],
    });
    const rows = at(toDocument(report, fullAnalysis()), 'oom.process');
    expect(Array.isArray(rows) && rows.map((row) => row.rank)).toEqual([
      ...Array.from({ length: 50 }, (_, i) => i + 1),
      300,
      399,
    ]);
    expect(at(toDocument(report, fullAnalysis()), 'oom.tasks.count')).toBe(900);
    expect(at(toDocument(report, fullAnalysis()), 'oom.report.tasks')).toHaveLength(400);
  });

  it('counts a table without rows as zero and no table as nothing', () => {
    const headOnly = killOnlyReport({ taskColumns: ['pid'] });
    expect(at(toDocument(headOnly, poorAnalysis()), 'oom.tasks.count')).toBe(0);
    expect(at(toDocument(killOnlyReport(), poorAnalysis()), 'oom.tasks')).toBeUndefined();
  });

  it('leaves out page tables that are larger than what they map', () => {
    const kills = [{ line: 0, pid: 1, comm: 'x', totalVmKb: 169_876, pgtablesKb: 188_416 }];
    expect(at(toDocument(killOnlyReport({ kills }), poorAnalysis()), 'oom.victim.pgtables_bytes')).toBeUndefined();
  });

  it('keeps the typed report whole, with the numbers of its lines and without their text', () => {
    const report = at(full(), 'oom.report');
    expect(report).toMatchObject({
      zones: expect.arrayContaining([
        expect.objectContaining({ node: 0, name: 'Normal', buddyCounts: [830, 80, 0, 1], line: 5 }),
      ]),
      kills: [expect.objectContaining({ pid: 4711, line: 26 })],
      complete: true,
    });
    expect(report).not.toHaveProperty('lines');
  });
});

describe('event.original', () => {
  it('is the lines of the report', () => {
    expect(at(full(), 'event.original')).toMatch(/^line 0\nline 1\n/);
  });

  it('keeps head and tail of a long report and names what it left out', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => ({
      text: `[ ${i} ] a row of the process table`,
      position: { topic: 't', partition: 0, offset: i },
    }));
    const text = String(at(toDocument(killOnlyReport({ lines }), poorAnalysis()), 'event.original'));
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text).toMatch(/^\[ 0 \]/);
    expect(text).toMatch(/\[ 4999 \] a row of the process table$/);
    const marker = /\[lines (\d+) to (\d+) left out\]/.exec(text);
    const kept = text.split('\n').length - 1;
    expect(Number(marker?.[2]) - Number(marker?.[1]) + 1 + kept).toBe(5000);
  });
});

describe('indexOf', () => {
  it.each([
    [Date.UTC(2026, 8, 30, 23, 59, 59, 999), 'oom-report-2026.09.01'],
    [Date.UTC(2026, 9, 1), 'oom-report-2026.10.01'],
    [undefined, 'oom-report-1970.01.01'],
    [Number.NaN, 'oom-report-1970.01.01'],
    [-1, 'oom-report-1970.01.01'],
    [9e18, 'oom-report-1970.01.01'],
  ])('%s goes to %s', (ms, index) => {
    expect(indexOf(ms)).toBe(index);
  });
});

describe('toWrite', () => {
  it("names the early reading in the trigger line's month", () => {
    const report = fullReport({
      triggerAnchor: { kind: 'trigger', line: 0, observedAtMs: Date.UTC(2026, 7, 31, 23, 59, 59) },
    });
    expect(toWrite(report, fullAnalysis(), SAMPLE_MS)).toMatchObject({
      id: 'kill-build7-4711-12345678901',
      index: 'oom-report-2026.09.01',
      version: 27 * 1024 + 1,
      supersedes: [{ id: 'trigger-build7-21832', index: 'oom-report-2026.08.01' }],
      positions: { first: { offset: 100 }, last: { offset: 126 } },
    });
  });

  it('supersedes nothing without a trigger id', () => {
    expect(toWrite(killOnlyReport(), poorAnalysis(), SAMPLE_MS).supersedes).toEqual([]);
  });
});
