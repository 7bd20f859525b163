/** Whole files: what stands before an opener and belongs to the report whose beginning is lost. */
import { PHASES } from './draft.ts';
import { joined, pendingOf } from './join.ts';
import { gapMs } from './policy.ts';
import { readLine } from './read.ts';
import type { Recognised } from './section.ts';
import type { FileLine } from './text/lines.ts';

/** So many other lines in a row, and what stands before them is another matter. */
const MAX_FOREIGN = 20;
const MAX_GAP_MS = 60_000;

/** A trace that is an OOM's own, not that of a warning before it. */
const OOM_FRAME = /oom|out_of_memory|dump_header/;

/**
 * The lines that an opener of phase `phase` continues: walking back, phases may only fall. Rows of a headless table,
 * zones of a dump without `Mem-Info:`, a trace directly before them when it is an OOM's.
 */
export function backlogBefore(
  backlog: readonly FileLine[],
  phase: number,
): { line: FileLine; recognised: Recognised }[] {
  const found: { line: FileLine; recognised: Recognised }[] = [];
  let limit = phase;
  let foreign = 0;
  const lines = rejoined(backlog);
  let next: FileLine | undefined;
  for (let at = lines.length - 1; at >= 0 && foreign < MAX_FOREIGN; at -= 1) {
    const line = lines[at];
    if (!line) break;
    const gap = next ? gapMs(line, next) : undefined;
    if (gap !== undefined && Math.abs(gap) > MAX_GAP_MS) break;
    const recognised = readLine(line.text, undefined);
    const itsPhase = recognised?.section.phase;
    if (!recognised || itsPhase === undefined || itsPhase === PHASES.head || itsPhase > limit) {
      if (itsPhase !== undefined && itsPhase > limit) break;
      foreign += 1;
      continue;
    }
    // A trace has to stand right before the block that it led to.
    if (itsPhase === PHASES.trace && foreign > 0 && limit !== PHASES.trace) break;
    foreign = 0;
    limit = itsPhase;
    next = line;
    found.push({ line, recognised });
  }
  found.reverse();
  const isTrace = ({ recognised }: { recognised: Recognised }) => recognised.section.phase === PHASES.trace;
  const isOom = found.some((each) => isTrace(each) && OOM_FRAME.test(each.line.text));
  return isOom ? found : found.filter((each) => !isTrace(each));
}

/** The lines with wrapped ones put together. */
function rejoined(backlog: readonly FileLine[]): FileLine[] {
  const lines: FileLine[] = [];
  for (const line of backlog) {
    const before = lines.at(-1);
    if (before && line.bare) {
      const filled = before.filled === true;
      const pending = pendingOf(before.text, readLine(before.text, undefined), filled);
      const next = readLine(line.text, undefined);
      const both = joined(pending, line, next, undefined, true);
      if (both) {
        const { filled: _, ...rest } = before;
        lines[lines.length - 1] = { ...rest, text: both.text, ...(both.filled ? { filled: true } : {}) };
        continue;
      }
    }
    lines.push(line);
  }
  return lines;
}
