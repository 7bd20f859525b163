/** From a draft to the finished report: scope, action, what is missing, where it is anchored. */
import type { Action, Anchor, KernelFacts, OomReport, Scope, SectionName, Zone } from '../domain.ts';
import { hasHighmem32, kernelFacts } from '../kernel/family.ts';
import { type Ending, missingSections } from '../kernel/printed.ts';
import { isAtLeast } from '../kernel/version.ts';
import type { Draft, Stamped } from './draft.ts';
import { missingLines } from './missing-lines.ts';

/** The report as it stands. Lists are copied when it is provisional, for the draft goes on growing. */
export function buildReport(draft: Draft, provisional: boolean): OomReport {
  const scope = scopeOf(draft);
  const ending = endingOf(draft);
  const allocationFailure = draft.kind === 'allocation-failure';
  const kernel = kernelFacts({
    allocationFailure,
    ...(draft.trigger ? { trigger: draft.trigger } : {}),
    ...(draft.taskHeader ? { taskHeader: draft.taskHeader } : {}),
    ...(draft.memInfoHeader === undefined ? {} : { memInfoHeader: draft.memInfoHeader }),
    ...(draft.memInfo ? { memInfo: draft.memInfo } : {}),
    ...(draft.totals ? { totals: draft.totals } : {}),
    ...(draft.memcg ? { memcg: draft.memcg } : {}),
    ...(draft.taskColumns ? { taskColumns: draft.taskColumns } : {}),
    ...(draft.summary ? { summary: draft.summary } : {}),
    callTrace: draft.frames,
    perCpu: draft.perCpu,
    nodes: draft.nodes,
    zones: draft.zones,
    slabCaches: draft.slabCaches,
    selections: draft.selections,
    kills: draft.kills,
  });
  const missing = missingSections({
    kernel,
    scope,
    ending,
    present: presentSections(draft),
    cut: cutSections(draft, ending, kernel),
    unbrokenTail: draft.unbrokenTail,
    x86: isX86(draft),
    allocationFailure,
  });
  const keep = <T extends object>(list: T[]): T[] => (provisional ? list.map((each) => ({ ...each })) : list);
  const own = <T extends object>(noun: T): T => (provisional ? { ...noun } : noun);
  const { first, last } = draft;
  const triggerAnchor = draft.killAt && draft.triggerAt ? anchorOf('trigger', draft, draft.triggerAt) : undefined;
  return {
    action: allocationFailure ? 'page-allocation-failure' : actionOf(ending),
    scope,
    host: first.host,
    ...(first.hostId === undefined ? {} : { hostId: first.hostId }),
    ...(first.bootId === undefined ? {} : { bootId: first.bootId }),
    trust: first.trust,
    ...(first.labels === undefined ? {} : { labels: first.labels }),
    kernel,
    highmem32: hasHighmem32(kernel, draft.zones, draft.totals),
    ...(draft.trigger ? { trigger: own(draft.trigger) } : {}),
    ...(draft.taskHeader ? { taskHeader: own(draft.taskHeader) } : {}),
    callTrace: keep(draft.frames),
    ...(draft.cpuset ? { cpuset: draft.cpuset } : {}),
    ...(draft.memInfo ? { memInfo: own(draft.memInfo) } : {}),
    perCpu: keep(draft.perCpu),
    nodes: keep(draft.nodes),
    zones: keep(draft.zones),
    hugePages: keep(draft.hugePages),
    ...(draft.totals ? { totals: own(draft.totals) } : {}),
    ...(memcgOf(draft) ? { memcg: memcgOf(draft) } : {}),
    slabCaches: keep(draft.slabCaches),
    allocationSites: keep(draft.allocationSites),
    tasks: keep(draft.tasks),
    taskCount: draft.taskCount,
    ...(draft.taskColumns ? { taskColumns: draft.taskColumns } : {}),
    ...(draft.summary ? { summary: draft.summary } : {}),
    selections: keep(draft.selections),
    kills: keep(draft.kills),
    reaped: keep(draft.reaped),
    notes: keep(draft.notes),
    ...(draft.panic ? { panic: draft.panic } : {}),
    ...(draft.sysrq ? { sysrq: draft.sysrq } : {}),
    orphanReserves: keep(draft.orphanReserves),
    complete: missing.length === 0,
    missing,
    issues: [...keep(draft.issues), ...missingLines(draft, kernel)],
    lines: draft.lines.toLines(),
    recognisedLines: draft.recognised,
    anchor: mainAnchor(draft),
    ...(triggerAnchor ? { triggerAnchor } : {}),
    firstPosition: first.position,
    lastPosition: last.position,
    provisional,
    truncated: draft.truncated,
  };
}

/** The memory-cgroup block; from 5.0 on the paths stand in the summary. */
function memcgOf(draft: Draft): OomReport['memcg'] {
  const { memcg, summary } = draft;
  const path = memcg?.path ?? summary?.oomMemcg;
  const taskPath = memcg?.taskPath ?? (summary?.oomMemcg === undefined && !memcg ? undefined : summary?.taskMemcg);
  if (!memcg && path === undefined) return undefined;
  return {
    ...(memcg ?? { line: summary?.line ?? 0 }),
    ...(path === undefined ? {} : { path }),
    ...(taskPath === undefined ? {} : { taskPath }),
  };
}

const actionOf = (ending: Ending): Action =>
  ending === 'panic' ? 'oom-panic' : ending === 'no-victim' ? 'oom-no-victim' : 'oom-kill';

/** How it ended; a report cut before its end counts as one with a kill. */
function endingOf(draft: Draft): Ending {
  if (draft.panic) return 'panic';
  if (draft.kills.length > 0) return 'kill';
  const spared = draft.notes.some(({ text }) =>
    /no killable processes|already exiting|^Would have|^OOM request ignored/.test(text),
  );
  return spared ? 'no-victim' : 'kill';
}

/** From what is printed, never by default. */
function scopeOf(draft: Draft): Scope {
  if (draft.kind === 'allocation-failure') return 'unknown';
  if (draft.trigger?.order === -1 || draft.sysrq) return 'sysrq';
  const reasons = [...draft.kills, ...draft.selections].map(({ reason }) => reason ?? '');
  const ends = [draft.panic?.text ?? '', ...draft.notes.map(({ text }) => text)];
  const constraint = draft.summary?.constraint;
  const { memcg } = draft;
  if (
    constraint === 'CONSTRAINT_MEMCG' ||
    (memcg &&
      (memcg.path !== undefined || memcg.usageKb !== undefined || memcg.stats !== undefined || memcg.memoryAndSwap)) ||
    // OpenVZ limits a container by its beancounter.
    reasons.some((reason) => /^(?:Memory cgroup out of memory|Out of memory in UB )/.test(reason)) ||
    ends.some((text) => text.includes('out of memory(memcg)') || text.startsWith('Memory cgroup out of memory'))
  ) {
    return 'memcg';
  }
  if (
    constraint === 'CONSTRAINT_CPUSET' ||
    reasons.some((reason) => reason.includes('No available memory in cpuset'))
  ) {
    return 'cpuset';
  }
  if (constraint === 'CONSTRAINT_MEMORY_POLICY' || reasons.some((reason) => reason.includes('MPOL_BIND'))) {
    return 'mempolicy';
  }
  // 4.11 to 4.14 print a node list for a policy only, and `(null)` without one.
  if (draft.policyNodemask) return 'mempolicy';
  if (
    constraint === 'CONSTRAINT_NONE' ||
    draft.memInfo ||
    draft.memInfoHeader !== undefined ||
    draft.zones.length > 0 ||
    draft.totals ||
    reasons.some((reason) => /^Out of memory|^VM$/i.test(reason)) ||
    ends.some((text) => /[Oo]ut of memory|deadlocked on memory/.test(text))
  ) {
    return 'global';
  }
  return 'unknown';
}

function presentSections(draft: Draft): Set<SectionName> {
  const present = new Set<SectionName>();
  if (draft.trigger) present.add('trigger');
  if (draft.taskHeader) present.add('task-header');
  if (draft.frames.length > 0) present.add('call-trace');
  if (draft.memInfo) present.add('mem-info');
  if (draft.zones.some((zone) => zone.freeKb !== undefined)) present.add('zones');
  if (draft.zones.some((zone) => zone.buddyCounts)) present.add('buddy');
  if (draft.totals?.ramPages !== undefined) present.add('totals');
  if (draft.taskCount > 0) present.add('task-table');
  if (draft.summary) present.add('summary');
  if (draft.kills.length > 0) present.add('kill');
  return present;
}

/** What is there in part: a zone known by its buddy line only, a table without its head, a trace that stops in its middle. */
function cutSections(draft: Draft, ending: Ending, kernel: KernelFacts): Set<SectionName> {
  const cut = new Set<SectionName>();
  const { trigger, taskHeader, memInfo, zones, totals, summary } = draft;
  if (trigger && draft.cutBlocks.has('trigger')) cut.add('trigger');
  if (taskHeader && taskHeader.release === undefined) cut.add('task-header');
  const after = memInfo !== undefined || draft.memInfoHeader !== undefined || draft.phase > 2;
  if (draft.traceOpen && !after && !draft.traceEnded) cut.add('call-trace');
  if (memInfo && memInfo.freePages === undefined) cut.add('mem-info');
  if (draft.memInfoHeader !== undefined && !memInfo && draft.kind !== 'sysrq') cut.add('mem-info');
  const hasBuddy = zones.some((zone) => zone.buddyCounts);
  for (const zone of zones) {
    if (zone.freeKb === undefined) cut.add('zones');
    if (zone.freeKb === undefined || !hasBuddy) continue;
    if (!zone.buddyCounts && zone.presentKb !== 0) cut.add('buddy');
    else if (zone.buddyCounts && zone.buddyTotalKb === undefined) cut.add('buddy');
  }
  // Lines without `present:`, which every kernel since 2.6.9 prints; 2.6.0 ends its counters with free and its zone
  // lines with inactive.
  const isOldest =
    memInfo?.freePages !== undefined && memInfo.slabPages === undefined && memInfo.activePages !== undefined;
  const isWhole = ({ presentKb, inactiveKb }: Zone) =>
    presentKb !== undefined || (isOldest && inactiveKb !== undefined);
  const isShort = draft.cutBlocks.has('zone') && !zones.every(isWhole);
  if (isShort || draft.orphanReserves.length > 0) cut.add('zones');
  if (totals?.ramPages !== undefined && totals.reservedPages === undefined) cut.add('totals');
  // The table ends with the summary, the choice, the kill or the panic.
  const ended = summary || draft.selections.length > 0 || draft.kills.length > 0 || draft.panic || ending !== 'kill';
  const headless = draft.taskCount > 0 && !draft.taskColumns;
  if (headless || (draft.taskColumns && (draft.taskCount === 0 || !ended))) cut.add('task-table');
  if (summary && (summary.pid === undefined || draft.cutBlocks.has('summary'))) cut.add('summary');
  // Sizes stand on the kill line from 2.6.36 on.
  const oldest = kernel.version ?? kernel.since;
  const unsized = draft.kills.some((kill) => kill.totalVmKb === undefined);
  if (draft.cutBlocks.has('kill') || (unsized && oldest && isAtLeast(oldest, [2, 6, 36]))) cut.add('kill');
  return cut;
}

/** False where the page size or the trace shows another architecture. */
function isX86(draft: Draft): boolean {
  if (draft.zones.some((zone) => zone.buddyUnitKb !== undefined && zone.buddyUnitKb !== 4)) return false;
  if (/aarch64|arm64|armv|ppc|s390|ia64|mips|riscv|sparc/.test(draft.taskHeader?.release ?? '')) return false;
  return !draft.otherArchitecture;
}

function mainAnchor(draft: Draft): Anchor {
  if (draft.killAt) return anchorOf('kill', draft, draft.killAt);
  if (draft.triggerAt) return anchorOf('trigger', draft, draft.triggerAt);
  return anchorOf('other', draft, { line: 0, source: draft.first });
}

function anchorOf(kind: Anchor['kind'], draft: Draft, { line, source }: Stamped): Anchor {
  const kill = draft.kills[0];
  const pid = kind === 'kill' ? kill?.pid : kind === 'trigger' ? draft.trigger?.pid : draft.summary?.pid;
  const comm = kind === 'kill' ? kill?.comm : kind === 'trigger' ? draft.trigger?.name : draft.summary?.task;
  return {
    kind,
    line,
    ...(pid === undefined ? {} : { pid }),
    ...(comm === undefined ? {} : { comm }),
    ...(source.bootUs === undefined ? {} : { bootUs: source.bootUs }),
    ...(source.observedAtMs === undefined ? {} : { observedAtMs: source.observedAtMs }),
    ...(source.timeSource === undefined ? {} : { timeSource: source.timeSource }),
    ...(source.headerStamp === undefined ? {} : { headerStamp: source.headerStamp }),
  };
}
