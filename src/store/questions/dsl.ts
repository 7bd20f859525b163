/** A question in the Query DSL of Elasticsearch, and the reader of its answer. */
import { readKey } from '../../clients/elasticsearch.ts';
import type { AnswerCell, AnswerTable } from '../../ports.ts';
import { dslRange, type Period } from './period.ts';
import { type Condition, columnsOf, type Group, IS_HOST, type Measure, MOST_ROWS, type Question } from './question.ts';
import { cellOf, tableOf } from './rows.ts';

type Json = Readonly<Record<string, unknown>>;

/** Groups that each shard hands over: as long as a month holds fewer, the counts are exact. */
const SHARD_GROUPS = 5_000;

/** Different values that are counted exactly. Each group pays for them in advance: 8 kB of the server's heap. */
const PRECISION = 1_000;

/** The query of the conditions and the period. */
export function dslQuery({ conditions, inventory }: Pick<Question, 'conditions' | 'inventory'>, period: Period): Json {
  const range = { range: { '@timestamp': dslRange(period) } };
  const span = inventory ? { bool: { should: [range, dslCondition(IS_HOST)] } } : range;
  return { bool: { filter: [span, ...conditions.map(dslCondition)] } };
}

function dslCondition({ field, is }: Condition): Json {
  return Array.isArray(is) ? { terms: { [field]: is } } : { term: { [field]: is } };
}

/** The body of a search over the indices of reports, and with the inventory over those of hosts too. */
export function dslOf(question: Question, period: Period): Json {
  return {
    size: 0,
    track_total_hits: false,
    query: dslQuery(question, period),
    aggs: groupAggs(question, question.groups, period),
  };
}

function groupAggs(question: Question, [group, ...rest]: readonly Group[], period: Period): Json {
  if (!group) return measureAggs(question);
  const aggs = groupAggs(question, rest, period);
  return { [group.name]: { ...bucketing(question, group, period), ...(Object.keys(aggs).length > 0 && { aggs }) } };
}

function bucketing({ atLeast, inventory }: Question, { field }: Group, { interval }: Period): Json {
  if (field === '@timestamp') return { date_histogram: { field, calendar_interval: interval, min_doc_count: 1 } };
  const order = [inventory ? { reports: 'desc' } : { _count: 'desc' }, { _key: 'asc' }];
  return {
    terms: { field, size: MOST_ROWS, shard_size: SHARD_GROUPS, order, ...(atLeast && { min_doc_count: atLeast }) },
  };
}

/** The count of reports is what every bucket has. */
function measureAggs({ measures }: Question): Json {
  return Object.fromEntries(
    measures.flatMap((measure) => {
      const agg = measureAgg(measure);
      return agg ? [[measure.name, agg]] : [];
    }),
  );
}

function measureAgg(measure: Measure): Json | undefined {
  switch (measure.kind) {
    case 'count':
      return measure.where && { filter: dslCondition(measure.where) };
    case 'distinct':
      return { cardinality: { field: measure.field, precision_threshold: PRECISION } };
    case 'least':
    case 'most': {
      const agg = extremeAgg(measure);
      return measure.where ? { filter: dslCondition(measure.where), aggs: { value: agg } } : agg;
    }
  }
}

function extremeAgg(measure: Extract<Measure, { kind: 'least' | 'most' }>): Json {
  const { field, kind } = measure;
  if (!isText(measure)) return { [kind === 'least' ? 'min' : 'max']: { field } };
  return { terms: { field, size: 1, order: { _key: kind === 'least' ? 'asc' : 'desc' } } };
}

const isText = (measure: Measure): boolean =>
  columnsOf({ name: '', title: '', meaning: '', conditions: [], groups: [], measures: [measure] })[0]?.kind === 'text';

/** The answer of the search as a table. */
export function readDsl(question: Question, body: unknown): AnswerTable {
  const rows: AnswerCell[][] = [];
  const columns = columnsOf(question);
  const walk = (node: unknown, [group, ...rest]: readonly Group[], keys: readonly unknown[]): void => {
    if (!group) {
      const values = [...keys, ...question.measures.map((measure) => measured(measure, node))];
      rows.push(columns.map((column, index) => cellOf(column, values[index])));
      return;
    }
    for (const bucket of bucketsOf(readKey(node, group.name))) walk(bucket, rest, [...keys, readKey(bucket, 'key')]);
  };
  walk(readKey(body, 'aggregations'), question.groups, []);
  return tableOf(question, rows);
}

function bucketsOf(aggregation: unknown): readonly unknown[] {
  const buckets = readKey(aggregation, 'buckets');
  return Array.isArray(buckets) ? buckets : [];
}

function measured(measure: Measure, bucket: unknown): unknown {
  const found = readKey(bucket, measure.name);
  if (measure.kind === 'count') return readKey(measure.where ? found : bucket, 'doc_count');
  const extreme = measure.where ? readKey(found, 'value') : found;
  const [first] = bucketsOf(extreme);
  return first === undefined ? readKey(extreme, 'value') : readKey(first, 'key');
}
