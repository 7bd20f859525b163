import { beforeEach, describe, expect, it } from 'vitest';
import { checkTemplates, installTemplates } from '../../../src/assets/index.ts';
import { buildMapping, HOST_INDEX, SCHEMA_VERSION } from '../../../src/document/index.ts';
import { StandInCluster } from '../../support/cluster.ts';

const older = { ...buildMapping(), _meta: { managed_by: 'oomscope', schema_version: SCHEMA_VERSION - 1 } };
const SINCE_MS = Date.UTC(2026, 7, 20);

describe('checkTemplates', () => {
  let cluster: StandInCluster;
  beforeEach(async () => {
    cluster = new StandInCluster();
    await installTemplates(cluster);
  });

  it('asks for setup where templates are missing or older', async () => {
    await expect(checkTemplates(cluster)).resolves.toBeUndefined();
    cluster.kept.set('/_index_template/oom-report', { _meta: { schema_version: SCHEMA_VERSION - 1 } });
    await expect(checkTemplates(cluster)).rejects.toMatchObject({ code: 'SINK_TEMPLATE_MISSING' });
    await expect(checkTemplates(new StandInCluster())).rejects.toThrow(/oom-report@mappings.*missing.*oomscope setup/);
  });

  it.each([
    ['oom-report-2026.08.01', older, /2026\.08\.01.*is of schema version 0, expected version 1; run `oomscope setup`/],
    [HOST_INDEX, older, /oom-host-1 .*schema version 0/],
    // A report without a time may come at any time.
    ['oom-report-1970.01.01', older, /1970/],
    ['oom-report-2026.09.01', { properties: {} }, /schema version unknown/],
    ['oom-report-2026.09.01', { _meta: { schema_version: SCHEMA_VERSION + 1 } }, /newer than 1; update oomscope/],
  ])('asks for it where the mapping of %s is not of this schema', async (name, mappings, message) => {
    cluster.addIndex(name, { mappings });
    await expect(checkTemplates(cluster, SINCE_MS)).rejects.toThrow(message);
  });

  it('passes over months that are too old to be written', async () => {
    cluster.addIndex('oom-report-2026.07.01', { mappings: older });
    cluster.addIndex('oom-report-2026.08.01', { mappings: buildMapping() });
    await expect(checkTemplates(cluster, SINCE_MS)).resolves.toBeUndefined();
    await expect(checkTemplates(cluster)).rejects.toThrow(/2026\.07\.01/);
  });

  it('asks once about all indices', async () => {
    const asked: string[] = [];
    cluster.intercept = ({ path }) => void asked.push(path);
    for (let month = 1; month <= 9; month++) cluster.addIndex(`oom-report-2026.0${month}.01`, { mappings: older });
    await expect(checkTemplates(cluster, Date.UTC(2026, 10))).resolves.toBeUndefined();
    expect(asked.filter((path) => path.startsWith('/oom-'))).toEqual(['/oom-report-*,oom-host-*']);
  });
});
