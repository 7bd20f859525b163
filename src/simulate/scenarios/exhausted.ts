/** Scenarios of machines whose memory is really used up, by class of what holds it. */
import { buildState } from '../machine/build.ts';
import { exhausted, mostly, oneZone, short } from './machines.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

const MODERN_KERNELS = [
  '6.8',
  '5.15',
  '5.4',
  '4.4',
  '4.14',
  '4.19',
  '6.1',
  '6.12',
  '6.18',
  '7.1',
  'rhel7',
  'rhel8',
  'rhel9',
  'rhel9-611',
  'rhel8-147',
  'rhel6',
  '4.8',
  '5.15-arm64',
] as const;

const SLAB_CACHES = [
  { name: 'conn_track_v9', usedKb: 2200000, totalKb: 2210000 },
  { name: 'kmalloc-512', usedKb: 61000, totalKb: 61440 },
  { name: 'kmalloc-64', usedKb: 18311, totalKb: 19000 },
  { name: 'task_struct', usedKb: 4100, totalKb: 4420 },
];

const ALLOCATION_SITES = [
  { bytes: 2252341248, calls: 4399104, site: 'net/flowtab/flow.c:311 [flowtab] func:flow_alloc' },
  { bytes: 612892672, calls: 149632, site: 'mm/memory.c:1208 func:folio_prealloc' },
  { bytes: 84410368, calls: 20608, site: 'mm/slub.c:3097 func:alloc_slab_page' },
  { bytes: 8192, calls: 2, site: 'kernel/fork.c:314 func:alloc_thread_stack_node' },
];

export const EXHAUSTED_SCENARIOS = {
  'exhausted-swap-full': {
    story: 'One program grew until memory and swap were full.',
    kernels: MODERN_KERNELS,
    verdict: 'machine-exhausted',
    holder: 'one-task',
    swapState: 'full',
    comm: 'tilecache',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        8,
        mostly('activeAnon', 0.55, { inactiveAnon: 0.34 }),
        [{ comm: options.comm, uid: 1004, count: 1, share: 0.93 }],
        { swapTotalKb: 4194300, swapFreeKb: 4312 },
      ),
  },
  'exhausted-no-swap': {
    story: 'Forty workers fill a machine without swap.',
    kernels: MODERN_KERNELS,
    verdict: 'machine-exhausted',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'pixelfarm',
    build: (options: ScenarioOptions) =>
      exhausted(options, 16, mostly('activeAnon', 0.8, { inactiveAnon: 0.1 }), [
        { comm: options.comm, uid: 33, count: 40, share: 0.95 },
      ]),
  },
  'slab-leak': {
    story: 'A kernel module leaks objects that nothing can reclaim.',
    kernels: ['5.15', '4.19', '6.1', '6.8', '6.12', '6.18', 'rhel8', 'rhel7'],
    verdict: 'machine-exhausted',
    holder: 'slab',
    swapState: 'none',
    comm: 'metricsrelay',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        4,
        mostly('slabUnreclaimable', 0.64, { activeAnon: 0.17, inactiveAnon: 0.06 }),
        [{ comm: options.comm, uid: 65534, count: 6, share: 0.7 }],
        { request: 'file', slabCaches: SLAB_CACHES, allocationSites: ALLOCATION_SITES, taint: 'OE' },
      ),
  },
  'shmem-full': {
    story: 'Files on tmpfs fill a machine; no process owns them and no kill frees them.',
    kernels: ['5.10', '4.9', '5.4', '6.1', '6.12', 'rhel8', 'rhel9'],
    verdict: 'machine-exhausted',
    holder: 'shmem',
    swapState: 'none',
    comm: 'quotefeed',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        8,
        mostly('inactiveAnon', 0.78, { activeAnon: 0.11 }),
        [{ comm: options.comm, uid: 1010, count: 8, share: 0.9 }],
        { shmemPages: 1450000 },
      ),
  },
  unevictable: {
    story: 'A program locks nearly all memory with mlock.',
    kernels: ['5.4', '4.19', '6.1', 'rhel7'],
    verdict: 'machine-exhausted',
    holder: 'unevictable',
    swapState: 'available',
    comm: 'tradegate',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        8,
        mostly('unevictable', 0.86, { activeAnon: 0.03, inactiveAnon: 0.02 }),
        [{ comm: options.comm, uid: 700, count: 3, share: 0.8 }],
        { swapTotalKb: 2097148, swapFreeKb: 1990000 },
      ),
  },
  'panic-on-oom': {
    story: 'vm.panic_on_oom turns a shortage into a panic.',
    kernels: ['rhel7', '4.14', '5.15', '6.8'],
    verdict: 'machine-exhausted',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'batchrun',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        8,
        mostly('activeAnon', 0.83, { inactiveAnon: 0.06 }),
        [{ comm: options.comm, uid: 600, count: 24, share: 0.9 }],
        { ending: 'panic-on-oom' },
      ),
  },
  'no-victim': {
    story: 'Only processes that may not be killed are left.',
    kernels: ['4.19', '3.10', '5.15', '6.8'],
    verdict: 'machine-exhausted',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'guardian',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        4,
        mostly('activeAnon', 0.83, { inactiveAnon: 0.06 }),
        [{ comm: options.comm, uid: 0, count: 12, share: 0.9, oomScoreAdj: -1000 }],
        { ending: 'no-victim' },
      ),
  },
  'kill-without-header': {
    story: 'In a storm the rate limit leaves nothing of a report but its kill line.',
    kernels: ['5.15', '4.4', 'rhel7', '3.2'],
    verdict: 'insufficient-data',
    holder: 'unknown',
    swapState: 'unknown',
    comm: 'pixelfarm',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        16,
        mostly('activeAnon', 0.8, { inactiveAnon: 0.1 }),
        [{ comm: options.comm, uid: 33, count: 40, share: 0.95 }],
        { ending: 'kill-without-header' },
      ),
  },
  'exhausted-64k': {
    story: 'A machine with pages of 64 kB, full of equal workers.',
    kernels: ['5.15-ppc64'],
    verdict: 'machine-exhausted',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'pixelfarm',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 16,
        swapTotalKb: 0,
        swapFreeKb: 0,
        request: 'anon',
        hogs: [{ comm, uid: 33, count: 30, share: 0.95 }],
        zones: oneZone(32, short(kernel, 'anon', 90000), mostly('activeAnon', 0.8, { inactiveAnon: 0.1 })),
      }),
  },
} as const satisfies Readonly<Record<string, Scenario>>;
