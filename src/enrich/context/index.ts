/**
 * Findings from what stands beside a report: settings and counters of the same host at another time. They confirm,
 * contradict or explain; verdict, holder and identity never rest on them.
 */
import type { Finding } from '../../domain.ts';
import type { ContextInput, ContextRule } from './input.ts';
import {
  blocksThen,
  bufferHeadsThen,
  buffersThen,
  largestThen,
  lowmemThen,
  otherMemory,
  otherUptime,
  sameMemory,
} from './machine.ts';
import { settingExplainsMarks, settingExplainsReserves, settingOtherMarks } from './marks.ts';
import { settingCacheKept, settingNoTable, settingOvercommit, settingSwap, settingVictim } from './settings.ts';
import { withUnitOfFree } from './unit.ts';
import { zoneLost, zonesOther, zonesSame } from './zones.ts';

/** Exact agreement holds whatever else differs. */
const EXACT_RULES: readonly ContextRule[] = [settingExplainsMarks, settingExplainsReserves];

/** In the order in which findings are listed. */
const RULES: readonly ContextRule[] = [
  settingExplainsMarks,
  settingOtherMarks,
  settingExplainsReserves,
  settingVictim,
  settingSwap,
  settingOvercommit,
  settingNoTable,
  settingCacheKept,
  sameMemory,
  otherUptime,
  zonesSame,
  zonesOther,
  zoneLost,
  lowmemThen,
  buffersThen,
  bufferHeadsThen,
  blocksThen,
  largestThen,
];

/**
 * Every finding that report and context support together, in a fixed order. Of a context with another amount of memory only
 * that it has, and what agrees exactly.
 */
export function contextFindings(given: ContextInput): Finding[] {
  const input = { ...given, context: withUnitOfFree(given) };
  const other = otherMemory(input);
  const rules = other ? [() => other, ...EXACT_RULES] : RULES;
  return rules.map((rule) => rule(input)).filter((found) => found !== undefined);
}
