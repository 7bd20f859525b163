/** The choice, the kill, the reaper, and the ends without a kill. */
import type { Dialect } from '../dialect.ts';
import type { KillState, ReportState } from '../state.ts';

const DEFAULT_REASON = 'Out of memory';

function killLine(kill: KillState, style: Dialect['kill']): string {
  const reason = kill.reason ?? DEFAULT_REASON;
  const who = `${kill.pid} (${kill.comm})`;
  const rss = `anon-rss:${kill.anonRssKb ?? 0}kB, file-rss:${kill.fileRssKb ?? 0}kB`;
  const sizes = `total-vm:${kill.totalVmKb ?? 0}kB, ${rss}`;
  const shmem = `, shmem-rss:${kill.shmemRssKb ?? 0}kB`;
  switch (style) {
    case '2.4':
      return `Out of Memory: Killed process ${who}.`;
    case 'reason-short':
      return `${reason}: Killed process ${who}.`;
    case 'reason-uid-short':
      return `${reason}: Killed process ${kill.pid}, UID ${kill.uid}, (${kill.comm}).`;
    case 'short':
      return `Killed process ${who}`;
    case 'vsz':
      return `Killed process ${who} vsz:${kill.totalVmKb ?? 0}kB, ${rss}`;
    case 'total-vm':
      return `Killed process ${who} ${sizes}`;
    case 'uid-total-vm':
      return `Killed process ${kill.pid}, UID ${kill.uid}, (${kill.comm}) ${sizes}`;
    case 'total-vm-shmem':
      return `Killed process ${who} ${sizes}${shmem}`;
    case 'uid-after-shmem':
      return `Killed process ${who}, UID ${kill.uid}, ${sizes}${shmem}`;
    case 'reason-shmem':
      return `${reason}: Killed process ${who} ${sizes}${shmem}`;
    case 'reason-full':
      return (
        `${reason}: Killed process ${who} ${sizes}${shmem}, UID:${kill.uid} ` +
        `pgtables:${kill.pgtablesKb ?? 0}kB oom_score_adj:${kill.oomScoreAdj ?? 0}`
      );
  }
}

function selectionLine(state: ReportState, style: Dialect['selection']): string[] {
  const { selection } = state;
  if (!selection || style === 'none') return [];
  const who = `${selection.pid ?? 0} (${selection.comm ?? ''}) score ${selection.score ?? 0}`;
  const reason = selection.reason ?? DEFAULT_REASON;
  switch (style) {
    case 'and children':
      return [`Out of Memory: Kill process ${who} and children.`];
    case 'or a child':
      return [`${reason}: kill process ${who} or a child`];
    case 'or sacrifice child':
      return [`${reason}: Kill process ${who} or sacrifice child`];
  }
}

/** The choice, the kill lines, and what follows a group kill and the reaper. */
export function printKills(state: ReportState, dialect: Dialect): string[] {
  const [first, ...rest] = state.kills;
  if (!first) return [];
  const records = [...selectionLine(state, dialect.selection), killLine(first, dialect.kill)];
  if (state.memcg?.groupKill) {
    const path = state.memcg.path ?? '/';
    records.push(`Tasks in ${path} are going to be killed due to memory.oom.group set`);
  }
  records.push(...rest.map((kill) => killLine(kill, dialect.kill)));
  if (state.reaped && dialect.reaper) {
    records.push(
      ...state.kills.map(
        (kill) =>
          `oom_reaper: reaped process ${kill.pid} (${kill.comm}), now anon-rss:0kB, file-rss:0kB, shmem-rss:${kill.shmemRssKb ?? 0}kB`,
      ),
    );
  }
  return records;
}

const PANIC = 'Kernel panic - not syncing: ';

/** No process may be killed: a panic, or since 4.19 a warning and then the panic (the warning alone for sysrq). */
export function printNoVictim(state: ReportState, dialect: Dialect): string[] {
  const text = 'Out of memory and no killable processes...';
  if (!dialect.deadlockPanic) return [`${PANIC}${text}`];
  return state.sysrq || state.memcg ? [text] : [text, `${PANIC}System is deadlocked on memory`];
}

/** vm.panic_on_oom: `system-wide` unless set to 2. */
export function printPanicOnOom(dialect: Dialect): string[] {
  return dialect.trigger === 'oomkilladj' || dialect.trigger === 'oom_adj' || dialect.trigger === 'mask-order'
    ? [`${PANIC}out of memory. panic_on_oom is selected`]
    : [`${PANIC}Out of memory: system-wide panic_on_oom is enabled`];
}
