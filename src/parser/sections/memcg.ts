/** The memory-cgroup block. */
import type { Memcg, MemcgCounter } from '../../domain.ts';
import { isUnlimitedKb } from '../../kernel/fields.ts';
import { addIssue, type Draft, PHASES } from '../draft.ts';
import { scanFields } from '../scan.ts';
import type { Outcome, Section } from '../section.ts';

const MAX_STATS = 256;
const MAX_CHILDREN = 4096;

/** A block after the table, or after the kill, is another event's. */
const isPast = (draft: Draft): boolean => draft.phase >= PHASES.table;

const TASK = /^Task in (\S+)(?: killed as a result of limit of (\S+)|( .*))?$/;
const BETWEEN = ' killed as a result of limit of';
const LIMIT = /^killed as a result of limit of (\S+)\s*$/;

/**
 * > | Task in /a/b killed as a result of limit of /a
 *             ^ the victim's cgroup               ^ the cgroup whose limit was hit
 */
export const memcgTask: Section = {
  name: 'memcg',
  phase: PHASES.memory,
  since: '2.6.31',
  until: '4.20',
  source: 'mm/memcontrol.c mem_cgroup_print_oom_info',
  examples: [
    'Task in /a/b killed as a result of limit of /a',
    ' killed as a result of limit of /a',
    'Memory limit reached of cgroup /a',
  ],
  read(text) {
    const trimmed = text.trim();
    const code = trimmed.charCodeAt(0);
    if (code !== 84 && code !== 107 && code !== 77) return undefined;
    const task = TASK.exec(trimmed);
    // A cut within the words between the paths.
    if (task?.[3] !== undefined && !BETWEEN.startsWith(task[3])) return undefined;
    const limit = task?.[2] ?? LIMIT.exec(trimmed)?.[1] ?? /^Memory limit reached of cgroup (\S+)$/.exec(trimmed)?.[1];
    const taskPath = task?.[1];
    if (taskPath === undefined && limit === undefined) return undefined;
    return {
      quality: (taskPath === undefined ? 0 : 2) + (limit === undefined ? 0 : 2),
      // 3.15 and 3.16 print the two halves as two lines.
      cut: task?.[3] !== undefined,
      store(draft, line) {
        if (isPast(draft)) return 'refused';
        const known = draft.memcg;
        if (
          known &&
          (limit === undefined || known.path === limit) &&
          (taskPath === undefined || known.taskPath === taskPath)
        ) {
          return 'duplicate';
        }
        if (known?.path !== undefined && limit !== undefined) return 'refused';
        const into: Memcg = known ?? { line };
        if (taskPath !== undefined) into.taskPath = taskPath;
        if (limit !== undefined) into.path = limit;
        draft.memcg = into;
        return 'taken';
      },
    };
  },
};

const COUNTER = /^(memory|memory\+swap|swap|kmem): usage (\d{1,20})kB, limit (\d{1,20})kB(?:, failcnt (\d{1,20}))?/;

/**
 * > | memory: usage 524288kB, limit 524288kB, failcnt 83
 *                                   ^ near 2^53 and above: none
 */
export const memcgCounter: Section = {
  name: 'memcg',
  phase: PHASES.memory,
  since: '2.6.31',
  until: '7.1',
  source: 'mm/memcontrol.c mem_cgroup_print_oom_meminfo',
  examples: [
    'memory: usage 524288kB, limit 524288kB, failcnt 83',
    'memory+swap: usage 524288kB, limit 9007199254740988kB, failcnt 0',
    'swap: usage 0kB, limit 0kB, failcnt 0',
    'kmem: usage 0kB, limit 9007199254740988kB, failcnt 0',
  ],
  read(text) {
    if (!text.includes(': usage ')) return undefined;
    const match = COUNTER.exec(text.trim());
    if (!match) return undefined;
    const name = match[1];
    const limitKb = Number(match[3]);
    const counter: Omit<MemcgCounter, 'line'> = {
      usageKb: Number(match[2]),
      limitKb: isUnlimitedKb(limitKb) ? null : limitKb,
      failcnt: Number(match[4] ?? 0),
    };
    return {
      quality: match[4] === undefined ? 4 : 6,
      cut: match[4] === undefined,
      store: (draft, line) => (isPast(draft) ? 'refused' : storeCounter(draft, name, counter, line)),
    };
  },
};

function storeCounter(
  draft: Draft,
  name: string | undefined,
  counter: Omit<MemcgCounter, 'line'>,
  line: number,
): Outcome {
  const into: Memcg = draft.memcg ?? { line };
  if (name === 'memory') {
    if (into.usageKb !== undefined) return into.usageKb === counter.usageKb ? 'duplicate' : 'refused';
    Object.assign(into, counter);
  } else {
    const key = name === 'swap' ? 'swap' : name === 'kmem' ? 'kmem' : 'memoryAndSwap';
    if (into[key]) return into[key]?.usageKb === counter.usageKb ? 'duplicate' : 'refused';
    into[key] = { line, ...counter };
  }
  draft.memcg = into;
  return 'taken';
}

const STATS = /^Memory cgroup stats(?: for ([^\s:]{1,4096}(?::[^\s:]{1,4096}){0,8}))?:(?=\s|$)/;

/**
 * > | Memory cgroup stats for /a: cache:32KB rss:524188KB ...
 *                                            ^ up to 5.2, one line for each cgroup below the limit
 * > | Memory cgroup stats for /a:
 * > | anon 42897408
 *          ^ bytes or a count, since 5.3
 */
export const memcgStats: Section = {
  name: 'memcg-stats',
  phase: PHASES.memory,
  since: '3.9',
  until: '7.1',
  source: 'mm/memcontrol.c mem_cgroup_print_oom_info, mem_cgroup_print_oom_meminfo',
  examples: [
    'Memory cgroup stats for /a: cache:32KB rss:524188KB rss_huge:370688KB mapped_file:0KB swap:524356KB inactive_anon:267804KB active_anon:256384KB inactive_file:12KB active_file:4KB unevictable:0KB',
    'Memory cgroup stats for /a:',
    'Memory cgroup stats: cache:0KB rss:980KB',
  ],
  read(text) {
    if (!text.includes('Memory cgroup stats')) return undefined;
    const trimmed = text.trim();
    const match = STATS.exec(trimmed);
    if (!match) return undefined;
    const path = match[1];
    const scan = scanFields(trimmed, match[0].length, () => true, true);
    return {
      quality: 2 + scan.fields.length * 2 - scan.unread * 2 - scan.repaired,
      cut: scan.cut,
      store(draft, line) {
        if (isPast(draft)) return 'refused';
        const into: Memcg = draft.memcg ?? { line };
        const stats: Record<string, number> = {};
        for (const { key, value } of scan.fields) if (key !== '__proto__') stats[key] = value;
        if (into.stats === undefined) {
          into.stats = stats;
          if (path !== undefined) into.statsPath = path;
          if (scan.fields.length > 0) into.statsUnit = 'Kb';
          else draft.statsOpen = true;
          if (scan.cut) into.statsTruncated = true;
        } else {
          if (into.statsPath === path && sameKeys(into.stats, stats)) return 'duplicate';
          into.children ??= [];
          if (into.children.length < MAX_CHILDREN) into.children.push({ path: path ?? '', stats, line });
        }
        draft.memcg = into;
        return 'taken';
      },
    };
  },
};

const sameKeys = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean =>
  Object.keys(b).every((key) => a[key] === b[key]);

const STAT_LINE = /^([a-z][a-z0-9_]{1,60}) (\d{1,20})$/;

/** > | pgmajfault 328889433 */
export const memcgStatLine: Section = {
  name: 'memcg-stats',
  phase: PHASES.memory,
  since: '5.3',
  until: '7.1',
  source: 'mm/memcontrol.c memory_stat_format',
  examples: ['anon 42897408', ' workingset_refault_file 123846124'],
  read(text, draft) {
    if (!draft?.statsOpen) return undefined;
    const trimmed = text.trim();
    const match = STAT_LINE.exec(trimmed);
    const key = match?.[1];
    // The record limit cuts the last key: `pgstea`.
    const isRest = !match && /^[a-z][a-z0-9_]{0,60}$/.test(trimmed);
    if (key === undefined && !isRest) return undefined;
    return {
      quality: key === undefined ? 1 : 3,
      cut: isRest,
      store(target, line) {
        const memcg = target.memcg;
        if (!target.statsOpen || !memcg?.stats) return 'refused';
        memcg.statsUnit = 'Bytes';
        if (key === undefined) {
          memcg.statsTruncated = true;
          addIssue(target, 'line-cut', line, trimmed);
          return 'taken';
        }
        if (memcg.stats[key] !== undefined) return 'duplicate';
        if (Object.keys(memcg.stats).length < MAX_STATS) memcg.stats[key] = Number(match?.[2]);
        return 'taken';
      },
    };
  },
};

const PROTECTION = /^Memory cgroup min protection (\d{1,20})kB -- low protection (\d{1,20})kB/;

/** > | Memory cgroup min protection 0kB -- low protection 0kB */
export const memcgProtection: Section = {
  name: 'memcg-protection',
  phase: PHASES.memory,
  since: '6.19',
  until: '7.1',
  source: 'mm/memcontrol.c mem_cgroup_show_protected_memory',
  examples: ['Memory cgroup min protection 0kB -- low protection 0kB'],
  read(text) {
    if (!text.includes('Memory cgroup min protection ')) return undefined;
    const match = PROTECTION.exec(text.trim());
    if (!match) return undefined;
    return {
      quality: 4,
      store(draft, line) {
        if (isPast(draft)) return 'refused';
        if (draft.memcg?.minProtectionKb !== undefined) return 'duplicate';
        const into: Memcg = draft.memcg ?? { line };
        into.minProtectionKb = Number(match[1]);
        into.lowProtectionKb = Number(match[2]);
        draft.memcg = into;
        return 'taken';
      },
    };
  },
};
