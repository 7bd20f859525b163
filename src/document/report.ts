/** The parts of a document that are stored whole and not searched, and the way back from them to the report. */
import { ACTIONS, type Analysis, type OomReport, SCOPES } from '../domain.ts';
import { lineMarks, readLines } from './lines.ts';
import { toPlainObject } from './plain.ts';

/**
 * oom.report: the typed report in kernel units. Left out is what stands elsewhere in the document: the texts of the
 * lines (event.original), the labels, the positions and the host; and whether silence emitted it, which another reading
 * of the same lines would say differently. `line` of its nouns counts the lines from 0.
 */
export function storedReport(report: OomReport): Record<string, unknown> {
  const { host, hostId, bootId, labels, lines, firstPosition, lastPosition, provisional, ...nouns } = report;
  return toPlainObject({ ...nouns, lineMarks: lineMarks(lines) });
}

/** oom.analysis: the answer with its evidence, advice and arithmetic; the identity stands elsewhere. */
export function storedAnalysis(analysis: Analysis): Record<string, unknown> {
  const { identity, ...answer } = analysis;
  return toPlainObject(answer);
}

/** The lists of a report. Each is there even when nothing was printed; one that an older program did not know is empty. */
const LISTS = [
  'callTrace',
  'perCpu',
  'nodes',
  'zones',
  'hugePages',
  'slabCaches',
  'allocationSites',
  'tasks',
  'selections',
  'kills',
  'reaped',
  'notes',
  'orphanReserves',
  'missing',
  'issues',
] as const satisfies readonly (keyof OomReport)[];

const NUMBERS = ['taskCount', 'recognisedLines'] as const satisfies readonly (keyof OomReport)[];

const FLAGS = ['highmem32', 'complete', 'truncated'] as const satisfies readonly (keyof OomReport)[];

const OBJECTS = ['kernel', 'anchor'] as const satisfies readonly (keyof OomReport)[];

/**
 * The report that a stored document was made of, so that it can be analysed anew; the same as it was, but for texts that
 * event.original has no room for. Undefined when the document holds no such report.
 */
export function readReport(document: unknown): OomReport | undefined {
  const found = at(document, 'oom', 'report');
  if (!isObject(found) || !isReportShape(found)) return undefined;
  const { lineMarks: marks, ...stored } = found;
  const place = { topic: textAt(document, 'oom', 'source', 'topic'), partition: numberAt(document, 'partition') };
  const firstPosition = { ...place, offset: numberAt(document, 'offset_first') };
  const lines = readLines(marks, textAt(document, 'event', 'original'), firstPosition);
  if (!lines) return undefined;
  const hostId = textAt(document, 'host', 'id');
  const bootId = textAt(document, 'host', 'boot', 'id');
  const labels = at(document, 'oom', 'labels');
  const report = {
    ...Object.fromEntries(LISTS.map((name) => [name, []])),
    ...stored,
    host: textAt(document, 'host', 'name'),
    provisional: false,
    ...(hostId === '' ? {} : { hostId }),
    ...(bootId === '' ? {} : { bootId }),
    ...(isObject(labels) ? { labels } : {}),
    lines,
    firstPosition,
    lastPosition: { ...place, offset: numberAt(document, 'offset_last') },
  };
  // What was checked are the members that every report has; those within them are as `storedReport` wrote them.
  return report as unknown as OomReport;
}

function isReportShape(stored: Readonly<Record<string, unknown>>): boolean {
  return (
    ACTIONS.some((action) => action === stored['action']) &&
    SCOPES.some((scope) => scope === stored['scope']) &&
    LISTS.every((name) => stored[name] === undefined || Array.isArray(stored[name])) &&
    NUMBERS.every((name) => typeof stored[name] === 'number') &&
    FLAGS.every((name) => typeof stored[name] === 'boolean') &&
    OBJECTS.every((name) => isObject(stored[name]))
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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
