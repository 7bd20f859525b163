/**
 * The nouns of oomscope and their closed lists. Plain data, no behaviour.
 *
 * Numbers keep the unit in which the kernel printed them, and say it in their name: Pages (of the reporting host),
 * Kb (1,024 bytes), Bytes, Ms, Us. Absent (undefined) means "not printed"; null means "unlimited"; zero means that the
 * log said zero. Every noun that was read from a line carries `line`, an index into `OomReport.lines`.
 */

export {
  type Account,
  type AccountEntry,
  type Advice,
  type Analysis,
  ATTEMPTS,
  type Attempt,
  type CgroupAnalysis,
  CONFIDENCES,
  type Confidence,
  type Finding,
  type Fragmentation,
  type GfpAnalysis,
  HOLDERS,
  type Holder,
  type Identity,
  type LowmemAnalysis,
  SWAP_STATES,
  type SwapState,
  VERDICTS,
  type Verdict,
  type VictimAnalysis,
  type ZoneCheck,
} from './domain/answer.ts';
export type {
  ContextPlace,
  HostBuddy,
  HostContext,
  HostFree,
  HostMeminfo,
  HostNumber,
  HostNumbers,
  HostProcess,
  HostTop,
  HostUsage,
  HostZone,
  VmSettings,
} from './domain/context.ts';
export { HOST_SOURCES, type HostFacts, type HostSource } from './domain/host.ts';
export { type LogLine, type Position, TIME_SOURCES, type TimeSource, TRUST_LEVELS, type Trust } from './domain/line.ts';
export type { Memcg, MemcgCounter } from './domain/memcg.ts';
export type { HugePages, MemInfo, NodeInfo, PerCpu, Totals, Zone } from './domain/memory.ts';
export {
  ACTIONS,
  type Action,
  type AllocationSite,
  type Anchor,
  type Cpuset,
  type Evidence,
  type Frame,
  type Issue,
  type KernelFacts,
  type Kill,
  type Located,
  type OomReport,
  type Reaped,
  type ReportLine,
  SCOPES,
  type Scope,
  SECTIONS,
  type SectionName,
  type Selection,
  type SlabCache,
  type Summary,
  type Task,
  type TaskHeader,
  type Trigger,
  VENDORS,
  type Vendor,
} from './domain/report.ts';
