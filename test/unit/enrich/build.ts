/** Small reports in the domain's own types, for one point each. */
import type { Kill, OomReport, Task, Zone } from '../../../src/domain.ts';
import { parseVersion, vendorOf } from '../../../src/kernel/version.ts';

const position = { topic: 'syslog', partition: 0, offset: 0 };

/** A report of a kernel release with nothing in it but what `parts` says. */
export function report(release: string | undefined, parts: Partial<OomReport> = {}): OomReport {
  const version = release === undefined ? undefined : parseVersion(release);
  const vendor = release === undefined ? undefined : vendorOf(release);
  return {
    action: 'oom-kill',
    scope: 'global',
    host: 'node-17',
    trust: 'facility',
    kernel: {
      ...(release === undefined ? {} : { release }),
      ...(version === undefined ? {} : { version }),
      ...(vendor === undefined ? {} : { vendor }),
      evidence: [],
    },
    highmem32: false,
    callTrace: [],
    perCpu: [],
    nodes: [],
    zones: [],
    hugePages: [],
    slabCaches: [],
    allocationSites: [],
    tasks: [],
    taskCount: parts.tasks?.length ?? 0,
    selections: [],
    kills: [],
    reaped: [],
    notes: [],
    orphanReserves: [],
    complete: true,
    missing: [],
    issues: [],
    lines: [{ text: 'x', position }],
    recognisedLines: 1,
    anchor: { kind: 'other', line: 0 },
    firstPosition: position,
    lastPosition: position,
    provisional: false,
    truncated: false,
    ...parts,
  };
}

export const trigger = (gfpMask: string, order = 0, gfpText?: string): OomReport['trigger'] => ({
  name: 'worker',
  gfpMask,
  order,
  line: 0,
  ...(gfpText === undefined ? {} : { gfpText }),
});

/** A zone by its pages of 4 kB: free, min, low, high, and its reserves. */
export const zone = (
  name: string,
  pages: { free: number; min: number; low?: number; high?: number },
  reserves: readonly number[] = [],
  more: Partial<Zone> = {},
): Zone => ({
  name,
  freeKb: pages.free * 4,
  minKb: pages.min * 4,
  lowKb: (pages.low ?? pages.min) * 4,
  highKb: (pages.high ?? pages.low ?? pages.min) * 4,
  presentKb: 4_000_000,
  managedKb: 4_000_000,
  lowmemReservePages: [...reserves],
  line: 0,
  ...more,
});

/** A row of the process table, sizes in pages. */
export const task = (pid: number, comm: string, rssPages: number, more: Partial<Task> = {}): Task => ({
  pid,
  tgid: pid,
  uid: 1000,
  comm,
  rssPages,
  line: 0,
  ...more,
});

export const kill = (pid: number, comm: string, anonRssKb: number, more: Partial<Kill> = {}): Kill => ({
  pid,
  comm,
  anonRssKb,
  fileRssKb: 0,
  line: 0,
  ...more,
});
