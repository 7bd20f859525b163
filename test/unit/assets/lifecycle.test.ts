import { describe, expect, it } from 'vitest';
import { findTemplates, installLifecycle, installTemplates, removeTemplate } from '../../../src/assets/index.ts';
import type {
  ElasticsearchAnswer,
  ElasticsearchClient,
  ElasticsearchRequest,
} from '../../../src/clients/elasticsearch.ts';

/** A cluster that keeps what is put at a path, with or without index lifecycle management. */
class FakeCluster implements ElasticsearchClient {
  readonly address = 'http://search.test:9200';
  readonly kept = new Map<string, Record<string, unknown>>();
  readonly changed: string[] = [];
  ilmStatus = 200;

  async request({ method, path, body }: ElasticsearchRequest): Promise<ElasticsearchAnswer> {
    const answer = (status: number, value: unknown = {}) => ({ kind: 'answer', status, body: value }) as const;
    if (path === '/_ilm/status') return answer(this.ilmStatus);
    if (method !== 'GET') this.changed.push(`${method} ${path}`);
    if (method === 'PUT') this.kept.set(path, structuredClone({ ...body }));
    if (method === 'DELETE') return answer(this.kept.delete(path) ? 200 : 404);
    if (method === 'PUT' || path.endsWith('_mapping')) return answer(200);
    const found = this.kept.get(path);
    if (!found) return answer(404);
    if (path.startsWith('/_component')) return answer(200, { component_templates: [{ component_template: found }] });
    if (path.startsWith('/_index')) return answer(200, { index_templates: [{ index_template: found }] });
    return answer(200, found);
  }

  async close(): Promise<void> {}
}

const COMPONENT = '/_component_template/oom-report@lifecycle';
const POLICY = '/_ilm/policy/oom-report';

describe('installLifecycle', () => {
  it('installs the policy before the component that names it, then takes in the months that exist', async () => {
    const cluster = new FakeCluster();
    expect((await installLifecycle(cluster))?.map(({ change }) => change)).toEqual(['created', 'created']);
    expect(cluster.changed).toEqual([`PUT ${POLICY}`, `PUT ${COMPONENT}`, 'PUT /oom-report-*/_settings']);
    expect((await installLifecycle(cluster))?.map(({ change }) => change)).toEqual(['unchanged', 'unchanged']);
    expect(cluster.changed).toHaveLength(3);
  });

  it('changes nothing in a dry run', async () => {
    const cluster = new FakeCluster();
    expect(await installLifecycle(cluster, { dryRun: true })).toHaveLength(2);
    expect(cluster.changed).toEqual([]);
  });

  it("leaves the operator's policy and component as they are", async () => {
    const cluster = new FakeCluster();
    cluster.kept.set(POLICY, { policy: { phases: { delete: { min_age: '9d' } } } });
    cluster.kept.set(COMPONENT, { template: { settings: {} } });
    expect((await installLifecycle(cluster))?.map(({ change }) => change)).toEqual(['unchanged', 'unchanged']);
    expect(cluster.changed).toEqual([]);
  });

  it.each([400, 404, 405])('asks for nothing of a server that answers %d', async (status) => {
    const cluster = new FakeCluster();
    cluster.ilmStatus = status;
    expect(await installLifecycle(cluster)).toBeUndefined();
    expect(cluster.changed).toEqual([]);
  });

  it('does not take a refusal for a server without lifecycle management', async () => {
    const cluster = new FakeCluster();
    cluster.ilmStatus = 403;
    await expect(installLifecycle(cluster)).rejects.toMatchObject({ code: 'SINK_FORBIDDEN' });
  });
});

describe('findTemplates and removeTemplate', () => {
  it('take away what oomscope installed, the index template first', async () => {
    const cluster = new FakeCluster();
    await installTemplates(cluster);
    await installLifecycle(cluster);
    const found = await findTemplates(cluster);
    expect(found.map(({ name }) => name)).toEqual([
      'oom-report',
      'oom-host',
      'oom-report@mappings',
      'oom-report@settings',
      'oom-host@mappings',
      'oom-report@lifecycle',
    ]);
    for (const template of found) await removeTemplate(cluster, template);
    expect(await findTemplates(cluster)).toEqual([]);
    expect([...cluster.kept.keys()]).toContain(POLICY);
  });

  it("leave the operator's own of the same name", async () => {
    const cluster = new FakeCluster();
    cluster.kept.set(COMPONENT, { template: {} });
    expect(await findTemplates(cluster)).toEqual([]);
  });
});
