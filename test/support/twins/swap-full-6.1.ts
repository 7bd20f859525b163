/** A 6.1 desktop: one program fills 15 GiB and all swap; watermark boost holds 8 MiB. */
import type { TwinPlan } from './twin.ts';

export const SWAP_FULL_6_1: TwinPlan = {
  kernel: { release: '6.1.1-arch1-1', arch: 'x86_64', memcg: 'v2' },
  trigger: { name: 'ledgerd', pid: 473206, gfpMask: '0x140dca', gfpText: 'GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO' },
  frames:
    'dump_stack_lvl dump_header oom_kill_process.cold out_of_memory __alloc_pages_slowpath.constprop.0 __alloc_pages __folio_alloc vma_alloc_folio __handle_mm_fault handle_mm_fault do_user_addr_fault ?sched_clock_cpu exc_page_fault asm_exc_page_fault',
  memInfo: `
    Active_anon:1413442 inactive_anon:1509191 active_file:29 inactive_file:186 unevictable:2047 dirty:56
    writeback:20 slab_reclaimable:130091 slab_unreclaimable:89303 mapped:1293 shmem:19540 pagetables:25704
    free:34629
  `,
  nodes: [
    {
      node: 0,
      fields: `
      active_anon:5653768 inactive_anon:6036764 active_file:728 inactive_file:132 unevictable:8188 mapped:5172
      dirty:224 writeback:80 shmem:78160 anon_thp:1236992 kernel_stack:10592 pagetables:102816
    `,
      unreclaimable: false,
    },
  ],
  zones: [
    {
      node: 0,
      name: 'DMA',
      fields: 'free:13312 min:64 low:80 high:96 present:15984 managed:15360',
      reserve: [0, 3191, 15659, 15659, 15659],
      blocks: '0 0 0 0 0 0 0 0 1U 2UM 2M',
    },
    {
      node: 0,
      name: 'DMA32',
      fields: `
      free:63304 min:13760 low:17200 high:20640 active_anon:1816112 inactive_anon:1188180 inactive_file:240
      unevictable:544 writepending:28 present:3348656 managed:3283120
    `,
      reserve: [0, 0, 12468, 12468, 12468],
      blocks: '550UM 250UE 46UE 14UME 6UME 2UM 1U 14ME 7ME 19ME 1M',
    },
    {
      node: 0,
      name: 'Normal',
      fields: `
      free:61900 boost:8192 min:61948 low:75384 high:88820 active_anon:1529368 inactive_anon:7156872 inactive_file:860
      unevictable:7644 writepending:276 present:13096960 managed:12774792 mlocked:64
    `,
      reserve: [0, 0, 0, 0, 0],
      blocks: '6676UME 2120UE 595UME 188UME 50UME 1M 0 0 0 0 0',
    },
  ],
  requestZone: 'Movable',
  hugePages: [{ node: 0, total: 0, free: 0, surplus: 0, sizeKb: 2048 }],
  totals: {
    pagecachePages: 44659,
    swapCachePages: 24863,
    freeSwapKb: 84,
    totalSwapKb: 25165820,
    ramPages: 4115400,
    highmemPages: 0,
    reservedPages: 97082,
    cmaReservedPages: 0,
    hwpoisonedPages: 0,
  },
  tasks: [
    [274, 0, 'webpool', 'total_vm:8511 pgtables_bytes:98304 swapents:638 oom_score_adj:-1000'],
    [912, 504, 'queuerun', 'total_vm:796658 rss:8304 pgtables_bytes:1429504 swapents:81625'],
    [1299, 504, 'mailgate', 'total_vm:1216 rss:138 pgtables_bytes:49152 swapents:69 oom_score_adj:-1000'],
    [331049, 504, 'indexer', 'total_vm:2316564 rss:516062 pgtables_bytes:12025856 swapents:547863'],
    [375042, 504, 'mapserve', 'total_vm:8546231 rss:9209 pgtables_bytes:1327104 swapents:24903'],
    [375091, 504, 'mapserve', 'total_vm:8476826 rss:3620 pgtables_bytes:970752 swapents:17473 oom_score_adj:200'],
    [376692, 504, 'mapserve', 'total_vm:296469227 rss:2362 pgtables_bytes:1826816 swapents:57194 oom_score_adj:300'],
    [384480, 504, 'mapserve', 'total_vm:296197707 rss:1513 pgtables_bytes:1761280 swapents:35094 oom_score_adj:300'],
    [473206, 504, 'ledgerd', 'total_vm:7572670 rss:2308581 pgtables_bytes:60686336 swapents:5225427'],
  ],
  summary: {
    pid: 473206,
    uid: 504,
    task: 'ledgerd',
    constraint: 'CONSTRAINT_NONE',
    nodemask: '(null)',
    cpuset: '/',
    memsAllowed: '0',
    taskMemcg: '/system.slice/app.service',
    globalOom: true,
  },
  kills: [
    {
      pid: 473206,
      comm: 'ledgerd',
      reason: 'Out of memory',
      totalVmKb: 30290680,
      anonRssKb: 9234320,
      fileRssKb: 4,
      shmemRssKb: 0,
      uid: 504,
      pgtablesKb: 59264,
      oomScoreAdj: 0,
    },
  ],
};
