import { describe, expect, it } from 'vitest';
import { buildTemplates, checkTemplates, installTemplates } from '../../../src/assets/index.ts';
import type { ElasticsearchClient, ElasticsearchRequest } from '../../../src/clients/elasticsearch.ts';
import { buildMapping, HOST_FIELDS, HOST_INDEX, SCHEMA_VERSION } from '../../../src/document/index.ts';

/** A cluster that keeps templates as Elasticsearch does: version 9 adds dates of its own. */
class FakeCluster implements ElasticsearchClient {
  readonly address = 'http://search.test:9200';
  readonly templates = new Map<string, Record<string, unknown>>();
  readonly changes: ElasticsearchRequest[] = [];
  indices: Record<string, unknown> = {};

  async request(request: ElasticsearchRequest) {
    const { method, path, body } = request;
    if (method === 'PUT') {
      this.changes.push(request);
      if (body && !path.endsWith('_mapping')) this.templates.set(path, structuredClone(body));
      return { kind: 'answer', status: 200, body: {} } as const;
    }
    if (path.endsWith('_mapping')) return { kind: 'answer', status: 200, body: this.indices } as const;
    const found = this.templates.get(path);
    const [list, entry] = path.startsWith('/_component')
      ? ['component_templates', 'component_template']
      : ['index_templates', 'index_template'];
    if (!found) return { kind: 'answer', status: 404, body: {} } as const;
    return {
      kind: 'answer',
      status: 200,
      body: { [list]: [{ [entry]: { ...found, created_date_millis: 1 } }] },
    } as const;
  }

  async close(): Promise<void> {}
}

const changesOf = async (cluster: FakeCluster, options = {}) =>
  (await installTemplates(cluster, options)).map(({ name, change }) => `${name} ${change}`);

describe('installTemplates', () => {
  it('creates what is missing, and nothing the second time', async () => {
    const cluster = new FakeCluster();
    expect(await changesOf(cluster)).toEqual([
      'oom-report@mappings created',
      'oom-report@settings created',
      'oom-report created',
      'oom-host@mappings created',
      'oom-host created',
    ]);
    expect(cluster.changes).toHaveLength(5);
    expect((await changesOf(cluster)).every((change) => change.endsWith('unchanged'))).toBe(true);
    expect(cluster.changes).toHaveLength(5);
  });

  it('only looks in a dry run', async () => {
    const cluster = new FakeCluster();
    expect(await changesOf(cluster, { dryRun: true })).toContain('oom-report created');
    expect(cluster.changes).toEqual([]);
  });

  it('replaces what differs', async () => {
    const cluster = new FakeCluster();
    await installTemplates(cluster);
    const path = '/_component_template/oom-report@settings';
    cluster.templates.set(path, { ...cluster.templates.get(path), template: { settings: {} } });
    expect(await changesOf(cluster)).toContain('oom-report@settings updated');
  });

  it('never replaces a newer schema, not even in part', async () => {
    const cluster = new FakeCluster();
    const newer = { _meta: { schema_version: SCHEMA_VERSION + 1 } };
    cluster.templates.set('/_index_template/oom-report', newer);
    await expect(installTemplates(cluster)).rejects.toMatchObject({ code: 'SINK_TEMPLATE_MISSING' });
    expect(cluster.changes).toEqual([]);
  });

  it('adds missing fields to the months that exist', async () => {
    const cluster = new FakeCluster();
    cluster.indices = { 'oom-report-2026.09.01': { mappings: { properties: { '@timestamp': { type: 'date' } } } } };
    expect(await changesOf(cluster)).toContain('oom-report-2026.09.01 updated');
    expect(cluster.changes.at(-1)?.path).toBe('/oom-report-2026.09.01/_mapping');
  });

  it('adds to the inventory its own fields and no others', async () => {
    const cluster = new FakeCluster();
    cluster.indices = { [HOST_INDEX]: { mappings: buildMapping('false', HOST_FIELDS) } };
    expect(await changesOf(cluster)).toContain(`${HOST_INDEX} unchanged`);
    cluster.indices = { [HOST_INDEX]: { mappings: { properties: { '@timestamp': { type: 'date' } } } } };
    expect(await changesOf(cluster)).toContain(`${HOST_INDEX} updated`);
    expect(cluster.changes.at(-1)?.body).toEqual(buildMapping('false', HOST_FIELDS));
  });
});

describe('checkTemplates', () => {
  it('asks for setup where templates are missing or older', async () => {
    const cluster = new FakeCluster();
    await expect(checkTemplates(cluster)).rejects.toThrow(/oom-report@mappings.*missing.*oomscope setup/);
    await installTemplates(cluster);
    await expect(checkTemplates(cluster)).resolves.toBeUndefined();
    cluster.templates.set('/_index_template/oom-report', { _meta: {} });
    await expect(checkTemplates(cluster)).rejects.toMatchObject({ code: 'SINK_TEMPLATE_MISSING' });
  });
});

describe('buildTemplates', () => {
  const countFields = (mapping: object): number =>
    Object.values(Object(Reflect.get(mapping, 'properties'))).reduce<number>(
      (sum, child) => sum + 1 + (typeof child === 'object' && child !== null ? countFields(child) : 0),
      0,
    );

  it('leaves room for labels below the limit of fields', () => {
    const [mappings, settings] = buildTemplates();
    const limit = Number(Reflect.get(Object(settings?.body['template']), 'settings').index.mapping.total_fields.limit);
    const count = countFields(Reflect.get(Object(mappings?.body['template']), 'mappings'));
    expect(count).toBeGreaterThan(150);
    expect(count).toBeLessThan(limit - 50);
  });
});
