/** Vega panels: what Lens cannot draw (scatter plots, the inside of one report). */
import { ALIASES } from '../templates.ts';
import { type FieldName, kuery, TIME_FIELD } from './object.ts';
import type { Panel } from './panel.ts';

export interface VegaOptions {
  readonly title: string;
  /** Clauses of the filter, beside the dashboard's own query, filters and time. */
  readonly filter: readonly Readonly<Record<string, unknown>>[];
  /** Newest reports to fetch. */
  readonly size: number;
  /** Single values to fetch, from the columns of the index: a hit has them under `fields`, each as a list. */
  readonly fields?: readonly FieldName[];
  /** Objects of the document to fetch, where whole ones are needed: documents are large, and slow to read by the hundred. */
  readonly source?: readonly string[];
  /** The rest of the Vega-Lite specification; each datum is a hit of the search. */
  readonly chart: Readonly<Record<string, unknown>>;
}

/** Kibana replaces these by the dashboard's own clauses and time. */
const contextQuery = (filter: VegaOptions['filter']) => ({
  bool: {
    must: ['%dashboard_context-must_clause%'],
    filter: ['%dashboard_context-filter_clause%', { range: { [TIME_FIELD]: { '%timefilter%': true } } }, ...filter],
    must_not: ['%dashboard_context-must_not_clause%'],
  },
});

/** A Vega-Lite panel over the newest reports of the dashboard's context. */
export function vegaPanel({ title, filter, size, fields, source, chart }: VegaOptions): Panel {
  const body = {
    size,
    sort: [{ [TIME_FIELD]: 'desc' }],
    ...(source && { _source: source }),
    ...(fields && { docvalue_fields: fields, stored_fields: '_none_' }),
    query: contextQuery(filter),
  };
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    autosize: { type: 'fit', contains: 'padding' },
    config: { kibana: { hideWarnings: true }, axis: { labelLimit: 160 }, legend: { orient: 'right' } },
    data: { url: { index: ALIASES[0], body }, format: { property: 'hits.hits' } },
    ...chart,
  };
  const savedVis = {
    id: '',
    title,
    description: '',
    type: 'vega',
    uiState: {},
    params: { spec: JSON.stringify(spec, null, 2) },
    data: { aggs: [], searchSource: { query: kuery(), filter: [] } },
  };
  return { title, type: 'visualization', embeddableConfig: { enhancements: {}, savedVis }, references: [] };
}
