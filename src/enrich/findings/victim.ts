/** Findings about the kill: who died, and what it says. */
import type { OomReport } from '../../domain.ts';
import { formatKb, pagesToKb } from '../../units.ts';
import { scoreTotalPages } from '../badness.ts';
import { isSacrificedChild, taskPages } from '../victim.ts';
import { fact, finding, type Rule } from './finding.ts';

/** Thresholds are working values, not constants of the kernel. */
const INNOCENT_RATIO = 0.05;
const INNOCENT_LEAD = 3;

export const innocentVictim: Rule = ({ report, replay, judgement, holder, victim }) => {
  // Where nothing need have been short, there is no cause that the victim was not.
  if (judgement.verdict === 'manual') return undefined;
  const totalPages = scoreTotalPages(report, replay.pageSizeKb);
  if (victim?.rssKb === undefined || totalPages === undefined) return undefined;
  const row = report.tasks.find((task) => task.pid === victim.pid);
  const totalKb = pagesToKb(totalPages, replay.pageSizeKb);
  const listedKb = Math.max(victim.rssKb, row ? pagesToKb(taskPages(row), replay.pageSizeKb) : 0);
  // Where the table has no swap column the printed score, in thousandths, knows of more.
  const scoredKb = victim.adj === 0 ? (totalKb * (victim.score?.printed ?? 0)) / 1000 : 0;
  const heldKb = Math.round(Math.max(listedKb, scoredKb));
  if (heldKb > totalKb * INNOCENT_RATIO || totalKb === 0) return undefined;
  const { largest } = victim;
  const elsewhere = !['one-task', 'many-tasks', 'unknown'].includes(holder);
  const smaller = largest !== undefined && victim.isLargest === false && largest.rssKb > heldKb * INNOCENT_LEAD;
  if (!elsewhere && !smaller) return undefined;
  const percent = (100 * heldKb) / totalKb;
  const share = percent < 0.1 ? 'less than 0.1' : percent.toFixed(1);
  const other = smaller && largest ? `; ${largest.comm} (${largest.pid}) holds ${formatKb(largest.rssKb)}` : '';
  return finding('innocent-victim', `${victim.comm} held ${share} % of memory and swap${other}.`, [
    fact('victim resident and swapped, kB', heldKb, row?.line ?? report.kills[0]?.line),
    fact('memory and swap, kB', totalKb),
  ]);
};

export const childSacrificed: Rule = ({ report }) => {
  if (!isSacrificedChild(report)) return undefined;
  const [selection] = report.selections;
  const [kill] = report.kills;
  return finding(
    'child-sacrificed',
    `${selection?.comm ?? ''} (${selection?.pid}) was selected, its child ${kill?.comm} (${kill?.pid}) killed.`,
    [fact('selections.pid', selection?.pid, selection?.line), fact('kills.pid', kill?.pid, kill?.line)],
  );
};

const reasonsOf = (report: OomReport): readonly { reason?: string | undefined; line: number }[] => [
  ...report.selections,
  ...report.kills,
];

export const allocatingTask: Rule = ({ report }) => {
  const told = reasonsOf(report).find(({ reason }) => reason?.includes('oom_kill_allocating_task'));
  return (
    told &&
    finding(
      'oom-kill-allocating-task',
      'vm.oom_kill_allocating_task is set: the task that asked was killed, whatever its size.',
      [fact('kills.reason', told.reason, told.line)],
    )
  );
};

export const panicOnOom: Rule = ({ report }) =>
  report.panic && /panic_on_oom/.test(report.panic.text)
    ? finding('panic-on-oom', 'vm.panic_on_oom is set: the kernel panicked instead of killing a process.', [
        fact('panic', report.panic.text, report.panic.line),
      ])
    : undefined;

export const groupKill: Rule = ({ report }) =>
  report.memcg?.groupKill
    ? finding('group-kill', 'memory.oom.group is set: the whole cgroup was killed.', [
        fact('memcg.groupKill', true, report.memcg.line),
        fact('kills', report.kills.length),
      ])
    : undefined;

export const scoreDisagrees: Rule = ({ report, victim }) =>
  victim?.score?.agrees === false
    ? finding(
        'score-disagrees',
        `The printed score of ${victim.score.printed} is not the ${victim.score.computed} that the printed sizes give.`,
        [
          fact('selections.score', victim.score.printed, report.selections[0]?.line),
          fact('computed score', victim.score.computed),
        ],
      )
    : undefined;
