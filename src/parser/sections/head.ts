/** What stands around line 1: the sysrq that asked for it, the cpuset line, remarks. */
import { PHASES } from '../draft.ts';
import type { Section } from '../section.ts';

/** > | sysrq: Manual OOM execution */
export const sysrq: Section = {
  name: 'sysrq',
  phase: PHASES.head,
  since: '2.6.9',
  until: '7.1',
  source: 'drivers/tty/sysrq.c',
  examples: ['SysRq : Manual OOM execution', 'sysrq: SysRq : Manual OOM execution', 'sysrq: Manual OOM execution'],
  read(text) {
    const mark = text.indexOf('Manual OOM execution');
    if (mark < 0 || mark > 24) return undefined;
    return {
      quality: 2,
      store(draft, line) {
        if (draft.sysrq) return 'duplicate';
        draft.sysrq = { line, text: text.trim() };
        return 'taken';
      },
    };
  },
};

/**
 * > | mysqld cpuset=/ mems_allowed=0-1
 *     ^ comm of the allocating task
 */
export const cpuset: Section = {
  name: 'cpuset',
  phase: PHASES.head,
  since: '2.6.29',
  until: '4.20',
  source: 'kernel/cpuset.c cpuset_print_task_mems_allowed',
  examples: ['mysqld cpuset=/ mems_allowed=0-1', 'Web Content cpuset=user.slice mems_allowed=0'],
  read(text) {
    const mark = text.indexOf(' cpuset=');
    if (mark < 1 || mark > 64) return undefined;
    const mems = text.indexOf(' mems_allowed=', mark);
    const name = text.slice(mark + 8, mems < 0 ? undefined : mems);
    const memsAllowed = mems < 0 ? undefined : text.slice(mems + 14).trim();
    const comm = text.slice(0, mark).trim();
    return {
      quality: memsAllowed ? 4 : 1,
      cut: !memsAllowed,
      store(draft, line) {
        const expected = draft.trigger?.name;
        if (expected !== undefined && !comm.endsWith(expected)) return 'refused';
        if (draft.cpuset) return 'duplicate';
        draft.cpuset = { line, name, ...(memsAllowed ? { memsAllowed } : {}) };
        return 'taken';
      },
    };
  },
};

/** > | COMPACTION is disabled!!! */
export const compaction: Section = {
  name: 'compaction',
  phase: PHASES.head,
  since: '4.9',
  until: '7.1',
  source: 'mm/oom_kill.c dump_header',
  examples: ['COMPACTION is disabled!!!'],
  read(text) {
    if (!text.includes('COMPACTION is disabled')) return undefined;
    return {
      quality: 2,
      store(draft, line) {
        draft.notes.push({ line, text: text.trim() });
        return 'taken';
      },
    };
  },
};
