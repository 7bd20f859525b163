/** The shape of oom.report: the typed report but for what stands elsewhere in the document. */
import {
  ACTIONS,
  type AllocationSite,
  type Anchor,
  type Cpuset,
  type Evidence,
  type Frame,
  type Issue,
  type KernelFacts,
  type Kill,
  type OomReport,
  type Reaped,
  SCOPES,
  type Selection,
  type SlabCache,
  type Summary,
  type Task,
  type TaskHeader,
  TIME_SOURCES,
  TRUST_LEVELS,
  type Trigger,
  VENDORS,
} from '../domain.ts';
import type { NounShape } from './shape.ts';
import { HUGE_PAGES, MEM_INFO, MEMCG, NODE_INFO, PER_CPU, TOTALS, ZONE } from './shape-memory.ts';

const EVIDENCE: NounShape<Evidence> = {
  field: 'text',
  value: 'scalar',
  line: 'number?',
  context: { maybe: { noun: { path: 'text', line: 'number' } } },
};

const KERNEL: NounShape<KernelFacts> = {
  release: 'text?',
  version: 'version?',
  since: 'version?',
  until: 'version?',
  vendor: { maybe: { oneOf: VENDORS } },
  addressBits: 'number?',
  pae: 'flag?',
  pageSizeKb: 'number?',
  evidence: { list: EVIDENCE },
};

const ANCHOR: NounShape<Anchor> = {
  line: 'number',
  kind: { oneOf: ['kill', 'trigger', 'other'] },
  pid: 'number?',
  comm: 'text?',
  bootUs: 'number?',
  observedAtMs: 'number?',
  timeSource: { maybe: { oneOf: TIME_SOURCES } },
  headerStamp: 'text?',
};

const TRIGGER: NounShape<Trigger> = {
  line: 'number',
  name: 'text?',
  pid: 'number?',
  gfpMask: 'text?',
  gfpText: 'text?',
  order: 'number?',
  oomScoreAdj: 'number?',
  oomAdj: 'number?',
  nodemask: 'text?',
  cpu: 'number?',
};

const TASK_HEADER: NounShape<TaskHeader> = {
  line: 'number',
  pid: 'number?',
  uid: 'number?',
  cpu: 'number?',
  comm: 'text?',
  release: 'text?',
  build: 'text?',
  taint: 'text?',
  hardware: 'text?',
  workqueue: 'text?',
};

const FRAME: NounShape<Frame> = {
  line: 'number',
  symbol: 'text',
  reliable: 'flag',
  module: 'text?',
  address: 'text?',
};

const CPUSET: NounShape<Cpuset> = {
  line: 'number',
  name: 'text?',
  memsAllowed: 'text?',
};

const SLAB_CACHE: NounShape<SlabCache> = {
  line: 'number',
  name: 'text',
  usedKb: 'number',
  totalKb: 'number',
};

const ALLOCATION_SITE: NounShape<AllocationSite> = {
  line: 'number',
  bytes: 'number',
  calls: 'number',
  site: 'text',
};

const TASK: NounShape<Task> = {
  line: 'number',
  pid: 'number',
  uid: 'number?',
  tgid: 'number?',
  comm: 'text',
  totalVmPages: 'number?',
  rssPages: 'number?',
  rssAnonPages: 'number?',
  rssFilePages: 'number?',
  rssShmemPages: 'number?',
  nrPtes: 'number?',
  nrPmds: 'number?',
  pgtablesBytes: 'number?',
  swapentsPages: 'number?',
  cpu: 'number?',
  oomAdj: 'number?',
  oomScoreAdj: 'number?',
};

const SUMMARY: NounShape<Summary> = {
  line: 'number',
  constraint: 'text?',
  nodemask: 'text?',
  cpuset: 'text?',
  memsAllowed: 'text?',
  globalOom: 'flag?',
  oomMemcg: 'text?',
  taskMemcg: 'text?',
  task: 'text?',
  pid: 'number?',
  uid: 'number?',
};

const SELECTION: NounShape<Selection> = {
  line: 'number',
  pid: 'number?',
  comm: 'text?',
  score: 'number?',
  reason: 'text?',
};

const KILL: NounShape<Kill> = {
  line: 'number',
  pid: 'number?',
  comm: 'text',
  uid: 'number?',
  totalVmKb: 'number?',
  anonRssKb: 'number?',
  fileRssKb: 'number?',
  shmemRssKb: 'number?',
  pgtablesKb: 'number?',
  oomScoreAdj: 'number?',
  reason: 'text?',
};

const REAPED: NounShape<Reaped> = {
  line: 'number',
  pid: 'number',
  comm: 'text?',
  anonRssKb: 'number?',
  fileRssKb: 'number?',
  shmemRssKb: 'number?',
  done: 'flag',
};

const ISSUE: NounShape<Issue> = { code: 'text', line: 'number?', detail: 'text?' };

const TEXT_LINE: NounShape<OomReport['notes'][number]> = { line: 'number', text: 'text' };

/** What stands elsewhere in the document, or is said differently by another reading of the same lines. */
export type Elsewhere =
  | 'host'
  | 'hostId'
  | 'bootId'
  | 'labels'
  | 'lines'
  | 'firstPosition'
  | 'lastPosition'
  | 'provisional';

export const REPORT: NounShape<Omit<OomReport, Elsewhere>> = {
  action: { oneOf: ACTIONS },
  scope: { oneOf: SCOPES },
  trust: { oneOf: TRUST_LEVELS },
  kernel: { noun: KERNEL },
  highmem32: 'flag',
  trigger: { maybe: { noun: TRIGGER } },
  taskHeader: { maybe: { noun: TASK_HEADER } },
  callTrace: { list: FRAME },
  cpuset: { maybe: { noun: CPUSET } },
  memInfo: { maybe: { noun: MEM_INFO } },
  perCpu: { list: PER_CPU },
  nodes: { list: NODE_INFO },
  zones: { list: ZONE },
  hugePages: { list: HUGE_PAGES },
  totals: { maybe: { noun: TOTALS } },
  memcg: { maybe: { noun: MEMCG } },
  slabCaches: { list: SLAB_CACHE },
  allocationSites: { list: ALLOCATION_SITE },
  tasks: { list: TASK },
  taskCount: 'count',
  taskColumns: 'texts?',
  summary: { maybe: { noun: SUMMARY } },
  selections: { list: SELECTION },
  kills: { list: KILL },
  reaped: { list: REAPED },
  notes: { list: TEXT_LINE },
  panic: { maybe: { noun: TEXT_LINE } },
  sysrq: { maybe: { noun: TEXT_LINE } },
  orphanReserves: { list: { line: 'number', reservePages: 'numbers' } },
  complete: 'flag',
  missing: 'texts',
  issues: { list: ISSUE },
  recognisedLines: 'count',
  anchor: { noun: ANCHOR },
  triggerAnchor: { maybe: { noun: ANCHOR } },
  truncated: 'flag',
};
