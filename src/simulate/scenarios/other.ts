/** Scenarios in which memory was not simply used up. */
import { buildState } from '../machine/build.ts';
import { ample, flat, mostly, short, singleBoard } from './machines.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

export const OTHER_SCENARIOS = {
  fragmented: {
    story: 'Every zone has free pages enough, but no free block of eight pages.',
    kernels: ['4.9', '4.4', '5.4', '6.1'],
    verdict: 'fragmented',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'packetd',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 2,
        swapTotalKb: 0,
        swapFreeKb: 0,
        request: 'order',
        order: 3,
        hogs: [{ comm, uid: 0, count: 30, share: 0.9 }],
        zones: flat(2, {
          dma: ample(1.2),
          dma32: ample(1.7),
          normal: ample(1.7),
          holding: mostly('activeAnon', 0.7, { inactiveAnon: 0.2 }),
          largestOrder: 2,
        }),
      }),
  },
  sysrq: {
    story: 'Somebody asked for a kill with sysrq-f on a machine with plenty of free memory.',
    kernels: ['6.18', '5.15', '4.14', '6.1', 'rhel8'],
    verdict: 'manual',
    holder: 'unknown',
    swapState: 'available',
    comm: 'demobuild',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 8,
        swapTotalKb: 8388604,
        swapFreeKb: 8388604,
        request: 'kernel',
        order: -1,
        route: 'sysrq',
        trigger: { comm: 'kworker/3:1', uid: 0 },
        hogs: [{ comm, uid: 1000, count: 1, share: 0.7 }],
        zones: flat(16, {
          dma: () => 3000,
          dma32: ample(20),
          normal: ample(60),
          holding: mostly('activeAnon', 0.2, { inactiveAnon: 0.1, activeFile: 0.2, inactiveFile: 0.3 }),
        }),
      }),
  },
  'page-fault': {
    story: 'A driver failed a page fault, and the fault handler called the killer with an empty mask.',
    kernels: ['2.6.32', '3.10', '4.9'],
    verdict: 'page-fault',
    holder: 'unknown',
    swapState: 'available',
    comm: 'viewerapp',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 2097148,
        swapFreeKb: 2097000,
        request: 'none',
        hogs: [{ comm, uid: 1000, count: 1, share: 0.5 }],
        zones: flat(8, {
          dma: () => 3000,
          dma32: ample(8),
          normal: ample(20),
          holding: mostly('activeAnon', 0.3, { inactiveAnon: 0.1, activeFile: 0.2, inactiveFile: 0.3 }),
        }),
      }),
  },
  'allocation-failure': {
    story: 'An interrupt handler finds no block of 32 pages; nothing is killed.',
    kernels: ['4.9', '3.10', '4.14', '5.15', '6.8', '2.6.32'],
    verdict: 'fragmented',
    // No processes are listed where none is to be killed.
    holder: 'unknown',
    swapState: 'available',
    comm: 'viewerapp',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 2097148,
        swapFreeKb: 1900000,
        request: 'atomic',
        order: 5,
        ending: 'allocation-failure',
        trigger: { comm: 'swapper/1', uid: 0 },
        hogs: [{ comm, uid: 1000, count: 20, share: 0.9 }],
        zones: flat(2, {
          dma: ample(1.2),
          dma32: ample(2),
          normal: ample(2),
          holding: mostly('activeAnon', 0.6, { inactiveAnon: 0.2, inactiveFile: 0.1 }),
          largestOrder: 4,
        }),
      }),
  },
  'cma-withheld': {
    story: 'Nearly all free pages belong to CMA, where a kernel allocation may not go.',
    kernels: ['6.1', '5.15', '5.4'],
    verdict: 'cma-withheld',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'camerahub',
    build: ({ kernel, seed, comm }: ScenarioOptions) => {
      const plans = flat(2, {
        dma: short(kernel, 'kernel', 3700),
        dma32: (marks) => marks.min + 100000,
        normal: ample(1),
        holding: mostly('activeAnon', 0.6, { inactiveAnon: 0.25 }),
      });
      return buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 0,
        swapFreeKb: 0,
        request: 'kernel',
        hogs: [{ comm, uid: 44, count: 20, share: 0.9 }],
        zones: plans.map((plan) => (plan.name === 'DMA32' ? { ...plan, freeCmaPages: 100200 } : plan)),
      });
    },
  },
  'cma-withheld-arm': {
    story: 'A single-board computer: nearly all free lowmem belongs to CMA, and the kernel does not print HighMem.',
    kernels: ['6.1-arm'],
    verdict: 'cma-withheld',
    holder: 'slab',
    swapState: 'available',
    comm: 'mediabox',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 102396,
        swapFreeKb: 98300,
        request: 'kernel',
        hogs: [{ comm, uid: 1000, count: 4, share: 0.8 }],
        zones: singleBoard({
          dma: (marks) => marks.min + 126000,
          highmem: () => 795000,
          freeCmaPages: 126500,
          low: { slabUnreclaimable: 0.5, slabReclaimable: 0.2, activeFile: 0.1, kernelStack: 0.02, pagetables: 0.03 },
          high: { activeAnon: 0.5, inactiveAnon: 0.1, inactiveFile: 0.3 },
        }),
      }),
  },
} as const satisfies Readonly<Record<string, Scenario>>;
