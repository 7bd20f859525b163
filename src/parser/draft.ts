/** A report in the making: what its lines have said so far, and where in the grammar it stands. */
import type {
  AllocationSite,
  Cpuset,
  Frame,
  HugePages,
  Issue,
  Kill,
  Located,
  LogLine,
  Memcg,
  MemInfo,
  NodeInfo,
  PerCpu,
  Reaped,
  Selection,
  SlabCache,
  Summary,
  Task,
  TaskHeader,
  Totals,
  Trigger,
  Zone,
} from '../domain.ts';
import type { IssueCode } from '../tables/issues.ts';
import { RawLines } from './raw-lines.ts';

/** What opened it: only `oom` counts as an OOM report. */
export type DraftKind = 'oom' | 'allocation-failure' | 'mem-info' | 'sysrq';

/** A line of the report and the input line that it came from. */
export interface Stamped {
  readonly line: number;
  readonly source: LogLine;
}

export type Noted = Located & { text: string };

/** Most issues kept per report; a garbled flood says no more with more of them. */
const MAX_ISSUES = 200;

/** The phases of a report, in the order in which a kernel prints them. */
export const PHASES = { head: 1, trace: 2, memory: 3, table: 4, summary: 5, kill: 6, tail: 7 } as const;

export interface Draft {
  kind: DraftKind;
  readonly first: LogLine;
  last: LogLine;
  callerId: string | undefined;
  /** Furthest phase reached. */
  phase: number;
  /** Block of the last line taken. */
  lastBlock: string;

  trigger?: Trigger;
  taskHeader?: TaskHeader;
  frames: Frame[];
  cpuset?: Cpuset;
  memInfo?: MemInfo;
  perCpu: PerCpu[];
  nodes: NodeInfo[];
  zones: Zone[];
  hugePages: HugePages[];
  totals?: Totals;
  memcg?: Memcg;
  slabCaches: SlabCache[];
  allocationSites: AllocationSite[];
  tasks: Task[];
  taskCount: number;
  taskColumns?: string[];
  summary?: Summary;
  selections: Selection[];
  kills: Kill[];
  reaped: Reaped[];
  notes: Noted[];
  panic?: Noted;
  sysrq?: Noted;
  orphanReserves: (Located & { reservePages: number[] })[];

  issues: Issue[];
  readonly lines: RawLines;
  /** Lines numbered so far, kept or shed. */
  lineCount: number;
  recognised: number;

  /** `Call Trace:` or a first frame was taken and no later block. */
  traceOpen: boolean;
  /** The trace ended where traces end, not in its middle. */
  traceEnded: boolean;
  /** Something in the trace that only other architectures than x86 print. */
  otherArchitecture: boolean;
  /** The trigger names the nodes of a memory policy. */
  policyNodemask: boolean;
  /** Spelling of the memory header: `Mem-info:` tells old kernels. */
  memInfoHeader?: string;
  /** Zone of the per-cpu rows that follow. */
  perCpuZone?: { node?: number; zone: string };
  /** Lines `key value` of memory.stat are expected. */
  statsOpen: boolean;
  /** Pids of the table, to tell a row delivered twice. */
  readonly pids: Set<number>;
  /** True when nothing stood between the last memory line and the summary or kill line. */
  unbrokenTail: boolean;
  /** Foreign lines since the last line taken. */
  foreignRun: number;
  foreignTotal: number;
  /** Foreign lines that become part of the report once it goes on. */
  foreignLines: LogLine[];
  /** Blocks cut by the transport. */
  readonly cutBlocks: Set<string>;

  /** Where the trigger and the first kill line stood: kept even when raw lines are shed. */
  triggerAt?: Stamped;
  killAt?: Stamped;
  /** Input lines of the kills, to tell one delivered twice. */
  killSources: LogLine[];

  /** Raw lines no longer kept (1), task rows too (2), sections too (3). */
  shed: 0 | 1 | 2 | 3;
  bytes: number;
  truncated: boolean;
  /** Partition clock when it was opened and last took a line. */
  openedAtMs: number | undefined;
  touchedAtMs: number | undefined;
  /** Recognised lines at the last early emission. */
  emittedLines: number;
  /** Kill lines of the early emission that lacked nothing; -1 when there was none. */
  wholeKills: number;
}

export function createDraft(kind: DraftKind, first: LogLine, clockMs: number | undefined): Draft {
  return {
    kind,
    first,
    last: first,
    callerId: first.callerId,
    phase: 0,
    lastBlock: '',
    frames: [],
    perCpu: [],
    nodes: [],
    zones: [],
    hugePages: [],
    slabCaches: [],
    allocationSites: [],
    tasks: [],
    taskCount: 0,
    selections: [],
    kills: [],
    reaped: [],
    notes: [],
    orphanReserves: [],
    issues: [],
    lines: new RawLines(first),
    lineCount: 0,
    recognised: 0,
    traceOpen: false,
    traceEnded: false,
    otherArchitecture: false,
    policyNodemask: false,
    statsOpen: false,
    pids: new Set(),
    unbrokenTail: false,
    foreignRun: 0,
    foreignTotal: 0,
    foreignLines: [],
    cutBlocks: new Set(),
    killSources: [],
    shed: 0,
    bytes: 0,
    truncated: false,
    openedAtMs: clockMs,
    touchedAtMs: clockMs,
    emittedLines: 0,
    wholeKills: -1,
  };
}

/** Notes something that could not be read, or was read in spite of damage. */
export function addIssue(draft: Draft, code: IssueCode, line?: number, detail?: string): void {
  if (draft.issues.length >= MAX_ISSUES) return;
  draft.issues.push({
    code,
    ...(line === undefined ? {} : { line }),
    ...(detail === undefined ? {} : { detail }),
  });
}

/** The zone of a node and name; undefined when no line named it yet. */
export const findZone = (draft: Draft, node: number | undefined, name: string): Zone | undefined =>
  draft.zones.find((zone) => zone.name === name && zone.node === node);
