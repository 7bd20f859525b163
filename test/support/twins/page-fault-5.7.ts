/** A 32-bit 5.7 development kernel: a page fault fails with the empty mask while 827 MiB are free; the end is cut. */
import type { TwinPlan } from './twin.ts';

export const PAGE_FAULT_5_7: TwinPlan = {
  kernel: { release: '5.7.0-rc5+', arch: 'i386', memcg: 'v2', highmem: true },
  trigger: { name: 'queuerun', pid: 2978, gfpMask: '0x0' },
  frames:
    'dump_stack dump_header oom_kill_process.cold ?out_of_memory pagefault_out_of_memory mm_fault_error do_page_fault ?vmalloc_sync_unmappings common_exception_read_cr2 ?bit_wait ?nmi',
  memInfo: `
    Active_anon:388906 inactive_anon:91828 active_file:18955 inactive_file:14809 unevictable:787 dirty:156
    writeback:8 slab_reclaimable:6713 slab_unreclaimable:8712 mapped:66221 shmem:43784 pagetables:7184 free:211798
    free_pcp:1154
  `,
  nodes: [
    {
      node: 0,
      fields: `
      active_anon:1555624 inactive_anon:367312 active_file:75820 inactive_file:59236 unevictable:3148 mapped:264884
      dirty:624 writeback:32 shmem:175136
    `,
      unreclaimable: false,
    },
  ],
  zones: [
    {
      name: 'DMA',
      fields: 'free:3092 min:68 low:84 high:100 active_anon:12348 present:15992 managed:15916 pagetables:88',
      reserve: [0, 757, 2934, 757],
      blocks: '4UM 19U 17UM 13UM 15UM 8UM 1M 0 0 0 0',
    },
    {
      name: 'Normal',
      fields: `
      free:154644 min:3484 low:4352 high:5220 active_anon:480292 inactive_anon:25580 active_file:4968
      inactive_file:1600 writepending:104 present:890872 managed:776536 kernel_stack:4976 pagetables:28648
      free_pcp:2660 local_pcp:1384
    `,
      reserve: [0, 0, 17414, 0],
      blocks: '15715UME 7376UME 1340UME 34UM 161UM 0 0 0 0 0 0',
    },
    {
      name: 'HighMem',
      fields: `
      free:689456 min:512 low:3012 high:5512 active_anon:1063068 inactive_anon:341720 active_file:70792
      inactive_file:57320 unevictable:3148 writepending:452 present:2229064 managed:2229064 mlocked:52 free_pcp:1940
      local_pcp:1236
    `,
      reserve: [0, 0, 0, 0],
      blocks: '74082UME 33277UME 6904UME 436UME 32UME 2M 1M 0 0 0 0',
    },
  ],
  requestZone: 'Normal',
  totals: {
    pagecachePages: 82310,
    swapCachePages: 4664,
    swapCacheAdd: 272662,
    swapCacheDelete: 267998,
    swapCacheFind: 57067,
    swapCacheFindTotal: 86242,
    freeSwapKb: 1663268,
    totalSwapKb: 2097148,
    ramPages: 783982,
    highmemPages: 557266,
    reservedPages: 28603,
  },
  tasks: [
    [2278, 0, 'mailgate', 'total_vm:7323 rss:4299 pgtables_bytes:90112 swapents:44'],
    [2501, 0, 'indexer', 'total_vm:3022 rss:151 pgtables_bytes:40960 swapents:267 oom_score_adj:-1000'],
    [2762, 0, 'mapserve', 'total_vm:1484 pgtables_bytes:45056 swapents:73'],
    [2775, 104, 'printhub', 'total_vm:1221 rss:62 pgtables_bytes:40960 swapents:120'],
  ],
  lost: ['oom-kill:', 'Out of memory'],
};
