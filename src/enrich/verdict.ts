/** Why the allocation failed: the first axis of the answer, with its confidence. */
import type { Confidence, OomReport, Verdict, Zone, ZoneCheck } from '../domain.ts';
import { kbToPages, pagesToKb } from '../units.ts';
import { failed, hasOrder, isPageFault, type Replay, type ZoneOutcome, zoneName } from './replay.ts';
import { checkZone, largestUsable } from './watermark.ts';
import { allowedNodes, is32Bit } from './zonelist.ts';

export interface Judgement {
  readonly verdict: Verdict;
  readonly contributing: readonly Verdict[];
  readonly confidence: Confidence;
  readonly reasons: readonly string[];
}

/** Withheld pages decide only from this share of the zone's managed pages on. */
const WITHHELD_RATIO = 0.05;
/** Hidden free memory counts as plenty when it is more than this share of the machine's, and above the shown zones' HIGH. */
const PLENTY_RATIO = 0.01;

const plain = (verdict: Verdict, confidence: Confidence, reason: string): Judgement => ({
  verdict,
  contributing: [],
  confidence,
  reasons: [reason],
});

/** True when SysRq, not a shortage, called the OOM killer: order -1 (4.2 and later), its log line, or its work function. */
export const isManual = (report: OomReport): boolean =>
  report.scope === 'sysrq' ||
  report.trigger?.order === -1 ||
  report.callTrace.some((frame) => frame.symbol === 'moom_callback');

/** The memory cgroup reached its limit; certain when a counter stands at it. */
function judgeMemcg(report: OomReport): Judgement {
  const { memcg } = report;
  const counters = [{ usageKb: memcg?.usageKb, limitKb: memcg?.limitKb }, memcg?.memoryAndSwap, memcg?.kmem];
  const atLimit = counters.some(
    (counter) =>
      counter?.usageKb !== undefined && typeof counter.limitKb === 'number' && counter.usageKb >= counter.limitKb,
  );
  const contributing: Verdict[] = [];
  const base = atLimit
    ? plain('memcg-limit', 'certain', 'a counter of the cgroup stands at its limit')
    : plain(
        'memcg-limit',
        'high',
        'the kernel says that a memory cgroup ran out; its counters do not show which limit',
      );
  return { ...base, contributing };
}

/** Free pages that withheld classes keep from a request, against what its zone manages. */
interface Withheld {
  readonly cmaPages: number;
  readonly highatomicPages: number;
  readonly boostPages: number;
}

function withheldOf({ zone, decisive }: ZoneOutcome, replay: Replay): Withheld {
  const boostPages = kbToPages(zone.boostKb ?? 0, replay.pageSizeKb);
  const cmaPages =
    replay.gfp?.movable || replay.rule?.cma === 'never' ? 0 : kbToPages(zone.freeCmaKb ?? 0, replay.pageSizeKb);
  const all = decisive?.withheldPages ?? 0;
  return { cmaPages, highatomicPages: Math.max(0, all - cmaPages), boostPages };
}

/** True when the check would pass with these pages given back. */
const passesWith = (check: ZoneCheck | undefined, pages: number): boolean =>
  check === undefined || check.usablePages + pages > check.neededPages;

/** cma-withheld or reserve-withheld, when giving the pages back would have served the request in some zone. */
function judgeWithheld(replay: Replay): Verdict | undefined {
  for (const outcome of replay.outcomes) {
    const managedPages = kbToPages(outcome.zone.managedKb ?? outcome.zone.presentKb ?? 0, replay.pageSizeKb);
    const { cmaPages, highatomicPages, boostPages } = withheldOf(outcome, replay);
    const all = cmaPages + highatomicPages + boostPages;
    if (all === 0 || all < managedPages * WITHHELD_RATIO || outcome.decisive?.failedBy !== 'watermark') continue;
    if (!passesWith(outcome.min, all) || !passesWith(outcome.high, all)) continue;
    return cmaPages >= highatomicPages + boostPages ? 'cma-withheld' : 'reserve-withheld';
  }
  return undefined;
}

/**
 * The zone has enough single pages at MIN and fails for want of a block: by the order's own test, or because no block that the
 * request may take is as large.
 */
function failsByOrder({ zone, min, high }: ZoneOutcome, { rule, request }: Replay): boolean {
  if (min?.failedBy === 'order' || (min?.passes === true && high?.failedBy === 'order')) return true;
  if (rule === undefined || request === undefined || zone.buddyCounts === undefined || min?.failedBy !== 'watermark')
    return false;
  return (
    largestUsable(zone, request) < request.order &&
    checkZone(zone, 'min', rule, { ...request, order: 0 })?.passes === true
  );
}

/** True when the order of the request could not be tested, its free lists not being printed. */
const orderUntested = ({ zone, state }: ZoneOutcome): boolean => state === 'passes' && zone.buddyCounts === undefined;

/** Zones above the request's that hold memory above their HIGH mark: free, and of no use to it. */
function plentyAbove(report: OomReport, replay: Replay, names: readonly string[]): boolean {
  const above = report.zones.filter((zone) => names.includes(zone.name));
  const free = (zone: Zone): number => zone.freeKb ?? zone.buddyTotalKb ?? 0;
  if (above.some((zone) => free(zone) > 0 && free(zone) > (zone.highKb ?? 0))) return true;
  return above.length === 0 && hiddenPlenty(report, replay);
}

/** Free memory that the report does not show: more than the eligible zones' HIGH together, and not mere counter drift. */
function hiddenPlenty(report: OomReport, replay: Replay): boolean {
  const hiddenKb = pagesToKb(replay.hiddenFreePages ?? 0, replay.pageSizeKb);
  const highKb = replay.outcomes.reduce((sum, { zone }) => sum + (zone.highKb ?? zone.minKb ?? 0), 0);
  const ramKb = pagesToKb(report.totals?.ramPages ?? 0, replay.pageSizeKb);
  return hiddenKb > highKb && hiddenKb > ramKb * PLENTY_RATIO;
}

/** The request's zone lies below zones with plenty free: which imbalance that is. */
function judgeImbalance(report: OomReport, replay: Replay): Verdict | undefined {
  const { gfp, layout } = replay;
  if (gfp === undefined) return undefined;
  const above = layout.slice(layout.indexOf(gfp.zone) + 1);
  const onNormal = layout.slice(0, layout.indexOf('Normal') + 1);
  const asksLowmem = onNormal.includes(gfp.zone);
  if (!asksLowmem || above.length === 0) return undefined;
  const isBelowNormal = gfp.zone !== 'Normal';
  if (isBelowNormal) {
    // On arm with ZONE_DMA all of lowmem is zone DMA: then the request is one for lowmem.
    const normals = report.zones.filter(
      (zone) => zone.name === 'Normal' && (zone.managedKb ?? zone.presentKb ?? 0) > 0,
    );
    if (normals.some((zone) => (zone.freeKb ?? 0) > (zone.highKb ?? 0))) return 'dma-zone-exhausted';
    if (!report.highmem32 && plentyAbove(report, replay, above)) return 'dma-zone-exhausted';
  }
  if (report.highmem32) return plentyAbove(report, replay, ['HighMem', 'Movable']) ? 'lowmem-exhausted' : undefined;
  const hasMovable = (report.totals?.highmemPages ?? 0) > 0 || report.zones.some((zone) => zone.name === 'Movable');
  if (is32Bit(report) || !hasMovable || isBelowNormal) return undefined;
  return plentyAbove(report, replay, ['Movable']) ? 'movable-imbalance' : undefined;
}

/** Nodes that the request may not use have plenty free, though the kernel did not name the constraint. */
function judgeRestriction(report: OomReport, replay: Replay): Verdict | undefined {
  const { constraint } = report.summary ?? {};
  const allowed = allowedNodes(report);
  if (allowed === undefined || constraint === 'CONSTRAINT_NONE') return undefined;
  const others = report.zones.filter((zone) => zone.node !== undefined && !allowed.has(zone.node));
  const plenty = others.some((zone) => (zone.freeKb ?? 0) > (zone.highKb ?? 0) && (zone.highKb ?? 0) > 0);
  // Since 3.0 forbidden nodes are not printed. Their free memory shows in the global count, unless zones are hidden as well.
  const top = replay.gfp?.zone === replay.layout.findLast((zone) => zone !== 'Device');
  const unseen = (top || !replay.hidesZones) && !report.highmem32 && hiddenPlenty(report, replay);
  return plenty || unseen ? 'cpuset-limit' : undefined;
}

/** Some allowed zone passes: a node that was not tried, an order that cannot be tested, or nothing that explains the kill. */
function judgePassing(replay: Replay): Judgement {
  const passing = replay.outcomes.filter((outcome) => outcome.state === 'passes');
  if ((replay.request?.order ?? 0) > 0 && passing.every(orderUntested)) {
    return plain(
      'fragmented',
      'medium',
      'single pages were free above HIGH; the lists of free blocks are not in the report',
    );
  }
  const short = new Set(replay.outcomes.filter(failed).map(({ zone }) => zone.node));
  const otherNode = passing.every(({ zone }) => zone.node !== undefined && !short.has(zone.node));
  if (otherNode && short.size > 0) {
    return plain(
      'numa-imbalance',
      'medium',
      'a node is short while another, not forbidden to the request, is above HIGH',
    );
  }
  return plain('unexplained', 'medium', 'a zone of the request passes every mark at print time');
}

/** All zones fail, and all that the request could use are in the report. */
function judgeFailing(report: OomReport, replay: Replay): Judgement {
  const contributing: Verdict[] = [];
  const withheld = judgeWithheld(replay);
  const imbalance = judgeImbalance(report, replay);
  const fragmented =
    (replay.request?.order ?? 0) > 0 && replay.outcomes.some((outcome) => failsByOrder(outcome, replay));
  const restricted = judgeRestriction(report, replay);
  const found = [restricted, fragmented ? ('fragmented' as const) : undefined, withheld, imbalance].filter(
    (verdict) => verdict !== undefined,
  );
  const [verdict = 'machine-exhausted', ...rest] = found;
  contributing.push(...rest);
  return { verdict, contributing, ...confidenceOf(report, replay) };
}

/** Starts at certain; each weakness of the evidence takes one step. */
function confidenceOf(report: OomReport, replay: Replay): Pick<Judgement, 'confidence' | 'reasons'> {
  const weaknesses: string[] = [];
  if (!replay.ruleStated) weaknesses.push('the kernel release is not in the report; its bounds choose the rule');
  if (replay.gfp?.eraSource === 'mask') weaknesses.push('the numbering of the mask is inferred from the mask itself');
  if (replay.outcomes.some(({ state }) => state === 'fails-high')) {
    weaknesses.push('a zone passes MIN and fails only HIGH, the last try before the kill');
  }
  if (replay.outcomes.some(({ decisive }) => decisive?.failedBy === 'empty-lists')) {
    weaknesses.push('a zone counts free pages that its lists do not hold');
  }
  if (report.truncated) weaknesses.push('a limit cut the report');
  const steps: Confidence[] = ['certain', 'high', 'medium', 'low'];
  return {
    confidence: steps[Math.min(weaknesses.length, steps.length - 1)] ?? 'low',
    reasons: ["every zone of the request fails the kernel's own check", ...weaknesses],
  };
}

/** A cpuset or a memory policy restricted the request, by the kernel's own word. */
function judgeConstraint(report: OomReport, verdict: 'cpuset-limit' | 'mempolicy-limit', replay: Replay): Judgement {
  const allowed = allowedNodes(report);
  const zones = report.zones.filter(
    (zone) => zone.node === undefined || allowed === undefined || allowed.has(zone.node),
  );
  const onlyMovable = zones.length > 0 && zones.every((zone) => zone.name === 'Movable');
  const reason =
    verdict === 'cpuset-limit'
      ? 'the kernel names the cpuset as the constraint'
      : 'the kernel names the memory policy as the constraint';
  const replayed = replay.outcomes.length > 0 && replay.outcomes.every(failed);
  return {
    ...plain(verdict, replayed || onlyMovable ? 'certain' : 'high', reason),
    contributing: onlyMovable ? ['movable-imbalance'] : [],
  };
}

/** Why the allocation failed, evaluated in the order of the closed list. */
export function judge(report: OomReport, replay: Replay): Judgement {
  if (report.scope === 'memcg') return judgeMemcg(report);
  if (isManual(report)) return plain('manual', 'certain', 'SysRq called the OOM killer: nothing need have been short');
  if (report.scope === 'cpuset') return judgeConstraint(report, 'cpuset-limit', replay);
  if (report.scope === 'mempolicy') return judgeConstraint(report, 'mempolicy-limit', replay);
  if (isPageFault(report))
    return plain('page-fault', 'certain', 'mask 0 and order 0 come from a page fault, not from an allocation');
  if (replay.gfp === undefined) return plain('insufficient-data', 'low', 'no trigger line with a mask');
  if (!hasOrder(report)) return plain('insufficient-data', 'low', 'the printed order cannot be one');
  if (replay.rule === undefined) return plain('insufficient-data', 'low', 'the check of this kernel is not known');
  if (replay.outcomes.length === 0)
    return plain('insufficient-data', 'low', 'no line of a zone that the request may use');
  if (replay.outcomes.some(({ state }) => state === 'passes')) return judgePassing(replay);
  if (replay.lost.length > 0 || replay.outcomes.some(({ state }) => state === 'unknown')) {
    const unknown = replay.outcomes.filter(({ state }) => state === 'unknown').map(({ zone }) => zoneName(zone));
    const zones = [...new Set([...replay.lost, ...unknown])].join(', ');
    return plain('insufficient-data', 'low', `the lines of zone ${zones} are not all there`);
  }
  return judgeFailing(report, replay);
}
