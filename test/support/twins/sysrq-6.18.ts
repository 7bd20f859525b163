/** SysRq-F on a 6.18 machine with 57 GiB free; the victim was chosen for its oom_score_adj. */
import type { TwinPlan } from './twin.ts';

export const SYSRQ_6_18: TwinPlan = {
  kernel: { release: '6.18.52', arch: 'x86_64', memcg: 'v2' },
  trigger: { name: 'kworker/13:1', pid: 194, gfpMask: '0xcc0', gfpText: 'GFP_KERNEL', order: -1 },
  frames:
    'dump_stack_lvl dump_header oom_kill_process.cold out_of_memory moom_callback process_one_work worker_thread ?__pfx_worker_thread kthread ?srso_return_thunk ?finish_task_switch.isra.0 ?__pfx_kthread ret_from_fork ret_from_fork_asm',
  sysrq: true,
  memInfo: `
    Active_anon:310908 active_file:200033 inactive_file:298205 dirty:90 slab_reclaimable:63584
    slab_unreclaimable:59490 mapped:138830 shmem:20757 pagetables:2951 sec_pagetables:915 free:15064645
    free_pcp:328992
  `,
  nodes: [
    {
      node: 0,
      fields: `
      active_anon:1243632 active_file:800132 inactive_file:1192820 mapped:555320 dirty:360 shmem:83028
      kernel_stack:9568 pagetables:11804 sec_pagetables:3660
    `,
      unreclaimable: false,
    },
  ],
  zones: [
    {
      node: 0,
      name: 'DMA',
      fields: 'free:11260 min:12 low:24 high:36 present:15996 managed:15360',
      reserve: [0, 3168, 64195, 64195, 64195],
      blocks: '1U 1U 1U 1U 1U 1U 1U 1U 0 1M 2M',
    },
    {
      node: 0,
      name: 'DMA32',
      fields: 'free:3236244 min:3308 low:6524 high:9740 present:3310652 managed:3244412 free_pcp:2016',
      reserve: [0, 0, 61027, 61027, 61027],
      blocks: '7M 9UM 9UM 9UM 8M 9UM 7UM 7UM 11UM 13UM 779M',
    },
    {
      node: 0,
      name: 'Normal',
      fields: `
      free:57011076 min:64256 low:126740 high:189224 active_anon:1243632 active_file:800132 inactive_file:1192820
      writepending:360 present:63688192 managed:62492248 free_pcp:1313732 local_pcp:3528
    `,
      reserve: [0, 0, 0, 0, 0],
      blocks: '1979ME 379M 396UM 244UM 457UME 295UME 313UME 198UME 116UME 308UME 13669UME',
    },
  ],
  requestZone: 'Normal',
  hugePages: [
    { node: 0, total: 0, free: 0, surplus: 0, sizeKb: 1048576 },
    { node: 0, total: 0, free: 0, surplus: 0, sizeKb: 2048 },
  ],
  totals: {
    pagecachePages: 518968,
    swapCachePages: 0,
    freeSwapKb: 9227468,
    totalSwapKb: 9227468,
    ramPages: 16753710,
    highmemPages: 0,
    reservedPages: 315705,
    cmaReservedPages: 0,
    hwpoisonedPages: 0,
  },
  allocationSites: [
    { bytes: 1299227607, calls: 237476, site: 'mm/memory.c:1208 func:folio_prealloc' },
    { bytes: 1148903752, calls: 279386, site: 'mm/slub.c:3097 func:alloc_slab_page' },
    { bytes: 741343232, calls: 169263, site: 'mm/filemap.c:1044 func:filemap_alloc_folio' },
  ],
  tasks: [
    [431, 0, 'webpool', 'total_vm:12586 rss:4625 rss_anon:256 rss_file:4369 pgtables_bytes:118784 oom_score_adj:-250'],
    [447, 154, 'queuerun', 'total_vm:24179 rss:2345 rss_anon:320 rss_file:2025 pgtables_bytes:106496'],
    [
      469,
      0,
      'mailgate',
      'total_vm:10818 rss:3393 rss_anon:928 rss_file:2465 pgtables_bytes:110592 oom_score_adj:-1000',
    ],
    [584, 997, 'indexer', 'total_vm:4136 rss:1866 rss_anon:224 rss_file:1642 pgtables_bytes:73728 oom_score_adj:-900'],
    [1694, 4, 'mapserve', 'total_vm:5158 rss:2262 rss_anon:644 rss_file:1618 pgtables_bytes:94208 oom_score_adj:-900'],
    [55817, 0, 'printhub', 'total_vm:919 rss:562 rss_file:562 pgtables_bytes:49152 oom_score_adj:1000'],
    [55818, 0, 'printhub', 'total_vm:263064 rss:56904 rss_anon:56773 rss_file:131 pgtables_bytes:516096'],
    [55819, 0, 'printhub', 'total_vm:263064 rss:75986 rss_anon:75855 rss_file:131 pgtables_bytes:667648'],
  ],
  summary: {
    pid: 55817,
    uid: 0,
    task: 'printhub',
    constraint: 'CONSTRAINT_NONE',
    nodemask: '(null)',
    cpuset: '/',
    memsAllowed: '0',
    taskMemcg: '/system.slice/app.service',
    globalOom: true,
  },
  kills: [
    {
      pid: 55817,
      comm: 'printhub',
      reason: 'Out of memory',
      totalVmKb: 3676,
      anonRssKb: 0,
      fileRssKb: 2248,
      shmemRssKb: 0,
      uid: 0,
      pgtablesKb: 48,
      oomScoreAdj: 1000,
    },
  ],
};
