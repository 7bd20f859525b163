/** What a rule for a finding takes and gives. */
import type {
  Account,
  Evidence,
  Finding,
  Holder,
  LowmemAnalysis,
  OomReport,
  SwapState,
  VictimAnalysis,
  Zone,
} from '../../domain.ts';
import type { FindingCode } from '../../tables/findings.ts';
import { type Replay, zoneName } from '../replay.ts';
import type { Judgement } from '../verdict.ts';

export interface FindingInput {
  readonly report: OomReport;
  readonly replay: Replay;
  readonly judgement: Judgement;
  readonly holder: Holder;
  readonly swap: SwapState;
  readonly machine: Account | undefined;
  /** The book that the holder was read from. */
  readonly book: Account | undefined;
  readonly lowmem: LowmemAnalysis | undefined;
  readonly victim: VictimAnalysis | undefined;
}

/** Gives the finding when the report supports it. */
export type Rule = (input: FindingInput) => Finding | undefined;

/** A finding with the evidence that is there. */
export const finding = (code: FindingCode, sentence: string, evidence: readonly (Evidence | undefined)[]): Finding => ({
  code,
  sentence,
  evidence: evidence.filter((item) => item !== undefined),
});

/** Evidence from a field that may be absent. */
export const fact = (
  field: string,
  value: string | number | boolean | undefined,
  line?: number,
): Evidence | undefined =>
  value === undefined ? undefined : { field, value, ...(line === undefined ? {} : { line }) };

/** A number of a zone as evidence. */
export function zoneFact(zone: Zone, field: keyof Zone & string): Evidence | undefined {
  const value = zone[field];
  return typeof value === 'number' ? fact(`zones[${zoneName(zone)}].${field}`, value, zone.line) : undefined;
}

/** The zones of the request; without one, all. */
export const zonesOf = ({ report, replay }: FindingInput): readonly Zone[] =>
  replay.outcomes.length > 0 ? replay.outcomes.map(({ zone }) => zone) : report.zones;
