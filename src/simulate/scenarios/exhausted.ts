/** Scenarios of machines whose memory is really used up, by class of what holds it. */
import { buildState } from '../machine/build.ts';
import { ample, exhausted, flat, mostly, oneZone, pae, short } from './machines.ts';
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

/** 2 GiB with PAE, all of it used up and swap full. */
const smallI386 = ({ kernel, seed, comm }: ScenarioOptions) =>
  buildState({
    kernel,
    seed,
    cpus: 2,
    swapTotalKb: 1048568,
    swapFreeKb: 120,
    request: 'anon',
    hogs: [{ comm, uid: 48, count: 60, share: 0.95 }],
    zones: pae(kernel, 2, {
      dma: short(kernel, 'anon', 3600),
      normal: short(kernel, 'anon', 60000),
      highmem: short(kernel, 'anon', 100),
      low: mostly('activeAnon', 0.4, { inactiveAnon: 0.3, slabReclaimable: 0.05 }),
      high: mostly('activeAnon', 0.5, {
        inactiveAnon: 0.44,
        slabReclaimable: 0,
        slabUnreclaimable: 0,
        kernelStack: 0,
      }),
    }),
  });

/** 8 GiB, held by one program, and swap full. */
const oldX86 = (options: ScenarioOptions) =>
  exhausted(
    options,
    8,
    mostly('activeAnon', 0.6, { inactiveAnon: 0.3 }),
    [{ comm: options.comm, uid: 501, count: 1, share: 0.92 }],
    { swapTotalKb: 2097144, swapFreeKb: 4 },
  );

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
    kernels: ['5.15', '4.19', '6.1', '6.8', 'rhel8', 'rhel7'],
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
        { request: 'file', slabCaches: SLAB_CACHES, taint: 'OE' },
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
  'exhausted-i386': {
    story: 'A 2 GiB 32-bit machine runs out in all of its zones.',
    kernels: ['2.6.28', '2.6.33', '3.2'],
    verdict: 'machine-exhausted',
    holder: 'many-tasks',
    swapState: 'full',
    comm: 'webworker',
    build: smallI386,
  },
  'exhausted-i386-old': {
    story: 'The same on kernels that list no processes and do not tell anonymous from file pages.',
    kernels: ['2.6.18', 'rhel4', '2.6.20', '2.6.22', '2.6.24'],
    verdict: 'machine-exhausted',
    holder: 'unknown',
    swapState: 'full',
    comm: 'webworker',
    build: smallI386,
  },
  'exhausted-2.6.9': {
    story: 'The same on 2.6.9, which does not print how much swap is free either.',
    kernels: ['2.6.9'],
    verdict: 'machine-exhausted',
    holder: 'unknown',
    swapState: 'unknown',
    comm: 'webworker',
    build: smallI386,
  },
  'kill-2.4': {
    story: 'A kernel of the 2.4 line says that allocations failed, and whom it killed; only RHEL3 dumps its memory.',
    kernels: ['2.4', 'rhel3'],
    verdict: 'insufficient-data',
    holder: 'unknown',
    swapState: 'unknown',
    comm: 'webworker',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 1,
        swapTotalKb: 262136,
        swapFreeKb: 0,
        request: 'anon',
        hogs: [{ comm, uid: 48, count: 20, share: 0.95 }],
        zones: pae(kernel, 1, {
          dma: short(kernel, 'anon', 3600),
          normal: short(kernel, 'anon', 60000),
          highmem: short(kernel, 'anon', 100),
          low: mostly('activeAnon', 0.6),
          high: mostly('activeAnon', 0.9),
        }),
      }),
  },
  'exhausted-old-x86_64': {
    story: 'A 64-bit machine of the 2.6 era, out of memory with its swap full.',
    kernels: ['2.6.32', 'rhel6-131', 'rhel6', '2.6.39', '3.4', '3.10', '3.13', '3.16', '4.1', 'rhel7-514'],
    verdict: 'machine-exhausted',
    holder: 'one-task',
    swapState: 'full',
    comm: 'reportgen',
    build: oldX86,
  },
  'exhausted-rhel5': {
    story: 'The same on RHEL 5, which lists no processes.',
    kernels: ['rhel5'],
    verdict: 'machine-exhausted',
    holder: 'unknown',
    swapState: 'full',
    comm: 'reportgen',
    build: oldX86,
  },
  'dma32-exhausted': {
    story: 'A driver fills DMA32 with buffers of its own on a machine whose Normal zone has memory to spare.',
    kernels: ['rhel5', '2.6.32'],
    verdict: 'dma-zone-exhausted',
    holder: 'unaccounted',
    swapState: 'available',
    comm: 'capturecard',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 2097144,
        swapFreeKb: 2090000,
        request: 'dma32',
        hogs: [{ comm, uid: 0, count: 12, share: 0.9 }],
        zones: flat(16, {
          dma: short(kernel, 'dma32', 3700),
          dma32: short(kernel, 'dma32', 90000),
          normal: ample(12),
          holding32: mostly('activeAnon', 0.004),
          holding: mostly('activeAnon', 0.5, { inactiveAnon: 0.2, activeFile: 0.1, inactiveFile: 0.1 }),
        }),
      }),
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
