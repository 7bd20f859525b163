/** What all open reports may hold together, and which of them pay when it is too much. */
import type { ParserStats } from '../ports.ts';
import type { Draft } from './draft.ts';
import { shedDraft } from './limits.ts';

/** What an open report and its host hold before any line, measured: the lists and sets of a draft. */
const DRAFT_BYTES = 3_072;
/** A report of fewer recognised lines is a stub. */
const STUB_LINES = 8;
/** Shedding parts of a smaller report gains nothing. */
const LARGE_BYTES = 16_384;
const LEVELS = { 1: 'lines', 2: 'tasks', 3: 'sections' } as const;

export interface Held<Place> {
  readonly draft: Draft;
  readonly place: Place;
}

export interface Budget<Place> {
  readonly openReports: number;
  readonly heldBytes: number;
  readonly evicted: number;
  /** Reports made to shed, by what they shed. */
  readonly shed: ParserStats['shedReports'];
  add(draft: Draft, place: Place): void;
  remove(draft: Draft): void;
  /** The draft has taken a line, which added `bytes`. */
  grow(draft: Draft, bytes: number): void;
  /** Counts bytes of lines that wait for a report; negative when they no longer do. */
  wait(bytes: number): void;
  /**
   * Makes room until the total fits. Stubs hold at most half of it; beyond that the poorest go, so that a flood of openers
   * costs no other report anything. Else raw lines of the largest report are shed first, then rows, then sections; and only
   * then the poorest go. Returns the reports that have to go; they are forgotten here.
   */
  evict(): Held<Place>[];
}

interface Entry<Place> extends Held<Place> {
  rank: number;
}

export function createBudget<Place>(maxBytes: number): Budget<Place> {
  const entries = new Map<Draft, Entry<Place>>();
  /** Reports by their count of recognised lines; in each set the longest silent comes first. */
  const ranks = new Map<number, Set<Entry<Place>>>();
  const large = new Set<Draft>();
  let heldBytes = 0;
  let stubBytes = 0;
  let evicted = 0;
  const shedReports = { lines: 0, tasks: 0, sections: 0 };

  const count = (rank: number, bytes: number): void => {
    heldBytes += bytes;
    if (rank < STUB_LINES) stubBytes += bytes;
  };
  const enter = (entry: Entry<Place>): void => {
    const set = ranks.get(entry.rank);
    if (set === undefined) ranks.set(entry.rank, new Set([entry]));
    else set.add(entry);
  };
  const leave = (entry: Entry<Place>): void => {
    const set = ranks.get(entry.rank);
    set?.delete(entry);
    if (set?.size === 0) ranks.delete(entry.rank);
  };
  const remove = (draft: Draft): void => {
    const entry = entries.get(draft);
    if (entry === undefined) return;
    entries.delete(draft);
    large.delete(draft);
    leave(entry);
    count(entry.rank, -DRAFT_BYTES - draft.bytes);
  };
  const largest = (level: 1 | 2 | 3): Draft | undefined => {
    let found: Draft | undefined;
    for (const draft of large) if (draft.shed < level && (!found || draft.bytes > found.bytes)) found = draft;
    return found;
  };
  const shed = (level: 1 | 2 | 3): boolean => {
    const draft = largest(level);
    const entry = draft && entries.get(draft);
    if (!draft || !entry) return false;
    const before = draft.bytes;
    shedDraft(draft, level);
    shedReports[LEVELS[level]] += 1;
    count(entry.rank, draft.bytes - before);
    if (draft.bytes < LARGE_BYTES) large.delete(draft);
    return true;
  };
  const poorest = (): Entry<Place> | undefined => {
    const [first] = ranks.get(Math.min(...ranks.keys())) ?? [];
    return first;
  };

  return {
    get openReports() {
      return entries.size;
    },
    get heldBytes() {
      return heldBytes;
    },
    get evicted() {
      return evicted;
    },
    get shed() {
      return shedReports;
    },
    add(draft, place) {
      const entry = { draft, place, rank: draft.recognised };
      entries.set(draft, entry);
      enter(entry);
      count(entry.rank, DRAFT_BYTES + draft.bytes);
    },
    remove,
    grow(draft, bytes) {
      const entry = entries.get(draft);
      if (entry === undefined) return;
      count(entry.rank, bytes);
      if (draft.bytes >= LARGE_BYTES && draft.shed < 3) large.add(draft);
      // Entered anew also at the same rank: it is the last to have spoken.
      leave(entry);
      const [from, to] = [entry.rank, draft.recognised];
      entry.rank = to;
      if (from < STUB_LINES && to >= STUB_LINES) stubBytes -= DRAFT_BYTES + draft.bytes;
      enter(entry);
    },
    wait(bytes) {
      heldBytes += bytes;
    },
    evict() {
      const gone: Held<Place>[] = [];
      while (heldBytes > maxBytes) {
        if (stubBytes * 2 <= maxBytes && (shed(1) || shed(2) || shed(3))) continue;
        const entry = poorest();
        if (entry === undefined) break;
        remove(entry.draft);
        gone.push(entry);
        evicted += 1;
      }
      return gone;
    },
  };
}
