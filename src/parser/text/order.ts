/** Logs that were written newest line first: `journalctl -r`, and most log stores unless told otherwise. */
import type { FileLine } from './lines.ts';

/** So many steps back in time, and nine times as many as forward, show that a log runs backwards. */
const MIN_STEPS = 3;

/**
 * The lines in the order in which they were printed. A line that names no time stands with the one above it, for the
 * lines of one message keep their order. Lines of several hosts are left as they are.
 */
export function inTimeOrder(lines: FileLine[]): FileLine[] {
  if (!runsBackwards(lines)) return lines;
  const groups: FileLine[][] = [];
  for (const line of lines) {
    const group = line.bare === true ? groups.at(-1) : undefined;
    if (group) group.push(line);
    else groups.push([line]);
  }
  return groups.reverse().flat();
}

function runsBackwards(lines: readonly FileLine[]): boolean {
  const host = lines[0]?.host;
  let back = 0;
  let forward = 0;
  let before: number | undefined;
  for (const line of lines) {
    if (line.host !== host) return false;
    const at = line.bootUs ?? line.observedAtMs;
    if (at === undefined) continue;
    if (before !== undefined && at < before) back += 1;
    if (before !== undefined && at > before) forward += 1;
    before = at;
  }
  return back >= MIN_STEPS && back > forward * 9;
}
