/** RHEL 7: a cgroup of 1 GiB, filled by one script. */
import type { TwinPlan } from './twin.ts';

export const MEMCG_V1_RHEL7: TwinPlan = {
  kernel: { release: '3.10.0-693.21.1.el7.x86_64', arch: 'x86_64' },
  trigger: { name: 'webpool', pid: 1399, gfpMask: '0xd0' },
  frames:
    'dump_stack dump_header ?try_get_mem_cgroup_from_mm oom_kill_process mem_cgroup_oom_synchronize ?mem_cgroup_charge_common pagefault_out_of_memory mm_fault_error __do_page_fault trace_do_page_fault do_async_page_fault async_page_fault',
  requestZone: 'Normal',
  memcg: {
    taskPath: '/batch',
    path: '/batch',
    usageKb: 1048576,
    limitKb: 1048576,
    failcnt: 677,
    memoryAndSwap: { usageKb: 1048576, limitKb: null, failcnt: 0 },
    kmem: { usageKb: 0, limitKb: null, failcnt: 0 },
    stats: {
      cache: 56,
      rss: 1048520,
      rss_huge: 1038336,
      mapped_file: 0,
      swap: 0,
      inactive_anon: 0,
      active_anon: 1048520,
      inactive_file: 28,
      active_file: 28,
      unevictable: 0,
    },
    statsPath: '/batch',
    statsUnit: 'Kb',
  },
  tasks: [
    [1243, 0, 'queuerun', 'total_vm:29143 rss:850 nr_ptes:13'],
    [1399, 0, 'webpool', 'total_vm:1007354 rss:262500 nr_ptes:527'],
  ],
  selection: { pid: 1399, comm: 'webpool', score: 973, reason: 'Memory cgroup out of memory' },
  kills: [
    { pid: 1399, comm: 'webpool', totalVmKb: 4029416, anonRssKb: 1048144, fileRssKb: 1856, shmemRssKb: 0, uid: 0 },
  ],
};
