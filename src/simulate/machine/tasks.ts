/** Process tables whose anonymous memory adds up to what the zones hold. */
import type { Task } from '../../domain.ts';
import { isAtLeast } from '../../kernel/version.ts';
import type { Random } from '../random.ts';
import { type KernelSpec, type Unprinted, vendorOfKernel, versionOf } from '../state.ts';

/** One program that holds memory: `count` processes share `share` of all anonymous memory. */
export interface Hog {
  readonly comm: string;
  readonly uid: number;
  readonly count: number;
  readonly share: number;
  readonly oomScoreAdj?: number;
  /** Pages of shared memory mapped by each. */
  readonly shmemPages?: number;
}

const SERVICES = [
  ['init-journal', 0, -250],
  ['devwatchd', 0, -1000],
  ['auditd', 0, -1000],
  ['timekeeper', 38, 0],
  ['(sd-pam)', 1000, 0],
  ['sshd', 0, -1000],
  ['crond', 0, 0],
  ['metricsd', 998, 0],
  ['log shipper', 0, 0],
  ['dbus-daemon', 81, -900],
] as const;

/** comm holds at most 15 bytes. */
const commOf = (name: string): string => name.slice(0, 15);

function row(
  random: Random,
  pageSizeKb: number,
  task: {
    pid: number;
    uid: number;
    comm: string;
    anonPages: number;
    shmemPages: number;
    swapPages: number;
    adj: number;
  },
): Unprinted<Task> {
  const filePages = random.int(30, 700);
  const rssPages = task.anonPages + filePages + task.shmemPages;
  // A page of entries of 8 bytes maps 512 pages of 4 kB, or 8192 of 64 kB.
  const perTable = pageSizeKb * 128;
  const ptes = Math.ceil((rssPages + task.swapPages) / perTable) + random.int(8, 30);
  const pmds = Math.ceil(ptes / perTable) + 3;
  // oom_adj of -1000..1000 on the scale of -17..15.
  const oomAdj = Math.trunc((task.adj * (task.adj < 0 ? 17 : 15)) / 1000);
  return {
    pid: task.pid,
    uid: task.uid,
    tgid: task.pid,
    comm: commOf(task.comm),
    totalVmPages: rssPages + task.swapPages + random.int(600, 30000),
    rssPages,
    rssAnonPages: task.anonPages,
    rssFilePages: filePages,
    rssShmemPages: task.shmemPages,
    nrPtes: ptes,
    nrPmds: pmds,
    pgtablesBytes: (ptes + pmds) * pageSizeKb * 1024,
    swapentsPages: task.swapPages,
    cpu: random.int(0, 3),
    oomAdj,
    oomScoreAdj: task.adj,
  };
}

export interface TaskPlan {
  readonly pageSizeKb: number;
  readonly hogs: readonly Hog[];
  readonly anonPages: number;
  readonly swapUsedPages: number;
  readonly services?: boolean;
}

/** The table, services first; the last row is the largest process of the first hog. */
export function buildTasks(plan: TaskPlan, random: Random): Unprinted<Task>[] {
  let pid = random.int(300, 700);
  const tasks: Unprinted<Task>[] = [];
  let rest = plan.anonPages;
  if (plan.services ?? true) {
    for (const [comm, uid, adj] of SERVICES) {
      pid += random.int(1, 60);
      const anonPages = Math.min(rest, random.int(60, 900));
      rest -= anonPages;
      tasks.push(row(random, plan.pageSizeKb, { pid, uid, comm, anonPages, shmemPages: 0, swapPages: 0, adj }));
    }
  }
  const big = rest;
  for (const hog of [...plan.hogs].reverse()) {
    const ownPages = Math.floor(big * hog.share);
    const ownSwap = Math.floor(plan.swapUsedPages * hog.share);
    for (let index = 0; index < hog.count; index += 1) {
      pid += random.int(1, hog.count > 20 ? 8 : 900);
      // Equal processes differ a little; the last of the first hog is the largest of all.
      const weight = index === hog.count - 1 ? 1 : 0.9;
      tasks.push(
        row(random, plan.pageSizeKb, {
          pid,
          uid: hog.uid,
          comm: hog.comm,
          anonPages: Math.floor((ownPages / hog.count) * weight),
          shmemPages: hog.shmemPages ?? 0,
          swapPages: Math.floor((ownSwap / hog.count) * weight),
          adj: hog.oomScoreAdj ?? 0,
        }),
      );
    }
  }
  return tasks;
}

/**
 * The score printed for a task, in thousandths of all pages (mm/oom_kill.c oom_badness, 2.6.36 to 5.0). Before 2.6.36 the
 * score grows with the virtual size and the running time; an invented value of that order stands here.
 */
export function scoreOf(task: Unprinted<Task>, totalPages: number, kernel: KernelSpec): number {
  const version = versionOf(kernel);
  const at = (major: number, minor: number, patch = 0): boolean => isAtLeast(version, [major, minor, patch]);
  const vendor = vendorOfKernel(kernel);
  const modern = at(2, 6, 36) || (vendor === 'rhel6' && !kernel.release.includes('-131'));
  if (!modern) return Math.trunc((task.totalVmPages ?? 0) / 3);
  const rss = task.rssPages ?? 0;
  const swap = task.swapentsPages ?? 0;
  const ptes = at(2, 6, 39) || vendor === 'rhel6' ? (task.nrPtes ?? 0) : 0;
  const pmds = at(4, 0) ? (task.nrPmds ?? 0) : 0;
  const adj = task.oomScoreAdj ?? 0;
  const pages = rss + swap + ptes + pmds;
  const clamp = (score: number): number => Math.max(1, score);
  if (!at(3, 5)) return Math.min(1000, clamp(Math.trunc((pages * 1000) / totalPages) + adj));
  const points = pages + adj * Math.trunc(totalPages / 1000);
  return Math.trunc((clamp(points) * 1000) / totalPages);
}
