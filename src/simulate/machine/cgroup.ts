/** The memory-cgroup block of a cgroup at its limit, in the keys of its kernel. */
import { isAtLeast } from '../../kernel/version.ts';
import { dialectOf } from '../dialect.ts';
import { type KernelSpec, type MemcgState, versionOf } from '../state.ts';
import type { LimitPlan } from './build.ts';

export interface CgroupPlan {
  readonly path: string;
  /** The victim's cgroup, when it lies below the one whose limit was hit. */
  readonly taskPath?: string;
  readonly limitKb: number;
  readonly failcnt: number;
  /** Shares of the limit. */
  readonly anon: number;
  readonly file: number;
  readonly shmem?: number;
  readonly slabUnreclaimable?: number;
  readonly groupKill?: boolean;
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** Keys of memory.stat on cgroup v2 in their order (mm/memcontrol.c memory_stat_format). */
function statKeys(kernel: KernelSpec): string[] {
  const version = versionOf(kernel);
  const at = (major: number, minor: number): boolean => isAtLeast(version, [major, minor, 0]);
  const if_ = (wanted: boolean, keys: string): string => (wanted ? keys : '');
  const lru = 'inactive_anon active_anon inactive_file active_file unevictable';
  if (!at(5, 10)) {
    return words(
      `anon file kernel_stack slab sock shmem file_mapped file_dirty file_writeback anon_thp ${lru} slab_reclaimable ` +
        'slab_unreclaimable pgfault pgmajfault workingset_refault workingset_activate workingset_nodereclaim pgrefill ' +
        'pgscan pgsteal pgactivate pgdeactivate pglazyfree pglazyfreed thp_fault_alloc thp_collapse_alloc',
    );
  }
  const scan = at(6, 1)
    ? 'pgscan pgsteal pgscan_kswapd pgscan_direct pgsteal_kswapd pgsteal_direct pgfault pgmajfault pgrefill'
    : 'pgfault pgmajfault pgrefill pgscan pgsteal';
  const workingset = ['refault', 'activate', 'restore']
    .map((name) => `workingset_${name}_anon workingset_${name}_file`)
    .join(' ');
  const parts = [
    'anon file',
    if_(at(6, 1), 'kernel'),
    'kernel_stack',
    if_(at(5, 15), 'pagetables'),
    if_(at(6, 1), 'sec_pagetables'),
    'percpu sock',
    if_(at(6, 1), 'vmalloc'),
    'shmem',
    if_(at(6, 1), 'zswap zswapped'),
    if_(at(7, 1), 'zswap_incomp'),
    'file_mapped file_dirty file_writeback',
    if_(at(5, 15), 'swapcached'),
    'anon_thp',
    if_(at(5, 15), 'file_thp shmem_thp'),
    lru,
    'slab_reclaimable slab_unreclaimable slab',
    if_(at(6, 14), 'hugetlb'),
    workingset,
    'workingset_nodereclaim',
    if_(at(6, 12), 'pgdemote_kswapd pgdemote_direct pgdemote_khugepaged'),
    if_(at(6, 18), 'pgdemote_proactive'),
    if_(at(6, 12), 'pgpromote_success'),
    scan,
    'pgactivate pgdeactivate pglazyfree pglazyfreed thp_fault_alloc thp_collapse_alloc',
  ];
  return words(parts.join(' '));
}

/** Keys of v1 statistics in kB (mem_cgroup_print_oom_info), 3.9 to 5.2. */
function statKeysV1(kernel: KernelSpec): string[] {
  const { formats, version } = dialectOf(kernel);
  const at = (major: number, minor: number): boolean => isAtLeast(version, [major, minor, 0]);
  const shmem = at(4, 12) ? 'shmem' : '';
  const dirty = isAtLeast(formats, [4, 2, 0]) ? 'dirty' : '';
  const writeback = at(3, 13) ? 'writeback' : '';
  return words(
    `cache rss rss_huge ${shmem} mapped_file ${dirty} ${writeback} swap inactive_anon active_anon inactive_file active_file unevictable`,
  );
}

const emptied = (stats: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.keys(stats).map((key) => [key, 0]));

/** The block and the memory of its tasks. Values of the statistics agree with the usage. */
export function limitPlan(plan: CgroupPlan, kernel: KernelSpec): LimitPlan {
  const { limitKb } = plan;
  const anonKb = Math.trunc(limitKb * plan.anon);
  const shmemKb = Math.trunc(limitKb * (plan.shmem ?? 0));
  const fileKb = Math.trunc(limitKb * plan.file);
  const slabKb = Math.trunc(limitKb * (plan.slabUnreclaimable ?? 0.004));
  const oneLine = dialectOf(kernel).memcgStats === 'one-line';
  const kb: Record<string, number> = {
    cache: fileKb + shmemKb,
    rss: anonKb,
    anon: anonKb,
    file: fileKb + shmemKb,
    shmem: shmemKb,
    kernel: slabKb + 900,
    kernel_stack: 320,
    pagetables: 580,
    slab: slabKb,
    slab_unreclaimable: slabKb,
    inactive_anon: anonKb - Math.trunc(anonKb / 3) + shmemKb,
    active_anon: Math.trunc(anonKb / 3),
    inactive_file: fileKb - Math.trunc(fileKb / 4),
    active_file: Math.trunc(fileKb / 4),
  };
  const counts: Record<string, number> = { pgfault: 8412077, pgmajfault: 913, pgscan: 220411, pgsteal: 201330 };
  const stats = oneLine
    ? Object.fromEntries(statKeysV1(kernel).map((key) => [key, kb[key] ?? 0]))
    : Object.fromEntries(statKeys(kernel).map((key) => [key, counts[key] ?? (kb[key] ?? 0) * 1024]));
  const memcg: MemcgState = {
    path: plan.path,
    taskPath: plan.taskPath ?? plan.path,
    usageKb: limitKb,
    limitKb,
    failcnt: plan.failcnt,
    memoryAndSwap: { usageKb: limitKb, limitKb: null, failcnt: 0 },
    swap: { usageKb: 0, limitKb: 0, failcnt: 0 },
    kmem: { usageKb: 0, limitKb: null, failcnt: 0 },
    statsPath: plan.path,
    // v1 prints what each cgroup of the subtree holds itself: nothing for the parent of the victim's.
    ...(oneLine && plan.taskPath !== undefined
      ? { stats: emptied(stats), children: [{ path: plan.taskPath, stats }] }
      : { stats }),
    ...(oneLine ? { statsUnit: 'Kb' as const } : { statsUnit: 'Bytes' as const }),
    minProtectionKb: 0,
    lowProtectionKb: 0,
    ...(plan.groupKill ? { groupKill: true } : {}),
  };
  return { memcg, anonPages: Math.trunc(anonKb / 4), limitPages: Math.trunc(limitKb / 4) };
}
