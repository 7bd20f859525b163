/** The search that Lens makes of a layer, and its answer as rows; and the same rows counted from the documents. */
import type { Column } from '../../../src/assets/kibana/columns.ts';
import { type Document, dslOfKql, matchesKql, valuesOf } from './kql.ts';
import type { LensAttributes, ReadLayer } from './objects.ts';

type Json = Record<string, unknown>;

/** One row of a panel: the keys of its buckets and its measures, by column. */
export interface PanelRow {
  readonly keys: Readonly<Record<string, string | number>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Width of the buckets of time, where Lens takes one that fits the screen. */
const BUCKET_MS = 86_400_000;

export const layerOf = ({ state }: LensAttributes): ReadLayer => {
  const [layer, ...others] = Object.values(state.datasourceStates.formBased.layers);
  if (layer === undefined || others.length > 0) throw new Error('a panel has one layer');
  return layer;
};

/** The alias that the panel reads: its data view's id is its title. */
export const aliasOf = ({ references }: LensAttributes): string => {
  const [reference] = references;
  if (reference === undefined) throw new Error('a panel has a data view');
  return reference.id;
};

/** The body of the search: buckets within buckets in the order of the columns, the measures in the innermost. */
export function searchOf(attributes: LensAttributes): Json {
  const layer = layerOf(attributes);
  const buckets = layer.columnOrder.filter((id) => layer.columns[id]?.isBucketed);
  const metrics = layer.columnOrder.filter((id) => layer.columns[id]?.isBucketed === false);
  let aggs = Object.assign({}, ...metrics.map((id) => metricAgg(id, columnOf(layer, id)))) as Json;
  for (const id of buckets.reverse()) {
    const column = columnOf(layer, id);
    aggs = { [id]: bucketAgg(column, layer, aggs) };
  }
  return { size: 0, query: dslOfKql(attributes.state.query.query), aggs };
}

function columnOf(layer: ReadLayer, id: string): Column {
  const column = layer.columns[id];
  if (column === undefined) throw new Error(`${id} is no column`);
  return column;
}

/** Metrics by which the terms are ordered are computed beside their buckets as well. */
function bucketAgg({ operationType, sourceField, params }: Column, layer: ReadLayer, aggs: Json): Json {
  if (operationType === 'date_histogram') {
    return { date_histogram: { field: sourceField, fixed_interval: '1d', min_doc_count: 1 }, aggs };
  }
  const orderId = String(Reflect.get(Object(params['orderBy']), 'columnId'));
  const orderBy = columnOf(layer, orderId);
  const isCount = orderBy.operationType === 'count' && orderBy.filter === undefined;
  return {
    terms: { field: sourceField, size: params['size'], order: { [isCount ? '_count' : 'order']: 'desc' } },
    aggs: isCount ? aggs : { ...aggs, order: metricAgg('order', orderBy)['order'] },
  };
}

function metricAgg(id: string, column: Column): Json {
  const inner = measureAgg(column);
  if (column.filter === undefined) return inner === undefined ? {} : { [id]: inner };
  return { [id]: { filter: dslOfKql(column.filter.query), ...(inner && { aggs: { value: inner } }) } };
}

function measureAgg({ operationType, sourceField: field, params }: Column): Json | undefined {
  switch (operationType) {
    case 'count':
      return undefined;
    case 'unique_count':
      return { cardinality: { field } };
    case 'average':
      return { avg: { field } };
    case 'last_value': {
      const sort = [{ [String(params['sortField'])]: 'desc' }];
      return { top_hits: { size: 1, sort, _source: false, docvalue_fields: [field] } };
    }
    default:
      return { [operationType]: { field } };
  }
}

/** The rows of an answer. */
export function rowsOf(attributes: LensAttributes, answer: Json): PanelRow[] {
  const layer = layerOf(attributes);
  const buckets = layer.columnOrder.filter((id) => layer.columns[id]?.isBucketed);
  const total = Reflect.get(Object(Reflect.get(Object(answer['hits']), 'total')), 'value');
  const rows: PanelRow[] = [];
  const visit = (node: Json, depth: number, keys: PanelRow['keys']): void => {
    const id = buckets[depth];
    if (id === undefined) {
      rows.push({ keys, values: valuesOfNode(layer, node) });
      return;
    }
    for (const bucket of (node[id] as { buckets: Json[] }).buckets) {
      visit(bucket, depth + 1, { ...keys, [id]: (bucket['key_as_string'] ?? bucket['key']) as string | number });
    }
  };
  visit({ doc_count: total, ...(answer['aggregations'] as Json | undefined) }, 0, {});
  return rows;
}

function valuesOfNode(layer: ReadLayer, node: Json): PanelRow['values'] {
  const values: Record<string, unknown> = {};
  for (const [id, column] of Object.entries(layer.columns)) {
    if (column.isBucketed) continue;
    const own = column.filter === undefined ? node : (node[id] as Json);
    const agg = (column.filter === undefined ? node[id] : own['value']) as Json | undefined;
    if (column.operationType === 'count') values[id] = own['doc_count'];
    else if (column.operationType === 'last_value') values[id] = newestOf(agg, column.sourceField);
    else values[id] = agg?.['value'] ?? undefined;
  }
  return values;
}

function newestOf(agg: Json | undefined, field: string): unknown {
  const hits = Reflect.get(Object(agg?.['hits']), 'hits') as { fields?: Record<string, unknown[]> }[];
  return hits[0]?.fields?.[field]?.[0];
}

/** What the row has to show, counted from the documents. */
export function expectedValues(attributes: LensAttributes, row: PanelRow, documents: readonly Document[]) {
  const layer = layerOf(attributes);
  const own = documents.filter(
    (document) =>
      matchesKql(document, attributes.state.query.query) &&
      Object.entries(row.keys).every(([id, key]) => keysOf(document, columnOf(layer, id)).includes(String(key))),
  );
  const metrics = Object.entries(layer.columns).filter(([, column]) => !column.isBucketed);
  return Object.fromEntries(metrics.map(([id, column]) => [id, expected(column, own)]));
}

function keysOf(document: Document, { operationType, sourceField }: Column): string[] {
  const values = valuesOf(document, sourceField);
  if (operationType !== 'date_histogram') return values.map(String);
  return values.map((time) => {
    const ms = Date.parse(String(time));
    return new Date(ms - (ms % BUCKET_MS)).toISOString();
  });
}

function expected({ operationType, sourceField, filter, dataType }: Column, documents: readonly Document[]): unknown {
  const own = filter === undefined ? documents : documents.filter((document) => matchesKql(document, filter.query));
  if (operationType === 'count') return own.length;
  const values = own.flatMap((document) => valuesOf(document, sourceField));
  if (operationType === 'unique_count') return new Set(values).size;
  if (operationType === 'last_value') {
    const newest = own.reduce<Document | undefined>(
      (best, next) => (best === undefined || String(next['@timestamp']) > String(best['@timestamp']) ? next : best),
      undefined,
    );
    return newest === undefined ? undefined : valuesOf(newest, sourceField)[0];
  }
  const numbers = values.map((value) => (dataType === 'date' ? Date.parse(String(value)) : Number(value)));
  if (operationType === 'sum') return numbers.reduce((sum, value) => sum + value, 0);
  if (numbers.length === 0) return undefined;
  if (operationType === 'max') return Math.max(...numbers);
  if (operationType === 'min') return Math.min(...numbers);
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
