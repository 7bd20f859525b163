/** Each rule's own query on a real Elasticsearch: it fires for what it is about, and stays quiet for what is not. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { dslFilter, kqlFilter } from '../../src/assets/alerts/query.ts';
import { buildKibanaRules, installTemplates, REPORT_ALERTS, ruleFiles } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../../src/clients/elasticsearch.ts';
import { indexOf, toDocument } from '../../src/document/index.ts';
import { analyse } from '../../src/enrich/index.ts';
import { parseText } from '../../src/parser/index.ts';
import {
  KERNELS,
  type KernelName,
  printReport,
  SCENARIOS,
  type ScenarioName,
  scenarioState,
} from '../../src/simulate/index.ts';
import { type ElastAlertRule, elastAlerts, kibanaAlerts } from '../support/alerts/engines.ts';

const server = inject('elasticsearch');
const MINUTE_MS = 60_000;

/** A report of a scenario: what happened, where, and how long ago it happened and was written. */
interface Event {
  readonly of: 'lowmem' | 'machine' | 'cgroup' | 'panic';
  readonly host?: string;
  readonly id?: string;
  readonly victim?: string;
  readonly cgroup?: string;
  readonly happenedMin: number;
  /** As long ago as it happened, unless given. */
  readonly ingestedMin?: number;
}

const KINDS: Readonly<Record<Event['of'], readonly [ScenarioName, KernelName]>> = {
  lowmem: ['lowmem-slab', '3.2'],
  machine: ['exhausted-no-swap', '5.15'],
  cgroup: ['memcg-pod', '6.1'],
  panic: ['panic-on-oom', '5.15'],
};

function documentOf(kind: Event['of']): Record<string, unknown> {
  const [name, kernel] = KINDS[kind];
  const text = printReport(scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed: 5 })).join('\n');
  const [report] = parseText(text, { path: 'x' });
  if (report === undefined) throw new Error(`${name} on ${kernel} gives no report`);
  return toDocument(report, analyse(report));
}

/** `count` events like one, each of its own id. */
const many = (count: number, like: Event): Event[] =>
  Array.from({ length: count }, (_, i) => ({ ...like, id: `${like.id ?? 'event'}-${i}` }));

const onHosts = (count: number, like: Event): Event[] =>
  Array.from({ length: count }, (_, i) => ({ ...like, id: `event-${i}`, host: `web${i}` }));

const LATE = { happenedMin: 3 * 24 * 60, ingestedMin: 1 };

interface Case {
  readonly fires: readonly Event[];
  /** What the alerts are about. */
  readonly about: readonly string[];
  /** Events that alert nobody. */
  readonly quiet: Readonly<Record<string, readonly Event[]>>;
}

const each = (of: Event['of'], other: Event['of']): Case => ({
  fires: [
    { of, id: 'a', happenedMin: 6, ingestedMin: 5 },
    { of, id: 'b', happenedMin: 20 * 60, ingestedMin: 2 },
    { of: other, id: 'c', happenedMin: 1 },
  ],
  about: ['a', 'b'],
  quiet: {
    'another kind of OOM': [{ of: other, happenedMin: 2 }],
    'a replay of the past': [{ of, ...LATE }],
    'what was told an hour ago': [{ of, happenedMin: 60 }],
  },
});

const CASES: Readonly<Record<string, Case>> = {
  'oom-highmem-host': each('lowmem', 'machine'),
  'lowmem-exhausted': each('lowmem', 'machine'),
  'oom-panic': each('panic', 'machine'),
  'storm-host': {
    fires: [
      ...many(5, { of: 'machine', host: 'db1', id: 'storm', happenedMin: 3 }),
      ...many(4, { of: 'machine', host: 'db2', id: 'calm', happenedMin: 3 }),
    ],
    about: ['db1'],
    quiet: {
      'four reports': many(4, { of: 'machine', host: 'db1', happenedMin: 3 }),
      'five hosts': onHosts(5, { of: 'machine', happenedMin: 3 }),
      'a backlog of hours that arrives at once': many(9, {
        of: 'machine',
        host: 'db1',
        happenedMin: 300,
        ingestedMin: 2,
      }),
      'five in an hour': many(5, { of: 'machine', host: 'db1', happenedMin: 30 }),
    },
  },
  'storm-fleet': {
    fires: [
      ...onHosts(10, { of: 'machine', happenedMin: 3 }),
      ...many(20, { of: 'cgroup', host: 'k1', id: 'noise', happenedMin: 2 }),
    ],
    about: ['machine-exhausted'],
    quiet: {
      'nine hosts': onHosts(9, { of: 'machine', happenedMin: 3 }),
      'one host many times': many(30, { of: 'machine', host: 'db1', happenedMin: 3 }),
      'a replay of the past': onHosts(20, { of: 'machine', ...LATE }),
      'a backlog of hours': onHosts(20, { of: 'machine', happenedMin: 300, ingestedMin: 2 }),
    },
  },
  'new-victim': {
    fires: [
      { of: 'machine', id: 'old', victim: 'known', happenedMin: 10 * 24 * 60 },
      { of: 'machine', id: 'again', victim: 'known', happenedMin: 25, ingestedMin: 5 },
      { of: 'machine', id: 'first', victim: 'stranger', happenedMin: 25, ingestedMin: 5 },
    ],
    about: ['stranger'],
    quiet: {
      'a known victim': [
        { of: 'machine', id: 'old', victim: 'known', happenedMin: 20 * 24 * 60 },
        { of: 'machine', id: 'new', victim: 'known', happenedMin: 25, ingestedMin: 5 },
      ],
      'a replay of the past': [{ of: 'machine', victim: 'stranger', ...LATE }],
      'what was new an hour ago': [{ of: 'machine', victim: 'stranger', happenedMin: 70 }],
      'a panic that kills nobody': [{ of: 'panic', happenedMin: 25, ingestedMin: 5 }],
    },
  },
  'cgroup-repeated': {
    fires: [
      ...many(3, { of: 'cgroup', host: 'k1', cgroup: '/a', id: 'hit', happenedMin: 30 }),
      ...many(2, { of: 'cgroup', host: 'k1', cgroup: '/b', id: 'other', happenedMin: 30 }),
    ],
    about: ['k1 /a'],
    quiet: {
      'two hits': many(2, { of: 'cgroup', host: 'k1', cgroup: '/a', happenedMin: 30 }),
      'the same path on three hosts': onHosts(3, { of: 'cgroup', cgroup: '/a', happenedMin: 30 }),
      'three hits of three cgroups': ['/a', '/b', '/c'].map((cgroup, i) => ({
        of: 'cgroup',
        host: 'k1',
        id: String(i),
        cgroup,
        happenedMin: 5,
      })),
      'a replay of the past': many(5, { of: 'cgroup', host: 'k1', cgroup: '/a', ...LATE }),
      'no cgroup': many(5, { of: 'machine', host: 'k1', happenedMin: 5 }),
    },
  },
};

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

  const templates = new Map((Object.keys(KINDS) as Event['of'][]).map((kind) => [kind, documentOf(kind)]));

  /** Writes the events, each as a document of its kind with its own host, victim, cgroup and times. */
  const write = async (events: readonly Event[], nowMs: number): Promise<void> => {
    const lines = events.flatMap(({ of, host = 'db1', id = 'event', victim, cgroup, happenedMin, ingestedMin }) => {
      const atMs = nowMs - happenedMin * MINUTE_MS;
      const document = structuredClone(templates.get(of) ?? {});
      const set = (section: string, more: object) => {
        document[section] = { ...Object(document[section]), ...more };
      };
      document['@timestamp'] = new Date(atMs).toISOString();
      set('event', { id, ingested: new Date(nowMs - (ingestedMin ?? happenedMin) * MINUTE_MS).toISOString() });
      set('host', { name: host });
      if (victim !== undefined) set('process', { name: victim });
      if (cgroup !== undefined)
        set('oom', { memcg: { ...Object(Reflect.get(Object(document['oom']), 'memcg')), path: cgroup } });
      return [JSON.stringify({ index: { _index: indexOf(atMs), _id: id } }), JSON.stringify(document)];
    });
    const query = { refresh: 'true' };
    const answer = await client.request({ method: 'POST', path: '/_bulk', query, lines: `${lines.join('\n')}\n` });
    expect(answer).toMatchObject({ status: 200, body: { errors: false } });
  };

  beforeAll(async () => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 30_000 });
    await installTemplates(client, { dynamic: 'strict' });
  });
  beforeEach(async () => {
    await ask('DELETE', '/oom-report-*');
  });
  afterAll(async () => {
    await client?.request({ method: 'DELETE', path: '/oom-report-*' });
    await client?.close();
  });

  it('are all shown here', () => {
    expect(Object.keys(CASES).sort()).toEqual(REPORT_ALERTS.map(({ id }) => id).sort());
  });

  const kibanaRule = new Map(buildKibanaRules().map(({ file, body }) => [file.replace('.json', ''), body]));

  /** What the rule's alerts are about, by engine. */
  const alertsOf = async (id: string, nowMs: number) => {
    const params = kibanaRule.get(id)?.['params'] as Parameters<typeof kibanaAlerts>[1];
    const file = ruleFiles().find(({ path }) => path === `elastalert/${id}.yaml`);
    return {
      kibana: await kibanaAlerts(client, params, nowMs),
      elastAlert: await elastAlerts(client, parse(file?.text ?? '') as ElastAlertRule, nowMs),
    };
  };

  it.each(Object.entries(CASES))('%s fires', async (id, { fires, about }) => {
    const nowMs = Date.now();
    await write(fires, nowMs);
    expect(await alertsOf(id, nowMs)).toEqual({ kibana: about, elastAlert: about });
  });

  const quiet = Object.entries(CASES).flatMap(([id, { quiet }]) =>
    Object.entries(quiet).map(([what, events]) => [id, what, events] as const),
  );
  it.each(quiet)('%s stays quiet for %s', async (id, _what, events) => {
    const nowMs = Date.now();
    await write(events, nowMs);
    expect(await alertsOf(id, nowMs)).toEqual({ kibana: [], elastAlert: [] });
  });

  it('have one alert for a report that was written twice', async () => {
    const nowMs = Date.now();
    const once = { kibana: ['twice'], elastAlert: ['twice'] };
    await write([{ of: 'lowmem', id: 'twice', happenedMin: 14 }], nowMs);
    expect(await alertsOf('lowmem-exhausted', nowMs)).toEqual(once);
    // The fuller reading, minutes later: the same alert is still active.
    await write([{ of: 'lowmem', id: 'twice', happenedMin: 14, ingestedMin: 2 }], nowMs);
    expect(await alertsOf('lowmem-exhausted', nowMs)).toEqual(once);
  });

  it('have a search for Discover that finds the same documents', async () => {
    const nowMs = Date.now();
    const kinds = Object.keys(KINDS) as Event['of'][];
    const ages = [1, 90, 10 * 60, 3 * 24 * 60];
    const mixed = kinds.flatMap((of) => ages.map((happenedMin) => ({ of, id: `${of}-${happenedMin}`, happenedMin })));
    await write(mixed, nowMs);
    for (const alert of REPORT_ALERTS) {
      const query = `FROM oom-report | WHERE KQL(${JSON.stringify(kqlFilter(alert))}) | KEEP event.id | SORT event.id`;
      const byKql = (await search('/_query', { query }))['values'];
      const body = { query: { bool: { filter: dslFilter(alert) } }, sort: ['event.id'], _source: false, size: 100 };
      const { hits } = (await search('/oom-report/_search', body))['hits'] as { hits: { _id: string }[] };
      expect(hits.length).toBeGreaterThan(0);
      expect(byKql, alert.id).toEqual(hits.map(({ _id }) => [_id]));
    }
  });

  it('look no further back than a day, and say so in their queries', () => {
    for (const { id, eventHours } of REPORT_ALERTS) {
      expect(eventHours).toBeLessThanOrEqual(24);
      const text = JSON.stringify(kibanaRule.get(id));
      expect(text).toMatch(new RegExp(`now-${eventHours}h|NOW\\(\\) - ${eventHours} hours`));
    }
  });
});
