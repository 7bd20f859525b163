import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/doctor/checks/index.ts';
import { healthy, NOW_MS, saidBy, withElasticsearch } from '../healthy.ts';

const { address } = healthy.elasticsearch;

describe('Elasticsearch', () => {
  it('must answer', () => {
    const facts = { ...healthy, elasticsearch: { address, failure: { reason: 'timeout' as const, message: 'no' } } };
    expect(saidBy('elasticsearch', facts)).toEqual(['failure: no']);
    const { exitCode, notChecked } = diagnose(facts);
    expect(exitCode).toBe(4);
    expect(notChecked).toContain('templates and mappings');
  });

  it.each([
    ['8.19.0', 'ok'],
    ['8.20.1', 'ok'],
    ['9.0.0', 'ok'],
    ['8.18.9', 'failure'],
    ['7.17.9', 'failure'],
    ['10.0.0', 'failure'],
  ])('of version %s is %s', (version, state) => {
    expect(saidBy('elasticsearch', withElasticsearch({ version }))).toEqual([`${state}: version ${version}`]);
  });

  it('must take the credentials: that is another failure than not to answer', () => {
    const facts = { ...healthy, elasticsearch: { address, status: 401, error: 'security_exception: no' } };
    expect(saidBy('elasticsearch', facts)).toEqual(['ok: answers 401']);
    expect(saidBy('privileges', facts)).toEqual(['failure: answered 401 (security_exception: no)']);
    expect(diagnose(facts)).toMatchObject({ code: 'SINK_FORBIDDEN', exitCode: 6 });
  });

  it('may hide its version from a key that can write', () => {
    const { version: _, ...rest } = healthy.elasticsearch;
    const facts = { ...healthy, elasticsearch: { ...rest, status: 403, error: 'security_exception: no' } };
    expect(saidBy('elasticsearch', facts)[0]).toMatch(/^ok: answers/);
    expect(saidBy('privileges', facts)).toEqual(['ok: all granted']);
    const { missingPrivileges: __, ...less } = rest;
    expect(saidBy('privileges', { ...facts, elasticsearch: { ...less, status: 403 } })).toEqual([
      'failure: answered 403',
    ]);
  });

  it('must grant what the worker needs; reading is for others', () => {
    const said = (worker: string[], others: string[]) =>
      saidBy('privileges', withElasticsearch({ missingPrivileges: { worker, others } }));
    expect(said(['index on oom-report-*'], ['read'])).toEqual(['failure: not granted: index on oom-report-*']);
    expect(said([], ['read on oom-report-*'])).toEqual(['warning: not granted: read on oom-report-*']);
  });

  it('must hold the templates and no month of another make', () => {
    const template = (kind: string, change: 'created' | 'updated') =>
      saidBy('templates', withElasticsearch({ templates: [{ kind, name: 'x', change }] }));
    expect(template('index', 'created')).toEqual(['failure: is not installed']);
    expect(template('component', 'updated')).toEqual(['warning: is not what this version installs']);
    expect(template('mapping', 'updated')).toEqual(['failure: lacks fields, or the version of their schema']);
    expect(template('aliases', 'updated')).toEqual(['failure: lacks aliases, so searches by alias pass it over']);
    const message = 'of schema version 9, newer than 1\nhost.name is text, expected keyword';
    const refused = withElasticsearch({
      rivals: [{ name: 'all', priority: 600 }],
      templateError: { code: 'SINK_TEMPLATE_MISSING', message },
    });
    expect(saidBy('templates', refused)).toEqual([
      'failure: of schema version 9, newer than 1',
      'failure: host.name is text, expected keyword',
      'failure: goes before ours with priority 600',
    ]);
    expect(diagnose(refused).exitCode).toBe(6);
  });

  it('must be able to write the months', () => {
    const month = { name: 'oom-report-2026.11.01', closed: false, blocks: [] };
    const said = (change: Partial<typeof healthy.elasticsearch>) => saidBy('writable', withElasticsearch(change));
    expect(said({ indices: [{ ...month, blocks: ['write'] }] })).toEqual(['failure: blocked: write']);
    expect(said({ indices: [{ ...month, closed: true }] })).toEqual(['warning: is closed']);
    expect(said({ indices: [{ ...month, health: 'red' }], health: 'red' })).toEqual([
      'failure: is red: a shard is missing',
    ]);
    expect(said({ health: 'red' })).toEqual(['warning: the cluster is red']);
    const disk = { node: 'n1', usedPercent: 91, freeBytes: 9 * 1024 ** 3 };
    expect(said({ disks: [disk] })).toEqual(['warning: the disk of n1 is 91 % full']);
    expect(said({ disks: [{ ...disk, freeBytes: 900 * 1024 ** 3 }] })).toEqual(['ok: the cluster is green']);
  });

  it('shows how old the newest report is', () => {
    const said = (newestReportAtMs: number | null) => saidBy('newest-report', withElasticsearch({ newestReportAtMs }));
    expect(said(null)[0]).toMatch(/^ok: there is none yet/);
    expect(said(NOW_MS - 172_800_000)).toEqual(['ok: 2 days old']);
    expect(said(NOW_MS + 172_800_000)).toEqual(['warning: 2 days in the future']);
  });
});
