/** Scenarios of exhausted machines whose memory is not held by the anonymous pages of programs. */
import { buildState } from '../machine/build.ts';
import { exhausted, flat, mostly, short } from './machines.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

const workers = (comm: string, count: number) => [{ comm, uid: 1002, count, share: 0.9 }];

const KERNEL_CHOICE = ['5.4', '4.19', '5.15', '6.1', '6.8', 'rhel8'] as const;

export const HOLDER_SCENARIOS = {
  'page-tables': {
    story: 'Hundreds of workers map one large segment without huge pages; their page tables fill the machine.',
    kernels: KERNEL_CHOICE,
    verdict: 'machine-exhausted',
    holder: 'page-tables',
    swapState: 'none',
    comm: 'orderbook',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        8,
        mostly('pagetables', 0.55, { activeAnon: 0.15, inactiveAnon: 0.18 }),
        workers(options.comm, 150),
        { request: 'page-table', shmemPages: 300000 },
      ),
  },
  'thread-storm': {
    story: 'A program starts threads without end; their kernel stacks fill the machine.',
    kernels: KERNEL_CHOICE,
    verdict: 'machine-exhausted',
    holder: 'kernel-stacks',
    swapState: 'none',
    comm: 'spinpool',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        4,
        mostly('kernelStack', 0.5, { activeAnon: 0.2, inactiveAnon: 0.08, slabUnreclaimable: 0.12 }),
        workers(options.comm, 400),
        { request: 'kernel' },
      ),
  },
  'hugepages-reserved': {
    story: 'Two thirds of the machine are reserved as huge pages that nobody uses.',
    kernels: KERNEL_CHOICE,
    verdict: 'machine-exhausted',
    holder: 'hugepages',
    swapState: 'none',
    comm: 'warehouse',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        16,
        mostly('activeAnon', 0.2, { inactiveAnon: 0.08 }),
        workers(options.comm, 10),
        // 0.66 of 16 GiB in pages of 2 MiB.
        { hugePages: 5400 },
      ),
  },
  unaccounted: {
    story: 'A balloon driver has taken most of the machine away, and no counter says so.',
    kernels: ['5.4', '4.19', '5.15', 'rhel7', 'rhel8'],
    verdict: 'machine-exhausted',
    holder: 'unaccounted',
    swapState: 'none',
    comm: 'apigate',
    build: (options: ScenarioOptions) =>
      exhausted(options, 8, mostly('activeAnon', 0.16, { inactiveAnon: 0.04 }), workers(options.comm, 8)),
  },
  'dirty-pages': {
    story: 'A copy to a slow stick fills memory with dirty pages faster than they can be written.',
    kernels: ['4.4', '3.10', 'rhel7', '5.4'],
    verdict: 'machine-exhausted',
    holder: 'dirty-pages',
    swapState: 'none',
    comm: 'stickcopy',
    build: (options: ScenarioOptions) =>
      exhausted(
        options,
        4,
        mostly('inactiveFile', 0.66, { activeAnon: 0.15, inactiveAnon: 0.05 }),
        workers(options.comm, 2),
        {
          request: 'file',
          dirtyShare: 0.93,
        },
      ),
  },
  'reserve-withheld': {
    story: 'Free pages enough, but a fifteenth of the machine is held back for atomic requests of high order.',
    kernels: ['5.10', '5.15', '6.1', 'rhel9'],
    verdict: 'reserve-withheld',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'packetd',
    build: ({ kernel, seed, comm }: ScenarioOptions) => {
      const highatomicPages = 36000;
      const plans = flat(2, {
        dma: short(kernel, 'kernel', 3700),
        dma32: (marks) => marks.min + highatomicPages - 3,
        normal: () => 0,
        holding: mostly('activeAnon', 0.7, { inactiveAnon: 0.2 }),
      });
      return buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 0,
        swapFreeKb: 0,
        request: 'kernel',
        hogs: workers(comm, 20),
        zones: plans.map((plan) => (plan.name === 'DMA32' ? { ...plan, highatomicPages } : plan)),
      });
    },
  },
  'movable-imbalance': {
    story: 'Hot-plugged memory lies free in zone Movable, where kernel allocations may not go.',
    kernels: ['5.4', '4.19', '5.15', '4.9'],
    verdict: 'movable-imbalance',
    holder: 'slab',
    swapState: 'none',
    comm: 'volumed',
    build: ({ kernel, seed, comm }: ScenarioOptions) =>
      buildState({
        kernel,
        seed,
        cpus: 4,
        swapTotalKb: 0,
        swapFreeKb: 0,
        request: 'kernel',
        hogs: workers(comm, 12),
        zones: [
          ...flat(4, {
            dma: short(kernel, 'kernel', 3700),
            dma32: short(kernel, 'kernel', 60000),
            normal: short(kernel, 'kernel', 60000),
            holding: mostly('slabUnreclaimable', 0.7, { activeAnon: 0.1, inactiveAnon: 0.05 }),
          }),
          {
            name: 'Movable',
            presentPages: 2097152,
            managedPages: 2097152,
            free: () => 1400000,
            holding: { activeAnon: 0.5, inactiveAnon: 0.3, activeFile: 0.1, inactiveFile: 0.1 },
          },
        ],
      }),
  },
} as const satisfies Readonly<Record<string, Scenario>>;
