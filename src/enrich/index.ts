/**
 * The enricher: a report to its analysis. Pure and deterministic, from the report's own lines only; what stands beside them
 * adds findings and nothing else.
 */
import type { Analysis, Evidence, HostContext, LowmemAnalysis, OomReport, SectionName } from '../domain.ts';
import { analyseAccounts, CLASSES, entryKb } from './accounting.ts';
import { adviceFor } from './advice.ts';
import { analyseCgroup } from './cgroup.ts';
import { contextFindings } from './context/index.ts';
import { findingsOf } from './findings/index.ts';
import { analyseFragmentation } from './fragmentation.ts';
import { findHolder, type HolderFinding } from './holder.ts';
import { ANALYZER_REVISION, identify } from './identity.ts';
import { analyseLowmem, lowmemAccount } from './lowmem.ts';
import { memcgAccount } from './memcg-book.ts';
import { pageSizeKbOf } from './page-size.ts';
import { paragraphOf } from './paragraph.ts';
import { type Replay, replay, zoneName } from './replay.ts';
import { sentenceOf } from './sentence.ts';
import { swapState } from './swap.ts';
import { type Judgement, judge } from './verdict.ts';
import { analyseVictim } from './victim.ts';

export { ANALYZER_REVISION };

/**
 * Why memory ran out, where it had gone, and what each statement rests on. Never throws on a report, however damaged: what
 * cannot be done is named in `limits`, and "unexplained" and "insufficient-data" are answers. `context`, of the same host, adds
 * its findings at the end; a stream has none, so that a replay gives the same.
 */
export function analyse(report: OomReport, context?: HostContext): Analysis {
  const pageSizeKb = pageSizeKbOf(report);
  const played = replay(report, pageSizeKb);
  const judgement = judge(report, played);
  const { verdict } = judgement;
  const cgroupBook = report.scope === 'memcg' ? memcgAccount(report.memcg) : undefined;
  const accounts = [...(cgroupBook ? [cgroupBook] : []), ...analyseAccounts(report, pageSizeKb)];
  const machine = accounts.find((account) => account.place === 'machine');
  const lowmem = analyseLowmem(report, played, machine);
  const lowmemBook = report.highmem32 ? lowmemAccount(report, machine) : undefined;
  const found = findHolder({ report, verdict, replay: played, machine, lowmemBook, lowmem });
  const swap = swapState(report, verdict === 'memcg-limit');
  const cgroup = analyseCgroup(report);
  const usable = verdict !== 'lowmem-exhausted' || entryKb(lowmemBook, CLASSES.anon, CLASSES.shmem, CLASSES.lru) > 0;
  const victim = analyseVictim(report, pageSizeKb, usable);
  const holder = found.holder;
  const input = { report, replay: played, judgement, holder, swap, machine, book: found.book, lowmem, victim };
  const findings = findingsOf(input);
  const advice = adviceFor(report, verdict, holder, swap, findings);
  const sentence = sentenceOf({ report, replay: played, judgement, cgroup, lowmem });
  return {
    verdict,
    contributing: contributingOf(judgement, lowmem),
    holder,
    swapState: swap,
    confidence: judgement.confidence,
    confidenceReasons: judgement.reasons,
    sentence,
    paragraph: paragraphOf({
      report,
      replay: played,
      sentence,
      found,
      swap,
      victim,
      lowmem,
      verdict,
      findings,
      advice,
    }),
    evidence: evidenceOf(report, played, found),
    findings: context ? [...findings, ...contextFindings({ ...input, findings, context })] : findings,
    advice,
    ...(played.gfp ? { gfp: played.gfp } : {}),
    zonelist: played.outcomes.map(({ zone }) => ({
      ...(zone.node === undefined ? {} : { node: zone.node }),
      zone: zone.name,
    })),
    checks: played.outcomes.flatMap(({ low, min, high }) => [low, min, high].filter((check) => check !== undefined)),
    ...(played.rule ? { watermarkRule: played.rule.name } : {}),
    fragmentation: analyseFragmentation(report.zones, played.request),
    accounts: lowmemBook ? [...accounts, lowmemBook] : accounts,
    ...(lowmem ? { lowmem } : {}),
    ...(cgroup ? { cgroup } : {}),
    ...(victim ? { victim } : {}),
    pageSizeKb,
    identity: identify(report),
    limits: limitsOf(report, played),
  };
}

/** A machine that is exhausted as a whole may be short of lowmem as well. */
function contributingOf(
  { verdict, contributing }: Judgement,
  lowmem: LowmemAnalysis | undefined,
): Judgement['contributing'] {
  const alsoLowmem = verdict === 'machine-exhausted' && lowmem?.exhausted === true;
  return alsoLowmem ? [...contributing, 'lowmem-exhausted'] : contributing;
}

/** The printed values that verdict and holder rest on. */
function evidenceOf(report: OomReport, { outcomes }: Replay, found: HolderFinding): Evidence[] {
  const { trigger, memcg, totals } = report;
  const evidence: Evidence[] = [];
  const add = (field: string, value: string | number | null | undefined, line: number | undefined): void => {
    if (value === undefined || value === null) return;
    evidence.push({ field, value, ...(line === undefined ? {} : { line }) });
  };
  add('trigger.gfpMask', trigger?.gfpMask, trigger?.line);
  add('trigger.order', trigger?.order, trigger?.line);
  for (const { zone, decisive } of outcomes) {
    const name = `zones[${zoneName(zone)}]`;
    add(`${name}.freeKb`, zone.freeKb, zone.line);
    if (decisive?.attempt === 'high') add(`${name}.highKb`, zone.highKb, zone.line);
    else add(`${name}.minKb`, zone.minKb, zone.line);
    if ((decisive?.reservePages ?? 0) > 0)
      add(`${name}.lowmemReservePages`, decisive?.reservePages, zone.reserveLine ?? zone.line);
  }
  if (report.scope === 'memcg') {
    add('memcg.path', memcg?.path ?? report.summary?.oomMemcg, memcg?.line ?? report.summary?.line);
    add('memcg.usageKb', memcg?.usageKb, memcg?.line);
    add('memcg.limitKb', memcg?.limitKb, memcg?.line);
  } else {
    add('summary.constraint', report.summary?.constraint, report.summary?.line);
  }
  if (found.heldKb !== undefined) add(`${found.holder}, kB`, found.heldKb, undefined);
  add('totals.freeSwapKb', totals?.freeSwapKb, totals?.line);
  add('totals.totalSwapKb', totals?.totalSwapKb, totals?.line);
  return evidence;
}

/** What could not be done, and which section would have allowed it. */
function limitsOf(report: OomReport, played: Replay): Analysis['limits'] {
  const limits: { what: string; section: SectionName | 'kernel-version' }[] = [];
  const isGlobal = report.scope !== 'memcg';
  if (played.gfp === undefined) limits.push({ what: 'decoding the request', section: 'trigger' });
  if (played.rule === undefined && played.gfp)
    limits.push({ what: 'replaying the watermark check', section: 'kernel-version' });
  if (isGlobal && played.gfp && played.outcomes.length === 0 && report.zones.length === 0) {
    limits.push({ what: 'replaying the watermark check', section: 'zones' });
  }
  if (played.lost.length > 0) limits.push({ what: `checking ${played.lost.join(', ')}`, section: 'zones' });
  if ((played.request?.order ?? 0) > 0 && played.outcomes.some(({ zone }) => zone.buddyCounts === undefined)) {
    limits.push({ what: 'testing the order of the request', section: 'buddy' });
  }
  if (isGlobal && report.memInfo === undefined) limits.push({ what: 'the books of the machine', section: 'mem-info' });
  if (report.tasks.length === 0) limits.push({ what: 'telling tasks apart', section: 'task-table' });
  return limits;
}
