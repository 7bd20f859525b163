/** The one table of checks, in the order in which they are made and printed. */
import { ERRORS, type ErrorCode } from '../../tables/errors.ts';
import type { Check, Finding } from './check.ts';
import { ELASTICSEARCH_CHECKS } from './elasticsearch.ts';
import type { Facts } from './facts.ts';
import { HOST_CHECKS } from './hosts.ts';
import { KAFKA_CHECKS } from './kafka.ts';
import { RECORD_CHECKS } from './records.ts';

export type { Area, Check, Finding, State } from './check.ts';
export { AREAS } from './check.ts';
export type * from './facts.ts';
export { createTally, type SampledRecord, type Tally } from './tally.ts';

export const CHECKS: readonly Check[] = [...KAFKA_CHECKS, ...RECORD_CHECKS, ...HOST_CHECKS, ...ELASTICSEARCH_CHECKS];

export interface Verdict extends Finding {
  readonly check: string;
  readonly area: Check['area'];
  readonly title: string;
}

export interface Diagnosis {
  readonly verdicts: readonly Verdict[];
  /** Titles of the checks for which the facts were missing. */
  readonly notChecked: readonly string[];
  /** The error of the first check that failed; absent when none did. */
  readonly code?: ErrorCode;
  /** Of that error, else 0. */
  readonly exitCode: number;
}

/** Judges the facts by every check. Pure. */
export function diagnose(facts: Facts): Diagnosis {
  const verdicts: Verdict[] = [];
  const notChecked: string[] = [];
  let code: ErrorCode | undefined;
  for (const { name: check, area, title, code: own, judge } of CHECKS) {
    const findings = judge(facts);
    if (findings.length === 0) notChecked.push(title);
    if (findings.some(({ state }) => state === 'failure')) code ??= own;
    for (const finding of findings) verdicts.push({ check, area, title, ...finding });
  }
  return { verdicts, notChecked, ...(code === undefined ? {} : { code }), exitCode: code ? ERRORS[code].exitCode : 0 };
}
