/** Writes a recognised line into a report. */
import type { LogLine } from '../domain.ts';
import { addIssue, type Draft, PHASES } from './draft.ts';
import { disown, type Host, setTraceOwner } from './host.ts';
import { bytesOf, keepLine, type Limits } from './limits.ts';
import { isFirm } from './policy.ts';
import type { Recognised } from './section.ts';

/** Kill lines remembered per report, to tell one that is delivered again. */
const MAX_KILL_SOURCES = 64;

/** Blocks after which the table would come. */
const MEMORY_TAIL: ReadonlySet<string> = new Set([
  'totals',
  'hugepages',
  'memcg',
  'memcg-stats',
  'memcg-protection',
  'allocations',
  'slab',
]);

const endsMemory = (draft: Draft): boolean => MEMORY_TAIL.has(draft.lastBlock);

/**
 * Writes the line into the report. False when the block's reader refuses it; then nothing has changed. `pieces` is the
 * number of lines that it was put together from. Afterwards `draft.bytes` has grown by what it holds.
 */
export function takeLine(
  host: Host,
  draft: Draft,
  line: LogLine,
  recognised: Recognised,
  pieces: number,
  limits: Limits,
): boolean {
  const { section, reading } = recognised;
  const index = draft.lineCount + draft.foreignLines.length;
  const endsTable = section.phase >= PHASES.summary && draft.phase === PHASES.memory;
  const unbroken = endsTable && draft.foreignRun === 0 && endsMemory(draft);
  const outcome = reading.store(draft, index);
  if (outcome === 'refused') return false;
  draft.last = line;
  if (outcome === 'duplicate') {
    addIssue(draft, 'duplicate-line', undefined, line.text.slice(0, 80));
    return true;
  }
  if (draft.foreignRun > 0) addIssue(draft, 'foreign-line', draft.lineCount, `${draft.foreignRun} lines`);
  for (const foreign of draft.foreignLines) keepLine(draft, foreign, undefined, limits);
  draft.foreignLines = [];
  draft.foreignRun = 0;
  keepLine(draft, line, section.name, limits);
  draft.bytes += bytesOf(section.name);
  draft.recognised += 1;
  if (unbroken) draft.unbrokenTail = true;
  noteDamage(draft, line.text, recognised, pieces, index);
  advanceDraft(host, draft, line, recognised, index);
  return true;
}

function noteDamage(draft: Draft, text: string, { section, reading }: Recognised, pieces: number, index: number): void {
  if (pieces > 1) addIssue(draft, 'line-rejoined', index, `${pieces} pieces`);
  if (reading.cut) {
    draft.cutBlocks.add(section.name);
    addIssue(draft, 'line-cut', index);
  }
  if (text.includes('\ufffd')) addIssue(draft, 'encoding-invalid', index);
  for (const issue of reading.issues ?? []) addIssue(draft, issue.code, index, issue.detail);
}

/** Moves the report on in the grammar, and makes it the host's current one. */
function advanceDraft(host: Host, draft: Draft, line: LogLine, recognised: Recognised, index: number): void {
  const { name, phase } = recognised.section;
  if (name === 'trigger' || name === 'allocation-failure') draft.triggerAt ??= { line: index, source: line };
  if (name === 'kill') {
    draft.killAt ??= { line: index, source: line };
    if (draft.killSources.length < MAX_KILL_SOURCES) draft.killSources.push(line);
  }
  if (name === 'task-header') setTraceOwner(host, line, draft);
  else if (phase >= PHASES.memory) disown(host, draft);
  if (name !== 'memcg-stats') draft.statsOpen = false;
  if (isFirm(recognised) || name === 'trigger') draft.kind = 'oom';
  draft.phase = Math.max(draft.phase, phase);
  draft.lastBlock = name;
  draft.touchedAtMs = host.pendingAtMs;
  draft.callerId ??= line.callerId;
  host.current = draft;
}
