/** RHEL 6: zone DMA32 passes MIN by eight pages and misses HIGH; the check withholds two pages too many. */
import type { TwinPlan } from './twin.ts';

export const BETWEEN_MARKS_RHEL6: TwinPlan = {
  kernel: { release: '2.6.32-431.11.2.el6.x86_64', arch: 'x86_64' },
  trigger: { name: 'mapserve', pid: 24113, gfpMask: '0x200d2' },
  frames:
    '?cpuset_print_task_mems_allowed ?dump_header ?security_real_capable_noaudit ?oom_kill_process ?select_bad_process ?out_of_memory ?__alloc_pages_nodemask ?alloc_pages_current ?pipe_write ?do_sync_write ?autoremove_wake_function ?security_file_permission ?vfs_write ?sigprocmask ?sys_write ?system_call_fastpath',
  memInfo: `
    Active_anon:3491512 inactive_anon:456970 active_file:8836 inactive_file:12806 dirty:9676 writeback:5155
    free:33387 slab_reclaimable:7164 slab_unreclaimable:12148 mapped:4535 shmem:86 pagetables:26331
  `,
  perCpu: [
    ['DMA', 0, 1, [0, 0, 0, 0, 0, 0, 0, 0], 0],
    ['DMA32', 186, 31, [0, 0, 0, 0, 0, 0, 0, 0], 0],
    ['Normal', 186, 31, [9, 0, 0, 0, 0, 0, 0, 25], 0],
  ],
  zones: [
    {
      node: 0,
      name: 'DMA',
      fields: 'free:15676 min:60 low:72 high:88 present:15272',
      unreclaimable: true,
      reserve: [0, 3512, 16137, 16137],
      blocks: '3 2 0 1 2 1 0 0 1 1 3',
    },
    {
      node: 0,
      name: 'DMA32',
      fields: `
      free:65232 min:14692 low:18364 high:22036 active_anon:2462512 inactive_anon:671232 active_file:1796
      inactive_file:912 present:3596500 dirty:1288 writeback:700 mapped:664 slab_reclaimable:780
      slab_unreclaimable:836 kernel_stack:280 pagetables:3668 pages_scanned:3488
    `,
      unreclaimable: false,
      reserve: [0, 0, 12625, 12625],
      blocks: '564 568 313 187 88 53 29 30 13 0 0',
    },
    {
      node: 0,
      name: 'Normal',
      fields: `
      free:52640 min:52824 low:66028 high:79236 active_anon:11503536 inactive_anon:1156648 active_file:33548
      inactive_file:50312 present:12928000 dirty:37416 writeback:19920 mapped:17476 shmem:344 slab_reclaimable:27876
      slab_unreclaimable:47756 kernel_stack:17400 pagetables:101656 pages_scanned:85248
    `,
      unreclaimable: false,
      reserve: [0, 0, 0, 0],
      blocks: '1070 1046 855 416 140 16 1 2 1 0 0',
    },
  ],
  requestZone: 'Normal',
  totals: {
    pagecachePages: 79792,
    swapCachePages: 58141,
    swapCacheAdd: 28837422,
    swapCacheDelete: 28779281,
    swapCacheFind: 9693294,
    swapCacheFindTotal: 11901185,
    freeSwapKb: 20904,
    totalSwapKb: 2097640,
    ramPages: 4194303,
    reservedPages: 111357,
    sharedPages: 56640,
    nonSharedPages: 4018762,
  },
  tasks: [
    [478, 0, 'printhub', 'total_vm:2719 rss:1 cpu:6 oom_adj:-17 oom_score_adj:-1000'],
    [1136, 0, 'statsd-lite', 'total_vm:3099 rss:272 oom_adj:-17 oom_score_adj:-1000'],
    [19666, 498, 'chatrelay', 'total_vm:1732051 rss:243938 cpu:2'],
    [22034, 497, 'cronwork', 'total_vm:2171444 rss:379767 cpu:2'],
    [22044, 497, 'cronwork', 'total_vm:1202215 rss:213903 cpu:5'],
    [22057, 497, 'cronwork', 'total_vm:853717 rss:107189 cpu:4'],
    [22070, 497, 'cronwork', 'total_vm:1609797 rss:334858 cpu:5'],
    [22087, 497, 'cronwork', 'total_vm:1318702 rss:258240 cpu:1'],
    [13550, 500, 'cronwork', 'total_vm:3116506 rss:1906906 cpu:3'],
    [24113, 501, 'mapserve', 'total_vm:25384 rss:745 cpu:1'],
  ],
  selection: { pid: 13550, comm: 'cronwork', score: 416, reason: 'Out of memory' },
  kills: [{ pid: 13550, comm: 'cronwork', uid: 500, totalVmKb: 12466024, anonRssKb: 7625016, fileRssKb: 2608 }],
};
