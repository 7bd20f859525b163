/** The answer to an operator's question as a terminal screen: a plain table, or a line over time for each value. */
import type { AnswerCell, AnswerColumn, AnswerTable } from '../ports.ts';
import { bytesToKb, formatKb } from '../units.ts';
import { escapeTerminal } from './escape.ts';
import { table } from './layout.ts';
import { spark } from './spark.ts';

/** Rows that a screen shows; the rest is counted. */
const MOST_SHOWN = 50;

/** Widest text of a cell; cgroup paths are long, and their end tells them apart. */
const MOST_WIDTH = 60;

/** The starts of all intervals of a period, in ms, ascending: the columns of a line over time. */
export type Steps = readonly number[];

const NUMERIC: ReadonlySet<AnswerColumn['kind']> = new Set(['number', 'bytes', 'ratio']);

function cellText({ kind }: AnswerColumn, cell: AnswerCell): string {
  if (cell === null) return '-';
  if (kind === 'time') return `${String(cell).slice(0, 10)} ${String(cell).slice(11, 19)}`;
  if (kind === 'bytes') return formatKb(bytesToKb(Number(cell)));
  if (kind === 'ratio') return Number(cell).toFixed(2);
  const text = escapeTerminal(String(cell));
  return text.length > MOST_WIDTH ? `...${text.slice(3 - MOST_WIDTH)}` : text;
}

/** `largest_rss_bytes` shown with its unit in each cell is `largest rss`. */
const headText = ({ name, kind }: AnswerColumn): string =>
  (kind === 'bytes' ? name.replace(/_bytes$/, '') : name).replaceAll('_', ' ');

function rowsText({ columns, rows }: AnswerTable): string[] {
  const right = new Set(columns.flatMap(({ kind }, index) => (NUMERIC.has(kind) ? [index] : [])));
  const cells = rows
    .slice(0, MOST_SHOWN)
    .map((row) => columns.map((column, index) => cellText(column, row[index] ?? null)));
  return table([columns.map(headText), ...cells], right);
}

/** A row per value of the second column: its total and its counts over time. */
function linesText({ columns, rows }: AnswerTable, steps: Steps): string[] {
  const [, column, counted] = columns;
  if (!column || !counted) return [];
  const places = new Map(steps.map((ms, index) => [ms, index]));
  const lines = new Map<string, number[]>();
  for (const [time, value, count] of rows) {
    const name = cellText(column, value ?? null);
    const counts = lines.get(name) ?? steps.map(() => 0);
    const place = places.get(Date.parse(String(time)));
    if (place !== undefined) counts[place] = (counts[place] ?? 0) + Number(count);
    lines.set(name, counts);
  }
  const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const all = steps.map((_, index) => sumOf([...lines.values()].map((counts) => counts[index] ?? 0)));
  const sorted = [...lines].sort((a, b) => sumOf(b[1]) - sumOf(a[1])).slice(0, MOST_SHOWN);
  const most = Math.max(0, ...sorted.flatMap(([, counts]) => counts));
  return table(
    [
      [headText(column), headText(counted), 'over time'],
      ...sorted.map(([name, counts]) => [name, String(sumOf(counts)), spark(counts, most)]),
      ['all', String(sumOf(all)), spark(all)],
    ],
    new Set([1]),
  );
}

/** The screen; with `steps` the answer's first column is a time and becomes a line. Times are in UTC. */
export function answerScreen(title: string, period: string, answer: AnswerTable, steps?: Steps): string {
  const heading = `${title}, ${period}`;
  if (answer.rows.length === 0) return `${heading}\n\nNone.\n`;
  const body = steps ? linesText(answer, steps) : rowsText(answer);
  const left = steps ? 0 : answer.rows.length - MOST_SHOWN;
  const rest = left > 0 ? ['', `and ${left} more; --json prints all`] : [];
  return `${[heading, '', ...body, ...rest].join('\n')}\n`;
}
