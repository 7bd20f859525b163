/** The slab table and the process table. */
import type { Task } from '../../domain.ts';
import type { Dialect } from '../dialect.ts';
import type { ReportState, Unprinted } from '../state.ts';
import { left, right } from './text.ts';

/** `Unreclaimable slab info:` (4.15+), when unreclaimable slab exceeds all LRU pages and no cgroup limit was hit. */
export function printSlabTable(state: ReportState, dialect: Dialect): string[] {
  const { memInfo } = state;
  const lru = [
    memInfo.activeAnonPages,
    memInfo.inactiveAnonPages,
    memInfo.activeFilePages,
    memInfo.inactiveFilePages,
    memInfo.isolatedAnonPages,
    memInfo.isolatedFilePages,
    memInfo.unevictablePages,
  ].reduce<number>((sum, pages) => sum + (pages ?? 0), 0);
  if (!dialect.slabTable || state.memcg || (memInfo.slabUnreclaimablePages ?? 0) <= lru) return [];
  const rows = state.slabCaches.map(
    (cache) => `${left(cache.name, 17)} ${right(cache.usedKb, 10)}KB ${right(cache.totalKb, 10)}KB`,
  );
  return ['Unreclaimable slab info:', 'Name                      Used          Total', ...rows];
}

const HEADINGS: Readonly<Record<Dialect['tasks'], readonly string[]>> = {
  none: [],
  'cpu-oom_adj': ['[ pid ]   uid  tgid total_vm      rss cpu oom_adj name'],
  'cpu-both': ['[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name'],
  nr_ptes: ['[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name'],
  nr_pmds: ['[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name'],
  pgtables_bytes: ['[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name'],
  wide: [
    'Tasks state (memory values in pages):',
    '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  ],
  'wide-rss': [
    'Tasks state (memory values in pages):',
    '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name',
  ],
};

/** One row, in the printf format of dump_tasks (mm/oom_kill.c). */
function taskRow(task: Unprinted<Task>, style: Dialect['tasks']): string {
  const wide = style === 'wide' || style === 'wide-rss';
  const ids = `[${right(task.pid, wide ? 7 : 5)}] ${right(task.uid ?? 0, 5)} ${right(task.tgid ?? task.pid, 5)}`;
  const head = `${ids} ${right(task.totalVmPages ?? 0, 8)} ${right(task.rssPages ?? 0, 8)}`;
  const swap = right(task.swapentsPages ?? 0, 8);
  const tail = `         ${right(task.oomScoreAdj ?? 0, 5)} ${task.comm}`;
  const ptes = right(task.nrPtes ?? 0, 7);
  const pgtables = right(task.pgtablesBytes ?? 0, 8);
  switch (style) {
    case 'cpu-oom_adj':
      return `${head} ${right(task.cpu ?? 0, 3)}     ${right(task.oomAdj ?? 0, 3)} ${task.comm}`;
    case 'cpu-both':
      return `${head} ${right(task.cpu ?? 0, 3)}     ${right(task.oomAdj ?? 0, 3)}${tail}`;
    case 'nr_ptes':
      return `${head} ${ptes} ${swap}${tail}`;
    case 'nr_pmds':
      return `${head} ${ptes} ${right(task.nrPmds ?? 0, 7)} ${swap}${tail}`;
    case 'pgtables_bytes':
    case 'wide':
      return `${head} ${pgtables} ${swap}${tail}`;
    case 'wide-rss': {
      const file = right(task.rssFilePages ?? 0, 8);
      const parts = `${right(task.rssAnonPages ?? 0, 8)} ${file} ${right(task.rssShmemPages ?? 0, 9)}`;
      return `${head} ${parts} ${pgtables} ${swap}${tail}`;
    }
    case 'none':
      return '';
  }
}

export function printTasks(state: ReportState, dialect: Dialect): string[] {
  if (!state.dumpTasks || dialect.tasks === 'none') return [];
  return [...HEADINGS[dialect.tasks], ...state.tasks.map((task) => taskRow(task, dialect.tasks))];
}
