/** The memory-cgroup block. */
import type { MemcgCounter } from '../../domain.ts';
import { isAtLeast } from '../../kernel/version.ts';
import type { Dialect } from '../dialect.ts';
import type { MemcgState, ReportState, Unprinted } from '../state.ts';

/** `unlimited` as the kernel prints it: LLONG_MAX, ULLONG_MAX (res_counter of 3.11 to 3.18) or the page counter's end. */
function unlimitedKb(dialect: Dialect): string {
  if (isAtLeast(dialect.version, [3, 19, 0]) || isAtLeast(dialect.formats, [4, 1, 0])) return '9007199254740988';
  return isAtLeast(dialect.version, [3, 11, 0]) ? '18014398509481983' : '9007199254740991';
}

function counterLine(name: string, counter: Partial<Unprinted<MemcgCounter>>, dialect: Dialect): string {
  const limit = counter.limitKb ?? unlimitedKb(dialect);
  return `${name}: usage ${counter.usageKb ?? 0}kB, limit ${limit}kB, failcnt ${counter.failcnt ?? 0}`;
}

/** `Task in /a/b killed as a result of limit of /a` (2.6.31 to 4.20); three lines in 3.15 and 3.16. */
function taskLines(memcg: MemcgState, dialect: Dialect): string[] {
  const task = memcg.taskPath ?? '/';
  const limit = ` killed as a result of limit of ${memcg.path ?? '/'}`;
  switch (dialect.memcgTaskLine) {
    case 'none':
      return [];
    case 'one':
      return [`Task in ${task}${limit}`];
    case 'three':
      return [`Task in ${task}`, limit, ''];
  }
}

function statLines(memcg: MemcgState, dialect: Dialect): string[] {
  const heading = (path: string): string => `Memory cgroup stats for ${path}:`;
  const blocks = [{ path: memcg.statsPath ?? memcg.path ?? '/', stats: memcg.stats ?? {} }, ...(memcg.children ?? [])];
  switch (dialect.memcgStats) {
    case 'none':
      return [];
    case 'one-line':
      return blocks.map(({ path, stats }) => {
        const pairs = Object.entries(stats).map(([key, value]) => ` ${key}:${value}KB`);
        return heading(path) + pairs.join('');
      });
    case 'one-record': {
      const [block] = blocks;
      const text = Object.entries(block?.stats ?? {})
        .map(([key, value]) => `${key} ${value}\n`)
        .join('');
      return [heading(block?.path ?? '/'), text.slice(0, RECORD_LIMIT).replace(/\n$/, '')];
    }
    case 'records': {
      const [block] = blocks;
      return [
        heading(block?.path ?? '/'),
        ...Object.entries(block?.stats ?? {}).map(([key, value]) => `${key} ${value}`),
      ];
    }
  }
}

/** Bytes of text that one record holds (LOG_LINE_MAX of 5.3 to 6.4 without CONFIG_PRINTK_CALLER). */
export const RECORD_LIMIT = 992;

/** Nothing without a limit hit; else from `Task in` or `memory: usage` to the last statistics line. */
export function printMemcg(state: ReportState, dialect: Dialect): string[] {
  const { memcg } = state;
  if (!memcg || dialect.memcg === 'none') return [];
  const memory = { usageKb: memcg.usageKb ?? 0, limitKb: memcg.limitKb ?? null, failcnt: memcg.failcnt ?? 0 };
  const records = [...taskLines(memcg, dialect), counterLine('memory', memory, dialect)];
  if (state.kernel.memcg === 'v2' && isAtLeast(dialect.version, [5, 3, 0])) {
    records.push(counterLine('swap', memcg.swap ?? {}, dialect));
  } else {
    records.push(counterLine('memory+swap', memcg.memoryAndSwap ?? {}, dialect));
    if (isAtLeast(dialect.version, [3, 8, 0])) records.push(counterLine('kmem', memcg.kmem ?? {}, dialect));
  }
  return [...records, ...statLines(memcg, dialect)];
}

/** `Memory cgroup min protection 0kB -- low protection 0kB` (6.19+, cgroup v2). */
export function printProtection(state: ReportState, dialect: Dialect): string[] {
  if (!dialect.memcgProtection || state.kernel.memcg !== 'v2' || !state.memcg) return [];
  const { minProtectionKb, lowProtectionKb } = state.memcg;
  return [`Memory cgroup min protection ${minProtectionKb ?? 0}kB -- low protection ${lowProtectionKb ?? 0}kB`];
}
