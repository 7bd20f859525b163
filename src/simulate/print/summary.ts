/** `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,...` (5.0+) */
import type { Dialect } from '../dialect.ts';
import type { ReportState } from '../state.ts';

export function printSummary(state: ReportState, dialect: Dialect): string[] {
  const { summary, kernel } = state;
  if (!dialect.summary || state.kills.length === 0) return [];
  const cpuset = kernel.cpusets ? `,cpuset=${summary.cpuset ?? '/'},mems_allowed=${summary.memsAllowed ?? '0'}` : '';
  const scope = summary.oomMemcg === undefined ? ',global_oom' : `,oom_memcg=${summary.oomMemcg}`;
  const memcg = kernel.memcg === 'none' ? '' : `${scope},task_memcg=${summary.taskMemcg ?? '/'}`;
  const victim = `,task=${summary.task ?? ''},pid=${summary.pid ?? 0},uid=${summary.uid ?? 0}`;
  const constraint = summary.constraint ?? 'CONSTRAINT_NONE';
  return [`oom-kill:constraint=${constraint},nodemask=${summary.nodemask ?? '(null)'}${cpuset}${memcg}${victim}`];
}
