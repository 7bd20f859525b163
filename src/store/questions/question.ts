/** What an operator's question is: plain data, from which each query form is built. */
import { FIELD_BY_NAME, type FieldName } from '../../document/index.ts';
import type { AnswerColumn } from '../../ports.ts';

/** A test on one field of a document. A list field passes when one of its values does. */
export interface Condition {
  readonly field: FieldName;
  /** The value, or several of which one suffices. */
  readonly is: string | boolean | readonly string[];
}

/** What the reports are put together by. Reports without a value are left out. */
export type Group =
  | { readonly name: string; readonly field: FieldName }
  /** The interval of the period (hour, day or week, in UTC) into which `@timestamp` falls. */
  | { readonly name: 'time'; readonly field: '@timestamp' };

/** What is said about each group. */
export type Measure =
  | { readonly name: string; readonly kind: 'count'; readonly where?: Condition }
  /** Different values; above 1,000 of them Elasticsearch estimates. */
  | { readonly name: string; readonly kind: 'distinct'; readonly field: FieldName }
  /** The least or greatest value; of keywords the first or last in order of their bytes. */
  | { readonly name: string; readonly kind: 'least' | 'most'; readonly field: FieldName };

export interface Question {
  readonly name: string;
  readonly title: string;
  /** What it answers, and how the answer is read. */
  readonly meaning: string;
  readonly conditions: readonly Condition[];
  /** One or two; when two, the first may be the time. */
  readonly groups: readonly Group[];
  /** The first is the count of reports, which orders the rows; of reports alone where the inventory is asked as well. */
  readonly measures: readonly Measure[];
  /** True when the inventory of hosts is asked as well, which is of the present whatever the period. */
  readonly inventory?: true;
  /** Groups with fewer reports are left out. */
  readonly atLeast?: number;
}

/** Most rows of an answer. */
export const MOST_ROWS = 1000;

export const hasTime = ({ groups }: Question): boolean => groups[0]?.field === '@timestamp';

/** How rows are ordered: by time if there is one, then by reports, then by the groups. */
export function orderOf({ groups }: Pick<Question, 'groups'>): readonly { name: string; direction: 'ASC' | 'DESC' }[] {
  const keys = groups.map(({ name }) => ({ name, direction: 'ASC' as const }));
  const timeCount = groups[0]?.field === '@timestamp' ? 1 : 0;
  return [...keys.slice(0, timeCount), { name: 'reports', direction: 'DESC' }, ...keys.slice(timeCount)];
}

/** The columns of the answer: the groups, then the measures. */
export function columnsOf({ groups, measures }: Question): readonly AnswerColumn[] {
  return [
    ...groups.map(({ name, field }) => ({ name, kind: kindOf(field) })),
    ...measures.map((measure) => ({
      name: measure.name,
      kind: measure.kind === 'least' || measure.kind === 'most' ? kindOf(measure.field) : ('number' as const),
    })),
  ];
}

function kindOf(name: FieldName): AnswerColumn['kind'] {
  const field = FIELD_BY_NAME.get(name);
  if (field?.type === 'date') return 'time';
  if (field?.type === 'keyword') return 'text';
  return field?.unit === 'bytes' || field?.unit === 'ratio' ? field.unit : 'number';
}

/** What tells the documents of the inventory from reports. */
export const IS_HOST: Condition = { field: 'event.dataset', is: 'oom.host' };
export const IS_REPORT: Condition = { field: 'event.dataset', is: 'oom.report' };

export const isListField = (name: FieldName): boolean => FIELD_BY_NAME.get(name)?.list === true;
