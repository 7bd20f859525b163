/** Each rule's own query at many moments of a simulated month of 2,000 hosts: its alerts are those that the simulator knows of. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { buildKibanaRules, installTemplates, REPORT_ALERTS, ruleFiles } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../../src/clients/elasticsearch.ts';
import { random, seedFor } from '../../src/simulate/index.ts';
import { type ElastAlertRule, elastAlerts, kibanaAlerts } from '../support/alerts/engines.ts';
import {
  type Engine,
  eventsOf,
  expectedAlerts,
  ingestedMs,
  type MonthEvents,
  momentAfter,
} from '../support/alerts/expected.ts';
import { MONTH, simulateMonth } from '../support/month.ts';
import { indexStored, storedOf } from '../support/month-index.ts';

const server = inject('elasticsearch');

const MINUTE_MS = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

/** A rule as it would be asked at `nowMs`. */
const askedAt = <T>(rule: T, nowMs: number): T =>
  JSON.parse(
    JSON.stringify(rule)
      .replaceAll('"now-', `"${iso(nowMs)}||-`)
      .replaceAll('NOW()', `TO_DATETIME(\\"${iso(nowMs)}\\")`),
  );

describe.skipIf(!server)('the rules over a month of 2,000 hosts', () => {
  let client: ElasticsearchClient;
  let month: MonthEvents;
  /** Host and time of each report, by its id: the simulator knows no ids. */
  const names = new Map<string, string>();
  const wipe = () => client.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });

  beforeAll(async () => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 60_000 });
    await wipe();
    await installTemplates(client, { dynamic: 'strict' });
    const simulated = simulateMonth({ hosts: 2000, noisePerHost: 2 });
    month = eventsOf(simulated);
    const stored = storedOf(simulated).map((write) => {
      const { index, id, document } = write;
      const host = String(Reflect.get(Object(document['host']), 'name'));
      const atMs = Date.parse(String(document['@timestamp']));
      names.set(id, index.startsWith('oom-host') ? host : `${host} ${iso(atMs).slice(0, 19)}`);
      const event = { ...Object(document['event']), ingested: iso(ingestedMs(host, atMs)) };
      return { ...write, document: { ...document, event } };
    });
    await indexStored(client, stored);
  });
  afterAll(async () => {
    if (client) await wipe();
    await client?.close();
  });

  const kibanaRule = new Map(buildKibanaRules().map(({ file, body }) => [file.replace('.json', ''), body]));

  const alertsAt: Readonly<Record<Engine, (id: string, nowMs: number) => Promise<string[]>>> = {
    Kibana: (id, nowMs) => {
      const params = kibanaRule.get(id)?.['params'] as Parameters<typeof kibanaAlerts>[1];
      return kibanaAlerts(client, askedAt(params, nowMs), nowMs);
    },
    ElastAlert: (id, nowMs) => {
      const file = ruleFiles().find(({ path }) => path === `elastalert/${id}.yaml`);
      return elastAlerts(client, askedAt(parse(file?.text ?? '') as ElastAlertRule, nowMs), nowMs);
    },
  };

  const isEsql = (id: string): boolean =>
    Reflect.get(Object(kibanaRule.get(id)?.['params']), 'searchType') === 'esqlQuery';

  /** Moments after something happened, and moments in between. */
  const moments = (id: string): number[] => {
    const generator = random(seedFor(1, id));
    const quiet = Array.from({ length: 40 }, () => MONTH.fromMs + generator.next() * (MONTH.toMs - MONTH.fromMs));
    const busy = [...month.reports, ...month.boots].filter(() => generator.chance(0.15)).map(({ toldMs }) => toldMs);
    // Of the storms every minute.
    const storms = month.storms.flatMap(({ fromMs, toMs }) =>
      Array.from({ length: Math.ceil((toMs - fromMs) / MINUTE_MS) }, (_, minute) => fromMs + minute * MINUTE_MS),
    );
    return [...quiet, ...busy, ...storms].map(momentAfter);
  };

  const cases = REPORT_ALERTS.flatMap(({ id }) =>
    (['Kibana', 'ElastAlert'] as const).map((engine) => ({ id, engine })),
  );
  it.for(cases)('$id of $engine', { timeout: 120_000 }, async ({ id, engine }, { skip }) => {
    skip(engine === 'Kibana' && isEsql(id) && !server?.can.esql, 'the server has no ES|QL');
    let fired = 0;
    let quiet = 0;
    for (const nowMs of moments(id)) {
      const expected = expectedAlerts(id, engine, month, nowMs);
      const alerts = (await alertsAt[engine](id, nowMs)).map((about) => names.get(about) ?? about);
      expect(alerts.sort(), iso(nowMs)).toEqual(expected.sort());
      if (expected.length > 0) fired += 1;
      else quiet += 1;
    }
    expect(fired).toBeGreaterThan(0);
    expect(quiet).toBeGreaterThan(0);
  });
});
