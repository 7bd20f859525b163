/** A question in ES|QL, and the reader of its answer. */
import { readKey } from '../../clients/elasticsearch.ts';
import type { AnswerTable } from '../../ports.ts';
import { esqlRange, type Period } from './period.ts';
import {
  type Condition,
  columnsOf,
  IS_HOST,
  isListField,
  type Measure,
  mostRows,
  orderOf,
  type Question,
} from './question.ts';
import { cellOf, tableOf } from './rows.ts';

/** Different values that are counted exactly. */
const PRECISION = 1_000;

const text = (value: string | boolean): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

/** The value of `query` for `POST /_query`; its columns are those of the table. */
export function esqlOf(question: Question, period: Period): string {
  const { conditions, groups, measures, atLeast, inventory } = question;
  const span = inventory ? `(${esqlRange(period)} OR ${esqlCondition(IS_HOST)})` : esqlRange(period);
  const present = groups.flatMap(({ field }) => (field === '@timestamp' ? [] : [`${field} IS NOT NULL`]));
  const wheres = [span, ...conditions.map(esqlCondition), ...present];
  const by = groups.map(({ name, field }) =>
    field === '@timestamp' ? `${name} = DATE_TRUNC(1 ${period.interval}, ${field})` : `${name} = ${field}`,
  );
  return [
    // By patterns, which may match nothing: before the first report, and before the first host, there is no alias.
    inventory ? 'FROM oom-report-*, oom-host-*' : 'FROM oom-report',
    `| WHERE ${wheres.join('\n    AND ')}`,
    `| STATS ${measures.map(esqlMeasure).join(',\n        ')}\n    BY ${by.join(', ')}`,
    ...(atLeast ? [`| WHERE reports >= ${atLeast}`] : []),
    `| SORT ${orderOf(question)
      .map(({ name, direction }) => `${name} ${direction}`)
      .join(', ')}`,
    `| LIMIT ${mostRows(question)}`,
  ].join('\n');
}

/** A list field is matched by `:`, because a comparison with a list is null. */
function esqlCondition({ field, is }: Condition): string {
  const values = [is].flat().map(text);
  if (isListField(field)) return values.map((value) => `${field} : ${value}`).join(' OR ');
  return values.length > 1 ? `${field} IN (${values.join(', ')})` : `${field} == ${values.join('')}`;
}

function esqlMeasure(measure: Measure): string {
  const where = measure.where ? ` WHERE ${esqlCondition(measure.where)}` : '';
  return `${measure.name} = ${esqlFunction(measure)}${where}`;
}

function esqlFunction(measure: Measure): string {
  switch (measure.kind) {
    case 'count':
      return 'COUNT(*)';
    case 'distinct':
      return `COUNT_DISTINCT(${measure.field}, ${PRECISION})`;
    case 'least':
      return `MIN(${measure.field})`;
    case 'most':
      return `MAX(${measure.field})`;
  }
}

/** The answer of the query (`columns`, `values`) as a table. */
export function readEsql(question: Question, body: unknown): AnswerTable {
  const given = readKey(body, 'columns');
  const names = Array.isArray(given) ? given.map((column) => readKey(column, 'name')) : [];
  const values = readKey(body, 'values');
  const columns = columnsOf(question).map((column) => ({ column, at: names.indexOf(column.name) }));
  const rows = (Array.isArray(values) ? values : []).map((row: unknown) =>
    columns.map(({ column, at }) => cellOf(column, Array.isArray(row) ? row[at] : undefined)),
  );
  return tableOf(question, rows);
}
