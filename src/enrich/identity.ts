/** Identity of a report: a pure function of the event, never of offsets or of the time of reading. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Anchor, Identity, OomReport, Trigger } from '../domain.ts';

/** Set in every version. To be raised when the analysis changes, so that a replay replaces older documents. */
export const ANALYZER_REVISION = 1;

/** Fullness counts 1,024 revisions apart. */
const REVISIONS = 1024;

type Part = string | number | null;

/** Id of a canonical tuple: sha256 of its JSON in UTF-8, 64 hex digits. */
const idOf = (tuple: readonly Part[]): string => bytesToHex(sha256(utf8ToBytes(JSON.stringify(tuple))));

/**
 * The instant of an anchor as its identity states it: microseconds since boot; without them the second of the message's own
 * header, else the second of the time that its record states.
 */
function instantOf(anchor: Anchor): Part[] {
  if (anchor.bootUs !== undefined) return ['boot', anchor.bootUs];
  if (anchor.headerStamp !== undefined) return ['stamp', anchor.headerStamp.trim().replace(/ {2,}/g, ' ')];
  if (anchor.observedAtMs !== undefined) return ['second', Math.floor(anchor.observedAtMs / 1000)];
  return ['none'];
}

/** Id of an event by its trigger line alone: only what stands on that line counts. */
function triggerIdOf(host: string, trigger: Trigger | undefined, anchor: Anchor): string {
  return idOf([
    'trigger',
    host,
    trigger?.name ?? null,
    trigger?.gfpMask ?? null,
    trigger?.order ?? null,
    ...instantOf(anchor),
  ]);
}

function anchorId(report: OomReport): string {
  const { anchor, host } = report;
  switch (anchor.kind) {
    case 'kill':
      return idOf(['kill', host, anchor.pid ?? null, anchor.comm ?? null, ...instantOf(anchor)]);
    case 'trigger':
      return triggerIdOf(host, report.trigger, anchor);
    case 'other': {
      const text = report.lines[anchor.line]?.text ?? '';
      return idOf(['other', host, text.trim(), ...instantOf(anchor)]);
    }
  }
}

/**
 * Where a report's document belongs and which reading wins. The id rests on the anchor: the first kill line (host, pid and
 * name of the victim, instant), else the trigger line (host, name, mask, order, instant), else the first line's text.
 * `triggerId` is the id that a reading of the trigger line without the kill line has had.
 */
export function identify(report: OomReport): Identity {
  const { anchor, triggerAnchor } = report;
  return {
    id: anchorId(report),
    ...(anchor.kind === 'kill' && triggerAnchor
      ? { triggerId: triggerIdOf(report.host, report.trigger, triggerAnchor) }
      : {}),
    ...(anchor.observedAtMs === undefined ? {} : { timestampMs: anchor.observedAtMs }),
    ...(anchor.timeSource === undefined ? {} : { timeSource: anchor.timeSource }),
    version: report.recognisedLines * REVISIONS + ANALYZER_REVISION,
  };
}
