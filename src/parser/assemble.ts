/**
 * The assembler: one open report per topic, partition, host and printk context, from first line to close.
 *
 *     line -> pending (may be continued) -> section -> the report that takes it, a new one, or nobody
 */
import type { LogLine, OomReport } from '../domain.ts';
import { CUT_TRIGGER, holdsOpener } from '../kernel/openers.ts';
import type { Parser, ParserStats } from '../ports.ts';
import { backlogBefore } from './backlog.ts';
import { createBudget } from './budget.ts';
import { buildReport } from './build.ts';
import { addIssue, createDraft, type Draft, type DraftKind, PHASES } from './draft.ts';
import { splitEmbedded } from './embedded.ts';
import { candidatesFor, contextOf, createHost, disown, type Host, MAX_DRAFTS, setTraceOwner } from './host.ts';
import { glued, isFragment, isOpenHead, joined, type Pending, pendingOf } from './join.ts';
import { keepForeign, type Limits } from './limits.ts';
import { type Partition, Partitions } from './partitions.ts';
import { admits, hasEnded, isOver, isRedelivered, isTooFar, opensAs, sharesContext } from './policy.ts';
import { readLine } from './read.ts';
import type { Recognised } from './section.ts';
import { endedIdleMs, endsReport, hasNews, noteEmitted } from './silence.ts';
import { noteStray } from './stray.ts';
import { takeLine } from './take.ts';
import type { FileLine } from './text/lines.ts';
import { createWaiting } from './waiting.ts';

export interface ParserOptions extends Limits {
  /** Silence after which a report is emitted early. Milliseconds of the partition clock. */
  readonly idleMs: number;
  /** Age at which a report is closed. Milliseconds of the partition clock. */
  readonly ageMs: number;
  /** Set for whole files: lines are re-joined everywhere, and an opener looks back at what stands before it. */
  readonly wholeFile?: boolean;
}

/** Lines before an opener that a whole file looks back at. */
const MAX_BACKLOG = 4096;

interface Place {
  readonly partition: Partition;
  readonly host: Host;
}

const NONE: OomReport[] = [];

const hasTime = (line: LogLine): boolean =>
  line.bootUs !== undefined || line.headerStamp !== undefined || line.observedAtMs !== undefined;

export class Assembler implements Parser {
  readonly #options: ParserOptions;
  readonly #partitions = new Partitions();
  readonly #budget;
  /** Hosts without a report whose line may go on. */
  readonly #waiting;

  constructor(options: ParserOptions) {
    this.#options = options;
    this.#budget = createBudget<Place>(options.maxBytes);
    this.#waiting = createWaiting<Place>(options.maxBytes, (bytes) => this.#budget.wait(bytes));
  }

  push(line: FileLine): OomReport[] {
    const partition = this.#partitions.of(line.position.topic, line.position.partition);
    const known = partition.hosts.get(line.host);
    if (known === undefined && !this.#options.wholeFile && !holdsOpener(line.text)) return NONE;
    // 3.15 and 3.16 end the heading of a memory cgroup with an empty record.
    if (line.text.trim() === '') return NONE;
    const host = known ?? this.#addHost(partition, line.host);
    const out: OomReport[] = [];
    const pieces = splitEmbedded(line.text);
    if (pieces === undefined) this.#take(partition, host, line, out);
    else for (const text of pieces) this.#take(partition, host, { ...line, text }, out);
    this.#forgetIfIdle(partition, host);
    for (const longest of this.#waiting.tooMany()) {
      this.#flush(longest.partition, longest.host, out);
      this.#forgetIfIdle(longest.partition, longest.host);
    }
    return out.length === 0 ? NONE : out;
  }

  advance(topic: string, partitionId: number, atMs: number, elapsedMs?: number): OomReport[] {
    const partition = this.#partitions.of(topic, partitionId);
    partition.clockMs = Math.max(partition.clockMs ?? atMs, atMs);
    const now = partition.clockMs;
    if (partition.hosts.size === 0) return NONE;
    const out: OomReport[] = [];
    for (const host of [...partition.hosts.values()]) this.#advanceHost(partition, host, now, elapsedMs, out);
    return out;
  }

  end(): OomReport[] {
    const out: OomReport[] = [];
    for (const partition of this.#partitions.all()) {
      for (const host of partition.hosts.values()) {
        this.#flush(partition, host, out);
        for (const draft of [...host.drafts]) this.#close(host, draft, out);
        this.#waiting.remove(host);
      }
      partition.hosts.clear();
      partition.openHosts.clear();
    }
    return out;
  }

  openHosts(topic: string, partition: number): ReadonlySet<string> {
    return this.#partitions.of(topic, partition).openHosts;
  }

  firstNeeded(topic: string, partition: number): number | undefined {
    let first: number | undefined;
    const need = (line: LogLine | undefined) => {
      if (line && (first === undefined || line.position.offset < first)) first = line.position.offset;
    };
    for (const host of this.#partitions.of(topic, partition).hosts.values()) {
      need(host.pending?.line);
      for (const draft of host.drafts) need(draft.first);
    }
    return first;
  }

  reset(topic: string, partitionId: number): void {
    const partition = this.#partitions.of(topic, partitionId);
    for (const host of partition.hosts.values()) {
      for (const draft of host.drafts) this.#budget.remove(draft);
      this.#waiting.remove(host);
    }
    partition.hosts.clear();
    partition.openHosts.clear();
    partition.clockMs = undefined;
  }

  get stats(): ParserStats {
    const { heldBytes, evicted, shed, openReports } = this.#budget;
    return { openReports, heldBytes, evictedReports: evicted, shedReports: shed };
  }

  #addHost(partition: Partition, name: string): Host {
    const host = createHost(name);
    partition.hosts.set(name, host);
    partition.openHosts.add(name);
    return host;
  }

  /** Writes a line into a report and keeps the books of what is held. */
  #store(host: Host, draft: Draft, line: LogLine, recognised: Recognised, pieces: number): boolean {
    const before = draft.bytes;
    const isTaken = takeLine(host, draft, line, recognised, pieces, this.#options);
    this.#budget.grow(draft, draft.bytes - before);
    return isTaken;
  }

  /** A stream keeps nothing of a host without an open report, but a line that may open one. */
  #forgetIfIdle(partition: Partition, host: Host): void {
    if (this.#options.wholeFile) return;
    const waits = host.drafts.length === 0 && host.pending && holdsOpener(host.pending.text.text);
    if (waits) this.#waiting.add({ partition, host }, host.pending?.text.text ?? '');
    else this.#waiting.remove(host);
    if (waits || host.drafts.length > 0) return;
    partition.hosts.delete(host.name);
    partition.openHosts.delete(host.name);
  }

  #advanceHost(partition: Partition, host: Host, now: number, elapsedMs: number | undefined, out: OomReport[]): void {
    const { idleMs, ageMs } = this.#options;
    host.pendingAtMs ??= now;
    const endedMs = endedIdleMs(host, elapsedMs, idleMs);
    if (host.pending && now - host.pendingAtMs >= (endsReport(host) ? endedMs : idleMs)) {
      this.#flush(partition, host, out);
    }
    for (const draft of [...host.drafts]) {
      draft.openedAtMs ??= now;
      draft.touchedAtMs ??= now;
      const waits = host.pending !== undefined && host.current === draft;
      if (now - draft.openedAtMs >= ageMs) {
        if (waits) this.#flush(partition, host, out);
        if (host.drafts.includes(draft)) this.#close(host, draft, out);
        continue;
      }
      const quietMs = hasEnded(draft) ? endedMs : idleMs;
      // Without trigger and kill line it has no name that the fuller reading would know: it waits for its age.
      const isNamed = draft.triggerAt !== undefined || draft.killAt !== undefined;
      if (!waits && isNamed && now - draft.touchedAtMs >= quietMs && hasNews(draft)) {
        out.push(buildReport(draft, true));
        noteEmitted(draft);
      }
    }
    this.#forgetIfIdle(partition, host);
  }

  /** Joins the line to the one that waits, or lets that one go and waits with this. */
  #take(partition: Partition, host: Host, line: FileLine, out: OomReport[]): void {
    const waiting = host.pending;
    host.silentSinceMs = undefined;
    if (waiting && isRedelivered(waiting.line, line)) {
      const target = host.current;
      if (target) addIssue(target, 'duplicate-line', undefined, line.text.slice(0, 80));
      return;
    }
    if (waiting && this.#mayContinue(waiting.text, waiting.line, line)) {
      const both = this.#join(host, waiting.text, line);
      if (both) {
        host.pending = { line: waiting.line, text: both };
        host.pendingAtMs = partition.clockMs;
        return;
      }
    }
    this.#flush(partition, host, out);
    const opens = holdsOpener(`${line.text} `) || line.text.includes(CUT_TRIGGER);
    const reads = host.drafts.length > 0 || !this.#options.wholeFile || opens;
    const recognised = reads ? readLine(line.text, contextOf(host, line)) : undefined;
    host.pending = { line, text: pendingOf(line.text, recognised, line.filled === true) };
    host.pendingAtMs = partition.clockMs;
  }

  #mayContinue(pending: Pending, before: LogLine, line: FileLine): boolean {
    if (line.afterBlank) return false;
    if (before.callerId !== line.callerId && line.callerId !== undefined) return false;
    if (line.bare) return true;
    if (this.#options.wholeFile && !hasTime(line)) return true;
    return pending.recognised?.reading.cut === true || isFragment(line.text) || isOpenHead(pending.text);
  }

  #join(host: Host, pending: Pending, line: FileLine): Pending | undefined {
    const draft = contextOf(host, line);
    const next = readLine(line.text, draft);
    if (host.drafts.length === 0 && !pending.recognised) {
      const end = pending.text.slice(-64);
      const start = line.text.slice(0, 64);
      const opens = holdsOpener(line.text) || holdsOpener(end + start) || holdsOpener(`${end} ${start.trimStart()}`);
      // Nothing is open: the pieces of a line are kept together until they show an opener, or nothing.
      if (!opens) return line.bare && !next && !readLine(pending.text, draft) ? glued(pending, line) : undefined;
    }
    const before = pending.recognised ?? readLine(pending.text, draft);
    if (next && !next.reading.cut && before && !before.reading.cut) return undefined;
    const known = { ...pending, recognised: before };
    return joined(known, line, next, draft, this.#options.wholeFile === true);
  }

  #flush(partition: Partition, host: Host, out: OomReport[]): void {
    const waiting = host.pending;
    if (!waiting) return;
    host.pending = undefined;
    const { recognised, text, pieces } = waiting.text;
    const line = pieces === 1 ? waiting.line : { ...waiting.line, text };
    if (recognised) this.#route(partition, host, line, recognised, pieces, out);
    else this.#passOver(host, line, out);
    for (const { draft, place } of this.#budget.evict()) this.#evict(draft, place, host, out);
  }

  #route(
    partition: Partition,
    host: Host,
    line: LogLine,
    recognised: Recognised,
    pieces: number,
    out: OomReport[],
  ): void {
    const { name, phase } = recognised.section;
    if (recognised.reading.needsTime && !hasTime(line)) {
      this.#passOver(host, line, out);
      return;
    }
    if (name === 'trigger' || name === 'allocation-failure') {
      this.#begin(partition, host, line, recognised, pieces, out);
      return;
    }
    for (const draft of candidatesFor(host, line, recognised)) {
      if (isTooFar(draft, line)) {
        this.#close(host, draft, out);
        continue;
      }
      const kill = name === 'kill' ? draft.killSources.find((source) => isRedelivered(source, line)) : undefined;
      if (kill) {
        addIssue(draft, 'duplicate-line', undefined, line.text.slice(0, 80));
        return;
      }
      if (!admits(draft, line, recognised)) continue;
      if (this.#store(host, draft, line, recognised, pieces)) return;
    }
    if (name === 'task-header') setTraceOwner(host, line, 'foreign');
    const kind = opensAs(recognised);
    if (kind === undefined) {
      this.#passOver(host, line, out);
      return;
    }
    for (const draft of [...host.drafts]) {
      // A new event ends what it cannot belong to; a report that still waits for its kill line stays.
      if (sharesContext(draft, line) && (hasEnded(draft) || draft.kind !== 'oom' || phase >= PHASES.memory)) {
        if (draft.kind !== 'allocation-failure' || hasEnded(draft)) this.#close(host, draft, out);
      }
    }
    this.#open(partition, host, kind, line, recognised, pieces, out);
  }

  /** A trigger, or the line of an allocation failure: always a report of its own, unless it was delivered twice. */
  #begin(
    partition: Partition,
    host: Host,
    line: LogLine,
    recognised: Recognised,
    pieces: number,
    out: OomReport[],
  ): void {
    const kind: DraftKind = recognised.section.name === 'trigger' ? 'oom' : 'allocation-failure';
    for (const draft of [...host.drafts]) {
      const source = draft.triggerAt?.source;
      if (source && line.bootUs !== undefined && source.bootUs === line.bootUs && source.text === line.text) {
        addIssue(draft, 'duplicate-line', draft.triggerAt?.line);
        return;
      }
      if (isTooFar(draft, line)) this.#close(host, draft, out);
      else if (sharesContext(draft, line)) {
        if (draft.kind === 'sysrq' && kind === 'oom') {
          this.#store(host, draft, line, recognised, pieces);
          return;
        }
        if (draft.kind === kind && kind === 'allocation-failure' && draft.phase <= PHASES.head) {
          // 2.4 prints one line for each of many failures.
          if (this.#store(host, draft, line, recognised, pieces)) return;
        }
        // Two tasks may print their heads at once; what is further on ends.
        const inHead = draft.phase <= PHASES.trace && draft.kind !== 'mem-info' && draft.kind !== 'sysrq';
        const parallel = draft.kind !== kind && !hasEnded(draft) && draft.kind !== 'mem-info';
        if (!inHead && !parallel) this.#close(host, draft, out);
      }
    }
    const owner = host.traceOwners.get(line.callerId ?? '');
    const expected = owner !== undefined && owner !== 'foreign' && owner.phase <= PHASES.trace && !owner.traceEnded;
    if (!expected) host.traceOwners.delete(line.callerId ?? '');
    this.#open(partition, host, kind, line, recognised, pieces, out);
  }

  #open(
    partition: Partition,
    host: Host,
    kind: DraftKind,
    line: LogLine,
    recognised: Recognised,
    pieces: number,
    out: OomReport[],
  ): void {
    const oldest = host.drafts.length >= MAX_DRAFTS ? host.drafts[0] : undefined;
    if (oldest) this.#close(host, oldest, out);
    const before = kind !== 'allocation-failure' && recognised.section.name !== 'trigger' ? host.backlog : [];
    const earlier = this.#options.wholeFile ? backlogBefore(before, recognised.section.phase) : [];
    host.backlog = [];
    const draft = createDraft(kind, earlier[0]?.line ?? line, partition.clockMs);
    host.drafts.push(draft);
    this.#budget.add(draft, { partition, host });
    for (const each of earlier) this.#store(host, draft, each.line, each.recognised, 1);
    this.#store(host, draft, line, recognised, pieces);
  }

  /** A line that is no report's: it may end some, and in a file it may turn out to be a beginning. */
  #passOver(host: Host, line: LogLine, out: OomReport[]): void {
    const reboots = line.text.startsWith('Linux version ');
    noteStray(host, line);
    for (const draft of [...host.drafts]) {
      draft.foreignRun += 1;
      draft.foreignTotal += 1;
      if (reboots || isOver(draft, line)) this.#close(host, draft, out);
      else keepForeign(draft, line);
    }
    if (!this.#options.wholeFile || host.drafts.length > 0) return;
    host.backlog.push(line);
    if (host.backlog.length > MAX_BACKLOG * 2) host.backlog = host.backlog.slice(-MAX_BACKLOG);
  }

  #close(host: Host, draft: Draft, out: OomReport[]): void {
    const at = host.drafts.indexOf(draft);
    if (at < 0) return;
    host.drafts.splice(at, 1);
    if (host.current === draft) host.current = host.drafts.at(-1);
    disown(host, draft);
    this.#budget.remove(draft);
    if (draft.kind !== 'oom' && draft.kind !== 'allocation-failure') return;
    // What was emitted early and has not grown since is known already.
    if (hasNews(draft)) out.push(buildReport(draft, false));
  }

  /** Emits a report that has to go. The host whose line made it go is looked after by its caller. */
  #evict(draft: Draft, { partition, host }: Place, speaker: Host, out: OomReport[]): void {
    draft.truncated = true;
    if (host !== speaker && host.current === draft) this.#flush(partition, host, out);
    this.#close(host, draft, out);
    if (host !== speaker) this.#forgetIfIdle(partition, host);
  }
}
