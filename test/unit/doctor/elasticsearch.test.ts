import { describe, expect, it } from 'vitest';
import type { ElasticsearchAnswer, ElasticsearchClient } from '../../../src/clients/elasticsearch.ts';
import { askElasticsearch, matches } from '../../../src/doctor/elasticsearch.ts';
import { OomscopeError } from '../../../src/tables/errors.ts';

const address = 'http://es.example:9200';

/** Answers by path; 404 where there is none. */
const clientOf = (answers: Readonly<Record<string, ElasticsearchAnswer | object>>): ElasticsearchClient => ({
  address,
  request: async ({ path }) => {
    const found = answers[path];
    if (found === undefined) return { kind: 'answer', status: 404, body: {} };
    return 'kind' in found ? (found as ElasticsearchAnswer) : { kind: 'answer', status: 200, body: found };
  },
  close: async () => {},
});

const ask = (answers: Readonly<Record<string, ElasticsearchAnswer | object>>, error?: Error) =>
  askElasticsearch({
    client: clientOf(answers),
    inspectTemplates: async () => {
      if (error) throw error;
      return [];
    },
  });

const ROOT = { '/': { version: { number: '8.19.2' } } };
const refused = (status: number): ElasticsearchAnswer => ({
  kind: 'answer',
  status,
  body: { error: { type: 'security_exception', reason: 'no' } },
});

describe('the questions to Elasticsearch', () => {
  it('end where it does not answer or refuses the credentials', async () => {
    const down = { kind: 'failure', reason: 'unreachable', message: 'ECONNREFUSED' } as const;
    expect(await ask({ '/': down })).toEqual({ address, failure: { reason: 'unreachable', message: 'ECONNREFUSED' } });
    expect(await ask({ '/': refused(401) })).toEqual({ address, status: 401, error: 'security_exception: no' });
    expect(await ask({})).toEqual({ address, status: 404 });
  });

  it('go on where only the version is hidden', async () => {
    const all = Object.fromEntries(
      ['auto_configure', 'index', 'delete', 'read', 'view_index_metadata', 'monitor'].map((name) => [name, true]),
    );
    const some = { auto_configure: true, index: true, delete: true, read: false };
    const granted = { cluster: { monitor: false }, index: { 'oom-host-*': all, 'oom-report-*': some } };
    const facts = await ask({ '/': refused(403), '/_security/user/_has_privileges': granted });
    expect(facts).toMatchObject({
      status: 403,
      missingPrivileges: {
        worker: ['monitor on the cluster', 'view_index_metadata on oom-report-*'],
        others: ['read on oom-report-*', 'monitor on oom-report-*'],
      },
      templates: [],
    });
    expect(facts).not.toHaveProperty('version');
  });

  it('take the version from the node where there is no root page', async () => {
    expect(await ask({ '/_nodes/_local': { nodes: { a: { version: '8.19.8' } } } })).toMatchObject({
      version: '8.19.8',
    });
  });

  it('keep what the templates are refused for', async () => {
    const error = new OomscopeError('SINK_TEMPLATE_MISSING', 'newer');
    expect(await ask(ROOT, error)).toMatchObject({
      templateError: { code: 'SINK_TEMPLATE_MISSING', message: 'newer' },
    });
    await expect(ask(ROOT, new TypeError('a defect'))).rejects.toThrow('a defect');
  });

  it('find templates that go before ours', async () => {
    const template = (name: string, priority: number, ...index_patterns: string[]) => ({
      name,
      index_template: { index_patterns, priority },
    });
    const rivals = [template('all', 900, 'x', 'oom-*'), template('low', 1, 'oom-*'), template('far', 900, 'logs-*')];
    const own = template('oom-report', 520, 'oom-report-*');
    const facts = await ask({ ...ROOT, '/_index_template': { index_templates: [...rivals, own] } });
    expect(facts.rivals).toEqual([{ name: 'all', priority: 900 }]);
    expect(await ask({ ...ROOT, '/_index_template': { index_templates: rivals } })).not.toHaveProperty('rivals');
  });

  it('read months, their blocks, disks and the newest report', async () => {
    const facts = await ask({
      ...ROOT,
      '/_cat/indices/oom-report-*,oom-host-*': [
        { index: 'oom-report-2026.10.01', health: 'red', status: 'open' },
        { index: 'oom-report-2026.09.01', health: null, status: 'close' },
      ],
      '/oom-report-*,oom-host-*/_settings': {
        'oom-report-2026.10.01': { settings: { 'index.blocks.write': 'true', 'index.blocks.read_only': 'false' } },
      },
      '/_cluster/health': { status: 'yellow' },
      '/_cat/allocation': [
        { node: 'n1', 'disk.percent': '91', 'disk.avail': '1000' },
        { node: 'UNASSIGNED', 'disk.percent': null, 'disk.avail': null },
      ],
      '/oom-report-*/_search': { hits: { hits: [{ sort: [1_795_000_000_000] }] } },
    });
    expect(facts).toMatchObject({
      indices: [
        { name: 'oom-report-2026.10.01', health: 'red', closed: false, blocks: ['write'] },
        { name: 'oom-report-2026.09.01', closed: true, blocks: [] },
      ],
      health: 'yellow',
      disks: [{ node: 'n1', usedPercent: 91, freeBytes: 1_000 }],
      newestReportAtMs: 1_795_000_000_000,
    });
  });

  it('tell that there is no report from that nobody may look', async () => {
    expect(await ask({ ...ROOT, '/oom-report-*/_search': { hits: { hits: [] } } })).toMatchObject({
      newestReportAtMs: null,
    });
    expect(await ask({ ...ROOT, '/oom-report-*/_search': refused(403) })).not.toHaveProperty('newestReportAtMs');
  });
});

describe('a pattern of index names', () => {
  it.each([
    ['oom-report-*', 'oom-report-2026.01.01', true],
    ['*', 'anything', true],
    ['*-2026.*', 'oom-report-2026.01.01', true],
    ['oom-*-01', 'oom-report-2026.01.01', false],
    ['oom*report*01', 'oom-report-2026.01.01', true],
    ['oom-report', 'oom-report-2026.01.01', false],
    ['aba*aba', 'aba', false],
  ])('%s against %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });
});
