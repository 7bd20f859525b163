/** The victim: its size, its badness by the kernel's formula, and why it was chosen. */
import type { OomReport, Task, VictimAnalysis } from '../domain.ts';
import { pagesToKb } from '../units.ts';
import { scoreOf } from './badness.ts';

/** Resident and swapped-out pages of a row. */
export const taskPages = (task: Task): number => (task.rssPages ?? 0) + (task.swapentsPages ?? 0);

/** The row with the most resident and swapped-out memory; undefined without a table. */
export function largestTask(tasks: readonly Task[]): Task | undefined {
  let largest: Task | undefined;
  for (const task of tasks) if (largest === undefined || taskPages(task) > taskPages(largest)) largest = task;
  return largest;
}

const isSameProcess = (a: Task, b: Task): boolean => a === b || (a.tgid !== undefined && a.tgid === b.tgid);

/** True when a child was killed in place of the selected process. Up to 5.0 both lines are printed. */
export function isSacrificedChild(report: OomReport): boolean {
  const [selection] = report.selections;
  const [kill] = report.kills;
  if (selection?.pid === undefined || kill?.pid === undefined || selection.pid === kill.pid) return false;
  // The selected pid may be a thread's and the kill its process's: same name, and no row of its own.
  const isThread = selection.comm === kill.comm && !report.tasks.some((task) => task.pid === selection.pid);
  return !isThread;
}

/** Why this task: one sentence, only of what the report shows. */
function reasonOf(
  report: OomReport,
  victim: Task | undefined,
  largest: Task | undefined,
  comm: string,
): string | undefined {
  const [selection] = report.selections;
  const reasons = [...report.selections.map((s) => s.reason), ...report.kills.map((k) => k.reason)];
  if (reasons.some((reason) => reason?.includes('oom_kill_allocating_task'))) {
    return `vm.oom_kill_allocating_task is set: the kernel killed the task that asked for memory, ${comm}.`;
  }
  if (isSacrificedChild(report)) {
    return `The kernel selected ${selection?.comm ?? 'a process'} (${selection?.pid}) and killed its child ${comm} in its place.`;
  }
  if (victim === undefined || largest === undefined) return undefined;
  const rows = `${report.taskCount} listed task${report.taskCount === 1 ? '' : 's'}`;
  if (isSameProcess(victim, largest)) {
    return report.taskCount === 1
      ? `${comm} is the only listed task.`
      : `${comm} has the most resident and swapped-out memory of the ${rows}.`;
  }
  const [adj, other] = [victim.oomScoreAdj ?? 0, largest.oomScoreAdj ?? 0];
  if (adj > other && other < 0) {
    return `${comm} is not the largest task; ${largest.comm} (${largest.pid}) is, and its oom_score_adj of ${other} protects it.`;
  }
  if (adj > other) {
    return `${comm} is not the largest task; its oom_score_adj of ${adj} raised its score above that of ${largest.comm} (${largest.pid}), whose is ${other}.`;
  }
  return undefined;
}

/** The victim of a report: the first kill, else the selection; undefined when neither was printed. */
export function analyseVictim(
  report: OomReport,
  pageSizeKb: number,
  killIsUsable: boolean,
): VictimAnalysis | undefined {
  const [kill] = report.kills;
  const [selection] = report.selections;
  // A line that was cut behind the pid names nobody.
  const comm = kill?.comm === '' ? (selection?.comm ?? 'a process') : (kill?.comm ?? selection?.comm);
  if (comm === undefined) return undefined;
  const pid = kill?.pid ?? selection?.pid;
  const row = pid === undefined ? undefined : report.tasks.find((task) => task.pid === pid || task.tgid === pid);
  const largest = largestTask(report.tasks);
  const killed = kill && [kill.anonRssKb, kill.fileRssKb, kill.shmemRssKb].filter((kb) => kb !== undefined);
  const rssKb =
    killed && killed.length > 0
      ? killed.reduce((sum, kb) => sum + kb, 0)
      : row?.rssPages === undefined
        ? undefined
        : pagesToKb(row.rssPages, pageSizeKb);
  const { trigger } = report;
  const triggerPid = trigger?.pid ?? report.taskHeader?.pid;
  const isTrigger =
    triggerPid !== undefined && pid !== undefined
      ? triggerPid === pid ||
        (row !== undefined && report.tasks.some((t) => t.pid === triggerPid && t.tgid === row.tgid))
      : trigger?.name === comm;
  const selectedRow = selection?.pid === pid ? row : report.tasks.find((task) => task.pid === selection?.pid);
  const score = scoreOf(report, selection, selectedRow, selection?.pid === kill?.pid ? kill : undefined, pageSizeKb);
  const why = reasonOf(report, row, largest, comm);
  return {
    ...(pid === undefined ? {} : { pid }),
    comm,
    ...(rssKb === undefined ? {} : { rssKb }),
    isTrigger,
    inTable: row !== undefined,
    ...(row === undefined || largest === undefined ? {} : { isLargest: isSameProcess(row, largest) }),
    ...(largest === undefined
      ? {}
      : { largest: { pid: largest.pid, comm: largest.comm, rssKb: pagesToKb(largest.rssPages ?? 0, pageSizeKb) } }),
    ...(score === undefined ? {} : { score }),
    ...(row?.oomScoreAdj === undefined && kill?.oomScoreAdj === undefined
      ? {}
      : { adj: kill?.oomScoreAdj ?? row?.oomScoreAdj ?? 0 }),
    ...(kill?.anonRssKb === undefined
      ? {}
      : {
          freed: {
            anonKb: kill.anonRssKb,
            fileKb: kill.fileRssKb ?? 0,
            shmemKb: kill.shmemRssKb ?? 0,
            usable: killIsUsable,
          },
        }),
    ...(why === undefined ? {} : { why }),
  };
}
