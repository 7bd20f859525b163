/** What Kibana would stumble over in an import file: dangling references, accessors without columns, unfit fields. */
import type { Column } from '../../../src/assets/kibana/columns.ts';
import { FIELDS, type FieldDefinition, type FieldType, HOST_FIELDS } from '../../../src/document/index.ts';
import { readKql } from './kql.ts';
import { type LensAttributes, panelsOf, type ReadObject, type ReadPanel, readObjects, vegaSpecOf } from './objects.ts';

const GRID_COLUMNS = 48;
const TYPES = new Set(['tag', 'index-pattern', 'search', 'dashboard']);

/** Newest versions that 8.19 and 9.0 both take. */
const NEWEST: Readonly<Record<string, string>> = {
  'index-pattern': '8.0.0',
  search: '10.2.0',
  tag: '8.0.0',
  dashboard: '10.2.0',
};

const NUMBERS: readonly FieldType[] = ['long', 'short', 'byte', 'double'];
const AGGREGATABLE: readonly FieldType[] = ['keyword', 'boolean', ...NUMBERS];

/** Types of fields that each operation takes. */
const FITTING: Readonly<Record<Column['operationType'], readonly FieldType[]>> = {
  count: [],
  sum: NUMBERS,
  average: NUMBERS,
  max: [...NUMBERS, 'date'],
  min: [...NUMBERS, 'date'],
  unique_count: AGGREGATABLE,
  terms: AGGREGATABLE,
  last_value: [...AGGREGATABLE, 'date'],
  date_histogram: ['date'],
};

/** Every error, as `object: what is wrong`; none for a file that holds together. */
export function closureErrors(ndjson: string): string[] {
  const objects = readObjects(ndjson);
  const known = new Set(objects.map(({ type, id }) => `${type}:${id}`));
  const errors = objects.flatMap((object) => {
    const found = [...headErrors(object, known), ...bodyErrors(object)];
    return found.map((error) => `${object.type} ${object.id}: ${error}`);
  });
  if (known.size !== objects.length) errors.push('an id occurs twice');
  return errors;
}

function headErrors({ type, references, coreMigrationVersion, typeMigrationVersion }: ReadObject, known: Set<string>) {
  const errors: string[] = [];
  if (!TYPES.has(type)) errors.push(`unknown type ${type}`);
  if (isNewer(coreMigrationVersion, '8.8.0')) errors.push(`coreMigrationVersion ${coreMigrationVersion}`);
  if (isNewer(typeMigrationVersion, NEWEST[type] ?? '')) errors.push(`typeMigrationVersion ${typeMigrationVersion}`);
  const names = references.map(({ name }) => name);
  for (const name of names.filter((name, i) => names.indexOf(name) !== i)) errors.push(`reference ${name} twice`);
  for (const reference of references) {
    const key = `${reference.type}:${reference.id}`;
    if (!known.has(key)) errors.push(`refers to ${key}, which is not in the file`);
  }
  return errors;
}

/** True also for what is no version. */
function isNewer(version: string, than: string): boolean {
  const [a = [], b = []] = [version, than].map((text) => String(text).split('.').map(Number));
  if (a.length !== 3 || a.some((part) => !Number.isInteger(part))) return true;
  const differing = a.findIndex((part, i) => part !== b[i]);
  return differing >= 0 && (a[differing] ?? 0) > (b[differing] ?? 0);
}

function bodyErrors(object: ReadObject): string[] {
  if (object.type === 'dashboard') return dashboardErrors(object);
  if (object.type === 'search') return searchErrors(object);
  if (object.type === 'index-pattern') return dataViewErrors(object);
  return [];
}

/** A text of JSON, decoded once: what decodes to a text again was encoded twice. */
function decode(text: unknown, name: string, errors: string[]): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(text));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    errors.push(`${name} is encoded twice`);
  } catch {
    errors.push(`${name} is no JSON`);
  }
  return {};
}

/** The fields of each data view. */
const FIELDS_OF: Readonly<Record<string, readonly FieldDefinition[]>> = {
  'oom-report': FIELDS,
  'oom-host': HOST_FIELDS,
};

type Fields = ReadonlyMap<string, FieldDefinition>;

const fieldsOf = (dataView: string | undefined): Fields =>
  new Map((FIELDS_OF[dataView ?? ''] ?? []).map((field) => [field.name, field]));

const REPORT = fieldsOf('oom-report');

const fieldErrors = (field: string, fields: Fields): string[] =>
  fields.has(field) ? [] : [`field ${field} does not exist`];

const kqlErrors = (query: unknown, fields: Fields): string[] =>
  readKql(String(query)).flatMap(({ field }) => fieldErrors(field, fields));

function searchSourceOf(object: ReadObject, errors: string[]): Record<string, unknown> {
  const meta = object.attributes['kibanaSavedObjectMeta'];
  const text = typeof meta === 'object' && meta !== null ? Reflect.get(meta, 'searchSourceJSON') : undefined;
  const source = decode(text, 'searchSourceJSON', errors);
  for (const name of JSON.stringify(source).matchAll(/"indexRefName":"([^"]+)"/g)) {
    if (!object.references.some((reference) => reference.name === name[1] && reference.type === 'index-pattern'))
      errors.push(`indexRefName ${name[1]} has no reference`);
  }
  return source;
}

function searchErrors(object: ReadObject): string[] {
  const errors: string[] = [];
  const source = searchSourceOf(object, errors);
  if (source['indexRefName'] === undefined) errors.push('has no data view');
  const fields = fieldsOf(object.references.find(({ name }) => name === source['indexRefName'])?.id);
  errors.push(...kqlErrors(Reflect.get(Object(source['query']), 'query'), fields));
  const columns = object.attributes['columns'];
  if (!Array.isArray(columns) || columns.length === 0) errors.push('has no columns');
  else errors.push(...columns.flatMap((column) => fieldErrors(String(column), fields)));
  return errors;
}

function dataViewErrors({ id, attributes }: ReadObject): string[] {
  const errors: string[] = [];
  const fields = fieldsOf(id);
  if (attributes['title'] !== id) errors.push(`reads ${attributes['title']}`);
  for (const name of ['fieldFormatMap', 'fieldAttrs', 'runtimeFieldMap', 'typeMeta', 'sourceFilters', 'fields']) {
    const value = decode(attributes[name], name, errors);
    if (name.startsWith('fieldFormat') || name === 'fieldAttrs')
      errors.push(...Object.keys(value).flatMap((field) => fieldErrors(field, fields)));
  }
  const { timeFieldName } = attributes;
  // The inventory of hosts is of the present and has none.
  const isDate = timeFieldName === undefined ? id === 'oom-host' : fields.get(String(timeFieldName))?.type === 'date';
  if (!isDate) errors.push('time field is no date');
  return errors;
}

function dashboardErrors(object: ReadObject): string[] {
  const errors: string[] = [];
  const source = searchSourceOf(object, errors);
  if (!Array.isArray(source['filter']) || source['filter'].length === 0) errors.push('has no filter');
  else errors.push(...datasetErrors(source['filter'], object.references));
  const { attributes } = object;
  if (attributes['timeRestore'] !== true || !attributes['timeFrom'] || !attributes['timeTo'])
    errors.push('has no time');
  decode(attributes['optionsJSON'], 'optionsJSON', errors);
  const panels = panelsOf(object);
  errors.push(...gridErrors(panels));
  const used = new Set<string>();
  for (const panel of panels) {
    const found = panelErrors(panel, object.references, used);
    errors.push(...found.map((error) => `panel ${panel.panelIndex} (${panel.title}): ${error}`));
  }
  for (const { name } of object.references) {
    if (/^p\d+:/.test(name) && !used.has(name)) errors.push(`reference ${name} belongs to no panel`);
  }
  return errors;
}

/** Kibana applies the filters of a dashboard to every panel, whatever its data view: each has to let its documents through. */
function datasetErrors(filters: readonly unknown[], references: ReadObject['references']): string[] {
  const views = references.filter(({ type }) => type === 'index-pattern').map(({ id }) => id);
  return [...new Set(views)].flatMap((view) => {
    const dataset = view.replace('-', '.');
    const passes = filters.every((filter) => JSON.stringify(filter).includes(`{"event.dataset":"${dataset}"}`));
    return passes ? [] : [`its filter hides all of ${view}`];
  });
}

function gridErrors(panels: readonly ReadPanel[]): string[] {
  const errors: string[] = [];
  const indices = panels.map(({ panelIndex }) => panelIndex);
  if (new Set(indices).size !== indices.length) errors.push('a panelIndex occurs twice');
  for (const { panelIndex, gridData: a } of panels) {
    if (panelIndex !== a.i) errors.push(`panel ${panelIndex}: gridData.i is ${a.i}`);
    if (a.w < 1 || a.h < 1 || a.x < 0 || a.x + a.w > GRID_COLUMNS) errors.push(`panel ${panelIndex}: outside the grid`);
    const overlaps = panels.some(
      ({ panelIndex: other, gridData: b }) =>
        other !== panelIndex && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
    );
    if (overlaps) errors.push(`panel ${panelIndex}: overlaps`);
  }
  return errors;
}

function panelErrors(panel: ReadPanel, references: ReadObject['references'], used: Set<string>): string[] {
  const { panelIndex, panelRefName, embeddableConfig } = panel;
  if (panelRefName !== undefined) {
    const name = `${panelIndex}:${panelRefName}`;
    used.add(name);
    return references.some((reference) => reference.name === name) ? [] : [`${name} has no reference`];
  }
  if (embeddableConfig.attributes) {
    return lensErrors(embeddableConfig.attributes, (layer, dataView) => {
      const name = `${panelIndex}:${layer}`;
      used.add(name);
      return references.some((reference) => reference.name === name && reference.id === dataView);
    });
  }
  return vegaErrors(panel);
}

function lensErrors(
  { references, state, visualizationType }: LensAttributes,
  isReferred: (name: string, dataView: string | undefined) => boolean,
) {
  const errors: string[] = [];
  const layers = Object.entries(state.datasourceStates.formBased.layers);
  const columns = new Map<string, Column>();
  for (const [id, layer] of layers) {
    const name = `indexpattern-datasource-layer-${id}`;
    const reference = references.find((reference) => reference.name === name);
    if (reference === undefined) errors.push(`layer ${id} has no reference`);
    const fields = fieldsOf(reference?.id);
    errors.push(...kqlErrors(state.query.query, fields));
    if (!isReferred(name, reference?.id)) errors.push(`the dashboard has no reference for layer ${id}`);
    if ([...layer.columnOrder].sort().join() !== Object.keys(layer.columns).sort().join())
      errors.push('columnOrder does not list all columns');
    const firstMetric = layer.columnOrder.findIndex((key) => layer.columns[key]?.isBucketed === false);
    const lastBucket = layer.columnOrder.findLastIndex((key) => layer.columns[key]?.isBucketed === true);
    if (firstMetric < 0) errors.push('nothing is measured');
    else if (lastBucket > firstMetric) errors.push('a bucket stands behind a metric');
    for (const [key, column] of Object.entries(layer.columns)) {
      columns.set(key, column);
      errors.push(...columnErrors(column, layer.columns, fields).map((error) => `column ${key}: ${error}`));
    }
  }
  const layerIds = new Set(layers.map(([id]) => id));
  return [...errors, ...accessorErrors(visualizationType, state.visualization, columns, layerIds)];
}

function columnErrors(column: Column, columns: Readonly<Record<string, Column>>, fields: Fields): string[] {
  const errors = column.filter ? kqlErrors(column.filter.query, fields) : [];
  const { operationType, sourceField, params } = column;
  if (operationType === 'count') return sourceField === '___records___' ? errors : [...errors, 'counts a field'];
  const type = fields.get(sourceField)?.type;
  if (type === undefined) errors.push(`field ${sourceField} does not exist`);
  else if (!FITTING[operationType].includes(type))
    errors.push(`${operationType} does not take ${sourceField} (${type})`);
  if (sourceField.startsWith('oom.process.')) errors.push(`${sourceField} is nested, which Lens cannot see`);
  if (operationType === 'terms') {
    const by = columns[String(Reflect.get(Object(params['orderBy']), 'columnId'))];
    if (by === undefined || by.isBucketed) errors.push('is ordered by a column that is no metric of the layer');
    if (Number(params['size']) > 1000) errors.push('asks for too many buckets');
  }
  return errors;
}

/** Keys of visualization states whose values are ids of columns. */
const BUCKET_ACCESSORS = new Set(['xAccessor', 'yAccessor', 'splitAccessor']);
const METRIC_ACCESSORS = new Set(['metricAccessor', 'valueAccessor', 'accessors']);

function accessorErrors(
  visualizationType: string,
  state: unknown,
  columns: ReadonlyMap<string, Column>,
  layers: ReadonlySet<string>,
): string[] {
  const errors: string[] = [];
  let seen = 0;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, item] of Object.entries(value)) {
      if (key === 'layerId' && !layers.has(String(item))) errors.push(`layer ${item} does not exist`);
      const isBucket = BUCKET_ACCESSORS.has(key);
      if (isBucket || METRIC_ACCESSORS.has(key) || key === 'columnId') {
        for (const id of Array.isArray(item) ? item : [item]) {
          seen += 1;
          const column = columns.get(String(id));
          if (column === undefined) errors.push(`${key} ${id} is no column`);
          else if (key !== 'columnId' && column.isBucketed !== isBucket)
            errors.push(`${key} ${id} is of the wrong kind`);
        }
      } else visit(item);
    }
  };
  visit(state);
  if (seen === 0) errors.push(`${visualizationType} shows no column`);
  return errors;
}

function vegaErrors(panel: ReadPanel): string[] {
  const spec = vegaSpecOf(panel);
  if (spec === undefined) return [`${panel.type} is neither Lens nor Vega nor a saved search`];
  const errors: string[] = [];
  if (spec.$schema !== 'https://vega.github.io/schema/vega-lite/v5.json') errors.push(`schema ${spec.$schema}`);
  const { url } = spec.data;
  if (url.index !== 'oom-report') errors.push(`reads ${url.index}`);
  // Kibana throws on both together.
  if ('%context%' in url || '%timefield%' in url) errors.push('%context% beside a query');
  const text = JSON.stringify(url.body);
  for (const clause of ['must', 'filter', 'must_not']) {
    if (!text.includes(`%dashboard_context-${clause}_clause%`)) errors.push(`leaves out the dashboard's ${clause}`);
  }
  if (!text.includes('"%timefilter%":true')) errors.push("leaves out the dashboard's time");
  const names = [...REPORT.keys()];
  for (const [, field] of text.matchAll(/"(?:exists":\{"field":"|term":\{"|range":\{")([^"]+)"/g))
    errors.push(...fieldErrors(field ?? '', REPORT));
  const source = url.body['_source'];
  for (const path of Array.isArray(source) ? source : []) {
    if (!names.some((name) => name === path || name.startsWith(`${path}.`)))
      errors.push(`_source ${path} does not exist`);
  }
  const columns = url.body['docvalue_fields'];
  const fetched = new Set(Array.isArray(columns) ? columns.map(String) : []);
  for (const field of fetched) errors.push(...fieldErrors(field, REPORT));
  for (const [, field] of JSON.stringify(spec).matchAll(/datum\.fields\['([^']+)'\]/g)) {
    if (!fetched.has(field ?? '')) errors.push(`${field} is not fetched`);
  }
  for (const [, path] of JSON.stringify(spec).matchAll(/datum\._source\.([\w.]+)/g)) {
    const isFetched = (Array.isArray(source) ? source : []).some(
      (root) => path === root || path?.startsWith(`${root}.`) || `${root}`.startsWith(`${path}.`),
    );
    if (!isFetched) errors.push(`${path} is not fetched`);
    if (!names.some((name) => name === path || name.startsWith(`${path}.`))) errors.push(`${path} does not exist`);
  }
  return errors;
}
