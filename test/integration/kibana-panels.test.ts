/** Every panel's own search on a real Elasticsearch, its rows against the documents, its charts drawn. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { installTemplates, kibanaText } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../../src/clients/elasticsearch.ts';
import { matchesKql, readKql } from '../support/kibana/kql.ts';
import { aliasOf, expectedValues, rowsOf, searchOf } from '../support/kibana/lens-aggregation.ts';
import { allPanels, readObjects, searchSourceOf, vegaSpecOf } from '../support/kibana/objects.ts';
import { drawVega, injectContext } from '../support/kibana/vega-context.ts';
import { MONTH, simulateMonth } from '../support/month.ts';
import { indexStored, storedOf } from '../support/month-index.ts';

const server = inject('elasticsearch');
const text = kibanaText('8.19');
const panels = allPanels(text);

describe.skipIf(!server)('the panels of Kibana', () => {
  let client: ElasticsearchClient;
  /** By the alias that they are read by. */
  const documents: Record<string, Readonly<Record<string, unknown>>[]> = { 'oom-report': [], 'oom-host': [] };

  const ask = async (method: 'POST' | 'DELETE', path: string, body?: Record<string, unknown>) => {
    const answer = await client.request({ method, path, ...(body && { body }) });
    if (answer.kind !== 'answer' || answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer.body as Record<string, unknown>;
  };

  const wipe = () => client?.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });

  beforeAll(async () => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 30_000 });
    await wipe();
    await installTemplates(client, { dynamic: 'strict' });
    const stored = storedOf(simulateMonth({ hosts: 2000, noisePerHost: 2 }));
    for (const { index, document } of stored) {
      documents[index.startsWith('oom-host') ? 'oom-host' : 'oom-report']?.push(document);
    }
    await indexStored(client, stored);
  });

  afterAll(async () => {
    await wipe();
    await client?.close();
  });

  const lens = panels.flatMap(({ name, panel: { embeddableConfig } }) =>
    embeddableConfig.attributes ? [{ name, attributes: embeddableConfig.attributes }] : [],
  );

  it.each(lens)('$name', async ({ attributes }) => {
    const alias = aliasOf(attributes);
    const rows = rowsOf(attributes, await ask('POST', `/${alias}/_search`, searchOf(attributes)));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const values = expectedValues(attributes, row, documents[alias] ?? []);
      for (const [id, value] of Object.entries(row.values)) {
        if (typeof value === 'number')
          expect(value, `${id} of ${JSON.stringify(row.keys)}`).toBeCloseTo(Number(values[id]), 3);
        else expect(value, `${id} of ${JSON.stringify(row.keys)}`).toBe(values[id]);
      }
    }
    // No panel is empty in a fleet where all of it happens.
    expect(rows.some(({ values }) => Object.values(values).some((value) => value !== undefined && value !== 0))).toBe(
      true,
    );
  });

  const vega = panels.flatMap(({ name, panel }) => {
    const spec = vegaSpecOf(panel);
    return spec === undefined ? [] : [{ name, spec }];
  });

  it.each(vega)('$name', async ({ spec }) => {
    const context = { ...MONTH, filter: [{ match_phrase: { 'event.dataset': 'oom.report' } }] };
    const body = injectContext(spec.data.url.body, context) as Record<string, unknown>;
    const answer = await ask('POST', `/${spec.data.url.index}/_search`, body);
    const hits = Reflect.get(Object(answer['hits']), 'hits') as unknown[];
    expect(hits.length).toBeGreaterThan(0);
    const { svg, warnings } = await drawVega(spec, answer);
    expect(warnings).toEqual([]);
    expect(svg).toMatch(/^<svg /);
    const marks = svg.match(/<path aria-label="/g) ?? [];
    // Of many reports one point each, of one report a bar for each part.
    expect(marks.length).toBeGreaterThanOrEqual(Math.max(3, hits.length / 2));
    expect(svg).not.toContain('NaN');
    expect(svg).not.toContain('undefined');
  });

  it.each(vega)('$name, without data', async ({ spec }) => {
    const context = { fromMs: 0, toMs: 1 };
    const body = injectContext(spec.data.url.body, context) as Record<string, unknown>;
    const answer = await ask('POST', `/${spec.data.url.index}/_search`, body);
    const { svg, warnings } = await drawVega(spec, answer);
    expect(svg).toMatch(/^<svg /);
    // Axes without a datum have no extent; Kibana hides that (config.kibana.hideWarnings).
    for (const warning of warnings) expect(warning).toMatch(/^(Infinite extent|Log scale domain)/);
  });

  const queries = [
    ...readObjects(text)
      .filter(({ type }) => type === 'search')
      .map(searchSourceOf)
      .map(({ query, dataView }) => ({ alias: dataView, query })),
    ...lens.flatMap(({ attributes }) => {
      const text = JSON.stringify(attributes);
      const inner = [...text.matchAll(/"filter":\{"query":"([^"]+)"/g)].map(([, query]) => query ?? '');
      return [attributes.state.query.query, ...inner].map((query) => ({ alias: aliasOf(attributes), query }));
    }),
  ];

  const kql = [...new Map(queries.map((query) => [JSON.stringify(query), query])).values()];
  const used = kql.filter(({ query }) => query !== '');
  it.skipIf(!server?.can.esql).each(used)(
    'KQL as Elasticsearch reads it: $query of $alias',
    async ({ alias, query }) => {
      const esql = `FROM ${alias} | WHERE KQL("${query}") | STATS n = COUNT(*)`;
      const answer = await ask('POST', '/_query', { query: esql });
      expect(readKql(query).length).toBeGreaterThan(0);
      const matching = documents[alias]?.filter((document) => matchesKql(document, query));
      expect(answer['values']).toEqual([[matching?.length]]);
    },
  );
});
