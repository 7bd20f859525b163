/** A question in SQL on the file of the embedded run, and the reader of its rows. */
import type { FieldName } from '../../document/index.ts';
import type { AnswerTable } from '../../ports.ts';
import { type Period, sqlInterval, sqlRange } from './period.ts';
import { type Condition, columnsOf, isListField, type Measure, mostRows, orderOf, type Question } from './question.ts';
import { cellOf, tableOf } from './rows.ts';

/** JSON true is 1. */
const text = (value: string | boolean): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(Number(value));

const columnOf = (field: FieldName): string => (field === '@timestamp' ? 'timestamp_ms' : `document ->> '$.${field}'`);

/** One statement without parameters; its columns are those of the table. */
export function sqlOf(question: Question, period: Period): string {
  const { conditions, groups, measures, atLeast, inventory } = question;
  const present = groups.flatMap(({ name, field }) => (field === '@timestamp' ? [] : [`"${name}" IS NOT NULL`]));
  const wheres = [...(inventory ? [] : [sqlRange(period)]), ...conditions.map(sqlCondition), ...present];
  const columns = [
    ...groups.map(
      ({ name, field }) => `${field === '@timestamp' ? sqlInterval(period.interval) : columnOf(field)} AS "${name}"`,
    ),
    ...measures.map((measure) => `${sqlMeasure(measure)} AS "${measure.name}"`),
  ];
  return [
    `SELECT ${columns.join(',\n       ')}`,
    inventory ? `FROM (SELECT * FROM reports WHERE ${sqlRange(period)} UNION ALL SELECT * FROM hosts)` : 'FROM reports',
    `WHERE ${wheres.join('\n  AND ')}`,
    `GROUP BY ${groups.map(({ name }) => `"${name}"`).join(', ')}`,
    ...(atLeast ? [`HAVING reports >= ${atLeast}`] : []),
    `ORDER BY ${orderOf(question)
      .map(({ name, direction }) => `"${name}" ${direction}`)
      .join(', ')}`,
    `LIMIT ${mostRows(question)}`,
  ].join('\n');
}

function sqlCondition({ field, is }: Condition): string {
  const values = [is].flat().map(text);
  const test = values.length > 1 ? `IN (${values.join(', ')})` : `= ${values.join('')}`;
  if (!isListField(field)) return `${columnOf(field)} ${test}`;
  return `EXISTS (SELECT 1 FROM json_each(document, '$.${field}') WHERE value ${test})`;
}

function sqlMeasure(measure: Measure): string {
  return `${sqlFunction(measure)}${measure.where ? ` FILTER (WHERE ${sqlCondition(measure.where)})` : ''}`;
}

function sqlFunction(measure: Measure): string {
  switch (measure.kind) {
    case 'count':
      return 'count(*)';
    case 'distinct':
      return `count(DISTINCT ${columnOf(measure.field)})`;
    case 'least':
      return `min(${columnOf(measure.field)})`;
    case 'most':
      return `max(${columnOf(measure.field)})`;
  }
}

/** The rows of the statement as a table. */
export function readSql(question: Question, rows: readonly Readonly<Record<string, unknown>>[]): AnswerTable {
  const columns = columnsOf(question);
  return tableOf(
    question,
    rows.map((row) => columns.map((column) => cellOf(column, row[column.name]))),
  );
}
