/** A 3.13 machine of 1.7 GiB without swap, filled by one program. */
import type { TwinPlan } from './twin.ts';

export const NO_SWAP_3_13: TwinPlan = {
  kernel: { release: '3.13.0-27-generic', arch: 'x86_64' },
  trigger: { name: 'queuerun', pid: 1532, gfpMask: '0x280da' },
  frames:
    'dump_stack dump_header oom_kill_process ?security_capable_noaudit out_of_memory __alloc_pages_nodemask alloc_pages_vma handle_mm_fault __do_page_fault ?sched_clock ?sched_clock_local ?acct_account_cputime ?account_user_time ?vtime_account_user do_page_fault page_fault',
  memInfo: `
    Active_anon:405991 inactive_anon:57 active_file:35 inactive_file:69 free:12929 slab_reclaimable:1635
    slab_unreclaimable:1919 mapped:34 shmem:70 pagetables:1423
  `,
  perCpu: [
    ['DMA', 0, 1, [0], 0],
    ['DMA32', 186, 31, [86], 0],
  ],
  zones: [
    {
      node: 0,
      name: 'DMA',
      fields: `
      free:7124 min:412 low:512 high:616 active_anon:8508 inactive_anon:4 present:15992 managed:15908 shmem:4
      slab_reclaimable:16 slab_unreclaimable:16 pagetables:12
    `,
      unreclaimable: true,
      reserve: [0, 1679, 1679, 1679],
      blocks: '5UM 6UEM 7UEM 1M 2UE 3UEM 1E 2EM 3UEM 1R 0',
    },
    {
      node: 0,
      name: 'DMA32',
      fields: `
      free:44592 min:44640 low:55800 high:66960 active_anon:1615456 inactive_anon:224 active_file:140
      inactive_file:276 present:1765368 managed:1722912 mapped:136 shmem:276 slab_reclaimable:6524
      slab_unreclaimable:7660 kernel_stack:592 pagetables:5680 pages_scanned:819
    `,
      unreclaimable: true,
      reserve: [0, 0, 0, 0],
      blocks: '74UEM 125UEM 78UEM 26UE 12UEM 4UE 4UE 2E 11UE 7UE 3UR',
    },
  ],
  requestZone: 'Movable',
  hugePages: [{ node: 0, total: 0, free: 0, surplus: 0, sizeKb: 2048 }],
  totals: {
    pagecachePages: 204,
    swapCachePages: 0,
    swapCacheAdd: 0,
    swapCacheDelete: 0,
    swapCacheFind: 0,
    swapCacheFindTotal: 0,
    freeSwapKb: 0,
    totalSwapKb: 0,
    ramPages: 445340,
    highmemPages: 0,
    reservedPages: 10614,
  },
  tasks: [
    [293, 0, 'mailgate', 'total_vm:12802 rss:154 nr_ptes:28 oom_score_adj:-1000'],
    [710, 0, 'indexer', 'total_vm:2556 rss:587 nr_ptes:8'],
    [1015, 0, 'mapserve', 'total_vm:10885 rss:1524 nr_ptes:25'],
    [1264, 0, 'printhub', 'total_vm:11031 rss:1635 nr_ptes:26'],
    [1268, 0, 'statsd-lite', 'total_vm:15341 rss:180 nr_ptes:33 oom_score_adj:-1000'],
    [1408, 1020, 'chatrelay', 'total_vm:5711 rss:581 nr_ptes:17'],
    [1443, 1020, 'statsd-lite', 'total_vm:25889 rss:257 nr_ptes:52'],
    [1444, 1020, 'chatrelay', 'total_vm:5711 rss:581 nr_ptes:16'],
    [1532, 1020, 'queuerun', 'total_vm:410347 rss:398810 nr_ptes:788'],
  ],
  selection: { pid: 1532, comm: 'queuerun', score: 919, reason: 'Out of memory' },
  kills: [{ pid: 1532, comm: 'queuerun', totalVmKb: 1641388, anonRssKb: 1595164, fileRssKb: 76, uid: 0 }],
};
