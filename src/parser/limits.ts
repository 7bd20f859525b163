/** Bounds of one report: which raw lines it keeps, and what it sheds first. What all may hold is the budget's. */
import type { LogLine } from '../domain.ts';
import { addIssue, type Draft } from './draft.ts';

export interface Limits {
  /** Most raw lines kept per report. */
  readonly maxLines: number;
  /** Most bytes of all open reports. */
  readonly maxBytes: number;
}

/** Foreign lines kept in front of a line that goes on with the report. */
const MAX_FOREIGN_KEPT = 200;
/** What an object of a few numbers holds, roughly; strings count two bytes a character. */
const NOUN_BYTES = 160;
const LINE_BYTES = 96;

/** Bytes that the noun of one line of a block adds. */
export const bytesOf = (block: string): number => (block === 'zone' || block === 'node' ? NOUN_BYTES * 2 : NOUN_BYTES);

/** Appends a raw line, or counts it when no more are kept. */
export function keepLine(draft: Draft, line: LogLine, block: string | undefined, limits: Limits): void {
  draft.lineCount += 1;
  if (draft.shed > 0) return;
  if (draft.lines.count >= limits.maxLines) {
    if (!draft.truncated) addIssue(draft, 'limit-lines', undefined, `${limits.maxLines} lines kept`);
    draft.truncated = true;
    return;
  }
  draft.bytes += LINE_BYTES + line.text.length * 2;
  draft.lines.push(line, block);
}

/** Remembers a line of something else, to stand in the report if the report goes on after it. */
export function keepForeign(draft: Draft, line: LogLine): void {
  if (draft.shed === 0 && draft.foreignLines.length < MAX_FOREIGN_KEPT) draft.foreignLines.push(line);
}

/** Drops raw lines (1), task rows (2) or sections (3). Openers, kills and identity are kept to the end. */
export function shedDraft(draft: Draft, level: 1 | 2 | 3): void {
  draft.shed = level;
  draft.truncated = true;
  if (level === 1) {
    draft.lines.clear();
    draft.foreignLines = [];
    addIssue(draft, 'limit-lines');
  } else if (level === 2) {
    draft.tasks = [];
    addIssue(draft, 'limit-tasks', undefined, `${draft.taskCount} rows counted`);
  } else {
    draft.perCpu = [];
    draft.slabCaches = [];
    draft.allocationSites = [];
    draft.hugePages = [];
    draft.frames = draft.frames.slice(0, 32);
    if (draft.memcg) delete draft.memcg.children;
  }
  const nouns = draft.tasks.length + draft.frames.length + draft.zones.length * 2 + draft.nodes.length * 2 + 8;
  const raw = draft.lines.count * LINE_BYTES + draft.lines.characters * 2;
  draft.bytes = raw + nouns * NOUN_BYTES;
}
