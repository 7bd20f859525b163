/** Badness as the kernel computes it, and the memory that it is measured against. */
import type { Kill, OomReport, Selection, Task, VictimAnalysis } from '../domain.ts';
import { isAtLeast, isBefore, type Version, vendorBuild } from '../kernel/version.ts';
import { machineTotalKb } from './accounting.ts';

/**
 * Memory that scores are measured against, in pages: the cgroup's limits of memory and swap together, else RAM and swap of the
 * machine. Undefined where it was not printed: a cgroup without a limit of swap may use the machine's, and for cpuset and mempolicy
 * events the spans of the nodes count.
 */
export function scoreTotalPages(report: OomReport, pageSizeKb: number): number | undefined {
  if (report.scope === 'memcg') {
    const { limitKb, memoryAndSwap, swap } = report.memcg ?? {};
    const v2Kb = typeof limitKb === 'number' && typeof swap?.limitKb === 'number' ? limitKb + swap.limitKb : undefined;
    const withSwapKb = memoryAndSwap?.limitKb ?? v2Kb;
    return withSwapKb === undefined ? undefined : Math.trunc(withSwapKb / pageSizeKb);
  }
  if (report.scope === 'cpuset' || report.scope === 'mempolicy') return undefined;
  const ramKb = machineTotalKb(report, pageSizeKb);
  const swapKb = report.totals?.totalSwapKb;
  return ramKb === undefined || swapKb === undefined ? undefined : Math.trunc((ramKb + swapKb) / pageSizeKb);
}

/** The release whose badness a kernel computes; RHEL 7 has 3.14's, RHEL 6 from build 220 on 2.6.39's. */
function badnessVersion(report: OomReport): Version | undefined {
  const { vendor, version, release } = report.kernel;
  if (vendor === 'rhel5') return [2, 6, 18];
  if (vendor === 'rhel6') return (vendorBuild(release ?? '') ?? 220) < 220 ? [2, 6, 32] : [2, 6, 39];
  if (vendor === 'rhel7') return [3, 14, 0];
  return version;
}

interface Points {
  readonly pages: number;
  readonly uid: number | undefined;
  readonly adj: number;
}

/** Scores, in thousandths of the total, that the release can print for these pages (with and without CAP_SYS_ADMIN). */
function scoresOf(version: Version, points: Points, totalPages: number): number[] {
  const { pages, adj } = points;
  // A uid of 0 mostly has CAP_SYS_ADMIN; the capability itself is not printed.
  const mayBeRoot = points.uid === undefined || points.uid === 0;
  const thousandths = (pages * 1000) / totalPages;
  if (isBefore(version, [3, 5, 0])) {
    const plain = thousandths + adj;
    return mayBeRoot ? [plain, plain - 30, thousandths * 0.97 + adj] : [plain];
  }
  const unit = Math.trunc(totalPages / 1000);
  const score = (base: number, extra: number): number => ((base + (adj + extra) * unit) * 1000) / totalPages;
  if (!mayBeRoot || isAtLeast(version, [4, 17, 0])) return [score(pages, 0)];
  return isBefore(version, [3, 14, 0])
    ? [score(pages, 0), score(pages, -30), score(pages * 0.97, 0)]
    : [score(pages, 0), score(pages * 0.97, 0)];
}

/**
 * Badness as the kernel's release computes it (mm/oom_kill.c oom_badness, 2.6.36 to 5.0), against the printed score. Before
 * 2.6.36 it rests on CPU time, which is not printed. `agrees` stays open where the row lacks page tables or swap and
 * the printed score is the higher one.
 */
export function scoreOf(
  report: OomReport,
  selection: Selection | undefined,
  row: Task | undefined,
  kill: Kill | undefined,
  pageSizeKb: number,
): VictimAnalysis['score'] {
  const version = badnessVersion(report);
  const totalPages = scoreTotalPages(report, pageSizeKb);
  if (version === undefined || totalPages === undefined || totalPages <= 0 || isBefore(version, [2, 6, 36]))
    return undefined;
  if (selection?.score === undefined && isAtLeast(version, [5, 0, 0])) return undefined;
  if (report.selections.some((other) => other.reason?.includes('oom_kill_allocating_task'))) return undefined;
  const killKb =
    kill && [kill.anonRssKb, kill.fileRssKb, kill.shmemRssKb].reduce<number>((sum, kb) => sum + (kb ?? 0), 0);
  const rssPages = row?.rssPages ?? (killKb === undefined ? undefined : Math.trunc(killKb / pageSizeKb));
  if (rssPages === undefined) return undefined;
  const tablePages =
    row?.pgtablesBytes === undefined
      ? row?.nrPtes === undefined
        ? undefined
        : row.nrPtes + (row.nrPmds ?? 0)
      : Math.trunc(row.pgtablesBytes / (pageSizeKb * 1024));
  const countsTables = isAtLeast(version, [2, 6, 39]);
  const pages = rssPages + (row?.swapentsPages ?? 0) + (countsTables ? (tablePages ?? 0) : 0);
  const adj = row?.oomScoreAdj ?? 0;
  const scores = scoresOf(version, { pages, uid: row?.uid, adj }, totalPages);
  const exact = scores[0] ?? 0;
  const printed = selection?.score;
  const isBound = (countsTables && tablePages === undefined) || row?.swapentsPages === undefined;
  const base = { computed: Math.max(0, Math.trunc(exact)), exact, totalPages };
  if (printed === undefined) return base;
  // Counters move between the choice and the table: one thousandth either way is no contradiction.
  const agrees = scores.some((score) => Math.abs(Math.max(0, Math.trunc(score)) - printed) <= 1);
  if (agrees) return { ...base, printed, agrees };
  return isBound && printed > exact ? { ...base, printed } : { ...base, printed, agrees: false };
}
