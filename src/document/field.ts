/** What a field of the document is: the shape of the rows in the field tables. */

export const FIELD_TYPES = [
  'keyword',
  'text',
  'long',
  'short',
  'byte',
  'double',
  'boolean',
  'date',
  'unindexed',
  'nested',
  'disabled',
  'labels',
] as const;
/**
 * Elasticsearch types of the server core, and four of our own: `unindexed` is a keyword that is stored and never
 * searched, `nested` holds rows, `disabled` is an object that is stored whole, `labels` is an object whose keys come
 * from the configuration and whose values are keywords.
 */
export type FieldType = (typeof FIELD_TYPES)[number];

/** What a number counts, for the reference and for the formats of dashboards. */
export type FieldUnit = 'bytes' | 's' | 'us' | 'ratio';

export interface FieldDefinition {
  /** Dotted name. */
  readonly name: string;
  readonly type: FieldType;
  readonly unit?: FieldUnit;
  /** True when the values come as a list. */
  readonly list?: true;
  /** The closed list of values, when there is one. */
  readonly values?: readonly string[];
  readonly meaning: string;
}

/** Keeps the literal names and types of a table, so that a misspelt field does not compile. */
export const defineFields = <const Table extends readonly FieldDefinition[]>(table: Table): Table => table;
