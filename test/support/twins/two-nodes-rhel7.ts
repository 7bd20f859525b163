/** RHEL 7 on two nodes: a database fills both; one node lies between MIN and HIGH. */
import type { TwinPlan } from './twin.ts';

export const TWO_NODES_RHEL7: TwinPlan = {
  kernel: { release: '3.10.0-514.6.1.el7.x86_64', arch: 'x86_64' },
  trigger: { name: 'queuerun', pid: 29481, gfpMask: '0x201da' },
  frames:
    'dump_stack dump_header ?ktime_get_ts64 ?delayacct_end oom_kill_process ?oom_unkillable_task ?find_lock_task_mm ?has_capability_noaudit out_of_memory __alloc_pages_slowpath __alloc_pages_nodemask alloc_pages_current __page_cache_alloc filemap_fault ext4_filemap_fault __do_fault do_read_fault.isra.42 handle_mm_fault ?do_mmap_pgoff __do_page_fault do_page_fault page_fault',
  memsAllowed: '0-1',
  memInfo: `
    Active_anon:7355653 inactive_anon:660960 active_file:1263 inactive_file:1167 isolated_file:32 dirty:4
    slab_reclaimable:27412 slab_unreclaimable:13708 mapped:4818 shmem:87896 pagetables:25222 free:39513
    free_pcp:2958
  `,
  zones: [
    {
      node: 0,
      name: 'DMA',
      fields: 'free:15872 min:40 low:48 high:60 present:15992 managed:15908',
      unreclaimable: true,
      reserve: [0, 2780, 15835, 15835],
      blocks: '0 0 0 0 2U 1U 1U 0 1U 1M 3M',
    },
    {
      node: 0,
      name: 'DMA32',
      fields: `
      free:59728 min:7832 low:9788 high:11748 active_anon:2154380 inactive_anon:604748 active_file:500
      inactive_file:112 present:3094644 managed:2848912 mapped:4016 shmem:5140 slab_reclaimable:6448
      slab_unreclaimable:2796 kernel_stack:1040 pagetables:6876 free_pcp:3788 local_pcp:228 pages_scanned:28
    `,
      unreclaimable: false,
      reserve: [0, 0, 13055, 13055],
      blocks: '203UEM 231UEM 259UEM 231UEM 157UEM 90UEM 49UEM 20UE 3UEM 1M 0',
    },
    {
      node: 0,
      name: 'Normal',
      fields: `
      free:36692 min:36784 low:45980 high:55176 active_anon:12301636 inactive_anon:793132 active_file:604
      inactive_file:176 isolated(file):128 present:13631488 managed:13368348 mapped:4108 shmem:207940
      slab_reclaimable:47900 slab_unreclaimable:28884 kernel_stack:6624 pagetables:43340 free_pcp:4204 local_pcp:640
      pages_scanned:128
    `,
      unreclaimable: false,
      reserve: [0, 0, 0, 0],
      blocks: '1231UEM 391UEM 456UEM 342UEM 141UEM 23UEM 0 0 0 0 0',
    },
    {
      node: 1,
      name: 'Normal',
      fields: `
      free:49436 min:45444 low:56804 high:68164 active_anon:14967844 inactive_anon:1244560 active_file:1552
      inactive_file:1992 present:16777212 managed:16514220 dirty:16 mapped:10760 shmem:138504 slab_reclaimable:55300
      slab_unreclaimable:23152 kernel_stack:6176 pagetables:50672 free_pcp:3360 local_pcp:248 pages_scanned:125777
    `,
      unreclaimable: true,
      reserve: [0, 0, 0, 0],
      blocks: '2245UEM 732UEM 594UEM 396UEM 160UEM 16UEM 2UM 0 1M 0 0',
    },
  ],
  requestZone: 'Movable',
  hugePages: [
    { node: 0, total: 0, free: 0, surplus: 0, sizeKb: 1048576 },
    { node: 0, total: 0, free: 0, surplus: 0, sizeKb: 2048 },
    { node: 1, total: 0, free: 0, surplus: 0, sizeKb: 1048576 },
    { node: 1, total: 0, free: 0, surplus: 0, sizeKb: 2048 },
  ],
  totals: {
    pagecachePages: 100155,
    swapCachePages: 11342,
    swapCacheAdd: 31260615,
    swapCacheDelete: 31249273,
    swapCacheFind: 295999950,
    swapCacheFindTotal: 297583545,
    freeSwapKb: 0,
    totalSwapKb: 8388604,
    ramPages: 8379834,
    highmemPages: 0,
    reservedPages: 192987,
  },
  tasks: [
    [390, 0, 'mailgate', 'total_vm:39012 rss:6739 nr_ptes:78 swapents:51'],
    [433, 0, 'indexer', 'total_vm:11104 rss:2 nr_ptes:22 swapents:360 oom_score_adj:-1000'],
    [530, 0, 'mapserve', 'total_vm:13854 rss:28 nr_ptes:27 swapents:83 oom_score_adj:-1000'],
    [796, 0, 'printhub', 'total_vm:193856 rss:2897 nr_ptes:207 swapents:112'],
    [8145, 0, 'statsd-lite', 'total_vm:300303 rss:1616 nr_ptes:58 swapents:692'],
    [8685, 0, 'chatrelay', 'total_vm:137169 rss:23313 nr_ptes:97 swapents:3256'],
    [6576, 12345, 'cronwork', 'total_vm:8478546 rss:5157063 nr_ptes:15483 swapents:1527848'],
    [27502, 12345, 'sensord', 'total_vm:4029300 rss:2716569 nr_ptes:6505 swapents:226225'],
    [11729, 0, 'backupjob', 'total_vm:64122 rss:5003 nr_ptes:79 swapents:2465'],
    [29481, 12345, 'queuerun', 'total_vm:29214 rss:58 nr_ptes:14'],
  ],
  selection: { pid: 6576, comm: 'cronwork', score: 651, reason: 'Out of memory' },
  kills: [
    { pid: 6576, comm: 'cronwork', totalVmKb: 33914892, anonRssKb: 20629004, fileRssKb: 0, shmemRssKb: 0, uid: 0 },
  ],
};
