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
  | { readonly name: string; readonly kind: 'distinct'; readonly field: FieldName; readonly where?: undefined }
  /** The least or greatest value; of keywords the first or last in order of their bytes. */
  | {
      readonly name: string;
      readonly kind: 'least' | 'most';
      readonly field: FieldName;
      readonly where?: Condition;
    };

export interface Question {
  readonly name: string;
  readonly title: string;
  /** What it answers, and how the answer is read. */
  readonly meaning: string;
  readonly conditions: readonly Condition[];
  /** Of several the first may be the time. */
  readonly groups: readonly Group[];
  /** The first is the count of reports, which orders the rows; of reports alone where the inventory is asked as well. */
  readonly measures: readonly Measure[];
  /** True when the inventory of hosts is asked as well, which is of the present whatever the period. */
  readonly inventory?: true;
  /** Groups with fewer reports are left out. */
  readonly atLeast?: number;
}

/** Most values of a group, and most rows of an answer without time. */
export const MOST_ROWS = 1000;

/** Most rows of a trend, which has one for each value at each time: the most that ES|QL gives. */
const MOST_TREND_ROWS = 10_000;

export const hasTime = ({ groups }: Question): boolean => groups[0]?.field === '@timestamp';

export const mostRows = (question: Question): number => (hasTime(question) ? MOST_TREND_ROWS : MOST_ROWS);

/** How rows are ordered: the newest time first if there is one, so that an answer that is cut lacks the oldest; then by reports, then by the groups. */
export function orderOf({ groups }: Pick<Question, 'groups'>): readonly { name: string; direction: 'ASC' | 'DESC' }[] {
  const [first] = groups;
  const times = first?.field === '@timestamp' ? [first] : [];
  const others = groups.slice(times.length);
  return [
    ...times.map(({ name }) => ({ name, direction: 'DESC' as const })),
    { name: 'reports', direction: 'DESC' },
    ...others.map(({ name }) => ({ name, direction: 'ASC' as const })),
  ];
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
