/** From a plan of a machine to the state that its kernel prints. */
import type { MemInfo, PerCpu, Totals } from '../../domain.ts';
import { isAtLeast } from '../../kernel/version.ts';
import { kbToPages, pagesToKb } from '../../units.ts';
import { type Random, random as randomOf } from '../random.ts';
import {
  type Ending,
  is32Bit,
  type KernelSpec,
  type KillState,
  type MemcgState,
  type ReportState,
  type Unprinted,
  versionOf,
} from '../state.ts';
import { framesOf, type Route } from './frames.ts';
import { gfpOf, type Request, requestZoneOf } from './gfp.ts';
import { buildTasks, type Hog, scoreOf } from './tasks.ts';
import { type BuiltZone, buildNodes, buildZones, heldIn, type ZonePlan } from './zones.ts';

export interface MachinePlan {
  readonly kernel: KernelSpec;
  readonly seed: number;
  readonly zones: readonly ZonePlan[];
  readonly minFreeKb?: number;
  readonly cpus: number;
  readonly swapTotalKb: number;
  readonly swapFreeKb: number;
  readonly shmemPages?: number;
  readonly request: Request;
  readonly order?: number;
  /** Who asked, when it is not the victim. */
  readonly trigger?: { readonly comm: string; readonly uid: number };
  readonly hogs: readonly Hog[];
  readonly ending?: Ending;
  readonly route?: Route;
  readonly taint?: string;
  /** HugeTLB pools of the first node, 2 MiB pages. */
  readonly hugePages?: number;
  /** Share of the inactive file pages that are dirty. */
  readonly dirtyShare?: number;
  /** Nodes that the request may use; lines of other nodes are not printed. All of them unless given. */
  readonly allowedNodes?: readonly number[];
  readonly constraint?: 'CONSTRAINT_CPUSET' | 'CONSTRAINT_MEMORY_POLICY';
  readonly slabCaches?: ReportState['slabCaches'];
  readonly allocationSites?: ReportState['allocationSites'];
}

function memInfoOf(zones: readonly BuiltZone[], plan: MachinePlan): Unprinted<MemInfo> {
  const { pageSizeKb } = plan.kernel;
  const free = zones.reduce((sum, { freePages }) => sum + freePages, 0);
  const highmemFree = zones
    .filter(({ zone }) => zone.name === 'HighMem')
    .reduce((sum, { freePages }) => sum + freePages, 0);
  const anon = heldIn(zones, 'activeAnon') + heldIn(zones, 'inactiveAnon');
  const file = heldIn(zones, 'activeFile') + heldIn(zones, 'inactiveFile');
  const slab = heldIn(zones, 'slabReclaimable') + heldIn(zones, 'slabUnreclaimable');
  const shmem = plan.shmemPages ?? 60;
  const dirty = Math.trunc(heldIn(zones, 'inactiveFile') * (plan.dirtyShare ?? 0));
  return {
    activePages: heldIn(zones, 'activeAnon') + heldIn(zones, 'activeFile'),
    inactivePages: heldIn(zones, 'inactiveAnon') + heldIn(zones, 'inactiveFile'),
    activeAnonPages: heldIn(zones, 'activeAnon'),
    inactiveAnonPages: heldIn(zones, 'inactiveAnon'),
    isolatedAnonPages: 0,
    activeFilePages: heldIn(zones, 'activeFile'),
    inactiveFilePages: heldIn(zones, 'inactiveFile'),
    isolatedFilePages: 0,
    unevictablePages: heldIn(zones, 'unevictable'),
    dirtyPages: dirty,
    writebackPages: 0,
    unstablePages: 0,
    slabPages: slab,
    slabReclaimablePages: heldIn(zones, 'slabReclaimable'),
    slabUnreclaimablePages: heldIn(zones, 'slabUnreclaimable'),
    mappedPages: Math.trunc(file / 3) + shmem,
    mappedFilePages: Math.trunc(file / 3),
    mappedAnonPages: anon,
    shmemPages: shmem,
    pagetablesPages: heldIn(zones, 'pagetables'),
    secPagetablesPages: 0,
    bouncePages: 0,
    kernelMiscReclaimablePages: 0,
    freePages: free,
    freePcpPages: zones.reduce((sum, { zone }) => sum + kbToPages(zone.freePcpKb ?? 0, pageSizeKb), 0),
    freeCmaPages: zones.reduce((sum, { zone }) => sum + kbToPages(zone.freeCmaKb ?? 0, pageSizeKb), 0),
    freeKb: pagesToKb(free, pageSizeKb),
    freeHighmemKb: pagesToKb(highmemFree, pageSizeKb),
  };
}

function totalsOf(zones: readonly BuiltZone[], memInfo: Unprinted<MemInfo>, plan: MachinePlan): Unprinted<Totals> {
  const sum = (pages: (zone: BuiltZone) => number): number => zones.reduce((total, zone) => total + pages(zone), 0);
  const present = sum(({ plan: zone }) => zone.framePages ?? zone.presentPages);
  const managed = sum(({ plan: zone }) => zone.managedPages);
  const high = zones.filter(({ zone }) => zone.name === 'HighMem' || zone.name === 'Movable');
  const file = (memInfo.activeFilePages ?? 0) + (memInfo.inactiveFilePages ?? 0);
  const swapCache = plan.swapTotalKb > 0 ? Math.trunc((plan.swapTotalKb - plan.swapFreeKb) / 400) : 0;
  return {
    ramPages: present,
    highmemPages: high.reduce((total, { plan: zone }) => total + (zone.framePages ?? zone.presentPages), 0),
    reservedPages: present - managed,
    sharedPages: Math.trunc(file / 2),
    nonSharedPages: managed - (memInfo.freePages ?? 0) - Math.trunc(file / 2),
    cmaReservedPages: sum(({ plan: zone }) => zone.freeCmaPages ?? 0),
    hwpoisonedPages: 0,
    pagecachePages: file + (memInfo.shmemPages ?? 0) + swapCache,
    swapCachePages: swapCache,
    swapCacheAdd: swapCache * 37,
    swapCacheDelete: swapCache * 36,
    swapCacheFind: swapCache * 11,
    swapCacheFindTotal: swapCache * 14,
    freeSwapKb: plan.swapFreeKb,
    totalSwapKb: plan.swapTotalKb,
    dirtyPages: 0,
    writebackPages: 0,
    mappedPages: memInfo.mappedPages ?? 0,
    slabPages: memInfo.slabPages ?? 0,
    pagetablesPages: memInfo.pagetablesPages ?? 0,
    freePages: memInfo.freePages ?? 0,
  };
}

function perCpuOf(zones: readonly BuiltZone[], cpus: number, random: Random): Unprinted<PerCpu>[] {
  return zones.flatMap(({ zone }) =>
    Array.from({ length: cpus }, (_, cpu) => {
      const small = zone.name === 'DMA';
      return {
        ...(zone.node === undefined ? {} : { node: zone.node }),
        zone: zone.name,
        cpu,
        highPages: small ? 0 : 186,
        batchPages: small ? 1 : 31,
        usedPages: small ? 0 : random.int(0, 180),
      };
    }),
  );
}

/** The kill line of a table row, in kB. */
export function killOf(task: ReportState['tasks'][number], reason: string, pageSizeKb = 4): KillState {
  const K = (pages: number | undefined): number => pagesToKb(pages ?? 0, pageSizeKb);
  return {
    pid: task.pid,
    comm: task.comm,
    uid: task.uid ?? 0,
    totalVmKb: K(task.totalVmPages),
    anonRssKb: K(task.rssAnonPages),
    fileRssKb: K(task.rssFilePages),
    shmemRssKb: K(task.rssShmemPages),
    pgtablesKb: Math.trunc((task.pgtablesBytes ?? 0) / 1024),
    oomScoreAdj: task.oomScoreAdj ?? 0,
    reason,
  };
}

const SERVER = 'Example Systems Rack Server 2U/S0042, BIOS 1.7 03/09/2021';
const HARDWARE: Readonly<Record<KernelSpec['arch'], string>> = {
  i386: SERVER,
  x86_64: SERVER,
  arm: 'EX2711',
  arm64: 'Example Systems Edge A1 (DT)',
  ppc64: 'Example,9009-42A POWER9',
};

/** A limit that was hit: the block, and what its tasks hold. */
export interface LimitPlan {
  readonly memcg: MemcgState;
  readonly anonPages: number;
  readonly limitPages: number;
}

/** The state of a machine out of memory, or of a cgroup at its limit. */
export function buildState(plan: MachinePlan, limit?: LimitPlan): ReportState {
  const { kernel } = plan;
  const { pageSizeKb } = kernel;
  const random = randomOf(plan.seed);
  const swapUsable = plan.swapFreeKb > plan.swapTotalKb / 50;
  const zones = buildZones(
    plan.zones,
    {
      kernel,
      swapUsable,
      dirtyShare: plan.dirtyShare ?? 0,
      ...(plan.minFreeKb === undefined ? {} : { minFreeKb: plan.minFreeKb }),
    },
    random,
  );
  const memInfo = memInfoOf(zones, plan);
  const totals = totalsOf(zones, memInfo, plan);
  const shmemPages = memInfo.shmemPages ?? 0;
  const anonLru = (memInfo.activeAnonPages ?? 0) + (memInfo.inactiveAnonPages ?? 0);
  const swapUsedPages = limit ? 0 : kbToPages(plan.swapTotalKb - plan.swapFreeKb, pageSizeKb);
  const anonPages = limit?.anonPages ?? Math.max(0, anonLru - shmemPages);
  const tasks = buildTasks({ hogs: plan.hogs, anonPages, swapUsedPages, services: !limit, pageSizeKb }, random);
  const victim = tasks.at(-1);
  if (!victim) throw new RangeError('a machine plan needs at least one program that holds memory');
  const ending = plan.ending ?? 'kill';
  const reason = limit ? 'Memory cgroup out of memory' : 'Out of memory';
  const ram = (totals.ramPages ?? 0) - (totals.reservedPages ?? 0);
  const totalPages = limit?.limitPages ?? ram + kbToPages(plan.swapTotalKb, pageSizeKb);
  const { mask, text } = gfpOf(plan.request, kernel);
  const trigger = plan.trigger ?? { comm: victim.comm, uid: victim.uid ?? 0 };
  const allowed = plan.allowedNodes ?? [...new Set(plan.zones.map((zone) => zone.node ?? 0))];
  const isAllowed = (node: number | undefined): boolean => allowed.includes(node ?? 0);
  const memsAllowed = allowed.length > 1 ? `${allowed[0]}-${allowed.at(-1)}` : String(allowed[0] ?? 0);
  const nodemask = plan.constraint === 'CONSTRAINT_MEMORY_POLICY' ? memsAllowed : '(null)';
  const route = plan.route ?? (limit ? 'memcg' : ending === 'allocation-failure' ? 'failure' : 'allocator');
  const kernelThread = trigger.comm.startsWith('kworker/') || trigger.comm.startsWith('swapper/');
  return {
    kernel,
    ending,
    sysrq: route === 'sysrq',
    trigger: {
      name: trigger.comm,
      pid: plan.trigger ? (trigger.comm.startsWith('swapper/') ? 0 : victim.pid - 1) : victim.pid,
      uid: trigger.uid,
      cpu: random.int(0, plan.cpus - 1),
      gfpMask: `0x${mask.toString(16)}`,
      gfpText: text,
      order: plan.order ?? 0,
      oomScoreAdj: plan.trigger ? 0 : (victim.oomScoreAdj ?? 0),
      oomAdj: plan.trigger ? 0 : (victim.oomAdj ?? 0),
      nodemask,
    },
    taint: plan.taint ?? '',
    hardware: HARDWARE[kernel.arch],
    ...(route === 'sysrq' ? { workqueue: 'events moom_callback' } : {}),
    frames: framesOf(kernel, plan.request, route),
    userRegisters: !kernelThread,
    cpusetName: '/',
    memsAllowed,
    memInfo,
    perCpu: perCpuOf(zones, plan.cpus, random).filter(({ node }) => isAllowed(node)),
    nodes: buildNodes(zones, {
      shmemPages,
      mappedPages: memInfo.mappedPages ?? 0,
      dirtyShare: plan.dirtyShare ?? 0,
      pageSizeKb,
    }).filter(({ node }) => isAllowed(node)),
    zones: zones.map(({ zone }) => zone).filter(({ node }) => isAllowed(node)),
    requestZone: requestZoneOf(plan.request, kernel),
    hugePages: !is32Bit(kernel.arch)
      ? [
          {
            node: 0,
            total: plan.hugePages ?? 0,
            free: plan.hugePages ?? 0,
            surplus: 0,
            sizeKb: kernel.arch === 'ppc64' ? 16384 : 2048,
          },
        ]
      : [],
    totals,
    ...(limit ? { memcg: limit.memcg } : {}),
    slabCaches: plan.slabCaches ?? [],
    allocationSites: plan.allocationSites ?? [],
    dumpTasks: true,
    tasks,
    summary: {
      constraint: limit ? 'CONSTRAINT_MEMCG' : (plan.constraint ?? 'CONSTRAINT_NONE'),
      nodemask,
      cpuset: '/',
      memsAllowed,
      ...(limit ? { oomMemcg: limit.memcg.path ?? '/' } : { globalOom: true }),
      taskMemcg: limit?.memcg.taskPath ?? '/system.slice/app.service',
      task: victim.comm,
      pid: victim.pid,
      uid: victim.uid ?? 0,
    },
    selection: { pid: victim.pid, comm: victim.comm, score: scoreOf(victim, totalPages, kernel), reason },
    kills: ending === 'kill' || ending === 'kill-without-header' ? [killOf(victim, reason, pageSizeKb)] : [],
    reaped: isAtLeast(versionOf(kernel), [4, 6, 0]),
  };
}
