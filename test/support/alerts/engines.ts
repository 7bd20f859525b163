/** What Kibana and ElastAlert do with a rule: its own query against a server, its own threshold on the answer. */
import { type ElasticsearchClient, readKey } from '../../../src/clients/elasticsearch.ts';

type Json = Record<string, unknown>;

const MINUTE_MS = 60_000;
const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, d: 1440 * MINUTE_MS };

/** Buffer of ElastAlert for rules without a time frame, as its documentation proposes it. */
const BUFFER_MS = 15 * MINUTE_MS;

async function ask(client: ElasticsearchClient, path: string, body: Json): Promise<Json> {
  const answer = await client.request({ method: 'POST', path, body });
  if (answer.kind !== 'answer' || answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer.body as Json;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** The parameters of an .es-query rule, as they stand in its body. */
interface EsQueryParams {
  readonly searchType: 'esQuery' | 'esqlQuery';
  readonly index?: readonly string[];
  readonly esQuery?: string;
  readonly esqlQuery?: { readonly esql: string };
  readonly timeField: string;
  readonly timeWindowSize: number;
  readonly timeWindowUnit: 'm' | 'd';
  readonly threshold: readonly number[];
  readonly termField?: string;
  readonly termSize?: number;
}

/** The alerts that a rule of Kibana has active at `nowMs`, by what they are about. */
export async function kibanaAlerts(
  client: ElasticsearchClient,
  params: EsQueryParams,
  nowMs: number,
): Promise<string[]> {
  const startMs = nowMs - params.timeWindowSize * (UNIT_MS[params.timeWindowUnit] ?? 0);
  const window = {
    range: { [params.timeField]: { gt: iso(startMs), lte: iso(nowMs), format: 'strict_date_optional_time' } },
  };
  const [threshold = 0] = params.threshold;
  if (params.searchType === 'esqlQuery') {
    const answer = await ask(client, '/_query', {
      query: params.esqlQuery?.esql,
      filter: { bool: { filter: [window] } },
    });
    const rows = answer['values'] as unknown[][];
    return rows.length > threshold ? rows.map((row) => row.join(' ')).sort() : [];
  }
  const { query } = JSON.parse(params.esQuery ?? '') as { query: Json };
  const answer = await ask(client, `/${params.index?.join(',')}/_search`, {
    size: 0,
    query: { bool: { filter: [query, window] } },
    aggs: { groups: { terms: { field: params.termField, size: params.termSize } } },
  });
  const buckets = readKey(readKey(answer['aggregations'], 'groups'), 'buckets') as { key: string; doc_count: number }[];
  return buckets
    .filter(({ doc_count }) => doc_count >= threshold)
    .map(({ key }) => key)
    .sort();
}

/** The keys of an ElastAlert rule that the engine below knows. */
export interface ElastAlertRule {
  readonly type: 'any' | 'frequency' | 'cardinality' | 'new_term';
  readonly index: string;
  readonly timestamp_field: string;
  readonly filter: readonly Json[];
  readonly query_key?: string | readonly string[];
  readonly query_delay?: { readonly minutes: number };
  readonly timeframe?: { readonly minutes: number };
  readonly num_events?: number;
  readonly cardinality_field?: string;
  readonly max_cardinality?: number;
  readonly fields?: readonly string[];
  readonly terms_window_size?: { readonly days: number };
  /** True unless given: known terms are looked for in a subfield. */
  readonly use_keyword_postfix?: boolean;
}

/** The alerts that a rule of ElastAlert sends at `nowMs`, by what they are about. */
export async function elastAlerts(client: ElasticsearchClient, rule: ElastAlertRule, nowMs: number): Promise<string[]> {
  const endMs = nowMs - (rule.query_delay?.minutes ?? 0) * MINUTE_MS;
  const startMs = endMs - (rule.timeframe?.minutes ?? 0) * MINUTE_MS - (rule.timeframe ? 0 : BUFFER_MS);
  const hits = await hitsOf(client, rule, startMs, endMs);
  const keyFields = [rule.query_key ?? []].flat();
  const groups = Map.groupBy(hits, (hit) => keyFields.map((field) => fieldOf(hit, field)).join(' '));
  const keysWith = (isEnough: (group: Json[]) => boolean): string[] =>
    [...groups]
      .filter(([, group]) => isEnough(group))
      .map(([key]) => key)
      .sort();
  switch (rule.type) {
    case 'any':
      return keysWith(() => true);
    case 'frequency':
      return keysWith((group) => group.length >= (rule.num_events ?? 0));
    case 'cardinality':
      return keysWith(
        (group) =>
          new Set(group.map((hit) => fieldOf(hit, rule.cardinality_field ?? ''))).size > (rule.max_cardinality ?? 0),
      );
    case 'new_term': {
      const [field = ''] = rule.fields ?? [];
      const daysMs = (rule.terms_window_size?.days ?? 0) * 1440 * MINUTE_MS;
      const learnt = await hitsOf(client, rule, startMs - daysMs, startMs);
      const subfield = rule.use_keyword_postfix === false ? field : `${field}.keyword`;
      const known = new Set(learnt.map((hit) => fieldOf(hit, subfield)));
      return [...new Set(hits.map((hit) => String(fieldOf(hit, field))))].filter((value) => !known.has(value)).sort();
    }
  }
}

async function hitsOf(
  client: ElasticsearchClient,
  rule: ElastAlertRule,
  startMs: number,
  endMs: number,
): Promise<Json[]> {
  const window = { range: { [rule.timestamp_field]: { gt: iso(startMs), lte: iso(endMs) } } };
  const query = { bool: { filter: { bool: { must: [window, ...rule.filter] } } } };
  // From the columns of the index: a small server has no room for hundreds of whole reports.
  const fields = [rule.query_key ?? [], rule.cardinality_field ?? [], rule.fields ?? []].flat();
  const columns = { _source: false, stored_fields: '_none_', docvalue_fields: fields };
  const search = { query, size: 10_000, sort: [rule.timestamp_field], ...columns };
  const answer = await ask(client, `/${rule.index}/_search`, search);
  return (readKey(answer['hits'], 'hits') as { fields?: Json }[]).map(({ fields = {} }) => fields);
}

/** The value of a field of a hit; of a subfield that does not exist none. */
const fieldOf = (hit: Json, field: string): unknown => Object(hit[field])[0];
