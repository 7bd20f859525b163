/** The paragraph for an operator: what happened, what held the memory, what the kill did, what to do first. */
import type {
  Advice,
  Finding,
  Holder,
  LowmemAnalysis,
  OomReport,
  SwapState,
  Verdict,
  VictimAnalysis,
} from '../domain.ts';
import { HOLDER_TEXTS } from '../tables/holders.ts';
import { formatKb } from '../units.ts';
import type { HolderFinding } from './holder.ts';
import { reclaimState } from './reclaim.ts';
import { type Replay, zoneName } from './replay.ts';

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;

/** Place of a book in words. */
function placeOf(found: HolderFinding): string {
  const place = found.book?.place ?? '';
  if (place === 'lowmem') return "lowmem's";
  if (place.startsWith('cgroup')) return "the cgroup's";
  return place === 'eligible zones' ? "the request's zones'" : "the machine's";
}

const VERBS: Readonly<Partial<Record<Holder, string>>> = {
  'many-tasks': 'Private memory of processes takes',
  slab: 'Slab takes',
  'page-tables': 'Page tables take',
  shmem: 'Shared memory and tmpfs take',
  'kernel-stacks': 'Kernel stacks take',
  unevictable: 'Unevictable memory (mlock, ramfs) takes',
  hugepages: 'The huge page pool takes',
  'dirty-pages': 'File cache, mostly dirty, takes',
  'page-cache': 'File cache takes',
  'mem-map': 'The page descriptors (mem_map) take',
  unaccounted: 'Memory that no counter names takes',
};

/** `Slab takes 529604 kB, 58 % of lowmem's 905816 kB.` Empty when nothing is known. */
export function holderSentence(found: HolderFinding): string {
  const { holder, heldKb, ofKb, task } = found;
  if (heldKb === undefined || ofKb === undefined || ofKb <= 0) return '';
  const part = `${formatKb(heldKb)}, ${percent(heldKb, ofKb)} of`;
  if (task) {
    const pid = task.pid === undefined ? '' : ` (${task.pid})`;
    const isCgroup = found.book?.place.startsWith('cgroup') === true;
    if (heldKb > ofKb) {
      const limit = isCgroup ? `; the limit is ${formatKb(ofKb)}` : '';
      return `${task.comm}${pid} holds ${formatKb(heldKb)}, swap included${limit}.`;
    }
    const confined = found.book?.place === 'eligible zones' ? "the request's zones and swap" : 'memory and swap';
    return `${task.comm}${pid} holds ${part} ${isCgroup ? 'the limit' : confined}.`;
  }
  if (holder === 'unknown') {
    return `Private memory of processes takes ${part} ${placeOf(found)} ${formatKb(ofKb)}; no process table says whose.`;
  }
  return `${VERBS[holder] ?? HOLDER_TEXTS[holder].title} ${part} ${placeOf(found)} ${formatKb(ofKb)}.`;
}

/** Nothing was short, or nothing is known: swap does not matter. */
const WITHOUT_SWAP: readonly Verdict[] = ['manual', 'page-fault', 'insufficient-data'];

/** The state of swap is that of the cgroup's own limit. */
const isCgroupSwap = (verdict: Verdict, { memcg }: OomReport): boolean =>
  verdict === 'memcg-limit' && typeof (memcg?.swap ?? memcg?.memoryAndSwap)?.limitKb === 'number';

function swapSentence({ report, swap, verdict, findings }: ParagraphInput): string {
  if (WITHOUT_SWAP.includes(verdict)) return '';
  const unusable = findings.find((finding) => finding.code === 'swap-unusable');
  if (unusable) return unusable.sentence;
  return isCgroupSwap(verdict, report) ? CGROUP_SWAP_SENTENCES[swap] : SWAP_SENTENCES[swap];
}

/** Why reclaim did not help, where the kernel printed what it scanned. */
function reclaimSentence({ report, replay, verdict }: ParagraphInput): string {
  const [first] = replay.outcomes;
  if (first === undefined || !SHORTAGES.includes(verdict) || first.zone.allUnreclaimable !== true) return '';
  const state = reclaimState(first.zone, report, replay.pageSizeKb);
  if (!state?.unreclaimable || state.scannedPages === 0) return '';
  return `Reclaim gave ${zoneName(first.zone)} up after scanning ${state.scannedPages} pages for its ${state.reclaimablePages} reclaimable ones.`;
}

const SHORTAGES: readonly Verdict[] = [
  'lowmem-exhausted',
  'machine-exhausted',
  'movable-imbalance',
  'dma-zone-exhausted',
];

/** The page descriptors, where they are a large part of lowmem beside the holder. */
function memMapSentence({ findings, found, lowmem }: ParagraphInput): string {
  const large = findings.some((finding) => finding.code === 'mem-map-large');
  if (!large || found.holder === 'mem-map' || found.book?.place !== 'lowmem' || lowmem?.memMapKb === undefined)
    return '';
  return `The page descriptors (mem_map) take another ${formatKb(lowmem.memMapKb)}.`;
}

const SWAP_SENTENCES: Readonly<Record<SwapState, string>> = {
  none: 'There is no swap.',
  full: 'Swap is full.',
  available: 'Swap has room.',
  unknown: '',
};

const CGROUP_SWAP_SENTENCES: Readonly<Record<SwapState, string>> = {
  none: 'The cgroup may not use swap.',
  full: 'The swap that the cgroup may use is full.',
  available: 'The cgroup may use more swap.',
  unknown: '',
};

function killSentence(
  report: OomReport,
  victim: VictimAnalysis | undefined,
  lowmem: LowmemAnalysis | undefined,
): string {
  if (report.panic) return 'The kernel panicked instead of killing a process.';
  if (report.kills.length === 0) {
    if (report.action === 'oom-kill') return '';
    return report.action === 'oom-no-victim' ? 'No process was killed.' : '';
  }
  if (victim === undefined) return '';
  const pid = victim.pid === undefined ? '' : ` (${victim.pid})`;
  const size = victim.rssKb === undefined ? '' : ` with ${formatKb(victim.rssKb)} resident`;
  const more = report.kills.length > 1 ? ` and ${report.kills.length - 1} more` : '';
  const killed = `The kernel killed ${victim.comm}${pid}${size}${more}.`;
  const freed = lowmem?.killFreedLowmemKb;
  const useless =
    freed && victim.freed && !victim.freed.usable
      ? ` That frees next to no lowmem: at most ${formatKb(freed.max)} of page tables and stack.`
      : '';
  return `${killed}${useless}${victim.why ? ` ${victim.why}` : ''}`;
}

export interface ParagraphInput {
  readonly report: OomReport;
  readonly replay: Replay;
  readonly sentence: string;
  readonly found: HolderFinding;
  readonly swap: SwapState;
  readonly victim: VictimAnalysis | undefined;
  readonly lowmem: LowmemAnalysis | undefined;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly advice: readonly Advice[];
}

/** All sentences that the report supports, in one paragraph. */
export function paragraphOf(input: ParagraphInput): string {
  const { report, sentence, found, victim, lowmem, advice } = input;
  const [first] = advice;
  const command = first?.command === undefined ? '' : ` (${first.command})`;
  return [
    sentence,
    holderSentence(found),
    memMapSentence(input),
    reclaimSentence(input),
    swapSentence(input),
    killSentence(report, victim, lowmem),
    first === undefined ? '' : `First: ${lowerFirst(first.action).replace(/\.$/, '')}${command}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
