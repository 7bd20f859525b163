/** The parts of a document that are stored whole and not searched. */
import type { Analysis, OomReport } from '../domain.ts';
import { toPlainObject } from './plain.ts';

/**
 * oom.report: the typed report in kernel units. Left out is what stands elsewhere in the document: the lines
 * (event.original), the labels, the positions and the host. `line` of its nouns counts the lines from 0.
 */
export function storedReport(report: OomReport): Record<string, unknown> {
  const { host, hostId, bootId, labels, lines, firstPosition, lastPosition, ...nouns } = report;
  return toPlainObject(nouns);
}

/** oom.analysis: the answer with its evidence, advice and arithmetic; the identity stands elsewhere. */
export function storedAnalysis(analysis: Analysis): Record<string, unknown> {
  const { identity, ...answer } = analysis;
  return toPlainObject(answer);
}
