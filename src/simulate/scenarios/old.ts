/** Scenarios of kernels of the 2.4, 2.6 and early 3.x lines. */
import { buildState } from '../machine/build.ts';
import { ample, exhausted, flat, mostly, pae, short } from './machines.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

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

export const OLD_SCENARIOS = {
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
} as const satisfies Readonly<Record<string, Scenario>>;
