/** What the settings of sysctl say about the choice of the victim, swap and the shortage itself. */
import type { Holder } from '../../domain.ts';
import { isAtLeast } from '../../kernel/version.ts';
import { formatKb } from '../../units.ts';
import { fact, finding } from '../findings/finding.ts';
import { lowmemZones } from '../lowmem.ts';
import { beside, type ContextRule } from './input.ts';

export const settingVictim: ContextRule = ({ report, victim, context }) => {
  const { oomKillAllocatingTask: allocating, panicOnOom } = context.vm;
  if (report.scope !== 'global') return undefined;
  const panicked = report.panic?.text.includes('panic_on_oom') === true;
  if (panicOnOom && panicked && panicOnOom.value === 0) {
    return finding('setting-victim', 'vm.panic_on_oom is 0; it was set when the kernel panicked.', [
      beside('vm.panic_on_oom', panicOnOom.value, panicOnOom),
      fact('panic', report.panic?.text, report.panic?.line),
    ]);
  }
  const [kill] = report.kills;
  if (kill === undefined) return undefined;
  if (panicOnOom && panicOnOom.value > 0) {
    return finding(
      'setting-victim',
      `vm.panic_on_oom is ${panicOnOom.value}; it was 0 when ${kill.comm} was killed, else the kernel would have panicked.`,
      [beside('vm.panic_on_oom', panicOnOom.value, panicOnOom), fact('kills.comm', kill.comm, kill.line)],
    );
  }
  const told = [...report.selections, ...report.kills].find(({ reason }) =>
    reason?.includes('oom_kill_allocating_task'),
  );
  if (allocating === undefined || victim === undefined) return undefined;
  const evidence = [beside('vm.oom_kill_allocating_task', allocating.value, allocating)];
  if (told) {
    const now = allocating.value === 0 ? 'is 0; it was set' : `is ${allocating.value}, as it was`;
    return finding('setting-victim', `vm.oom_kill_allocating_task ${now} when ${victim.comm} was killed.`, [
      ...evidence,
      fact('kills.reason', told.reason, told.line),
    ]);
  }
  // Without a printed reason nothing rules the setting out.
  const reason = [...report.selections, ...report.kills].find((line) => line.reason !== undefined);
  if (reason === undefined) return undefined;
  if (allocating.value > 0) {
    return finding(
      'setting-victim',
      `vm.oom_kill_allocating_task is ${allocating.value}, but the report does not give it as the reason: ${victim.comm} was chosen by badness.`,
      [...evidence, fact('kills.reason', reason.reason, reason.line)],
    );
  }
  if (!victim.isTrigger) return undefined;
  return finding(
    'setting-victim',
    `vm.oom_kill_allocating_task is 0: ${victim.comm} was chosen by badness, not because it asked for the page.`,
    [...evidence, fact('kills.reason', reason.reason, reason.line)],
  );
};

/** At least this share of swap is free. */
const UNUSED_RATIO = 0.98;

export const settingSwap: ContextRule = ({ report, judgement, swap, findings, context }) => {
  const { swappiness } = context.vm;
  const { freeSwapKb, totalSwapKb } = report.totals ?? {};
  const { version } = report.kernel;
  if (!swappiness || swap !== 'available' || report.scope === 'memcg' || !freeSwapKb || !totalSwapKb) return undefined;
  if (freeSwapKb < totalSwapKb * UNUSED_RATIO) return undefined;
  const evidence = [
    beside('vm.swappiness', swappiness.value, swappiness),
    fact('totals.freeSwapKb', freeSwapKb, report.totals?.line),
  ];
  const { verdict } = judgement;
  if (verdict === 'lowmem-exhausted' && swappiness.value > 0) {
    const anonKb = lowmemZones(report).reduce(
      (sum, zone) => sum + (zone.activeAnonKb ?? 0) + (zone.inactiveAnonKb ?? 0),
      0,
    );
    return finding(
      'setting-swap',
      `vm.swappiness is ${swappiness.value}, so it does not keep swap empty: lowmem held ${formatKb(anonKb)} of anonymous memory to swap out.`,
      [...evidence, fact('anonymous memory in lowmem, kB', anonKb, lowmemZones(report)[0]?.line)],
    );
  }
  const unused = findings.some(({ code }) => code === 'swap-unusable');
  if (swappiness.value !== 0 || !unused || version === undefined || !isAtLeast(version, [3, 5, 0])) return undefined;
  return finding(
    'setting-swap',
    'vm.swappiness is 0: since 3.5 the kernel then swaps only where free memory and file cache together are not above HIGH.',
    evidence,
  );
};

const KERNEL_MEMORY: ReadonlySet<Holder> = new Set(['slab', 'page-tables', 'kernel-stacks', 'mem-map', 'unaccounted']);

export const settingOvercommit: ContextRule = ({ judgement, holder, context }) => {
  const { overcommitMemory: setting } = context.vm;
  if (setting === undefined) return undefined;
  const evidence = [beside('vm.overcommit_memory', setting.value, setting)];
  const shortages = ['machine-exhausted', 'lowmem-exhausted'];
  if (!shortages.includes(judgement.verdict)) return undefined;
  if (setting.value === 1 && (holder === 'one-task' || holder === 'many-tasks')) {
    return finding(
      'setting-overcommit',
      'vm.overcommit_memory is 1: the kernel grants every mapping, whatever memory and swap there are.',
      evidence,
    );
  }
  if (setting.value !== 2 || !KERNEL_MEMORY.has(holder)) return undefined;
  return finding(
    'setting-overcommit',
    "vm.overcommit_memory is 2: it limits the address space of processes, and what filled memory is the kernel's own.",
    evidence,
  );
};

export const settingNoTable: ContextRule = ({ report, context }) => {
  const { oomDumpTasks } = context.vm;
  if (oomDumpTasks?.value !== 0 || report.taskCount > 0) return undefined;
  return finding('setting-no-table', 'vm.oom_dump_tasks is 0: this kernel prints no process table.', [
    beside('vm.oom_dump_tasks', 0, oomDumpTasks),
  ]);
};

export const settingCacheKept: ContextRule = ({ holder, context }) => {
  const { vfsCachePressure } = context.vm;
  if (vfsCachePressure?.value !== 0 || holder !== 'slab') return undefined;
  return finding(
    'setting-cache-kept',
    'vm.vfs_cache_pressure is 0: the kernel never reclaims dentries and inodes, which lie in slab.',
    [beside('vm.vfs_cache_pressure', 0, vfsCachePressure)],
  );
};
