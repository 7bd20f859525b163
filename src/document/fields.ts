/** The one definition of the document's fields. The mapping, the reference page and the types of the builders follow. */
import type { FieldDefinition, FieldType } from './field.ts';
import { ECS_FIELDS } from './fields-ecs.ts';
import { HOST_OWN_FIELDS } from './fields-host.ts';
import { OOM_FIELDS } from './fields-oom.ts';
import { ZONE_FIELDS, type ZoneClass, type ZoneColumn } from './fields-zone.ts';

/** Raised when a change of the fields asks for new templates; templates are never replaced by older ones. */
export const SCHEMA_VERSION = 1;

/** Every field of a report's document, in the order in which documents and the reference show them. */
export const FIELDS: readonly FieldDefinition[] = [...ECS_FIELDS, ...OOM_FIELDS, ...ZONE_FIELDS];

/** The definition of a field by its dotted name, those of the inventory included. */
export const FIELD_BY_NAME: ReadonlyMap<string, FieldDefinition> = new Map(
  [...FIELDS, ...HOST_OWN_FIELDS].map((field) => [field.name, field]),
);

type Row = (typeof ECS_FIELDS)[number] | (typeof OOM_FIELDS)[number] | (typeof HOST_OWN_FIELDS)[number];

interface ValueOfType {
  keyword: string;
  text: string;
  unindexed: string;
  long: number;
  short: number;
  byte: number;
  double: number;
  boolean: boolean;
  /** ms since the epoch. */
  date: number;
  nested: readonly Readonly<Record<string, unknown>>[];
  disabled: Readonly<Record<string, unknown>>;
  labels: Readonly<Record<string, string>>;
}

type ValueOf<F extends { readonly type: FieldType }> = F extends { readonly list: true }
  ? readonly ValueOfType[F['type']][]
  : ValueOfType[F['type']];

type RowLeaves = { readonly [F in Row as F['name']]?: ValueOf<F> | undefined };
type ZoneLeaves = {
  readonly [C in ZoneColumn as `oom.zone.${ZoneClass}.${C['name']}`]?: ValueOf<C> | undefined;
};

/** Values of fields by dotted name; absent and undefined mean that the document lacks the field. */
export type Leaves = RowLeaves & ZoneLeaves;

/** The dotted name of a field. */
export type FieldName = keyof Leaves;

/** The row of a nested field, without the field's own name: `ProcessRow` has `pid`, `name`, ... */
export type ProcessRow = {
  readonly [F in Row as F['name'] extends `oom.process.${infer Key}` ? Key : never]?: ValueOf<F> | undefined;
};
