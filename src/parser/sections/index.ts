/** Every block of a report, one definition each; readers are asked in this order, the most frequent lines first. */
import type { Section } from '../section.ts';
import { allocationFailure } from './allocation-failure.ts';
import { buddy } from './buddy.ts';
import { callTrace, frame, traceRemark } from './call-trace.ts';
import { oldBuddy, oldCounters, oldZone } from './dump-2.4.ts';
import { compaction, cpuset, sysrq } from './head.ts';
import { kill, reaper, remark, selection, terminal } from './kill.ts';
import { memInfoCounters, memInfoHeader } from './mem-info.ts';
import { memcgCounter, memcgProtection, memcgStatLine, memcgStats, memcgTask } from './memcg.ts';
import { node } from './node.ts';
import { perCpuHeader, perCpuRow } from './per-cpu.ts';
import { allocations, slab } from './slab.ts';
import { summary } from './summary.ts';
import { hardware, s390Header, taskHeader } from './task-header.ts';
import { taskRow, taskTableHeader } from './task-table.ts';
import { hugePages, totals } from './totals.ts';
import { trigger } from './trigger.ts';
import { reserve, zone } from './zone.ts';

export const SECTIONS_READ: readonly Section[] = [
  taskRow,
  frame,
  perCpuRow,
  zone,
  reserve,
  buddy,
  node,
  totals,
  memcgStatLine,
  memInfoCounters,
  trigger,
  kill,
  summary,
  selection,
  taskHeader,
  s390Header,
  hardware,
  callTrace,
  memInfoHeader,
  perCpuHeader,
  hugePages,
  taskTableHeader,
  memcgCounter,
  memcgStats,
  memcgTask,
  memcgProtection,
  allocations,
  slab,
  reaper,
  terminal,
  allocationFailure,
  cpuset,
  sysrq,
  compaction,
  remark,
  traceRemark,
  oldZone,
  oldBuddy,
  oldCounters,
];
