/** The victim, the largest task and the rows of the process table that are searched. */
import type { Analysis, Kill, OomReport, Task } from '../domain.ts';
import { kbToBytes, pagesToBytes } from '../units.ts';
import type { Leaves, ProcessRow } from './fields.ts';
import { fitRow } from './leaves.ts';
import { bytesOfKb, sumOf, totalKb } from './memory.ts';

/** Rows of oom.process: so many by resident memory, and the victims and the trigger beside them. */
export const PROCESS_LIMIT = 50;

/** Victims beyond the largest rows: a group kill can name thousands. */
const VICTIM_LIMIT = 50;

const bytesOfPages = (pages: number | undefined, pageSizeKb: number): number | undefined =>
  pages === undefined ? undefined : pagesToBytes(pages, pageSizeKb);

export function victimScalars(report: OomReport, analysis: Analysis): Leaves {
  const kill = report.kills[0];
  const { victim, pageSizeKb } = analysis;
  if (!kill) return {};
  const row = report.tasks.find((task) => task.pid === kill.pid);
  const rssKb = sumOf([kill.anonRssKb, kill.fileRssKb, kill.shmemRssKb]);
  return {
    'oom.victim.adj': kill.oomScoreAdj ?? row?.oomScoreAdj ?? victim?.adj,
    'oom.victim.score': victim?.score?.printed,
    'oom.victim.is_trigger': victim?.isTrigger,
    'oom.victim.is_largest': victim?.isLargest,
    'oom.victim.in_table': victim?.inTable,
    'oom.victim.vm_bytes': bytesOfKb(kill.totalVmKb),
    'oom.victim.rss_bytes': bytesOfKb(rssKb),
    'oom.victim.rss_anon_bytes': bytesOfKb(kill.anonRssKb),
    'oom.victim.rss_file_bytes': bytesOfKb(kill.fileRssKb),
    'oom.victim.rss_shmem_bytes': bytesOfKb(kill.shmemRssKb),
    'oom.victim.swap_bytes': bytesOfPages(row?.swapentsPages, pageSizeKb),
    'oom.victim.pgtables_bytes': row?.pgtablesBytes ?? pgtablesBytes(kill),
    'oom.victim.rss_share_ratio': shareOf(rssKb, poolKb(report, analysis)),
  };
}

/**
 * Early 5.4 prints bytes and calls them kB. Page tables never outgrow the address space that they map, so such a
 * value is left out.
 */
function pgtablesBytes(kill: Kill): number | undefined {
  if (kill.pgtablesKb === undefined) return undefined;
  if (kill.totalVmKb !== undefined && kill.pgtablesKb > kill.totalVmKb) return undefined;
  return kbToBytes(kill.pgtablesKb);
}

/** What the victim's memory is a share of: the limit of the cgroup that ran out, else the machine. */
function poolKb(report: OomReport, { pageSizeKb }: Analysis): number | undefined {
  if (report.scope === 'memcg') return report.memcg?.limitKb ?? undefined;
  return totalKb(report, pageSizeKb);
}

const shareOf = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined || whole <= 0 ? undefined : part / whole;

export function taskLeaves(report: OomReport, analysis: Analysis): Leaves {
  const { pageSizeKb } = analysis;
  const isPrinted = report.taskCount > 0 || report.taskColumns !== undefined;
  const largest = bySize(report.tasks)[0];
  return {
    'oom.largest.pid': largest?.pid,
    'oom.largest.name': largest?.comm,
    'oom.largest.rss_bytes': bytesOfPages(largest?.rssPages, pageSizeKb),
    'oom.tasks.count': isPrinted ? report.taskCount : undefined,
    'oom.tasks.rss_bytes': bytesOfPages(sumOf(report.tasks.map((task) => task.rssPages)), pageSizeKb),
    'oom.process': isPrinted ? processRows(report, pageSizeKb) : undefined,
  };
}

/** Tasks whose resident memory is known, largest first; equal ones in the order of the table. */
const bySize = (tasks: readonly Task[]): readonly Task[] =>
  tasks.filter((task) => task.rssPages !== undefined).sort((a, b) => (b.rssPages ?? 0) - (a.rssPages ?? 0));

function processRows(report: OomReport, pageSizeKb: number): Record<string, unknown>[] {
  const killed = new Set(report.kills.map((kill) => kill.pid).filter((pid) => pid !== undefined));
  const rows: Record<string, unknown>[] = [];
  let extraVictims = 0;
  for (const [index, task] of bySize(report.tasks).entries()) {
    const isKilled = killed.has(task.pid);
    const isWanted = index < PROCESS_LIMIT || isKilled || task.pid === report.trigger?.pid;
    if (!isWanted) continue;
    if (index >= PROCESS_LIMIT && isKilled) {
      extraVictims += 1;
      if (extraVictims > VICTIM_LIMIT) continue;
    }
    const row: ProcessRow = {
      rank: index + 1,
      pid: task.pid,
      tgid: task.tgid,
      uid: task.uid === undefined ? undefined : String(task.uid),
      name: task.comm,
      vm_bytes: bytesOfPages(task.totalVmPages, pageSizeKb),
      rss_bytes: bytesOfPages(task.rssPages, pageSizeKb),
      swap_bytes: bytesOfPages(task.swapentsPages, pageSizeKb),
      pgtables_bytes: task.pgtablesBytes,
      adj: task.oomScoreAdj,
      killed: isKilled,
    };
    rows.push(fitRow('oom.process', row));
  }
  return rows;
}
