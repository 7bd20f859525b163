/** Scenarios of 32-bit machines with HighMem. */
import { isBefore } from '../../kernel/version.ts';
import { buildState } from '../machine/build.ts';
import { seedTwin } from '../seed-twin.ts';
import { type KernelSpec, versionOf } from '../state.ts';
import { pae, short } from './machines.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

const PAE_KERNELS = ['3.2', '2.6.28', '4.9-i386', '6.1-i386'] as const;

/** Up to 3.8 a fifth of Normal's present pages is mem_map and kernel; later managed pages leave them out. */
const ownShare = (kernel: KernelSpec, share: number): number =>
  isBefore(versionOf(kernel), [3, 9, 0]) ? share : share * 1.25;

const HIGH_CACHE = { activeAnon: 0.05, inactiveAnon: 0.01, activeFile: 0.06, inactiveFile: 0.8 };

export const LOWMEM_SCENARIOS = {
  'seed-twin': {
    story: 'A 33 GiB PAE machine whose page cache in HighMem pins buffer heads in Normal; a page table finds no page.',
    kernels: ['3.2'],
    verdict: 'lowmem-exhausted',
    holder: 'slab',
    swapState: 'available',
    comm: 'mailscand',
    build: () => seedTwin(),
  },
  'lowmem-slab': {
    story: 'A 16 GiB PAE machine: slab for cached files fills Normal while HighMem has 508 MiB free.',
    kernels: PAE_KERNELS,
    verdict: 'lowmem-exhausted',
    holder: 'slab',
    swapState: 'available',
    comm: 'mirrorpull',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 2097148,
        swapFreeKb: 2097148,
        request: 'kernel',
        hogs: [{ comm, uid: 112, count: 3, share: 0.6 }],
        zones: pae(kernel, 16, {
          dma: short(kernel, 'kernel', 3700),
          normal: short(kernel, 'kernel', 9000),
          highmem: () => 130000,
          low: {
            slabReclaimable: ownShare(kernel, 0.66),
            slabUnreclaimable: 0.05,
            kernelStack: 0.003,
            pagetables: 0.01,
            activeFile: 0.0003,
            inactiveFile: 0.0005,
          },
          high: HIGH_CACHE,
        }),
      }),
  },
  'lowmem-page-tables': {
    story: 'An 8 GiB PAE machine: hundreds of workers map the same large segment, and their page tables fill Normal.',
    kernels: PAE_KERNELS,
    verdict: 'lowmem-exhausted',
    holder: 'page-tables',
    swapState: 'none',
    comm: 'orderbook',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 0,
        swapFreeKb: 0,
        request: 'page-table',
        shmemPages: 240000,
        hogs: [{ comm, uid: 501, count: 120, share: 0.9, shmemPages: 60000 }],
        zones: pae(kernel, 8, {
          dma: short(kernel, 'page-table', 3700),
          normal: short(kernel, 'page-table', 9000),
          highmem: () => 130000,
          low: {
            slabReclaimable: 0.06,
            slabUnreclaimable: 0.05,
            kernelStack: 0.01,
            pagetables: ownShare(kernel, 0.66),
            activeFile: 0.0003,
            inactiveFile: 0.0003,
          },
          high: { activeAnon: 0.2, inactiveAnon: 0.2, activeFile: 0.1, inactiveFile: 0.2 },
        }),
      }),
  },
} as const satisfies Readonly<Record<string, Scenario>>;
