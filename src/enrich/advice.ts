/** Ranked advice, chosen from the tables by verdict, holder and findings. */
import type { Advice, Finding, Holder, OomReport, SwapState, Verdict } from '../domain.ts';
import { BUFFER_HEAD_FIX } from '../kernel/struct-page.ts';
import { isBefore } from '../kernel/version.ts';
import { type AdviceText, EXTRA_ADVICE, HOLDER_ADVICE, VERDICT_ADVICE } from '../tables/advice.ts';
import type { FindingCode } from '../tables/findings.ts';

/** Verdicts that are about how much there is: what holds the memory comes first. */
const HOLDER_FIRST: readonly Verdict[] = ['machine-exhausted', 'cpuset-limit', 'mempolicy-limit'];

/** A process of a limited cgroup needs no other limit. */
const inCgroup = (verdict: Verdict, holder: Holder): boolean => verdict === 'memcg-limit' && holder === 'one-task';

/** Advice in the order in which to follow it; each text once. */
export function adviceFor(
  report: OomReport,
  verdict: Verdict,
  holder: Holder,
  swap: SwapState,
  findings: readonly Finding[],
): Advice[] {
  const found = (code: FindingCode): boolean => findings.some((finding) => finding.code === code);
  const { version } = report.kernel;
  const extras: AdviceText[] = [];
  if (found('buffer-heads-pinned')) {
    if (version && isBefore(version, BUFFER_HEAD_FIX)) extras.push(EXTRA_ADVICE['buffer-head-fix']);
    extras.push(EXTRA_ADVICE['drop-file-cache']);
  }
  if (found('off-by-two') && found('exact-equality') && !found('buffer-heads-pinned'))
    extras.push(EXTRA_ADVICE['off-by-two-fix']);
  if (found('swap-unusable') && (holder === 'many-tasks' || holder === 'one-task'))
    extras.push(EXTRA_ADVICE['use-swap']);
  if (verdict === 'machine-exhausted' && swap === 'none') extras.push(EXTRA_ADVICE['more-swap']);
  if (found('innocent-victim')) extras.push(EXTRA_ADVICE['protect-victim']);
  // Lowmem slab is mostly pinned by HighMem: dropping dentries is no cure for it.
  const ofHolder = found('buffer-heads-pinned')
    ? []
    : inCgroup(verdict, holder)
      ? [EXTRA_ADVICE.leak]
      : HOLDER_ADVICE[holder];
  const ofVerdict = VERDICT_ADVICE[verdict];
  const ordered = HOLDER_FIRST.includes(verdict)
    ? [...ofHolder, ...ofVerdict, ...extras]
    : [...ofVerdict.slice(0, 1), ...extras, ...ofHolder, ...ofVerdict.slice(1)];
  return [...new Set<AdviceText>(ordered)].map((text, index) => ({ rank: index + 1, ...text }));
}
