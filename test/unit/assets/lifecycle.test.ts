import { beforeEach, describe, expect, it } from 'vitest';
import { planLifecycle, takeSteps } from '../../../src/assets/index.ts';
import { SCHEMA_VERSION } from '../../../src/document/index.ts';
import { StandInCluster } from '../../support/cluster.ts';

const COMPONENT = '/_component_template/oom-report@lifecycle';
const POLICY = '/_ilm/policy/oom-report';
const [SEPTEMBER, OCTOBER] = ['oom-report-2026.09.01', 'oom-report-2026.10.01'];

describe('planLifecycle', () => {
  let cluster: StandInCluster;
  beforeEach(() => {
    cluster = new StandInCluster();
  });

  /** Does it, and says what was done: `policy oom-report created`. */
  const install = async (): Promise<string[]> => {
    const said: string[] = [];
    await takeSteps((await planLifecycle(cluster)) ?? [], ({ kind, name, change }) => {
      said.push(`${kind} ${name} ${change}`);
    });
    return said;
  };

  it('installs the policy before the component that names it, then takes in the months that exist', async () => {
    const month = cluster.addIndex(SEPTEMBER);
    expect(await install()).toEqual([
      'policy oom-report created',
      'component oom-report@lifecycle created',
      `lifecycle ${SEPTEMBER} updated`,
    ]);
    expect(cluster.changed).toEqual([`PUT ${POLICY}`, `PUT ${COMPONENT}`, `PUT /${SEPTEMBER}/_settings`]);
    expect(month.settings).toMatchObject({
      'index.lifecycle.name': 'oom-report',
      'index.lifecycle.parse_origination_date': 'true',
    });
    expect((await install()).every((line) => line.endsWith(' unchanged'))).toBe(true);
    expect(cluster.changed).toHaveLength(3);
  });

  it('takes in, the next time, the month that could not be taken in', async () => {
    cluster.addIndex(SEPTEMBER);
    cluster.addIndex(OCTOBER);
    cluster.intercept = ({ path }) =>
      path === `/${OCTOBER}/_settings` ? { kind: 'answer', status: 503, body: {} } : undefined;
    await expect(install()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    cluster.intercept = () => undefined;
    expect((await install()).slice(-2)).toEqual([`lifecycle ${SEPTEMBER} unchanged`, `lifecycle ${OCTOBER} updated`]);
    expect(cluster.indices.get(OCTOBER)?.settings['index.lifecycle.name']).toBe('oom-report');
  });

  it('plans without changing anything', async () => {
    cluster.addIndex(SEPTEMBER);
    expect(await planLifecycle(cluster)).toHaveLength(3);
    expect(cluster.changed).toEqual([]);
  });

  it('leaves a month under another policy, and what is no month', async () => {
    cluster.addIndex(SEPTEMBER, { settings: { 'index.lifecycle.name': 'site-default' } });
    for (const name of ['oom-report-archive', 'oom-host-1']) cluster.addIndex(name);
    const [, , ...months] = (await planLifecycle(cluster)) ?? [];
    expect(months).toEqual([{ kind: 'lifecycle', name: SEPTEMBER, change: 'unchanged', detail: 'site-default' }]);
    await install();
    expect(cluster.changed).toEqual([`PUT ${POLICY}`, `PUT ${COMPONENT}`]);
  });

  it("leaves the operator's policy and component as they are, and the months to them", async () => {
    cluster.kept.set(POLICY, { policy: { phases: { delete: { min_age: '9d' } } } });
    cluster.kept.set(COMPONENT, { template: { settings: {} } });
    cluster.addIndex(SEPTEMBER);
    expect((await install()).every((line) => line.endsWith(' unchanged'))).toBe(true);
    expect(cluster.changed).toEqual([]);
  });

  it('refuses a newer component, and a month with a block, before it changes anything', async () => {
    cluster.addIndex(SEPTEMBER, { settings: { 'index.blocks.read_only_allow_delete': 'true' } });
    await expect(install()).rejects.toThrow(/2026\.09\.01.*make room on the disks/);
    cluster.kept.set(COMPONENT, { _meta: { managed_by: 'oomscope', schema_version: SCHEMA_VERSION + 1 } });
    await expect(install()).rejects.toThrow(/oom-report@lifecycle.*newer than 1/);
    expect(cluster.changed).toEqual([]);
  });

  it.each([400, 404, 405])('asks for nothing of a server that answers %d', async (status) => {
    cluster.ilmStatus = status;
    expect(await planLifecycle(cluster)).toBeUndefined();
    expect(cluster.changed).toEqual([]);
  });

  it('does not take a refusal for a server without lifecycle management', async () => {
    cluster.ilmStatus = 403;
    await expect(planLifecycle(cluster)).rejects.toMatchObject({ code: 'SINK_FORBIDDEN' });
  });
});
