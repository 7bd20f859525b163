/** Which lines a report may take: time, printk context, and what can still follow what it has. */
import type { LogLine } from '../domain.ts';
import { stampGapMs } from '../kernel/prefix.ts';
import { type Draft, PHASES } from './draft.ts';
import type { Recognised } from './section.ts';

/** A line that comes later than this after the report's last is not its continuation. */
const MAX_GAP_MS = 60_000;
/** The tail of a kill (reaper, group kills) follows within this time, or within so many other lines. */
const TAIL_MS = 2_000;
const TAIL_LINES = 32;
/** Lines of something else between a dump and the table that follows it. */
const MAX_DUMP_GAP = 8;
/** A second choice for the same event: the first could not be killed. */
const RETRY_MS = 5_000;
/** Without any time, so many other lines end a report. */
const MAX_FOREIGN_RUN = 2_000;

/** Ms from the report's last line to this one, by the kernel's clock or else the record's; undefined without either. */
export function gapMs(from: LogLine, to: LogLine): number | undefined {
  if (from.bootUs !== undefined && to.bootUs !== undefined) return (to.bootUs - from.bootUs) / 1000;
  if (from.observedAtMs !== undefined && to.observedAtMs !== undefined) return to.observedAtMs - from.observedAtMs;
  if (from.headerStamp !== undefined && to.headerStamp !== undefined)
    return stampGapMs(from.headerStamp, to.headerStamp);
  return undefined;
}

/** True when the line comes too late (or, after a reboot, too early) to belong to the report. */
export function isTooFar(draft: Draft, line: LogLine): boolean {
  const gap = gapMs(draft.last, line);
  return gap !== undefined && Math.abs(gap) > MAX_GAP_MS;
}

/** True when nothing but a tail can follow. */
export const hasEnded = (draft: Draft): boolean =>
  draft.kills.length > 0 ||
  draft.panic !== undefined ||
  draft.notes.some(({ text }) => text.includes('no killable processes') || text.includes('already exiting')) ||
  (draft.kind === 'allocation-failure' && draft.totals?.reservedPages !== undefined);

/** True when a line of something else shows that the tail of an ended report is over. */
export function isOver(draft: Draft, line: LogLine): boolean {
  if (draft.foreignRun > MAX_FOREIGN_RUN && gapMs(draft.last, line) === undefined) return true;
  // A dump that nothing follows was asked for with a key, or tells of a stall.
  const isDump = draft.kind === 'mem-info' && draft.totals?.reservedPages !== undefined;
  if (!isDump && !hasEnded(draft)) return false;
  if (draft.foreignRun > TAIL_LINES) return true;
  const gap = gapMs(draft.last, line);
  return gap !== undefined && Math.abs(gap) > TAIL_MS;
}

/** True when line and report come from the same printk context, or when one of them does not say. */
export const sharesContext = (draft: Draft, line: LogLine): boolean =>
  draft.callerId === undefined || line.callerId === undefined || draft.callerId === line.callerId;

/** The reaper is a thread of its own. */
const ASYNC_BLOCKS: ReadonlySet<string> = new Set(['reaper']);

/** Blocks that a page allocation failure shares with an OOM report. */
const isShared = ({ section }: Recognised): boolean =>
  section.phase <= PHASES.memory && !section.name.startsWith('memcg');

/** True when the report could take such a line now; the reader of the block has the last word. */
export function admits(draft: Draft, line: LogLine, recognised: Recognised): boolean {
  const { section } = recognised;
  if (!sharesContext(draft, line) && !ASYNC_BLOCKS.has(section.name)) return false;
  if (draft.kind === 'allocation-failure') return isShared(recognised);
  // A dump without its trigger is an OOM's when table, summary or kill line follow it at once.
  if (draft.kind === 'mem-info' && isFirm(recognised) && draft.foreignRun > MAX_DUMP_GAP) return false;
  if (!hasEnded(draft)) {
    if (section.name !== 'selection') return true;
    const gap = gapMs(draft.last, line);
    return draft.selections.length === 0 || gap === undefined || gap < RETRY_MS;
  }
  if (section.phase === PHASES.tail) return true;
  if (section.name === 'kill') return isSameEvent(draft, line);
  if (section.name === 'terminal') return draft.kills.length === 0;
  if (section.phase === PHASES.trace) return draft.panic !== undefined;
  // RHEL 3 prints the kill line before the memory dump.
  return (
    section.phase === PHASES.memory &&
    draft.foreignRun === 0 &&
    draft.kills.every(({ reason }) => reason === 'Out of Memory')
  );
}

/**
 * A second kill line is the same event's when a cgroup is killed as a whole, when it repeats the victim, or when 2.4
 * kills every user of one memory map.
 */
function isSameEvent(draft: Draft, line: LogLine): boolean {
  if (draft.notes.some(({ text }) => text.startsWith('Tasks in '))) return true;
  const [first] = draft.kills;
  if (!first) return true;
  const gap = gapMs(draft.last, line);
  if (gap !== undefined && Math.abs(gap) > TAIL_MS) return false;
  if (draft.foreignRun > 0 && gap === undefined) return false;
  if (first.pid !== undefined && line.text.includes(`Killed process ${first.pid} `)) return true;
  if (first.pid !== undefined && line.text.includes(`Killed process ${first.pid},`)) return true;
  return first.totalVmKb === undefined && first.reason === 'Out of Memory' && line.text.includes(`(${first.comm})`);
}

/** Blocks that open a report when none is open that takes them. */
export function opensAs({ section, reading }: Recognised): Draft['kind'] | undefined {
  switch (section.name) {
    case 'trigger':
    case 'kill':
    case 'selection':
    case 'summary':
    case 'terminal':
    case 'memcg':
      return 'oom';
    case 'task-table':
      return reading.opens ? 'oom' : undefined;
    case 'allocation-failure':
      return 'allocation-failure';
    case 'mem-info':
      return reading.opens ? 'mem-info' : undefined;
    case 'sysrq':
      return 'sysrq';
    default:
      return undefined;
  }
}

/** Blocks after which a tentative report is an OOM report. */
export const isFirm = ({ section, reading }: Recognised): boolean =>
  section.phase >= PHASES.summary ||
  section.name === 'memcg' ||
  (section.name === 'task-table' && reading.opens === true);

/** The same line with the same stamp of the kernel: delivered twice, not printed twice. */
export const isRedelivered = (before: LogLine, line: LogLine): boolean =>
  line.bootUs !== undefined &&
  line.bootUs === before.bootUs &&
  line.text === before.text &&
  line.callerId === before.callerId;
