/** The exported rules on ElastAlert 2 itself: each fires and stays quiet, and tells of a report once. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { installTemplates, ruleFiles } from '../../src/assets/index.ts';
import {
  createElasticsearchClient,
  type ElasticsearchClient,
  expectOk,
  readKey,
} from '../../src/clients/elasticsearch.ts';
import { bulkOf, CASES, type Event } from '../support/alerts/cases.ts';
import type { ElastAlertRule } from '../support/alerts/engines.ts';
import { type ElastAlert, startElastAlert } from '../support/services/elastalert.ts';
import { NoService } from '../support/services.ts';

const server = inject('elasticsearch');
const RULES = join(import.meta.dirname, '..', '..', 'elastic', 'rules', 'elastalert');
const MINUTE_MS = 60_000;

const engine = await startOrSkip();

async function startOrSkip(): Promise<ElastAlert | undefined> {
  if (!server?.can.info) return undefined;
  try {
    return await startElastAlert(server.url, RULES);
  } catch (error) {
    if (!(error instanceof NoService) || process.env['REQUIRE_INTEGRATION'] === '1') throw error;
    console.error(`\nTHE RULES OF ELASTALERT WERE NOT RUN. ${error.message}`);
    return undefined;
  }
}

describe.skipIf(!engine)('ElastAlert 2', () => {
  let client: ElasticsearchClient;
  const elastAlert = (): ElastAlert => {
    if (!engine) throw new Error('no ElastAlert');
    return engine;
  };

  const write = async (events: readonly Event[], nowMs: number): Promise<void> => {
    const query = { refresh: 'true' };
    const request = { method: 'POST', path: '/_bulk', query, lines: bulkOf(events, nowMs) } as const;
    expect(readKey(await expectOk(client, 'bulk', request), 'errors')).toBe(false);
  };

  const ruleOf = (id: string): ElastAlertRule => {
    const file = ruleFiles().find(({ path }) => path === `elastalert/${id}.yaml`);
    return parse(file?.text ?? '') as ElastAlertRule;
  };

  /** Starts the rule as one that has been running for its time frame, and lets it take one turn. */
  const run = async (id: string, nowMs: number): Promise<void> => {
    const { timeframe, query_delay } = ruleOf(id);
    const minutes = Math.max(timeframe?.minutes ?? 15, 15) + (query_delay?.minutes ?? 0);
    await elastAlert().start(`${id}.yaml`, nowMs - minutes * MINUTE_MS);
    await elastAlert().turn();
  };

  /** What the alerts so far are about, in order of their names. */
  const about = async (id: string): Promise<string[]> => {
    const rule = ruleOf(id);
    const fields = [rule.query_key ?? rule.fields ?? []].flat();
    const valueAt = (document: unknown, field: string): unknown =>
      field.split('.').reduce<unknown>((node, key) => readKey(node, key), document);
    const alerts = await elastAlert().alerts();
    return alerts.map((alert) => fields.map((field) => valueAt(alert, field)).join(' ')).sort();
  };

  beforeAll(async () => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 30_000 });
    await installTemplates(client, { dynamic: 'strict' });
  });
  beforeEach(async () => {
    await client.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });
    await elastAlert().clear();
  });
  afterAll(async () => {
    await client?.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });
    await client?.close();
    await engine?.stop();
  });

  it.each(Object.entries(CASES))('%s fires', async (id, { fires, about: expected }) => {
    const nowMs = Date.now();
    await write(fires, nowMs);
    await run(id, nowMs);
    expect(await about(id)).toEqual(expected);
  });

  const quiet = Object.entries(CASES).flatMap(([id, { quiet }]) =>
    Object.entries(quiet).map(([what, events]) => [id, what, events] as const),
  );
  it.each(quiet)('%s stays quiet for %s', async (id, _what, events) => {
    const nowMs = Date.now();
    await write(events, nowMs);
    await run(id, nowMs);
    expect(await about(id)).toEqual([]);
  });

  it('tells once of a report that is written twice, in the next turn and after a restart', async () => {
    const id = 'lowmem-exhausted';
    const nowMs = Date.now();
    await write([{ of: 'lowmem', id: 'twice', happenedMin: 14 }], nowMs);
    await run(id, nowMs);
    expect(await about(id)).toEqual(['twice']);
    await elastAlert().turn();
    await write([{ of: 'lowmem', id: 'twice', happenedMin: 14, ingestedMin: 0 }], Date.now());
    await elastAlert().turn();
    await elastAlert().start(`${id}.yaml`);
    await elastAlert().turn();
    expect(await about(id)).toEqual(['twice']);
    await write([{ of: 'lowmem', id: 'next', happenedMin: 1, ingestedMin: 0 }], Date.now());
    await elastAlert().turn();
    expect(await about(id)).toEqual(['next', 'twice']);
  });

  it('takes a victim that it finds in the index when it starts as known', async () => {
    const nowMs = Date.now();
    await write([{ of: 'machine', id: 'first', victim: 'stranger', happenedMin: 25 }], nowMs);
    await elastAlert().start('new-victim.yaml');
    await elastAlert().turn();
    expect(await about('new-victim')).toEqual([]);
  });
});
