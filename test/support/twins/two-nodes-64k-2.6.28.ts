/** 64 kB pages on two nodes of a 2.6.26 development kernel: one zone counts free pages that its lists do not hold. */
import type { TwinPlan } from './twin.ts';

export const TWO_NODES_64K: TwinPlan = {
  kernel: { release: '2.6.28', arch: 'ppc64', memcg: 'none', pageSizeKb: 64 },
  trigger: { name: 'mailgate', gfpMask: '0x1201d2' },
  frames:
    'show_stack dump_stack oom_kill_process out_of_memory __alloc_pages_internal alloc_pages_current __page_cache_alloc __do_page_cache_readahead do_page_cache_readahead filemap_fault __do_fault handle_mm_fault',
  memInfo: `
    Active_anon:53395 active_file:141 inactive_anon:18042 inactive_file:544 unevictable:12288 dirty:494
    writeback:365 free:288 slab:28313 mapped:83 pagetables:663
  `,
  perCpu: [
    ['DMA', 6, 1, [5, 5, 5, 5, 5, 5, 5, 5], 2],
    ['Normal', 6, 1, [5, 5, 5, 5, 5, 5, 5, 5], 2],
    ['Normal', 6, 1, [5, 5, 2, 2, 4, 5, 4, 5], 3],
  ],
  zones: [
    {
      node: 2,
      name: 'DMA',
      fields: `
      free:8128 min:2624 low:3264 high:3904 active_anon:753536 inactive_anon:587840 active_file:2176
      inactive_file:8064 present:1863168 pages_scanned:3934
    `,
      unreclaimable: false,
      reserve: [0, 110, 110],
      blocks: '61 1 1 0 0 1 0 0 0 0 0 0 0 0 0 0 0',
    },
    {
      node: 2,
      name: 'Normal',
      fields: `
      free:6464 min:2560 low:3200 high:3840 active_anon:198400 inactive_anon:73472 active_file:1664
      inactive_file:18816 present:1802240 pages_scanned:64
    `,
      unreclaimable: false,
      reserve: [0, 0, 0],
      blocks: '0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0',
    },
    {
      node: 3,
      name: 'Normal',
      fields: `
      free:3840 min:5888 low:7360 high:8832 active_anon:2465344 inactive_anon:493376 active_file:5184
      inactive_file:7936 unevictable:786432 present:4124224 pages_scanned:872
    `,
      unreclaimable: false,
      reserve: [0, 0, 0],
      blocks: '57 6 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0',
    },
  ],
  requestZone: 'Movable',
  totals: {
    pagecachePages: 1158,
    swapCacheAdd: 525,
    swapCacheDelete: 283,
    swapCacheFind: 0,
    swapCacheFindTotal: 0,
    freeSwapKb: 1997888,
    totalSwapKb: 2031488,
  },
  selection: { pid: 56203, comm: 'indexer', score: 2837, reason: 'Out of memory' },
  kills: [{ pid: 56309, comm: 'indexer', uid: 0 }],
  lost: ['Pid:', '0 pages'],
};
