/**
 * What each kernel prints for which kind of event, and so what counts as missing.
 *
 * Only what is certainly printed can be missing; where the release or the kind of the event leaves it open, nothing is
 * claimed. Sources: mm/oom_kill.c dump_header and its callers, 2.4.0 to 7.1.
 */
import { type KernelFacts, type Scope, SECTIONS, type SectionName } from '../domain.ts';
import { isAtLeast, isBefore, type Version, vendorBuild } from './version.ts';

/** How the event ended, as far as the kill line is concerned. */
export type Ending = 'kill' | 'no-victim' | 'panic';

export interface PrintedEvent {
  readonly kernel: KernelFacts;
  readonly scope: Scope;
  readonly ending: Ending;
  /** Sections that are in the log, whole or in part. */
  readonly present: ReadonlySet<SectionName>;
  /** Sections that the log has cut. */
  readonly cut: ReadonlySet<SectionName>;
  /** The report runs unbroken from the totals (or the memory-cgroup statistics) to the summary or kill line. */
  readonly unbrokenTail: boolean;
  /** False where the addresses, the page size or the trace show another architecture than x86. */
  readonly x86: boolean;
  /** A page allocation failure prints header, trace and memory, and nothing else. */
  readonly allocationFailure: boolean;
}

/** The sections that this kernel prints for this kind of event and that the log lacks or has cut, in report order. */
export function missingSections(event: PrintedEvent): SectionName[] {
  return SECTIONS.filter((section) => {
    if (event.cut.has(section)) return true;
    return !event.present.has(section) && isPrinted(section, event);
  });
}

/** Bounds of the format: the release when it is known, else what the lines themselves tell. */
interface Bounds {
  readonly since: Version;
  readonly until: Version;
}

const OLDEST: Version = [2, 4, 0];
const NEWEST: Version = [99, 0, 0];

function boundsOf(kernel: KernelFacts): Bounds {
  // Enterprise kernels print newer formats than their number: RHEL 8 (4.18) has the summary of 5.0, RHEL 6 (2.6.32) from
  // build 220 on the table by default of 2.6.36.
  if (kernel.version && (kernel.vendor === 'rhel6' || kernel.vendor === 'rhel8')) {
    const since = kernel.since && isAtLeast(kernel.since, kernel.version) ? kernel.since : kernel.version;
    if (kernel.vendor === 'rhel6') return { since, until: since };
    // RHEL 8.1 (build 147) still prints the trigger of 4.18; 8.3 (build 240) the whole report of 5.0.
    return (vendorBuild(kernel.release ?? '') ?? 0) >= 240
      ? { since: [5, 0, 0], until: [5, 4, 0] }
      : { since: kernel.version, until: [5, 4, 0] };
  }
  if (kernel.version) return { since: kernel.version, until: kernel.version };
  return { since: kernel.since ?? OLDEST, until: kernel.until ?? NEWEST };
}

/** True when a kernel within the bounds certainly prints the section for such an event. */
function isPrinted(section: SectionName, event: PrintedEvent): boolean {
  const bounds = boundsOf(event.kernel);
  const since = (version: Version) => isAtLeast(bounds.since, version);
  const until = (version: Version) => isBefore(bounds.until, version);
  const rhel3 = event.kernel.vendor === 'rhel3';
  const rhel4 = event.kernel.vendor === 'rhel4';
  if (
    event.allocationFailure &&
    !['trigger', 'task-header', 'call-trace', 'mem-info', 'zones', 'buddy', 'totals'].includes(section)
  ) {
    return false;
  }
  switch (section) {
    case 'trigger':
      // 2.4 prints nothing but the kill line.
      return since([2, 6, 9]);
    case 'task-header':
      return event.x86 ? since([2, 6, 24]) : since([3, 10, 0]);
    case 'call-trace':
      // No dump_stack() in out_of_memory() up to 2.6.12.
      return since([2, 6, 18]);
    case 'mem-info':
    case 'zones':
    case 'buddy':
      return rhel3 || (since([2, 6, 9]) && printsMemory(event, since, until));
    case 'totals':
      // Mainline 2.6.9 to 2.6.12 calls show_free_areas() alone.
      return rhel3 || rhel4 || (since([2, 6, 18]) && printsMemory(event, since, until));
    case 'task-table':
      // vm.oom_dump_tasks is on by default from 2.6.36.
      return since([2, 6, 36]) && !event.unbrokenTail;
    case 'summary':
      return since([5, 0, 0]) && event.ending === 'kill';
    case 'kill':
      return event.ending === 'kill';
  }
}

/** A memory-cgroup OOM prints no Mem-Info from 3.9 on; while the kind is open, only what every kind prints is certain. */
function printsMemory(
  event: PrintedEvent,
  since: (version: Version) => boolean,
  until: (version: Version) => boolean,
): boolean {
  if (event.scope === 'memcg') return until([3, 9, 0]);
  if (event.scope === 'unknown') return event.allocationFailure || until([3, 9, 0]);
  return since([2, 6, 9]);
}
