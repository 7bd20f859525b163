/** The one-line summary of 5.0 and later. */
import type { Summary } from '../../domain.ts';
import { PHASES } from '../draft.ts';
import type { Section } from '../section.ts';

const MARK = 'oom-kill:constraint=';

/**
 * > | oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/a,task=x,pid=1,uid=0
 *                                                         ^ comm and cgroup names are not escaped: read from both ends
 */
export const summary: Section = {
  name: 'summary',
  phase: PHASES.summary,
  since: '5.0',
  until: '7.1',
  source: 'mm/oom_kill.c dump_oom_summary, dump_oom_victim',
  examples: [
    'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=liz,mems_allowed=0,oom_memcg=/liz,task_memcg=/liz,task=mem_stress,pid=10233,uid=0',
    'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice/user-1000.slice/session-3.scope,task=grep,pid=49358,uid=1000',
  ],
  unspaced: true,
  read(text) {
    const mark = text.indexOf(MARK);
    if (mark < 0 || mark > 40) return undefined;
    const body = text.slice(mark + MARK.length).trimEnd();
    // Sources and patches hold the format, `constraint=%s,nodemask=%*pbl`.
    if (body.startsWith('%')) return undefined;
    const read = readSummary(body);
    return {
      quality: 2 + Object.keys(read).length * 2,
      cut: read.pid === undefined || /,? ?(?:\.{3}|\u2026)/.test(body),
      store(draft, line) {
        if (draft.summary) {
          const { line: _, ...known } = draft.summary;
          return JSON.stringify(known) === JSON.stringify(read) ? 'duplicate' : 'refused';
        }
        draft.summary = { line, ...read };
        return 'taken';
      },
    };
  },
};

const QUOTED_COMMA =
  /,(?: {1,8}| ?(?:\.{3}|\u2026),? ?)(?=(?:nodemask|cpuset|mems_allowed|oom_memcg|task_memcg|task|pid|uid)=|global_oom)/g;

function readSummary(body: string): Omit<Summary, 'line'> {
  const read: Omit<Summary, 'line'> = {};
  // Whoever quotes the line may set blanks after its commas, or leave out what stands between two.
  let rest = body.replace(QUOTED_COMMA, ',');
  // From the right: ,task=%s,pid=%d,uid=%d
  const tail = /,pid=(\d{1,9}),uid=(\d{1,10})$/.exec(rest);
  if (tail) {
    read.pid = Number(tail[1]);
    read.uid = Number(tail[2]);
    rest = rest.slice(0, tail.index);
  } else rest = rest.replace(/,pid=[^,]{0,10}(?:,[^,]{0,14})?$/, '');
  const task = rest.lastIndexOf(',task=');
  if (task >= 0) {
    read.task = rest.slice(task + 6);
    rest = rest.slice(0, task);
  }
  // From the left, in fixed order.
  const constraint = /^[A-Z_]{1,64}/.exec(rest)?.[0];
  if (constraint !== undefined) read.constraint = constraint;
  const nodemask = rest.indexOf(',nodemask=');
  if (nodemask >= 0) {
    // A node list holds commas itself.
    const value = /^(?:\(null\)|[\d,-]*\d|)/.exec(rest.slice(nodemask + 10))?.[0] ?? '';
    if (value !== '') read.nodemask = value;
  }
  const cpuset = rest.indexOf(',cpuset=');
  const mems = rest.indexOf(',mems_allowed=', Math.max(0, cpuset));
  if (cpuset >= 0) read.cpuset = rest.slice(cpuset + 8, mems < 0 ? undefined : mems);
  if (mems >= 0) {
    const value = /^[\d,-]*\d/.exec(rest.slice(mems + 14))?.[0];
    if (value !== undefined) read.memsAllowed = value;
  }
  const taskMemcg = rest.indexOf(',task_memcg=');
  if (taskMemcg >= 0) read.taskMemcg = rest.slice(taskMemcg + 12);
  const head = taskMemcg < 0 ? rest : rest.slice(0, taskMemcg);
  const oomMemcg = head.indexOf(',oom_memcg=');
  if (oomMemcg >= 0) read.oomMemcg = head.slice(oomMemcg + 11);
  else if (head.endsWith(',global_oom')) read.globalOom = true;
  return read;
}
