/** A 5.10 server of 2 GiB: a mail scanner fills it; the smallest zone misses by one page. */
import type { TwinPlan } from './twin.ts';

export const SMALL_5_10: TwinPlan = {
  kernel: { release: '5.10.0-10-amd64', arch: 'x86_64', memcg: 'v2' },
  trigger: { name: 'indexer', pid: 754, gfpMask: '0x100cca', gfpText: 'GFP_HIGHUSER_MOVABLE' },
  frames:
    'dump_stack dump_header oom_kill_process.cold out_of_memory __alloc_pages_slowpath.constprop.0 __alloc_pages_nodemask pagecache_get_page filemap_fault ?xas_load ext4_filemap_fault __do_fault handle_mm_fault do_user_addr_fault ?switch_fpu_return exc_page_fault ?asm_exc_page_fault',
  memInfo: `
    Active_anon:69704 inactive_anon:407086 active_file:14 inactive_file:66 isolated_file:2 slab_reclaimable:4158
    slab_unreclaimable:4465 mapped:70 shmem:147 pagetables:2089 free:13191 free_pcp:370
  `,
  nodes: [
    {
      node: 0,
      fields: `
      active_anon:278816 inactive_anon:1628344 active_file:56 inactive_file:264 isolated(file):8 mapped:280 shmem:588
      anon_thp:856064 kernel_stack:2192
    `,
      unreclaimable: false,
    },
  ],
  zones: [
    {
      node: 0,
      name: 'DMA',
      fields:
        'free:8092 min:356 low:444 high:532 active_anon:12 inactive_anon:7756 present:15992 managed:15908 pagetables:20',
      reserve: [0, 1935, 1935, 1935, 1935],
      blocks: '1U 3UME 2E 3ME 2U 3UME 5UME 4ME 2UE 1E 0',
    },
    {
      node: 0,
      name: 'DMA32',
      fields: `
      free:44672 min:44696 low:55868 high:67040 active_anon:278804 inactive_anon:1620588 active_file:56
      inactive_file:264 present:2080624 managed:2014556 pagetables:8336 free_pcp:1480 local_pcp:1480
    `,
      reserve: [0, 0, 0, 0, 0],
      blocks: '206UME 305UE 322UME 168UME 93UME 35UME 6UME 5UME 0 0 4M',
    },
  ],
  requestZone: 'Movable',
  hugePages: [
    { node: 0, total: 2, free: 0, surplus: 0, sizeKb: 1048576 },
    { node: 0, total: 12, free: 0, surplus: 0, sizeKb: 2048 },
  ],
  totals: {
    pagecachePages: 15881,
    swapCachePages: 15642,
    swapCacheAdd: 131944,
    swapCacheDelete: 116302,
    swapCacheFind: 3920,
    swapCacheFindTotal: 4316,
    freeSwapKb: 0,
    totalSwapKb: 524284,
    ramPages: 5241540,
    highmemPages: 0,
    reservedPages: 16538,
    hwpoisonedPages: 0,
  },
  tasks: [
    [255, 0, 'mapserve', 'total_vm:5316 rss:159 pgtables_bytes:69632 swapents:37 oom_score_adj:-1000'],
    [517, 111, 'printhub', 'total_vm:590364 rss:422324 pgtables_bytes:4395008 swapents:107099'],
    [584, 108, 'statsd-lite', 'total_vm:64811 rss:14737 pgtables_bytes:393216 swapents:8513'],
    [594, 0, 'chatrelay', 'total_vm:3323 rss:207 pgtables_bytes:69632 swapents:32 oom_score_adj:-1000'],
    [669, 106, 'cronwork', 'total_vm:269508 rss:7688 pgtables_bytes:323584 swapents:12110'],
    [1677, 108, 'statsd-lite', 'total_vm:64811 rss:14698 pgtables_bytes:376832 swapents:8305'],
    [1680, 108, 'statsd-lite', 'total_vm:65038 rss:14927 pgtables_bytes:380928 swapents:8231'],
    [1682, 108, 'statsd-lite', 'total_vm:67131 rss:16509 pgtables_bytes:421888 swapents:7811'],
    [1683, 108, 'statsd-lite', 'total_vm:64811 rss:14614 pgtables_bytes:376832 swapents:8614'],
  ],
  summary: {
    pid: 517,
    uid: 111,
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
      pid: 517,
      comm: 'printhub',
      reason: 'Out of memory',
      totalVmKb: 2361456,
      anonRssKb: 1689296,
      fileRssKb: 0,
      shmemRssKb: 0,
      uid: 111,
      pgtablesKb: 4292,
      oomScoreAdj: 0,
    },
  ],
};
