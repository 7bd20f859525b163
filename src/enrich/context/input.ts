/** What a rule on the host's context takes and gives. */
import type { ContextPlace, Evidence, Finding, HostContext, HostUsage } from '../../domain.ts';
import type { FindingInput } from '../findings/finding.ts';

export interface ContextInput extends FindingInput {
  /** What the report alone supports. */
  readonly findings: readonly Finding[];
  readonly context: HostContext;
}

/** Gives the finding when report and context together support it. */
export type ContextRule = (input: ContextInput) => Finding | undefined;

/** Evidence from a text beside the report. */
export const beside = (
  field: string,
  value: string | number | undefined,
  { path, line }: ContextPlace,
): Evidence | undefined => (value === undefined ? undefined : { field, value, context: { path, line } });

/** A number of kB and what printed it. */
export interface Told extends ContextPlace {
  /** As a sentence names it: `top`, `free`, `/proc/meminfo`. */
  readonly source: string;
  readonly kb: number;
  readonly exact: boolean;
}

type UsageColumn = Exclude<keyof HostUsage, 'path' | 'line' | 'exact'>;

const usageTold = (source: string, usage: HostUsage | undefined, column: UsageColumn): Told | undefined => {
  const kb = usage?.[column];
  return usage && kb !== undefined ? { source, kb, exact: usage.exact, path: usage.path, line: usage.line } : undefined;
};

/** The first of meminfo's counter, free's and top's column that the context holds. */
export function toldKb(
  { meminfo, free, top }: HostContext,
  counter: keyof HostContext['meminfo'] & `${string}Kb`,
  row: 'memory' | 'swap',
  column: UsageColumn,
): Told | undefined {
  const found = meminfo[counter];
  if (found) return { source: '/proc/meminfo', kb: found.value, exact: true, path: found.path, line: found.line };
  return usageTold('free', free[row], column) ?? usageTold('top', top[row], column);
}

/** `free -l` as a second source of what meminfo tells about lowmem. */
export const lowTold = ({ meminfo, free }: HostContext, column: 'totalKb' | 'freeKb'): Told | undefined => {
  const found = column === 'totalKb' ? meminfo.lowTotalKb : meminfo.lowFreeKb;
  if (found) return { source: '/proc/meminfo', kb: found.value, exact: true, path: found.path, line: found.line };
  return usageTold('free', free.low, column);
};
