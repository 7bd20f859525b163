/** Columns of a Lens panel: what is counted or measured, and by what. Each is one aggregation of Elasticsearch. */
import type { FieldDefinition } from '../../document/index.ts';
import { FIELD_BY_NAME } from '../../document/index.ts';
import { type FieldName, kuery, TIME_FIELD } from './object.ts';

/** A column as Lens stores it. */
export interface Column {
  readonly operationType:
    | 'count'
    | 'unique_count'
    | 'sum'
    | 'max'
    | 'min'
    | 'average'
    | 'last_value'
    | 'terms'
    | 'date_histogram';
  readonly sourceField: FieldName | '___records___';
  readonly dataType: 'number' | 'string' | 'boolean' | 'date';
  readonly isBucketed: boolean;
  readonly scale: 'ratio' | 'ordinal' | 'interval';
  readonly label: string;
  readonly customLabel: true;
  readonly params: Readonly<Record<string, unknown>>;
  /** Counts these documents only. */
  readonly filter?: { readonly query: string; readonly language: string };
}

/** Columns by their ids, in the order of nesting: buckets first. */
export type Columns = Readonly<Record<string, Column>>;

const DATA_TYPES: Readonly<Partial<Record<FieldDefinition['type'], Column['dataType']>>> = {
  keyword: 'string',
  boolean: 'boolean',
  date: 'date',
};

const dataTypeOf = (field: FieldName): Column['dataType'] => DATA_TYPES[definitionOf(field).type] ?? 'number';

function definitionOf(field: FieldName): FieldDefinition {
  const definition = FIELD_BY_NAME.get(field);
  if (definition === undefined) throw new Error(`${field} is no field of the document`);
  return definition;
}

/** Kibana's format of a number by its unit; none for times and plain counts. */
function formatOf(field: FieldName): Readonly<Record<string, unknown>> {
  const { unit } = definitionOf(field);
  if (unit === 'bytes') return { format: { id: 'bytes', params: { decimals: 1 } } };
  if (unit === 'ratio') return { format: { id: 'number', params: { decimals: 2 } } };
  return {};
}

const filterOf = (where: string | undefined) => (where === undefined ? {} : { filter: kuery(where) });

/** Number of reports; `where` is KQL. */
export const count = (label: string, where?: string): Column => ({
  operationType: 'count',
  sourceField: '___records___',
  dataType: 'number',
  isBucketed: false,
  scale: 'ratio',
  label,
  customLabel: true,
  params: { emptyAsNull: false },
  ...filterOf(where),
});

/** Number of different values. */
export const unique = (field: FieldName, label: string, where?: string): Column => ({
  operationType: 'unique_count',
  sourceField: field,
  dataType: 'number',
  isBucketed: false,
  scale: 'ratio',
  label,
  customLabel: true,
  params: { emptyAsNull: false },
  ...filterOf(where),
});

/** Sum, extreme or mean of a number; of a time its newest (`max`) or oldest (`min`). */
export const measure = (
  operationType: 'sum' | 'max' | 'min' | 'average',
  field: FieldName,
  label: string,
  where?: string,
): Column => ({
  operationType,
  sourceField: field,
  dataType: dataTypeOf(field) === 'date' ? 'date' : 'number',
  isBucketed: false,
  scale: 'ratio',
  label,
  customLabel: true,
  params: { emptyAsNull: true, ...formatOf(field) },
  ...filterOf(where),
});

/** The value in the newest report that has one. */
export const newest = (field: FieldName, label: string): Column => ({
  operationType: 'last_value',
  sourceField: field,
  dataType: dataTypeOf(field),
  isBucketed: false,
  scale: dataTypeOf(field) === 'number' ? 'ratio' : 'ordinal',
  label,
  customLabel: true,
  params: { sortField: TIME_FIELD, showArrayValues: false, ...formatOf(field) },
  filter: kuery(`${field}: *`),
});

/** One bucket per value, the `size` largest by the column `by`. */
export const terms = (field: FieldName, label: string, size: number, by: string, otherBucket = false): Column => ({
  operationType: 'terms',
  sourceField: field,
  dataType: dataTypeOf(field),
  isBucketed: true,
  scale: 'ordinal',
  label,
  customLabel: true,
  params: {
    size,
    orderBy: { type: 'column', columnId: by },
    orderDirection: 'desc',
    otherBucket,
    missingBucket: false,
    parentFormat: { id: 'terms' },
    include: [],
    exclude: [],
    includeIsRegex: false,
    excludeIsRegex: false,
  },
});

/** One bucket per span of event time, as wide as the screen asks. */
export const overTime = (): Column => ({
  operationType: 'date_histogram',
  sourceField: TIME_FIELD,
  dataType: 'date',
  isBucketed: true,
  scale: 'interval',
  label: 'time',
  customLabel: true,
  params: { interval: 'auto', includeEmptyRows: true, dropPartials: false },
});
