/** One request replayed on the zones that it may use: what the later stages judge by. */
import type { GfpAnalysis, OomReport, Zone, ZoneCheck } from '../domain.ts';
import { type WatermarkRule, watermarkRuleOf } from '../kernel/watermarks.ts';
import { analyseGfp } from './gfp.ts';
import { attemptsOf, checkZone, type Request, requestOf } from './watermark.ts';
import {
  classIndexOf,
  eligibleZones,
  hiddenFreePages,
  hidesZones,
  isOwnReserve,
  lostZones,
  zoneLayout,
} from './zonelist.ts';

/** How a zone answered: fails at MIN; passes MIN and fails HIGH, the last try; passes all; was not printed in full. */
export type ZoneState = 'fails-min' | 'fails-high' | 'passes' | 'unknown';

export interface ZoneOutcome {
  readonly zone: Zone;
  readonly state: ZoneState;
  readonly low?: ZoneCheck;
  readonly min?: ZoneCheck;
  readonly high?: ZoneCheck;
  /** The check that decided: MIN where it failed, else the last one made. */
  readonly decisive?: ZoneCheck;
}

export interface Replay {
  /** Zone names by index. */
  readonly layout: readonly string[];
  readonly gfp?: GfpAnalysis;
  readonly rule?: WatermarkRule;
  /** The kernel's release states the rule; false when only its bounds are known. */
  readonly ruleStated: boolean;
  readonly request?: Request;
  /** In the allocator's order. */
  readonly outcomes: readonly ZoneOutcome[];
  /** Zones that hold memory and whose line, or marks, are lost. */
  readonly lost: readonly string[];
  /** The kernel leaves out the zones above the request's. */
  readonly hidesZones: boolean;
  readonly hiddenFreePages?: number;
  readonly pageSizeKb: number;
}

/** No kernel has blocks of a higher order: what is printed beyond it is damage. */
const MOST_ORDER = 30;

/** True when the printed order can be one: SysRq's -1 is none. */
export const hasOrder = (report: OomReport): boolean => {
  const order = report.trigger?.order ?? 0;
  return order >= 0 && order <= MOST_ORDER;
};

/** A request without arithmetic: SysRq's order -1, the mask 0 of a failed page fault, or damage. */
const hasArithmetic = (report: OomReport): boolean =>
  report.trigger !== undefined && hasOrder(report) && !isPageFault(report);

/** gfp_mask 0x0 and order 0: out_of_memory called by pagefault_out_of_memory (2.6.29 to 6.0), no allocation at hand. */
export const isPageFault = (report: OomReport): boolean =>
  report.trigger?.gfpMask === '0x0' && (report.trigger.order ?? 0) === 0 && report.action !== 'page-allocation-failure';

/** Replays the report's request; the parts that the report does not allow are absent. */
export function replay(report: OomReport, pageSizeKb: number): Replay {
  const layout = zoneLayout(report);
  const gfp = analyseGfp(report, layout);
  const found = watermarkRuleOf(report.kernel);
  const hidden = hiddenFreePages(report, pageSizeKb);
  const base = {
    layout,
    ...(gfp ? { gfp } : {}),
    ...(found ? { rule: found.rule } : {}),
    ruleStated: found?.stated ?? false,
    hidesZones: hidesZones(report),
    ...(hidden === undefined ? {} : { hiddenFreePages: hidden }),
    pageSizeKb,
  };
  if (!gfp || !hasArithmetic(report)) return { ...base, outcomes: [], lost: [] };
  const eligible = eligibleZones(report, gfp, layout).map((zone) => {
    const { lowmemReservePages: _foreign, ...rest } = zone;
    return isOwnReserve(zone, report, layout, pageSizeKb) ? zone : rest;
  });
  const lost = lostZones(report, eligible, layout, layout.indexOf(gfp.zone));
  if (!found) return { ...base, outcomes: eligible.map((zone) => ({ zone, state: 'unknown' })), lost };
  const classIndex = classIndexOf(eligible, gfp, layout, found.rule.classIndex);
  const request = requestOf(report, gfp, found.rule, classIndex, pageSizeKb);
  const outcomes = eligible.map((zone) => outcomeOf(report, zone, gfp, found.rule, request, layout.indexOf(zone.name)));
  return { ...base, request, outcomes, lost };
}

function outcomeOf(
  report: OomReport,
  zone: Zone,
  gfp: GfpAnalysis,
  rule: WatermarkRule,
  request: Request,
  layoutIndex: number,
): ZoneOutcome {
  const attempts = attemptsOf(report, gfp, rule);
  const check = (attempt: 'low' | 'min' | 'high'): ZoneCheck | undefined =>
    attempts.includes(attempt) ? checkZone(zone, attempt, rule, request) : undefined;
  const [low, min, high] = [check('low'), check('min'), check('high')];
  // A lower zone keeps a reserve against higher requests: without its line nothing can be said to pass.
  const reserveLost = zone.lowmemReservePages === undefined && layoutIndex < request.classIndex;
  const state: ZoneState =
    min === undefined || (reserveLost && min.passes)
      ? 'unknown'
      : !min.passes
        ? 'fails-min'
        : high && !high.passes
          ? 'fails-high'
          : 'passes';
  const decisive = state === 'fails-min' ? min : (high ?? min);
  return {
    zone,
    state,
    ...(low ? { low } : {}),
    ...(min ? { min } : {}),
    ...(high ? { high } : {}),
    ...(decisive ? { decisive } : {}),
  };
}

export const failed = (outcome: ZoneOutcome): boolean =>
  outcome.state === 'fails-min' || outcome.state === 'fails-high';

/** `node 1 Normal`, or `Normal` where zones carry no node. */
export const zoneName = (zone: Pick<Zone, 'node' | 'name'>): string =>
  zone.node === undefined ? zone.name : `node ${zone.node} ${zone.name}`;
