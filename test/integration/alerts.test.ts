/** Each rule's own query on a real Elasticsearch: it fires for what it is about, and stays quiet for what is not. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { aliasOf, dslFilter, kqlFilter } from '../../src/assets/alerts/query.ts';
import { buildKibanaRules, installTemplates, REPORT_ALERTS, ruleFiles } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../../src/clients/elasticsearch.ts';
import { bulkOf, CASES, EVENT_KINDS, type Event } from '../support/alerts/cases.ts';
import { type ElastAlertRule, elastAlerts, kibanaAlerts } from '../support/alerts/engines.ts';

const server = inject('elasticsearch');

describe.skipIf(!server)('the rules', () => {
  let client: ElasticsearchClient;

  const ask = async (method: 'POST' | 'DELETE', path: string) => {
    const answer = await client.request({ method, path });
    if (answer.kind !== 'answer' || answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  };

  const search = async (path: string, body: Record<string, unknown>) => {
    const answer = await client.request({ method: 'POST', path, body });
    expect(answer).toMatchObject({ status: 200 });
    return (answer.kind === 'answer' ? answer.body : {}) as Record<string, unknown>;
  };

  const write = async (events: readonly Event[], nowMs: number): Promise<void> => {
    const lines = bulkOf(events, nowMs);
    const answer = await client.request({ method: 'POST', path: '/_bulk', query: { refresh: 'true' }, lines });
    expect(answer).toMatchObject({ status: 200, body: { errors: false } });
  };

  beforeAll(async () => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 30_000 });
    await installTemplates(client, { dynamic: 'strict' });
  });
  beforeEach(async () => {
    await ask('DELETE', '/oom-report-*,oom-host-*');
  });
  afterAll(async () => {
    await client?.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });
    await client?.close();
  });

  it('are all shown here', () => {
    expect(Object.keys(CASES).sort()).toEqual(REPORT_ALERTS.map(({ id }) => id).sort());
  });

  const kibanaRule = new Map(buildKibanaRules().map(({ file, body }) => [file.replace('.json', ''), body]));

  /** Both engines alert about these and nothing else; rules in ES|QL are asked only of a server that has it. */
  const expectAlerts = async (id: string, nowMs: number, about: readonly string[]): Promise<void> => {
    const file = ruleFiles().find(({ path }) => path === `elastalert/${id}.yaml`);
    const rule = parse(file?.text ?? '') as ElastAlertRule;
    expect(await elastAlerts(client, rule, nowMs), 'ElastAlert').toEqual(about);
    await expectKibanaAlerts(id, nowMs, about);
  };

  const expectKibanaAlerts = async (id: string, nowMs: number, about: readonly string[]): Promise<void> => {
    const params = kibanaRule.get(id)?.['params'] as Parameters<typeof kibanaAlerts>[1];
    if (params.searchType === 'esqlQuery' && !server?.can.esql) return;
    expect(await kibanaAlerts(client, params, nowMs), 'Kibana').toEqual(about);
  };

  it.each(Object.entries(CASES))('%s fires', async (id, { fires, about }) => {
    const nowMs = Date.now();
    await write(fires, nowMs);
    await expectAlerts(id, nowMs, about);
  });

  const alone = Object.entries(CASES).flatMap(([id, { firesAlone }]) =>
    firesAlone ? [[id, firesAlone] as const] : [],
  );
  it.each(alone)('%s fires before the first report', async (id, [event]) => {
    const nowMs = Date.now();
    await write([event], nowMs);
    await expectAlerts(id, nowMs, [event.host ?? '']);
  });

  const quiet = Object.entries(CASES).flatMap(([id, { quiet }]) =>
    Object.entries(quiet).map(([what, events]) => [id, what, events] as const),
  );
  it.each(quiet)('%s stays quiet for %s', async (id, _what, events) => {
    const nowMs = Date.now();
    await write(events, nowMs);
    await expectAlerts(id, nowMs, []);
  });

  const quietInKibana = Object.entries(CASES).flatMap(([id, { quietInKibana = {} }]) =>
    Object.entries(quietInKibana).map(([what, events]) => [id, what, events] as const),
  );
  it.each(quietInKibana)('%s of Kibana stays quiet for %s', async (id, _what, events) => {
    const nowMs = Date.now();
    await write(events, nowMs);
    await expectKibanaAlerts(id, nowMs, []);
  });

  it('have one alert for a report that was written twice', async () => {
    const nowMs = Date.now();
    await write([{ of: 'lowmem', id: 'twice', happenedMin: 14 }], nowMs);
    await expectAlerts('lowmem-exhausted', nowMs, ['twice']);
    // The fuller reading, minutes later: the same alert is still active.
    await write([{ of: 'lowmem', id: 'twice', happenedMin: 14, ingestedMin: 2 }], nowMs);
    await expectAlerts('lowmem-exhausted', nowMs, ['twice']);
  });

  it.skipIf(!server?.can.esql)('have a search for Discover that finds the same documents', async () => {
    const nowMs = Date.now();
    const ages = [1, 90, 10 * 60, 3 * 24 * 60];
    const mixed = EVENT_KINDS.flatMap((of) =>
      ages.map((happenedMin) => ({ of, id: `${of}-${happenedMin}`, host: `${of}-${happenedMin}`, happenedMin })),
    );
    await write(mixed, nowMs);
    for (const alert of REPORT_ALERTS) {
      const query = `FROM ${aliasOf(alert)} | WHERE KQL(${JSON.stringify(kqlFilter(alert))}) | KEEP event.id | SORT event.id`;
      const byKql = (await search('/_query', { query }))['values'];
      const body = { query: { bool: { filter: dslFilter(alert) } }, sort: ['event.id'], _source: false, size: 100 };
      const { hits } = (await search(`/${aliasOf(alert)}/_search`, body))['hits'] as { hits: { _id: string }[] };
      expect(hits.length).toBeGreaterThan(0);
      expect(byKql, alert.id).toEqual(hits.map(({ _id }) => [_id]));
    }
  });

  it('look no further back than a day, and say so in their queries', () => {
    for (const { id, eventMinutes } of REPORT_ALERTS) {
      expect(eventMinutes).toBeLessThanOrEqual(24 * 60);
      const text = JSON.stringify(kibanaRule.get(id));
      expect(text).toMatch(new RegExp(`now-${eventMinutes}m|NOW\\(\\) - ${eventMinutes} minutes`));
    }
  });
});
