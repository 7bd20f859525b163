/** Findings about the machine, its swap and what its kernel misprints. */
import type { Account, Finding, OomReport } from '../../domain.ts';
import { isAtLeast, isBefore } from '../../kernel/version.ts';
import { formatKb, pagesToKb } from '../../units.ts';
import { CLASSES, entryKb, machineTotalKb } from '../accounting.ts';
import { fact, finding, type Rule } from './finding.ts';

/** Thresholds are working values, not constants of the kernel. */
const SMALL_MACHINE_KB = 512 * 1024;
const FORK_BOMB_ROWS = 1000;
const FORK_BOMB_STACK_RATIO = 0.1;
const ANON_LARGE_RATIO = 0.5;

const anonKb = (machine: Account | undefined): number => entryKb(machine, CLASSES.anon, CLASSES.lru, CLASSES.shmem);

/** The same for the swap that a cgroup may use. */
function cgroupSwapUnusable(report: OomReport, book: Account | undefined): Finding | undefined {
  const counter = report.memcg?.swap ?? report.memcg?.memoryAndSwap;
  if (book === undefined || book.entries.length === 0 || counter === undefined || counter.limitKb === null)
    return undefined;
  const anon = anonKb(book);
  const why =
    anon >= book.totalKb * ANON_LARGE_RATIO
      ? 'anonymous memory fills the cgroup and was not swapped out'
      : `only ${formatKb(anon)} of the cgroup is anonymous; what fills it cannot be swapped`;
  return finding(
    'swap-unusable',
    `The cgroup may use ${formatKb(counter.limitKb - counter.usageKb)} of swap more: ${why}.`,
    [fact('swap usage, kB', counter.usageKb, counter.line), fact('swap limit, kB', counter.limitKb, counter.line)],
  );
}

export const swapUnusable: Rule = ({ report, machine, swap, judgement, book }) => {
  const { totals } = report;
  if (swap !== 'available') return undefined;
  if (judgement.verdict === 'memcg-limit') return cgroupSwapUnusable(report, book);
  const shortages = ['machine-exhausted', 'lowmem-exhausted', 'numa-imbalance', 'cpuset-limit', 'mempolicy-limit'];
  if (machine === undefined || !shortages.includes(judgement.verdict)) return undefined;
  const anon = anonKb(machine);
  const isLarge = anon >= machine.totalKb * ANON_LARGE_RATIO;
  const why = isLarge
    ? 'anonymous memory fills RAM and was not swapped out'
    : `only ${formatKb(anon)} of memory is anonymous; what fills memory cannot be swapped`;
  return finding('swap-unusable', `${formatKb(totals?.freeSwapKb ?? 0)} of swap are free: ${why}.`, [
    fact('totals.freeSwapKb', totals?.freeSwapKb, totals?.line),
    fact('totals.totalSwapKb', totals?.totalSwapKb, totals?.line),
    fact('anonymous memory, kB', anon),
  ]);
};

export const forkBomb: Rule = ({ report, machine }) => {
  const counts = new Map<string, number>();
  for (const task of report.tasks) counts.set(task.comm, (counts.get(task.comm) ?? 0) + 1);
  const [comm, count] = [...counts].reduce<[string, number]>(
    (most, entry) => (entry[1] > most[1] ? entry : most),
    ['', 0],
  );
  const stacks = entryKb(machine, CLASSES.stacks);
  if (count >= FORK_BOMB_ROWS) {
    return finding('fork-bomb', `${count} of ${report.taskCount} listed tasks are named ${comm}.`, [
      fact('tasks', count),
    ]);
  }
  if (machine && stacks > machine.totalKb * FORK_BOMB_STACK_RATIO) {
    return finding('fork-bomb', `Kernel stacks take ${formatKb(stacks)}: a very large number of threads.`, [
      fact('kernel stacks, kB', stacks),
    ]);
  }
  return undefined;
};

export const smallMachine: Rule = ({ report, replay }) => {
  const ramPages = report.totals?.ramPages;
  const totalKb =
    ramPages === undefined ? machineTotalKb(report, replay.pageSizeKb) : pagesToKb(ramPages, replay.pageSizeKb);
  // Without the totals the printed zones may be a part of the machine only.
  if (totalKb === undefined || totalKb === 0 || totalKb >= SMALL_MACHINE_KB || ramPages === undefined) return undefined;
  return finding('small-machine', `The machine has ${formatKb(totalKb)} of memory.`, [
    fact('totals.ramPages', ramPages, report.totals?.line),
  ]);
};

export const statsTruncated: Rule = ({ report }) =>
  report.memcg?.statsTruncated
    ? finding('stats-truncated', 'The kernel cut the cgroup statistics at its record limit; later keys are missing.', [
        fact('memcg.statsTruncated', true, report.memcg.line),
      ])
    : undefined;

/** 4.8 and 4.10 print the THP counters in each other's places. */
export const counterRotated: Rule = ({ report }) => {
  const { version, vendor } = report.kernel;
  const node = report.nodes.find((candidate) => candidate.shmemThpKb !== undefined);
  if (!version || vendor || !node) return undefined;
  const broken = [[4, 8, 0] as const, [4, 10, 0] as const].some(
    (first) => isAtLeast(version, first) && isBefore(version, [4, first[1] + 1, 0]),
  );
  return broken
    ? finding(
        'counter-rotated',
        "On the node lines shmem, shmem_thp, shmem_pmdmapped and anon_thp stand in each other's places; shared memory is read from the global counters.",
        [fact(`nodes[${node.node}].shmemKb`, node.shmemKb, node.line)],
      )
    : undefined;
};

export const reservedMisprinted: Rule = ({ report }) => {
  const { version, vendor } = report.kernel;
  const reserved = report.totals?.reservedPages;
  if (!version || vendor || reserved === undefined) return undefined;
  return isAtLeast(version, [3, 13, 0]) && isBefore(version, [3, 17, 0])
    ? finding('reserved-misprinted', "This kernel prints the last zone's reserved pages as the machine's.", [
        fact('totals.reservedPages', reserved, report.totals?.line),
      ])
    : undefined;
};
