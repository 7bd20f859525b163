import { beforeEach, describe, expect, it } from 'vitest';
import { buildTemplates, checkTemplates, installTemplates, planInstallation } from '../../../src/assets/index.ts';
import { readKey } from '../../../src/clients/elasticsearch.ts';
import { buildMapping, countFields, HOST_FIELDS, HOST_INDEX, SCHEMA_VERSION } from '../../../src/document/index.ts';
import { StandInCluster } from '../../support/cluster.ts';

const MONTH = 'oom-report-2026.09.01';
const ALIASES = { 'oom-report': {}, 'logs-oom.report': {} };

let cluster: StandInCluster;
beforeEach(() => {
  cluster = new StandInCluster();
});

const install = async () => (await installTemplates(cluster)).map(({ name, change }) => `${name} ${change}`);
const steps = async () =>
  (await planInstallation(cluster))
    .filter(({ change }) => change !== 'unchanged')
    .map(({ kind, name, detail = '' }) => `${kind} ${name} ${detail}`.trim());
const OURS = { managed_by: 'oomscope', schema_version: SCHEMA_VERSION };
const NEWER = { _meta: { ...OURS, schema_version: SCHEMA_VERSION + 1 } };

/** A mapping that has been ours all along, but for one field. */
function mappingWith(field: Record<string, unknown>) {
  const mapping = structuredClone(buildMapping());
  Object.assign(Object(readKey(readKey(readKey(mapping, 'properties'), 'oom'), 'properties')), field);
  return mapping;
}

describe('installTemplates', () => {
  it('creates what is missing, and nothing the second time', async () => {
    expect(await install()).toEqual([
      'oom-report@mappings created',
      'oom-report@settings created',
      'oom-report created',
      'oom-host@mappings created',
      'oom-host created',
    ]);
    expect(cluster.changed).toHaveLength(5);
    expect((await install()).every((change) => change.endsWith('unchanged'))).toBe(true);
    expect(cluster.changed).toHaveLength(5);
  });

  it('replaces what differs', async () => {
    await install();
    const path = '/_component_template/oom-report@settings';
    cluster.kept.set(path, { ...cluster.kept.get(path), template: { settings: {} } });
    expect(await install()).toContain('oom-report@settings updated');
  });

  it('adds missing fields and their version to the months that exist', async () => {
    const month = cluster.addIndex(MONTH, {
      mappings: { properties: { '@timestamp': { type: 'date' } } },
      aliases: ALIASES,
    });
    expect(await install()).toContain(`${MONTH} updated`);
    expect(month.mappings).toEqual(buildMapping());
    expect((await install()).every((change) => change.endsWith('unchanged'))).toBe(true);
  });

  it('adds the version alone where a month of an older schema has every field', async () => {
    const mappings = { ...buildMapping(), _meta: { ...OURS, schema_version: SCHEMA_VERSION - 1 } };
    const month = cluster.addIndex(MONTH, { mappings, aliases: ALIASES });
    await install();
    expect(month.mappings['_meta']).toEqual(OURS);
  });

  it('adds to the inventory its own fields and alias, and no others', async () => {
    const inventory = cluster.addIndex(HOST_INDEX, { mappings: buildMapping('false', HOST_FIELDS) });
    expect(await steps()).toContain(`aliases ${HOST_INDEX} oom-host`);
    inventory.mappings = { properties: { '@timestamp': { type: 'date' } } };
    await install();
    expect(inventory).toMatchObject({ mappings: buildMapping('false', HOST_FIELDS), aliases: { 'oom-host': {} } });
  });

  it('passes over an index that only an alias like oom-report-all leads to', async () => {
    cluster.addIndex('archive');
    await install();
    expect(cluster.indices.get('archive')?.mappings).toEqual({});
    await expect(checkTemplates(cluster)).resolves.toBeUndefined();
  });

  it('adds the aliases that a month lacks because it was made without the template', async () => {
    const month = cluster.addIndex(MONTH, { mappings: buildMapping(), aliases: { 'oom-report': {} } });
    expect(await steps()).toContain(`aliases ${MONTH} logs-oom.report`);
    await install();
    expect(month.aliases).toEqual(ALIASES);
    expect(await steps()).toEqual([]);
  });

  it('raises the limit of fields by what it adds, where labels have filled it, and before it adds', async () => {
    const own = countFields(buildMapping());
    const labels = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`l${index}`, { type: 'keyword' }]));
    const mappings = mappingWith({ labels: { type: 'object', dynamic: 'true', properties: labels } });
    Reflect.deleteProperty(Object(mappings['properties']), 'message');
    const settings = { 'index.mapping.total_fields.limit': String(own + 19) };
    const month = cluster.addIndex(MONTH, { mappings, aliases: ALIASES, settings });
    await install();
    expect(month.settings['index.mapping.total_fields.limit']).toBe(String(own + 20));
    expect(cluster.changed.slice(-2)).toEqual([`PUT /${MONTH}/_settings`, `PUT /${MONTH}/_mapping`]);
    expect(await steps()).toEqual([]);
  });

  it('says what to do when labels fill the limit before the fields are there', async () => {
    cluster.addIndex(MONTH);
    const reason = 'Limit of total fields [400] has been exceeded';
    cluster.intercept = ({ path }) =>
      path.endsWith('/_mapping')
        ? { kind: 'answer', status: 400, body: { error: { type: 'illegal_argument_exception', reason } } }
        : undefined;
    const error = await installTemplates(cluster).catch((cause: unknown) => cause);
    expect(String(error)).toContain('raise index.mapping.total_fields.limit');
    expect(String(error)).not.toContain('without the template');
  });
});

describe('planInstallation refuses, and then nothing was changed:', () => {
  const refusal = async () => {
    await expect(installTemplates(cluster)).rejects.toMatchObject({ code: 'SINK_TEMPLATE_MISSING', exitCode: 6 });
    expect(cluster.changed).toEqual([]);
    const error = await planInstallation(cluster).catch((cause: unknown) => cause);
    return String(readKey(error, 'message')).split('\n');
  };

  it('a template of a newer schema', async () => {
    cluster.kept.set('/_index_template/oom-report', NEWER);
    expect(await refusal()).toEqual([
      'the index template oom-report at http://search.test:9200 is of schema version 2, newer than 1; update oomscope',
    ]);
  });

  it('a month or an inventory of a newer schema, where the templates are gone', async () => {
    cluster.addIndex(MONTH, { mappings: NEWER });
    cluster.addIndex(HOST_INDEX, { mappings: NEWER });
    const said = await refusal();
    expect(said).toHaveLength(2);
    expect(said[0]).toContain(HOST_INDEX);
    expect(said[1]).toMatch(/oom-report-2026\.09\.01 .*schema version 2, newer than 1; update oomscope/);
  });

  it("somebody else's template of our name", async () => {
    cluster.kept.set('/_component_template/oom-report@settings', { template: { settings: {} } });
    expect(await refusal()).toEqual([expect.stringMatching(/oom-report@settings .*not made by oomscope/)]);
  });

  it('every index with a field of another type, also where all fields are there', async () => {
    cluster.addIndex(MONTH, { mappings: mappingWith({ verdict: { type: 'text' } }) });
    cluster.addIndex('oom-report-2026.10.01', { mappings: { properties: { message: { type: 'long' } } } });
    cluster.addIndex('oom-report-2026.11.01');
    const said = await refusal();
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/2026\.09\.01.*\(oom\.verdict is text, expected keyword\).*reindex.*delete/);
    expect(said[1]).toMatch(/2026\.10\.01.*\(message is long, expected text\)/);
  });

  it('an index that is blocked, but only when it lacks something', async () => {
    const settings = { 'index.blocks.read_only': 'true' };
    const month = cluster.addIndex(MONTH, { settings, mappings: buildMapping() });
    expect(await refusal()).toEqual([expect.stringMatching(/2026\.09\.01 .*index\.blocks\.read_only.*setup.*again/)]);
    month.aliases = ALIASES;
    expect(await install()).toContain(`${MONTH} unchanged`);
  });
});

describe('buildTemplates', () => {
  it('leaves room for labels below the limit of fields', () => {
    const [mappings, settings] = buildTemplates();
    const limit = Number(Reflect.get(Object(settings?.body['template']), 'settings').index.mapping.total_fields.limit);
    const count = countFields(readKey(mappings?.body['template'], 'mappings'));
    expect(count).toBeGreaterThan(150);
    expect(count).toBeLessThan(limit - 50);
  });
});
