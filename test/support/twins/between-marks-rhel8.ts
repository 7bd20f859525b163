/** RHEL 8: two zones pass MIN and miss HIGH, which the last try asks for. */
import type { TwinPlan } from './twin.ts';

export const BETWEEN_MARKS_RHEL8: TwinPlan = {
  kernel: { release: '4.18.0-553.8.1.el8_10.x86_64', arch: 'x86_64', memcg: 'v2' },
  trigger: { name: 'ledgerd', pid: 879, gfpMask: '0x6200ca', gfpText: 'GFP_HIGHUSER_MOVABLE' },
  frames:
    'dump_stack dump_header oom_kill_process.cold.33 out_of_memory __alloc_pages_slowpath __alloc_pages_nodemask pagecache_get_page filemap_fault ?__mod_lruvec_page_state ?page_add_file_rmap ?alloc_set_pte ?xas_load ?xas_find ?filemap_map_pages ext4_filemap_fault __do_fault handle_pte_fault __handle_mm_fault handle_mm_fault __do_page_fault do_page_fault ?page_fault',
  memInfo: `
    Active_anon:33632 inactive_anon:1327714 active_file:43 inactive_file:127 isolated_file:40 unevictable:20549
    dirty:23 slab_reclaimable:11170 slab_unreclaimable:13399 mapped:34989 shmem:74232 pagetables:7365 free:23902
    free_pcp:1055
  `,
  nodes: [
    {
      node: 0,
      fields: `
      active_anon:134528 inactive_anon:5310856 active_file:172 inactive_file:508 unevictable:82196 isolated(file):160
      mapped:139956 dirty:92 shmem:296928 anon_thp:927744 kernel_stack:6544 pagetables:29460
    `,
      unreclaimable: true,
    },
  ],
  zones: [
    {
      node: 0,
      name: 'DMA',
      fields: 'free:14336 min:176 low:220 high:264 present:15992 managed:15360',
      reserve: [0, 2655, 5626, 5626, 5626],
      blocks: '0 0 0 0 0 0 0 0 0 1M 3M',
    },
    {
      node: 0,
      name: 'DMA32',
      fields: `
      free:43760 min:31812 low:39764 high:47716 active_anon:60496 inactive_anon:2618584 active_file:304
      inactive_file:216 present:3129196 managed:2756784 free_pcp:3960 local_pcp:824
    `,
      reserve: [0, 0, 2970, 2970, 2970],
      blocks: '279UME 533UME 301UME 222UME 132UME 60UME 23UME 6UE 1E 0 0',
    },
    {
      node: 0,
      name: 'Normal',
      fields: `
      free:37372 min:35588 low:44484 high:53380 active_anon:74032 inactive_anon:2692272 inactive_file:260
      unevictable:82196 writepending:92 present:3145728 managed:3042240 mlocked:82196 free_pcp:260 local_pcp:80
    `,
      reserve: [0, 0, 0, 0, 0],
      blocks: '635UME 480UME 310UME 286UME 98ME 29UME 13M 6M 1M 0 0',
    },
  ],
  requestZone: 'Movable',
  hugePages: [{ node: 0, total: 0, free: 0, surplus: 0, sizeKb: 2048 }],
  totals: {
    pagecachePages: 94990,
    swapCachePages: 0,
    swapCacheAdd: 0,
    swapCacheDelete: 0,
    swapCacheFind: 0,
    swapCacheFindTotal: 0,
    freeSwapKb: 0,
    totalSwapKb: 0,
    ramPages: 1572729,
    highmemPages: 0,
    reservedPages: 119133,
    hwpoisonedPages: 0,
  },
  tasks: [
    [610, 0, 'webpool', 'total_vm:57093 rss:28584 pgtables_bytes:471040'],
    [649, 0, 'queuerun', 'total_vm:25017 rss:929 pgtables_bytes:204800 oom_score_adj:-1000'],
    [737, 0, 'mailgate', 'total_vm:14295 rss:166 pgtables_bytes:131072 oom_score_adj:-1000'],
    [836, 0, 'indexer', 'total_vm:113244 rss:7488 pgtables_bytes:442368'],
    [968, 0, 'mapserve', 'total_vm:84459 rss:7450 pgtables_bytes:319488'],
    [3117813, 991, 'printhub', 'total_vm:2926359 rss:1214746 pgtables_bytes:22183936'],
    [3789350, 992, 'mapserve', 'total_vm:84385 rss:7498 pgtables_bytes:299008'],
    [3789352, 992, 'mapserve', 'total_vm:84449 rss:7470 pgtables_bytes:294912'],
    [3931835, 0, 'statsd-lite', 'total_vm:147385 rss:41099 pgtables_bytes:1044480'],
  ],
  summary: {
    pid: 3117813,
    uid: 991,
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
      pid: 3117813,
      comm: 'printhub',
      reason: 'Out of memory',
      totalVmKb: 11705436,
      anonRssKb: 4805020,
      fileRssKb: 53964,
      shmemRssKb: 0,
      uid: 991,
      pgtablesKb: 21664,
      oomScoreAdj: 0,
    },
  ],
};
