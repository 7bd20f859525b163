/** How long a report waits for its next line before it is emitted early, and whether it is emitted again. */
import type { Draft } from './draft.ts';
import type { Host } from './host.ts';
import { isOpenHead } from './join.ts';
import { hasEnded } from './policy.ts';

/**
 * Silence after the end of a report, of the partition's clock and of time that really passed. The first alone would cut reports
 * of a backlog that is read at full speed, the second those of a worker that stood still.
 */
const ENDED_QUIET_MS = 1_000;

/** The silence that is enough for a host whose report has ended; `idleMs` while its stream is not seen to be silent. */
export function endedIdleMs(host: Host, elapsedMs: number | undefined, idleMs: number): number {
  host.silentSinceMs ??= elapsedMs;
  const isQuiet =
    elapsedMs !== undefined && host.silentSinceMs !== undefined && elapsedMs - host.silentSinceMs >= ENDED_QUIET_MS;
  return isQuiet ? Math.min(idleMs, ENDED_QUIET_MS) : idleMs;
}

/** True when the line that waits is a whole kill line, or stands in the tail of a report that has ended. */
export function endsReport({ pending, current }: Host): boolean {
  if (pending === undefined) return false;
  const { recognised, text } = pending.text;
  if (recognised?.reading.cut === true || isOpenHead(text)) return false;
  return recognised?.section.name === 'kill' || (current !== undefined && hasEnded(current));
}

/** Notes that the report is emitted as it stands. */
export function noteEmitted(draft: Draft): void {
  draft.emittedLines = draft.recognised;
  if (draft.shed === 0 && !draft.truncated && hasEnded(draft)) draft.wholeKills = draft.kills.length;
}

/**
 * True when the report has more to say than was emitted early. What has shed its parts since it was emitted whole would
 * replace its better self for the sake of a line of the tail.
 */
export const hasNews = (draft: Draft): boolean =>
  draft.recognised > draft.emittedLines && !(draft.shed > 0 && draft.kills.length === draft.wholeKills);
