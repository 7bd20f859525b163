/** The parts of a document that are stored whole and not searched, and the way back from them to the report. */
import type { Analysis, OomReport } from '../domain.ts';
import { lineMarks, readLines } from './lines.ts';
import { toPlainObject } from './plain.ts';
import { findFault, isObject } from './shape.ts';
import { type Elsewhere, REPORT } from './shape-report.ts';

/**
 * oom.report: the typed report in kernel units. Left out is what stands elsewhere in the document: the texts of the
 * lines (event.original), the labels, the positions and the host; and whether silence emitted it, which another reading
 * of the same lines would say differently. `line` of its nouns counts the lines from 0.
 */
export function storedReport(report: OomReport): Record<string, unknown> {
  const { host, hostId, bootId, labels, lines, firstPosition, lastPosition, provisional, ...rest } = report;
  const nouns: Omit<OomReport, Elsewhere> = rest;
  return toPlainObject({ ...nouns, lineMarks: lineMarks(lines) });
}

/** oom.analysis: the answer with its evidence, advice and arithmetic; the identity stands elsewhere. */
export function storedAnalysis(analysis: Analysis): Record<string, unknown> {
  const { identity, ...answer } = analysis;
  return toPlainObject(answer);
}

/** The lists of a report. Each is there even when nothing was printed; one that an older program did not know is empty. */
const LISTS = Object.entries(REPORT).flatMap(([name, shape]) =>
  shape === 'texts' || (typeof shape === 'object' && 'list' in shape) ? [name] : [],
);

/** The report of a document, or what keeps it from being read: a clause that names the field. */
export type ReportReading = { readonly report: OomReport } | { readonly fault: string };

/**
 * The report that a stored document was made of, so that it can be analysed anew; the same as it was, but for texts that
 * event.original has no room for. Every part is looked at: no report that comes out of here makes the analysis or its
 * document fail, whoever wrote into the index.
 */
export function readReport(document: unknown): ReportReading {
  const found = at(document, 'oom', 'report');
  if (!isObject(found)) return { fault: 'it holds no oom.report' };
  const { lineMarks: marks, ...stored } = found;
  const nouns = { ...Object.fromEntries(LISTS.map((name) => [name, []])), ...stored };
  const fault = findFault(nouns, { noun: REPORT });
  if (fault) return { fault: `oom.report${fault.path} ${fault.found}, expected ${fault.expected}` };
  const place = { topic: textAt(document, 'oom', 'source', 'topic'), partition: numberAt(document, 'partition') };
  const firstPosition = { ...place, offset: numberAt(document, 'offset_first') };
  const lines = readLines(marks, textAt(document, 'event', 'original'), firstPosition);
  if (!lines) return { fault: 'event.original is not the text that oom.report.lineMarks tells of' };
  const hostId = textAt(document, 'host', 'id');
  const bootId = textAt(document, 'host', 'boot', 'id');
  const labels = at(document, 'oom', 'labels');
  return {
    report: {
      // The check above has looked at each member.
      ...(nouns as unknown as Omit<OomReport, Elsewhere>),
      host: textAt(document, 'host', 'name'),
      provisional: false,
      ...(hostId === '' ? {} : { hostId }),
      ...(bootId === '' ? {} : { bootId }),
      ...(isObject(labels) ? { labels: textsOf(labels) } : {}),
      lines,
      firstPosition,
      lastPosition: { ...place, offset: numberAt(document, 'offset_last') },
    },
  };
}

const textsOf = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), value);
}

/** Absent texts of a document are empty ones of the report. */
function textAt(document: unknown, ...keys: readonly string[]): string {
  const value = at(document, ...keys);
  return typeof value === 'string' ? value : '';
}

function numberAt(document: unknown, key: string): number {
  const value = at(document, 'oom', 'source', key);
  return typeof value === 'number' ? value : 0;
}
