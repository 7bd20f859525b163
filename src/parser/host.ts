/** What is known of a host while a report of it is open: its reports, the line that waits, whose trace is printed. */
import type { LogLine } from '../domain.ts';
import type { Draft } from './draft.ts';
import type { Pending } from './join.ts';
import type { Recognised } from './section.ts';
import type { FileLine } from './text/lines.ts';

/** Open reports of one host: more than so many tasks do not print their heads at once. */
export const MAX_DRAFTS = 8;

export interface Host {
  readonly name: string;
  /** Open reports in the order of their first lines. */
  readonly drafts: Draft[];
  /** The report that took the last line. */
  current: Draft | undefined;
  /** Whose trace each printk context is printing; 'foreign' after the header of a task that triggered nothing. */
  readonly traceOwners: Map<string, Draft | 'foreign'>;
  pending: { line: FileLine; text: Pending } | undefined;
  pendingAtMs: number | undefined;
  /** Elapsed time of the first look at the clock since its last line. */
  silentSinceMs: number | undefined;
  /** Whole files only: lines that nobody took since the last report. */
  backlog: FileLine[];
}

/** Reports that may take the line: the current one first, then the newest. A trace has one owner. */
export function candidatesFor(host: Host, line: LogLine, { section }: Recognised): Draft[] {
  const owner = section.name === 'call-trace' ? host.traceOwners.get(line.callerId ?? '') : undefined;
  if (owner !== undefined) return owner === 'foreign' ? [] : [owner];
  const { drafts } = host;
  if (drafts.length === 1) return [...drafts];
  const current = contextOf(host, line);
  const others = drafts.filter((draft) => draft !== current).reverse();
  return current ? [current, ...others] : others;
}

/** More printk contexts than a machine has tasks that fail at once. */
const MAX_OWNERS = 64;

export function setTraceOwner(host: Host, line: LogLine, owner: Draft | 'foreign'): void {
  if (host.traceOwners.size >= MAX_OWNERS) host.traceOwners.clear();
  host.traceOwners.set(line.callerId ?? '', owner);
}

export function disown(host: Host, draft: Draft): void {
  for (const [context, owner] of host.traceOwners) if (owner === draft) host.traceOwners.delete(context);
}

/** The report that a line of this printk context most likely belongs to. */
export function contextOf(host: Host, line: LogLine): Draft | undefined {
  const { current } = host;
  if (current === undefined || line.callerId === undefined || current.callerId === line.callerId) return current;
  return host.drafts.findLast((draft) => draft.callerId === line.callerId) ?? current;
}

export const createHost = (name: string): Host => ({
  name,
  drafts: [],
  current: undefined,
  traceOwners: new Map(),
  pending: undefined,
  pendingAtMs: undefined,
  silentSinceMs: undefined,
  backlog: [],
});
