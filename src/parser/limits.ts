/** Bounds: what a report and all reports together may hold, and what is shed first. */
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
  if (draft.lines.length >= limits.maxLines) {
    if (!draft.truncated) addIssue(draft, 'limit-lines', undefined, `${limits.maxLines} lines kept`);
    draft.truncated = true;
    return;
  }
  draft.bytes += LINE_BYTES + line.text.length * 2;
  draft.lines.push({
    text: line.text,
    position: line.position,
    ...(line.bootUs === undefined ? {} : { bootUs: line.bootUs }),
    ...(block === undefined ? {} : { block }),
  });
}

/** Remembers a line of something else, to stand in the report if the report goes on after it. */
export function keepForeign(draft: Draft, line: LogLine): void {
  if (draft.shed === 0 && draft.foreignLines.length < MAX_FOREIGN_KEPT) draft.foreignLines.push(line);
}

export interface Budget {
  readonly drafts: ReadonlySet<Draft>;
  readonly heldBytes: number;
  readonly evicted: number;
  add(draft: Draft): void;
  remove(draft: Draft): void;
  /** Counts bytes that a draft has grown by. */
  grow(bytes: number): void;
  /**
   * Sheds until the total fits: raw lines of the largest report first, then rows, then sections. Returns the reports
   * that have to go because even the stubs do not fit.
   */
  evict(): Draft[];
}

export function createBudget(maxBytes: number): Budget {
  const drafts = new Set<Draft>();
  let heldBytes = 0;
  let evicted = 0;
  const shed = (level: 1 | 2 | 3): boolean => {
    let largest: Draft | undefined;
    for (const draft of drafts) if (draft.shed < level && (!largest || draft.bytes > largest.bytes)) largest = draft;
    if (!largest) return false;
    heldBytes -= largest.bytes;
    shedDraft(largest, level);
    heldBytes += largest.bytes;
    return true;
  };
  return {
    drafts,
    get heldBytes() {
      return heldBytes;
    },
    get evicted() {
      return evicted;
    },
    add(draft) {
      drafts.add(draft);
      heldBytes += draft.bytes;
    },
    remove(draft) {
      if (drafts.delete(draft)) heldBytes -= draft.bytes;
    },
    grow(bytes) {
      heldBytes += bytes;
    },
    evict() {
      if (heldBytes <= maxBytes) return [];
      while (heldBytes > maxBytes && (shed(1) || shed(2) || shed(3)));
      const gone: Draft[] = [];
      let left = heldBytes;
      while (left > maxBytes && gone.length < drafts.size) {
        const poorest = poorestOf(drafts, gone);
        if (!poorest) break;
        gone.push(poorest);
        left -= poorest.bytes;
        evicted += 1;
      }
      return gone;
    },
  };
}

/** The report with the fewest recognised lines, then the longest silent. */
function poorestOf(drafts: ReadonlySet<Draft>, except: readonly Draft[]): Draft | undefined {
  let poorest: Draft | undefined;
  for (const draft of drafts) {
    if (except.includes(draft)) continue;
    const fewer = !poorest || draft.recognised < poorest.recognised;
    const older =
      poorest !== undefined &&
      draft.recognised === poorest.recognised &&
      (draft.touchedAtMs ?? 0) < (poorest.touchedAtMs ?? 0);
    if (fewer || older) poorest = draft;
  }
  return poorest;
}

/** Openers, kills and identity are kept to the end. */
function shedDraft(draft: Draft, level: 1 | 2 | 3): void {
  draft.shed = level;
  draft.truncated = true;
  if (level === 1) {
    draft.lines = [];
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
  const raw = draft.lines.reduce((sum, { text }) => sum + LINE_BYTES + text.length * 2, 0);
  draft.bytes = raw + nouns * NOUN_BYTES;
}
