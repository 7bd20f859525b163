/** An analysed report as one document of the index, with the identity of its write. */
import type { Analysis, OomReport } from '../domain.ts';
import type { DocumentWrite } from '../ports.ts';
import { answerLeaves, kernelLeaves, sourceLeaves, triggerLeaves } from './answer.ts';
import { ecsLeaves } from './event.ts';
import { isUsableTime, labelsOf, nestLeaves } from './leaves.ts';
import { memcgLeaves, memoryLeaves } from './memory.ts';
import { storedAnalysis, storedReport } from './report.ts';
import { taskLeaves, victimScalars } from './tasks.ts';
import { zoneLeaves } from './zones.ts';

/**
 * The document of a report: ECS fields, flat scalars below `oom`, the process table, and report and analysis whole.
 * What was not printed is absent; unlimited is absent in the scalars and null in oom.report. `ingestedAtMs` becomes
 * event.ingested; a sink that knows the time of the write sets it itself.
 */
export function toDocument(
  report: OomReport,
  analysis: Analysis,
  meta: { readonly ingestedAtMs?: number } = {},
): Record<string, unknown> {
  return nestLeaves({
    ...ecsLeaves(report, analysis, meta.ingestedAtMs),
    ...answerLeaves(report, analysis),
    ...kernelLeaves(report, analysis),
    ...triggerLeaves(report, analysis),
    ...victimScalars(report, analysis),
    ...taskLeaves(report, analysis),
    ...memoryLeaves(report, analysis),
    ...memcgLeaves(report, analysis),
    ...zoneLeaves(report, analysis),
    ...sourceLeaves(report),
    'oom.labels': labelsOf(report.labels),
    'oom.report': storedReport(report),
    'oom.analysis': storedAnalysis(analysis),
  });
}

/** What every index name begins with. */
export const INDEX_PREFIX = 'oom-report-';

/**
 * The index of a time: its month in UTC, named by the month's first day (`oom-report-2026.09.01`), so that lifecycle
 * policies can read the date. A document without a usable time (only files without any date give one) goes to the
 * month of the epoch, `oom-report-1970.01.01`: every index name keeps the same form.
 */
export function indexOf(timestampMs: number | undefined): string {
  const date = new Date(isUsableTime(timestampMs) ? timestampMs : 0);
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const month = String(date.getUTCMonth() + 1).padStart(2, '0');
  return `${INDEX_PREFIX}${year}.${month}.01`;
}

/**
 * The write of a report: document, id, index and version, and the id under which a reading without its kill line may
 * have been written early. That reading's month is the month of the trigger line.
 */
export function toWrite(report: OomReport, analysis: Analysis, ingestedAtMs?: number): DocumentWrite {
  const { id, triggerId, timestampMs, version } = analysis.identity;
  const triggerMs = report.triggerAnchor?.observedAtMs ?? timestampMs;
  return {
    id,
    index: indexOf(timestampMs),
    version,
    document: toDocument(report, analysis, ingestedAtMs === undefined ? {} : { ingestedAtMs }),
    supersedes: triggerId === undefined || triggerId === id ? [] : [{ id: triggerId, index: indexOf(triggerMs) }],
    positions: { first: report.firstPosition, last: report.lastPosition },
  };
}
