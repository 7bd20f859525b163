/** What to do, by verdict and by holder: plain data, in the order of rank. */
import type { Advice, Holder, Verdict } from '../domain.ts';

export type AdviceText = Omit<Advice, 'rank'>;

const MORE_SWAP: AdviceText = {
  action: 'Give the machine swap, so that idle anonymous memory can leave RAM.',
  command: 'fallocate -l 4G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile',
  effect: 'Delays exhaustion and leaves time to see it coming.',
  risk: 'A machine that swaps all the time is slow; swap does not replace memory.',
};

const BOOT_64BIT: AdviceText = {
  action: 'Run a 64-bit kernel. The 32-bit programs can stay as they are.',
  effect: 'Removes the split into low and high memory and with it this failure.',
};

export const VERDICT_ADVICE: Readonly<Record<Verdict, readonly AdviceText[]>> = {
  'memcg-limit': [
    {
      action: 'Raise the memory limit of the cgroup, or make what runs in it smaller.',
      command: 'systemctl set-property UNIT MemoryMax=SIZE',
      effect: 'The limit decides here; memory elsewhere on the machine does not count.',
    },
    {
      action: 'Set a throttling limit below the hard one.',
      command: 'systemctl set-property UNIT MemoryHigh=SIZE',
      effect: 'The group is slowed down and reclaimed before it is killed.',
      since: 'cgroup v2',
    },
  ],
  'cpuset-limit': [
    {
      action: 'Allow the cpuset more nodes, or move tasks out of it.',
      command: 'echo 0-1 > cpuset.mems',
      effect: 'The request may then use memory that is free elsewhere.',
    },
  ],
  'mempolicy-limit': [
    {
      action: 'Bind the process to more nodes, or prefer a node instead of binding to it.',
      command: 'numactl --preferred=NODE COMMAND',
      effect: 'Other nodes serve the request when the first is full.',
    },
  ],
  'numa-imbalance': [
    {
      action: 'Turn off node reclaim and look for processes bound to the full node.',
      command: 'sysctl vm.zone_reclaim_mode=0; numastat -p PID',
      effect: 'Requests fall back to the node with free memory.',
    },
  ],
  manual: [{ action: 'Find out who pressed or wrote SysRq-F.', effect: 'There was no shortage to repair.' }],
  'page-fault': [
    {
      action:
        'Look at the lines before the report: the fault handler or a driver failed to get memory and gave no reason.',
      effect: 'The report itself holds no request that could be explained.',
    },
  ],
  'lowmem-exhausted': [
    BOOT_64BIT,
    {
      action: 'Keep more low memory free, so that the kernel reclaims earlier.',
      command: 'sysctl vm.min_free_kbytes=65536',
      effect: 'Buys time; what pins low memory stays.',
      risk: 'What is kept free is not there for the kernel otherwise.',
    },
    {
      action: 'Use the 2 GiB split (VMSPLIT_2G) or take memory out of the machine.',
      effect: 'More low memory, or fewer page descriptors in it.',
      risk: 'User processes then have 2 GiB of address space.',
    },
  ],
  'dma-zone-exhausted': [
    {
      action: 'Find the driver that asks for DMA memory, and let it use IOMMU or a wider DMA mask.',
      effect: 'The request no longer depends on the small zone.',
    },
  ],
  fragmented: [
    {
      action: 'Compact memory and keep more of it free.',
      command: 'echo 1 > /proc/sys/vm/compact_memory; sysctl vm.min_free_kbytes=131072',
      effect: 'Larger blocks come together; more free pages keep them so.',
      risk: 'What is kept free is not there for programs.',
      since: '2.6.35',
    },
    {
      action: 'Let the kernel compact ahead of need.',
      command: 'sysctl vm.compaction_proactiveness=40',
      effect: 'Compaction runs in the background.',
      since: '5.9',
    },
  ],
  'cma-withheld': [
    {
      action: 'Make the CMA area smaller on the kernel command line.',
      command: 'cma=64M',
      effect: 'Pages leave CMA and serve every request.',
      risk: 'Camera, video or GPU drivers may need the area.',
    },
  ],
  'reserve-withheld': [
    {
      action: 'Where boost raises the mark, turn it off.',
      command: 'sysctl vm.watermark_boost_factor=0',
      effect: 'The mark falls back to min_free_kbytes.',
      since: '5.0',
    },
    {
      action:
        'Where the high-atomic reserve holds the pages, update the kernel: it then counts only what of it is free.',
      effect: 'Reserved blocks that are in use no longer count as withheld.',
      since: '6.13, 6.12.117',
    },
  ],
  'movable-imbalance': [
    {
      action: 'Make the Movable zone smaller: online less memory as movable, lower movablecore or movable_node.',
      command: 'echo online_kernel > /sys/devices/system/memory/memoryN/state',
      effect: 'The kernel itself may use that memory.',
      risk: 'Memory onlined this way can seldom be removed again.',
    },
  ],
  'machine-exhausted': [
    {
      action: 'Take load off the machine or give it more memory.',
      effect: 'The demand exceeds what the machine has.',
    },
  ],
  unexplained: [
    {
      action: 'Look for a large process that ended just before, and for reports of the same kind on this kernel.',
      effect: 'Memory may have been freed between the decision and the report; else the kernel decided too early.',
    },
  ],
  'insufficient-data': [
    {
      action: "Read the host's own kernel log, where the lost lines may still be.",
      command: 'journalctl -k --since TIME',
      effect: 'With the zone lines the shortage can be explained.',
    },
  ],
};

export const HOLDER_ADVICE: Readonly<Record<Holder, readonly AdviceText[]>> = {
  'one-task': [
    {
      action: 'Limit the memory of that service, and look for a leak or a too large setting in it.',
      command: 'systemctl set-property UNIT MemoryMax=SIZE',
      effect: 'It is then killed or slowed down alone, before the machine runs out.',
    },
  ],
  'many-tasks': [
    {
      action: 'Lower the number of worker processes, or the memory that each may take.',
      effect: 'Their sum is what counts.',
    },
  ],
  slab: [
    {
      action: 'See which caches are large, and free what can be freed.',
      command: 'slabtop -o -s c; echo 2 > /proc/sys/vm/drop_caches',
      effect: 'Frees dentries and inodes; what stays is in use or leaked.',
      risk: 'File access is slower until the caches are warm again.',
    },
  ],
  'page-tables': [
    {
      action: 'Use huge pages for large shared mappings, such as those of a database.',
      effect: 'Each huge page needs a 512th of the page tables, per process.',
    },
  ],
  shmem: [
    {
      action: 'Remove tmpfs files and shared memory segments that nobody uses; limit tmpfs.',
      command: 'df -t tmpfs; ipcs -m; mount -o remount,size=SIZE /dev/shm',
      effect: 'This memory survives the kill: no process owns it.',
    },
  ],
  'kernel-stacks': [
    {
      action: 'Find what starts so many threads, and limit them.',
      command: 'systemctl set-property UNIT TasksMax=N',
      effect: 'Each thread costs 8 or 16 kB that cannot be swapped.',
    },
  ],
  unevictable: [
    {
      action: 'Find who locks memory, and limit it.',
      command: 'grep VmLck /proc/*/status; ulimit -l',
      effect: 'Locked pages can be neither swapped nor reclaimed.',
    },
  ],
  hugepages: [
    {
      action: 'Make the huge page pool as small as what is used of it.',
      command: 'sysctl vm.nr_hugepages=N',
      effect: 'Unused huge pages serve nobody else.',
    },
  ],
  'dirty-pages': [
    {
      action: 'Let less dirty data gather, and look at the storage that is slow to take it.',
      command: 'sysctl vm.dirty_bytes=268435456 vm.dirty_background_bytes=67108864',
      effect: 'Write-back starts earlier; clean pages can be reclaimed.',
    },
  ],
  'page-cache': [
    {
      action: 'Find out what keeps the file cache from being reclaimed: mapped files, a stuck file system, FUSE.',
      effect: 'The cache is there and the kernel could not free it.',
    },
  ],
  'mem-map': [BOOT_64BIT],
  unaccounted: [
    {
      action: 'Look at what the counters leave out: balloon, GPU and driver memory, vmalloc, ZFS, network buffers.',
      command: 'cat /proc/meminfo /proc/vmallocinfo; ss -m',
      effect: 'The kernel attributes this memory to no class.',
    },
  ],
  unknown: [],
};

/** Advice by a fact that is neither verdict nor holder. */
export const EXTRA_ADVICE = {
  'drop-file-cache': {
    action: 'Until then drop the file cache now and then: its buffer heads in low memory go with it.',
    command: 'echo 3 > /proc/sys/vm/drop_caches',
    effect: 'Frees low memory at once.',
    risk: 'File access is slower until the cache is warm again.',
  },
  'buffer-head-fix': {
    action: 'Update the kernel: from 3.3.8 and 3.4 on it scans HighMem when buffer heads fill low memory.',
    effect: 'Reclaim then frees the buffer heads that are pinned here.',
    since: '3.3.8',
  },
  'off-by-two-fix': {
    action: 'Update the kernel: 2.6.38 to 3.2 withhold two pages more than the mark.',
    effect: 'The request of this report would have been served; the next ones would not.',
    since: '3.3',
  },
  leak: {
    action: 'Look for a leak or a too large setting in the process that fills the cgroup.',
    effect: 'Where memory leaks, a higher limit only puts the kill off.',
  },
  'more-swap': MORE_SWAP,
  'use-swap': {
    action: 'Find out why free swap was not used: swappiness, memory.swap.max, a failing swap device.',
    command: 'sysctl vm.swappiness; cat /proc/swaps',
    effect: 'Swap is free while anonymous memory fills RAM.',
  },
  'protect-victim': {
    action: 'Protect the service that was killed although it was not the cause.',
    command: 'choom -n -500 -p PID',
    effect: 'Another process is chosen next time.',
    risk: 'Something is killed all the same as long as the cause stays.',
  },
} as const satisfies Readonly<Record<string, AdviceText>>;
