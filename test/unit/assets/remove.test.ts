import { beforeEach, describe, expect, it } from 'vitest';
import {
  findTemplates,
  installTemplates,
  planLifecycle,
  removeTemplate,
  takeSteps,
} from '../../../src/assets/index.ts';
import { SCHEMA_VERSION } from '../../../src/document/index.ts';
import { StandInCluster } from '../../support/cluster.ts';

const COMPONENT = '/_component_template/oom-report@lifecycle';

describe('findTemplates and removeTemplate', () => {
  let cluster: StandInCluster;
  beforeEach(async () => {
    cluster = new StandInCluster();
    await installTemplates(cluster);
  });

  it('take away what oomscope installed, the index templates first', async () => {
    await takeSteps((await planLifecycle(cluster)) ?? [], () => {});
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
    expect([...cluster.kept.keys()]).toEqual(['/_ilm/policy/oom-report']);
  });

  it("leave the operator's own of the same name", async () => {
    cluster.kept.set(COMPONENT, { template: {} });
    expect((await findTemplates(cluster)).map(({ name }) => name)).not.toContain('oom-report@lifecycle');
  });

  it('refuse templates of a newer schema', async () => {
    const newer = { _meta: { managed_by: 'oomscope', schema_version: SCHEMA_VERSION + 1 } };
    cluster.kept.set('/_component_template/oom-host@mappings', newer);
    await expect(findTemplates(cluster)).rejects.toMatchObject({
      code: 'SINK_TEMPLATE_MISSING',
      message: expect.stringMatching(/oom-host@mappings.*newer than 1; update oomscope/),
    });
  });

  it("refuse a component that somebody else's template is composed of, and name that", async () => {
    cluster.kept.set('/_index_template/site', { composed_of: ['site@mappings', 'oom-report@mappings'] });
    await expect(findTemplates(cluster)).rejects.toMatchObject({
      code: 'SINK_TEMPLATE_MISSING',
      message: expect.stringMatching(/^the component template oom-report@mappings at \S+ is used by .* site;[^\n]*$/),
    });
  });
});
