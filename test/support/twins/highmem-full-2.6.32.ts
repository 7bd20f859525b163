/** A 32-bit 2.6.32 machine of 8 GiB, full in HighMem too: Normal and HighMem lie between MIN and HIGH. */
import type { TwinPlan } from './twin.ts';

export const HIGHMEM_FULL_2_6_32: TwinPlan = {
  kernel: { release: '2.6.32-45-generic-pae', arch: 'i386', highmem: true, memcg: 'none' },
  trigger: { name: 'tilecache', pid: 3852, gfpMask: '0x280da' },
  frames:
    'oom_kill_process ?select_bad_process __out_of_memory out_of_memory __alloc_pages_slowpath __alloc_pages_nodemask do_anonymous_page handle_mm_fault do_page_fault error_code',
  memInfo: `
    Active_anon:1667851 inactive_anon:290004 isolated_anon:288 active_file:56 inactive_file:154 writeback:207
    free:60477 slab_reclaimable:6379 slab_unreclaimable:2271 shmem:39 pagetables:12333
  `,
  perCpu: [
    ['DMA', 0, 1, [0, 0, 0, 0]],
    ['Normal', 186, 31, [0, 0, 0, 1]],
    ['HighMem', 186, 31, [14, 0, 0, 16]],
  ],
  zones: [
    {
      name: 'DMA',
      fields: 'free:8076 min:64 low:80 high:96 present:15812 slab_reclaimable:8 slab_unreclaimable:16',
      unreclaimable: false,
      reserve: [0, 867, 8034, 8034],
      blocks: '3 2 7 2 5 3 2 3 1 2 0',
    },
    {
      name: 'Normal',
      fields: `
      free:233108 min:3732 low:4664 high:5596 active_anon:243652 inactive_anon:241672 active_file:52 inactive_file:268
      present:887976 writeback:292 mapped:12 slab_reclaimable:25508 slab_unreclaimable:9068 kernel_stack:2576
      pagetables:3548 pages_scanned:690
    `,
      unreclaimable: false,
      reserve: [0, 0, 57342, 57342],
      blocks: '142 16 584 465 354 228 153 93 30 13 3',
    },
    {
      name: 'HighMem',
      fields: `
      free:724 min:512 low:8224 high:15940 active_anon:6427752 inactive_anon:918344 active_file:172 inactive_file:348
      isolated(anon):1152 present:7339792 writeback:536 shmem:156 pagetables:45784 pages_scanned:512
    `,
      unreclaimable: false,
      reserve: [0, 0, 0, 0],
      blocks: '29 11 18 4 0 0 0 0 0 0 0',
    },
  ],
  requestZone: 'Movable',
  totals: {
    pagecachePages: 100842,
    swapCachePages: 100676,
    swapCacheAdd: 3205946,
    swapCacheDelete: 3105270,
    swapCacheFind: 43042,
    swapCacheFindTotal: 69457,
    freeSwapKb: 0,
    totalSwapKb: 8388600,
    ramPages: 2228224,
    highmemPages: 2000386,
    reservedPages: 180504,
    sharedPages: 7885,
    nonSharedPages: 1986157,
  },
  selection: { pid: 21754, comm: 'tilecache', score: 699064, reason: 'Out of memory' },
  kills: [{ pid: 21754, comm: 'tilecache', uid: 0 }],
};
