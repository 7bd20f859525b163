/** Ranked advice, chosen from the tables by verdict, holder and findings. */
import type { Advice, Finding, Holder, OomReport, SwapState, Verdict } from '../domain.ts';
import { BUFFER_HEAD_FIX } from '../kernel/struct-page.ts';
import { isAtLeast, isBefore, type Version } from '../kernel/version.ts';
import { type AdviceText, EXTRA_ADVICE, HOLDER_ADVICE, VERDICT_ADVICE } from '../tables/advice.ts';
import type { FindingCode } from '../tables/findings.ts';

/** Verdicts that are about how much there is: what holds the memory comes first. */
const HOLDER_FIRST: readonly Verdict[] = ['machine-exhausted', 'cpuset-limit', 'mempolicy-limit'];

/** A process of a limited cgroup needs no other limit. */
const inCgroup = (verdict: Verdict, holder: Holder): boolean => verdict === 'memcg-limit' && holder === 'one-task';

/** First release with cgroup v2, and with a systemd that knows its names. */
const CGROUP_V2: Version = [4, 5, 0];
/** Hosts of the 2.6 line have no systemd. */
const SYSTEMD: Version = [3, 0, 0];

/** The advice as a host of this release can follow it: before cgroup v2 the limit is MemoryLimit, and nothing throttles. */
function suitedTo(version: Version | undefined, text: AdviceText): AdviceText[] {
  const { command, ...rest } = text;
  if (version === undefined || command === undefined || isAtLeast(version, CGROUP_V2)) return [text];
  if (command.includes('MemoryHigh=')) return [];
  if (!command.includes('systemctl')) return [text];
  return [isBefore(version, SYSTEMD) ? rest : { ...rest, command: command.replace('MemoryMax=', 'MemoryLimit=') }];
}

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
  // Slab that is not of the page cache's making grows on 64 bits as well.
  const isLeak = verdict === 'lowmem-exhausted' && holder === 'slab' && !found('buffer-heads-pinned');
  const ordered =
    HOLDER_FIRST.includes(verdict) || isLeak
      ? [...ofHolder, ...ofVerdict, ...extras]
      : [...ofVerdict.slice(0, 1), ...extras, ...ofHolder, ...ofVerdict.slice(1)];
  const suited = [...new Set<AdviceText>(ordered)].flatMap((text) => suitedTo(version, text));
  return suited.map((text, index) => ({ rank: index + 1, ...text }));
}
