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

/** All intervals of a period: the marks of a line over time. */
export interface Steps {
  readonly interval: string;
  /** In ms, ascending, one for each interval. */
  readonly starts: readonly number[];
}

/** Longest line over time; of more intervals several become one mark. */
const MOST_MARKS = 100;

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
function linesText({ columns, rows }: AnswerTable, { interval, starts }: Steps): string[] {
  const [, column, counted] = columns;
  if (!column || !counted) return [];
  const perMark = Math.ceil(starts.length / MOST_MARKS);
  const places = new Map(starts.map((ms, index) => [ms, Math.floor(index / perMark)]));
  const blank = (): Line => ({ total: 0, marks: new Array<number>(Math.ceil(starts.length / perMark)).fill(0) });
  const lines = new Map<string, Line>();
  const all = blank();
  for (const [time, value, count] of rows) {
    const name = cellText(column, value ?? null);
    const line = lines.get(name) ?? blank();
    lines.set(name, line);
    // A time that is far ahead has no mark, and counts.
    const place = places.get(Date.parse(String(time)));
    for (const each of [line, all]) {
      each.total += Number(count);
      if (place !== undefined) each.marks[place] = (each.marks[place] ?? 0) + Number(count);
    }
  }
  const sorted = [...lines].sort(([, a], [, b]) => b.total - a.total).slice(0, MOST_SHOWN);
  const most = Math.max(0, ...sorted.flatMap(([, { marks }]) => marks));
  return table(
    [
      [headText(column), headText(counted), perMark > 1 ? `over time, ${perMark} ${interval}s a mark` : 'over time'],
      ...sorted.map(([name, { total, marks }]) => [name, String(total), spark(marks, most)]),
      ['all', String(all.total), spark(all.marks)],
    ],
    new Set([1]),
  );
}

interface Line {
  total: number;
  readonly marks: number[];
}

/** The screen; with `steps` the answer's first column is a time and becomes a line. Times are in UTC. */
export function answerScreen(title: string, period: string, answer: AnswerTable, steps?: Steps): string {
  const heading = `${title}, ${period}`;
  if (answer.rows.length === 0) return `${heading}\n\nNone.\n`;
  const body = steps ? linesText(answer, steps) : rowsText(answer);
  const left = steps ? 0 : answer.rows.length - MOST_SHOWN;
  const rest = [
    ...(left > 0 ? [`and ${left} more; --json prints them`] : []),
    ...(answer.complete ? [] : [`There may be more than these ${answer.rows.length} rows: ask for less time.`]),
  ];
  return `${[heading, '', ...body, ...(rest.length > 0 ? [''] : []), ...rest].join('\n')}\n`;
}
