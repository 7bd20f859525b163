/** Why the allocation failed: the first axis of the answer, with its confidence. */
import type { Confidence, OomReport, Verdict, Zone } from '../domain.ts';
import { findFragmentation, findImbalance, findRestriction, findWithheld } from './mechanism.ts';
import { failed, hasOrder, isPageFault, type Replay, type ZoneOutcome, zoneName } from './replay.ts';
import { allowedNodes, is32Bit } from './zonelist.ts';

export interface Judgement {
  readonly verdict: Verdict;
  readonly contributing: readonly Verdict[];
  readonly confidence: Confidence;
  readonly reasons: readonly string[];
}

/** A node has plenty when a zone of it has this many times what the check asks for. */
const PLENTY_FACTOR = 2;

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
  return atLimit
    ? plain('memcg-limit', 'certain', 'a counter of the cgroup stands at its limit')
    : plain(
        'memcg-limit',
        'high',
        'the kernel says that a memory cgroup ran out; its counters do not show which limit',
      );
}

/** True when the order of the request could not be tested, its free lists not being printed. */
const orderUntested = ({ zone, state }: ZoneOutcome): boolean => state === 'passes' && zone.buddyCounts === undefined;

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
  const hasPlenty = passing.some(
    ({ decisive }) => (decisive?.usablePages ?? 0) > PLENTY_FACTOR * (decisive?.neededPages ?? 0),
  );
  if (otherNode && short.size > 0 && hasPlenty) {
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
  const fragmentation = findFragmentation(replay);
  const found: (Verdict | undefined)[] = [
    findRestriction(report, replay),
    fragmentation === 'alone' ? 'fragmented' : undefined,
    findWithheld(replay),
    // Where single pages are left, the zones are not exhausted.
    fragmentation === 'alone' ? undefined : findImbalance(report, replay),
  ];
  const [verdict = 'machine-exhausted', ...contributing] = found.filter((cause) => cause !== undefined);
  if (fragmentation === 'in-part') contributing.push('fragmented');
  return { verdict, contributing, ...confidenceOf(report, replay) };
}

/** 32 bits, and nothing says that HighMem is empty. */
const mayHaveHighmem = (report: OomReport): boolean =>
  report.highmem32 || (is32Bit(report) && report.totals?.highmemPages === undefined && report.missing.length > 0);

const isBelowHighmem = ({ gfp, layout }: Replay): boolean =>
  gfp !== undefined && layout.indexOf(gfp.zone) <= layout.indexOf('Normal');

const knowsHighmem = (report: OomReport, replay: Replay): boolean =>
  (report.highmem32 && replay.hiddenFreePages !== undefined) ||
  report.zones.some((zone) => zone.name === 'HighMem' && (zone.freeKb ?? zone.buddyTotalKb) !== undefined);

/** A zone up to the request's is not among those replayed; empty zones are not printed, so it need not exist. */
function lacksLowerZone({ gfp, layout, outcomes }: Replay): boolean {
  const names = layout.slice(0, layout.indexOf(gfp?.zone ?? '') + 1);
  return names.some((name) => name !== 'Movable' && !outcomes.some(({ zone }) => zone.name === name));
}

/** Managed pages that fell below zero (hot-removed or ballooned away) make marks of any size. */
const isMarkBeyondZone = ({ minKb, presentKb = 0 }: Zone): boolean =>
  minKb !== undefined && presentKb > 0 && minKb > presentKb;

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
  if (report.missing.includes('zones') && lacksLowerZone(replay)) {
    weaknesses.push('a zone line is missing, and it may be of a zone that the request could use');
  }
  if (mayHaveHighmem(report) && isBelowHighmem(replay) && !knowsHighmem(report, replay)) {
    weaknesses.push('what HighMem had free is not in the report');
  }
  if (report.truncated) weaknesses.push('a limit cut the report');
  const isMiscounted = replay.outcomes.some(({ zone }) => isMarkBeyondZone(zone));
  if (isMiscounted) {
    weaknesses.push(
      'a zone is to keep more free than it has: vm.min_free_kbytes is set beyond it, or the kernel miscounts its pages',
    );
  }
  const steps: Confidence[] = ['certain', 'high', 'medium', 'low'];
  return {
    confidence: isMiscounted ? 'low' : (steps[Math.min(weaknesses.length, steps.length - 1)] ?? 'low'),
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
  if (replay.lost.length > 0 || replay.outcomes.some(({ state }) => state === 'unknown')) {
    const unknown = replay.outcomes.filter(({ state }) => state === 'unknown').map(({ zone }) => zoneName(zone));
    const zones = [...new Set([...replay.lost, ...unknown])].join(', ');
    return plain('insufficient-data', 'low', `the lines of zone ${zones} are not all there`);
  }
  if (replay.outcomes.some(({ state }) => state === 'passes')) {
    // Where zone lines are lost, the one that is left may stand beside a reserve that is not its own.
    const isCut = report.missing.includes('zones') && lacksLowerZone(replay);
    return isCut ? plain('insufficient-data', 'low', 'zone lines are missing') : judgePassing(replay);
  }
  return judgeFailing(report, replay);
}
