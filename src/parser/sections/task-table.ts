/** The process table. */
import type { Task } from '../../domain.ts';
import { TASK_COLUMNS } from '../../kernel/fields.ts';
import { type Draft, PHASES } from '../draft.ts';
import type { Section } from '../section.ts';

/** > | [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name */
export const taskTableHeader: Section = {
  name: 'task-table',
  phase: PHASES.table,
  since: '2.6.28',
  until: '7.1',
  source: 'mm/oom_kill.c dump_tasks',
  examples: [
    '[ pid ]   uid  tgid total_vm      rss cpu oom_adj name',
    '[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name',
    '[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name',
    '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name',
    'Tasks state (memory values in pages):',
  ],
  read(text) {
    const trimmed = text.trim();
    if (trimmed === 'Tasks state (memory values in pages):') {
      return {
        quality: 2,
        store: (draft) => (draft.taskCount > 0 || draft.phase > PHASES.table ? 'refused' : 'taken'),
      };
    }
    if (!trimmed.startsWith('[') || !trimmed.includes('tgid total_vm')) return undefined;
    const match = /^\[ {0,4}pid {0,4}\]\s{1,8}(.*)$/.exec(trimmed);
    const columns = match?.[1]?.split(/\s+/, 32);
    if (columns === undefined) return undefined;
    const known = columns.filter((column) => Object.hasOwn(TASK_COLUMNS, column)).length;
    const whole = columns.at(-1) === 'name';
    return {
      quality: known * 2 + (whole ? 2 : 0) - (columns.length - known - (whole ? 1 : 0)) * 2,
      cut: !whole,
      opens: true,
      store(draft) {
        if (draft.phase > PHASES.table) return 'refused';
        if (draft.taskColumns) return 'duplicate';
        draft.taskColumns = ['pid', ...columns];
        return 'taken';
      },
    };
  },
};

/** Numeric columns of a table whose header is lost, by their count; each count belongs to one header, or to its most common. */
const HEADLESS: Readonly<Record<number, readonly string[]>> = {
  6: ['uid', 'tgid', 'total_vm', 'rss', 'cpu', 'oom_adj'],
  7: ['uid', 'tgid', 'total_vm', 'rss', 'nr_ptes', 'swapents', 'oom_score_adj'],
  8: ['uid', 'tgid', 'total_vm', 'rss', 'nr_ptes', 'nr_pmds', 'swapents', 'oom_score_adj'],
  10: [
    'uid',
    'tgid',
    'total_vm',
    'rss',
    'rss_anon',
    'rss_file',
    'rss_shmem',
    'pgtables_bytes',
    'swapents',
    'oom_score_adj',
  ],
};

/**
 * > | [21832]   113 21832    42469    37403   0       0             0 mailscand
 *      ^ pid                 ^ pages                                  ^ comm: the rest of the line
 */
export const taskRow: Section = {
  name: 'task-table',
  phase: PHASES.table,
  since: '2.6.28',
  until: '7.1',
  source: 'mm/oom_kill.c dump_task',
  examples: [
    '[21832]   113 21832    42469    37403   0       0             0 mailscand',
    '[    900]    33   900    60000    20000   491520        0             0 (sd-pam)',
    '[  43056]  1000 43056  7511161  3403343  3388364    14371       608 32583680   518157           200 colmap',
  ],
  read(text, draft) {
    let at = 0;
    while (text.charCodeAt(at) === 32) at += 1;
    if (text.charCodeAt(at) !== 91) return undefined;
    at += 1;
    while (text.charCodeAt(at) === 32) at += 1;
    const pidFrom = at;
    while (isDigit(text.charCodeAt(at))) at += 1;
    if (at === pidFrom || at > pidFrom + 9 || text.charCodeAt(at) !== 93) return undefined;
    const pid = Number(text.slice(pidFrom, at));
    const wanted = draft?.taskColumns ? draft.taskColumns.length - 2 : 10;
    const numbers: number[] = [];
    at += 1;
    while (numbers.length < wanted) {
      let from = at;
      while (text.charCodeAt(from) === 32) from += 1;
      let to = from;
      if (text.charCodeAt(to) === 45) to += 1;
      const digits = to;
      while (isDigit(text.charCodeAt(to))) to += 1;
      const after = text.charCodeAt(to);
      if (to === digits || to > digits + 20 || from === at || !(after === 32 || Number.isNaN(after))) break;
      numbers.push(Number(text.slice(from, to)));
      at = to;
    }
    if (numbers.length < (draft?.taskColumns ? 3 : 5)) return undefined;
    const comm = text.slice(at + 1);
    const columns = draft?.taskColumns ? draft.taskColumns.slice(1, -1) : HEADLESS[numbers.length];
    const missing = draft?.taskColumns ? wanted - numbers.length : 0;
    return {
      // Blanks in front of a name: a number in two pushed the last column into it.
      quality: 2 + numbers.length * 2 + (comm.trim() === '' ? 0 : 2 - missing) - (comm.startsWith(' ') ? 2 : 0),
      cut: missing > 0 || comm.trim() === '',
      store: (target, line) => storeRow(target, line, pid, numbers, columns, comm),
    };
  },
};

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

function storeRow(
  draft: Draft,
  line: number,
  pid: number,
  numbers: readonly number[],
  columns: readonly string[] | undefined,
  comm: string,
): 'taken' | 'duplicate' | 'refused' {
  if (draft.phase > PHASES.table) return 'refused';
  if (draft.pids.has(pid)) return 'duplicate';
  draft.pids.add(pid);
  draft.taskCount += 1;
  if (draft.shed >= 2) return 'taken';
  const task: Task = { line, pid, comm };
  if (columns) {
    for (const [index, column] of columns.entries()) {
      const field = Object.hasOwn(TASK_COLUMNS, column) ? TASK_COLUMNS[column] : undefined;
      const value = numbers[index];
      if (field !== undefined && value !== undefined) task[field] = value;
    }
  }
  draft.tasks.push(task);
  return 'taken';
}
