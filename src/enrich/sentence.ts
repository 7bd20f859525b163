/** The answer in one sentence: true for the numbers at hand, nothing guessed. */
import type { CgroupAnalysis, LowmemAnalysis, OomReport, Verdict, Zone, ZoneCheck } from '../domain.ts';
import { formatKb, pagesToKb } from '../units.ts';
import { type Replay, type ZoneOutcome, zoneName } from './replay.ts';
import type { Judgement } from './verdict.ts';
import { checkZone, largestUsable, type Request } from './watermark.ts';

/** At most so many zones are told one by one. */
const MOST_CLAUSES = 3;

const MARK_NAMES = { low: 'LOW', min: 'MIN', high: 'HIGH' } as const;

/** `2012 usable, more than 35 + 869 needed` */
function comparison(check: ZoneCheck): string {
  const needed = check.reservePages > 0 ? `${check.markPages} + ${check.reservePages}` : `${check.markPages}`;
  return `${check.usablePages} usable, more than ${needed} needed`;
}

/** Up to 4.3 the test takes the smaller blocks off one order after the other. */
const replayLoopFailed = (check: ZoneCheck, request: Request | undefined): boolean =>
  check.failedOrder !== undefined && check.failedOrder !== request?.order;

/** The check of the zone for one page at MIN. */
const singleCheck = (zone: Zone, { rule, request }: Replay): ZoneCheck | undefined =>
  rule && request && checkZone(zone, 'min', rule, { ...request, order: 0 });

/** Why one zone could not serve the request. */
function zoneClause({ zone, decisive, min, state }: ZoneOutcome, replay: Replay): string {
  const { request } = replay;
  const name = zoneName(zone);
  if (decisive === undefined) return `${name} is not printed in full`;
  const mark = MARK_NAMES[decisive.attempt];
  const free = `${name}'s ${decisive.freePages} free pages`;
  if (decisive.passes) return `${name} passes ${mark} (${comparison(decisive)})`;
  if (decisive.failedBy === 'empty-lists')
    return `${name} counts ${decisive.freePages} free pages, but its free lists are empty`;
  if (decisive.failedBy === 'order' && replayLoopFailed(decisive, request)) {
    return `${free} lie in blocks too small for the order (the test fails at order ${decisive.failedOrder})`;
  }
  if (decisive.failedBy === 'order') return `${free} hold no usable block of the order`;
  if (request && request.order > 0 && zone.buddyCounts && largestUsable(zone, request) < request.order) {
    const single = singleCheck(zone, replay);
    return single?.passes
      ? `${free} would do one by one (${comparison(single)}) and hold no usable block of the order`
      : `${free} hold no usable block of the order and are too few (${comparison(decisive)})`;
  }
  if (state === 'fails-high' && min) {
    const equality = decisive.marginPages === 0 ? ' by equality' : '';
    return `${name} passes MIN and misses HIGH${equality} (${comparison(decisive)})`;
  }
  if (decisive.marginPages === 0 && decisive.reservePages === 0)
    return `${free} miss ${mark} by equality (${comparison(decisive)})`;
  if (decisive.usablePages > decisive.markPages) {
    const equality = decisive.marginPages === 0 ? ', by equality' : '';
    return `${free} are reserved${equality} (${comparison(decisive)})`;
  }
  if (decisive.withheldPages > 0) {
    return `of ${free} ${decisive.withheldPages} are withheld and the rest is below ${mark} (${comparison(decisive)})`;
  }
  return `${free} are below ${mark} (${comparison(decisive)})`;
}

/** The clauses of the failing zones, the request's highest first. */
function clauses(replay: Replay): string {
  const index = ({ zone }: ZoneOutcome): number => replay.layout.indexOf(zone.name);
  const outcomes = replay.outcomes.toSorted((a, b) => index(b) - index(a));
  const told = outcomes.slice(0, MOST_CLAUSES).map((outcome) => zoneClause(outcome, replay));
  const rest = outcomes.length - told.length;
  if (rest > 0) told.push(`${rest} more zone${rest === 1 ? '' : 's'} fail${rest === 1 ? 's' : ''} likewise`);
  return listOf(told);
}

/** `a, b and c` */
export function listOf(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** `A page-table page`, `A request for page cache (order 2)` */
function subject(replay: Replay): string {
  const order = replay.request?.order ?? 0;
  const purpose = replay.gfp?.purpose;
  const size =
    order > 0 ? ` of order ${order} (${formatKb(pagesToKb(2 ** order, replay.pageSizeKb))} in one block)` : '';
  if (purpose === 'page table' && order === 0) return 'A page-table page';
  if (purpose !== undefined) return `A request for ${article(purpose)}${size}`;
  return order > 0 ? `A request${size}` : 'A request for one page';
}

const COUNTABLE =
  /^(?:page table|kernel stack|huge page|network buffer|socket inode|inode|dentry|poll table|pipe buffer|vmalloc area|DMA buffer|kernel buffer)/;

function article(purpose: string): string {
  return COUNTABLE.test(purpose) ? `a ${purpose}`.replace(/^a (?=[aeiou])/, 'an ') : purpose;
}

const zonesOf = (replay: Replay): string => [...new Set(replay.outcomes.map(({ zone }) => zone.name))].join(', ');

/** The victim's cgroup, where it is not the one whose limit was hit. */
function below({ path, taskPath }: CgroupAnalysis): string {
  return path === undefined || taskPath === undefined || taskPath === path ? '' : `; the victim ran in ${taskPath}`;
}

function memcgSentence(cgroup: CgroupAnalysis | undefined): string {
  const where = cgroup?.path === undefined ? 'A memory cgroup' : `Memory cgroup ${cgroup.path}`;
  if (cgroup?.usageKb === undefined || cgroup.limitKb === undefined)
    return `${where} ran out of memory; its usage and limit are not in the report.`;
  if (cgroup.limitKb === null)
    return `${where} ran out of memory at ${formatKb(cgroup.usageKb)}; the limit that was hit is not one of those printed.`;
  const kind = cgroup.limitKind === undefined || cgroup.limitKind === 'memory' ? '' : `${cgroup.limitKind} `;
  return cgroup.limitKind === undefined
    ? `${where} ran out of memory; it used ${cgroup.usageKb} kB of its limit of ${cgroup.limitKb} kB when the report was printed.`
    : `${where} reached its ${kind}limit: ${cgroup.usageKb} of ${cgroup.limitKb} kB used${below(cgroup)}.`;
}

function exhaustedSentence(replay: Replay): string {
  // Between MIN and HIGH a zone may have served the tries before the last.
  const between = replay.outcomes.some(({ state }) => state === 'fails-high');
  const none = between ? 'none serves the last try before the kill' : 'none can serve it';
  return `${subject(replay)} may use ${zonesOf(replay)}, and ${none}: ${clauses(replay)}.`;
}

function lowmemSentence(replay: Replay, lowmem: LowmemAnalysis | undefined): string {
  const free = lowmem?.highmemFreeKb;
  const high = free === undefined ? 'HighMem cannot serve it' : `HighMem's ${formatKb(free)} free cannot serve it`;
  return `${subject(replay)} must come from lowmem (${zonesOf(replay)}); ${clauses(replay)}, while ${high}.`;
}

/** Free memory above a zone, for the imbalance verdicts. */
function freeAbove(report: OomReport, replay: Replay, names: readonly string[]): string {
  const zones = report.zones.filter((zone) => names.includes(zone.name));
  const kb =
    zones.length > 0
      ? zones.reduce((sum, zone) => sum + (zone.freeKb ?? 0), 0)
      : pagesToKb(replay.hiddenFreePages ?? 0, replay.pageSizeKb);
  return formatKb(kb);
}

export interface SentenceInput {
  readonly report: OomReport;
  readonly replay: Replay;
  readonly judgement: Judgement;
  readonly cgroup: CgroupAnalysis | undefined;
  readonly lowmem: LowmemAnalysis | undefined;
}

const BY_VERDICT: Readonly<Record<Verdict, (input: SentenceInput) => string>> = {
  'memcg-limit': ({ cgroup }) => memcgSentence(cgroup),
  'cpuset-limit': ({ report, replay }) =>
    restrictedSentence(replay, 'the nodes of its cpuset', report.summary?.memsAllowed ?? report.cpuset?.memsAllowed),
  'mempolicy-limit': ({ report, replay }) =>
    restrictedSentence(replay, 'the nodes of its memory policy', report.summary?.nodemask ?? report.trigger?.nodemask),
  'numa-imbalance': ({ replay }) =>
    `${subject(replay)} failed on one node while another had memory above its HIGH mark: ${clauses(replay)}.`,
  manual: () => 'SysRq-F called the OOM killer; nothing need have been short.',
  'page-fault': ({ report, replay }) => pageFaultSentence(report, replay),
  'lowmem-exhausted': ({ replay, lowmem }) => lowmemSentence(replay, lowmem),
  'dma-zone-exhausted': ({ report, replay }) =>
    `${subject(replay)} must come from zone ${zonesOf(replay)}; ${clauses(replay)}, while higher zones have ${freeAbove(report, replay, replay.layout.slice(replay.layout.indexOf(replay.gfp?.zone ?? '') + 1))} free.`,
  fragmented: ({ replay }) =>
    `${subject(replay)} finds enough single pages but no block that large: ${clauses(replay)}.`,
  'cma-withheld': ({ replay }) =>
    `${subject(replay)} may not use CMA pages${replay.gfp?.movable ? ' on the last try before the kill' : ''}, and most free pages are CMA's: ${clauses(replay)}.`,
  'reserve-withheld': ({ replay }) =>
    `${subject(replay)} fails only because a raised watermark or the highatomic reserve holds free pages back: ${clauses(replay)}.`,
  'movable-imbalance': ({ report, replay }) =>
    `${subject(replay)} may not use zone Movable, where ${freeAbove(report, replay, ['Movable'])} are free, and the zones that it may use are exhausted: ${clauses(replay)}.`,
  'machine-exhausted': ({ replay }) => exhaustedSentence(replay),
  unexplained: ({ replay }) =>
    `The watermarks do not explain this: ${clauses(replay)}; ${lower(subject(replay))} could have been served when the report was printed.`,
  'insufficient-data': ({ replay, judgement }) => insufficient(replay, judgement),
};

/** The handler of a fault, often a driver's, says that memory ran out; with much of it free that is worth telling. */
function pageFaultSentence({ memInfo }: OomReport, { pageSizeKb }: Replay): string {
  const free = memInfo?.freePages;
  const left = free === undefined ? '' : ` while ${formatKb(pagesToKb(free, pageSizeKb))} were free`;
  return `The handler of a page fault reported out of memory (gfp_mask 0x0, order 0)${left}; the report holds no allocation that could be replayed.`;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function restrictedSentence(replay: Replay, where: string, nodes: string | undefined): string {
  const named = nodes === undefined || nodes === '(null)' ? where : `${where} (${nodes})`;
  const rest = replay.outcomes.length > 0 ? `: ${clauses(replay)}` : '';
  return `${subject(replay)} was confined to ${named}, which could not serve it${rest}.`;
}

function insufficient(replay: Replay, { reasons }: Judgement): string {
  const reason = reasons[0] ?? 'the report was cut';
  const told = replay.gfp ? ` The request was ${replay.gfp.text === '' ? 'without flags' : replay.gfp.text}.` : '';
  return `The report lacks what it takes to say why memory ran out: ${reason}.${told}`;
}

/** One sentence for the verdict. */
export const sentenceOf = (input: SentenceInput): string => BY_VERDICT[input.judgement.verdict](input);
