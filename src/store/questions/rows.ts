/** Rows of an answer, made equal whatever language they were asked in. */
import type { AnswerCell, AnswerColumn, AnswerTable } from '../../ports.ts';
import { columnsOf, mostRows, orderOf, type Question } from './question.ts';

/** A value as an answer states it: times as ISO text, numbers as numbers; what was never printed is null. */
export function cellOf({ kind }: AnswerColumn, value: unknown): AnswerCell {
  if (value === null || value === undefined) return null;
  if (kind === 'text') return String(value);
  if (kind !== 'time') return Number(value);
  const date = new Date(typeof value === 'string' ? value : Number(value));
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** The table of rows that are given in any order. */
export function tableOf(question: Question, rows: readonly (readonly AnswerCell[])[]): AnswerTable {
  const columns = columnsOf(question);
  const order = orderOf(question).map(({ name, direction }) => ({
    at: columns.findIndex((column) => column.name === name),
    sign: direction === 'ASC' ? 1 : -1,
  }));
  const sorted = [...rows].sort((a, b) =>
    order.reduce((found, { at, sign }) => found || sign * compare(a[at], b[at]), 0),
  );
  const most = mostRows(question);
  return { columns, rows: sorted.slice(0, most), complete: sorted.length < most };
}

function compare(a: AnswerCell | undefined, b: AnswerCell | undefined): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : 1;
}
