/** For each verdict and each holder one report that yields it and a near miss that does not: what differs, and what comes of it. */
import type { Holder, Verdict } from '../../../src/domain.ts';
import { KERNELS, type KernelName, SCENARIOS, type ScenarioName, scenarioState } from '../../../src/simulate/index.ts';
import { all, type Edit, largest, memInfo, move, summary, trigger, twin, withoutLimit, zone } from './edit.ts';

/** A simulated report: a scenario, as it stands or changed. */
export interface Example {
  readonly scenario: ScenarioName;
  readonly kernel: KernelName;
  /** What was changed, in words and in deed. */
  readonly change?: { readonly words: string; readonly edit: Edit };
}

export interface AnswerCase<Answer> {
  readonly example: Example;
  readonly nearMiss: Example & Required<Pick<Example, 'change'>>;
  /** What the near miss yields instead. */
  readonly instead: Answer;
}

export const stateOf = ({ scenario, kernel, change }: Example) => {
  const state = scenarioState(SCENARIOS[scenario], { kernel: KERNELS[kernel], seed: 7 });
  return change ? change.edit(state) : state;
};

/** The same report with something changed. */
function near<Answer>(
  scenario: ScenarioName,
  kernel: KernelName,
  words: string,
  edit: Edit,
  instead: Answer,
): AnswerCase<Answer> {
  return { example: { scenario, kernel }, nearMiss: { scenario, kernel, change: { words, edit } }, instead };
}

const belowMin = (name: string, node?: number): Edit => zone(name, ({ minKb }) => ({ freeKb: (minKb ?? 0) - 4 }), node);

/** Free pages of a zone so that a request of its own class misses HIGH by equality, or passes by one page. */
const atHigh = (pages: 0 | 1): Edit => zone('Normal', ({ highKb }) => ({ freeKb: (highKb ?? 0) + 4 * pages }));

const aboveHigh = { words: 'zone Normal has one page more than its HIGH mark', edit: atHigh(1) };

export const VERDICT_CASES: Readonly<Record<Verdict, AnswerCase<Verdict>>> = {
  'memcg-limit': near(
    'memcg-pod',
    '6.8',
    'the kernel names no memory cgroup: CONSTRAINT_NONE, and no cgroup block',
    withoutLimit,
    'unexplained',
  ),
  'cpuset-limit': near(
    'cpuset-limit',
    '5.4',
    'the kernel says CONSTRAINT_NONE',
    summary({ constraint: 'CONSTRAINT_NONE' }),
    'machine-exhausted',
  ),
  'mempolicy-limit': near(
    'mempolicy-limit',
    '5.4',
    'the kernel says CONSTRAINT_CPUSET',
    summary({ constraint: 'CONSTRAINT_CPUSET' }),
    'cpuset-limit',
  ),
  'numa-imbalance': near(
    'numa-imbalance',
    '5.4',
    'node 1 is below its MIN mark as well',
    belowMin('Normal', 1),
    'machine-exhausted',
  ),
  manual: near(
    'sysrq',
    '5.15',
    'an allocation of order 0, and not SysRq, calls the OOM killer',
    all(trigger({ order: 0 }), (state) => ({
      ...state,
      sysrq: false,
      frames: state.frames.filter(({ symbol }) => symbol !== 'moom_callback'),
    })),
    'unexplained',
  ),
  'page-fault': near(
    'page-fault',
    '3.10',
    'the mask is 0xd0 (GFP_KERNEL)',
    trigger({ gfpMask: '0xd0' }),
    'unexplained',
  ),
  'lowmem-exhausted': near(
    'seed-twin',
    '3.2',
    "HighMem's free memory is 512 kB, its MIN mark",
    zone('HighMem', ({ minKb }) => ({ freeKb: minKb ?? 0 })),
    'machine-exhausted',
  ),
  'dma-zone-exhausted': near(
    'dma32-exhausted',
    '2.6.32',
    'zone Normal is below its MIN mark as well',
    belowMin('Normal'),
    'machine-exhausted',
  ),
  fragmented: near(
    'fragmented',
    '5.4',
    'zone DMA32 has one free block of 8 pages',
    zone('DMA32', ({ buddyCounts }) => ({
      buddyCounts: (buddyCounts ?? []).map((count, order) => (order === 0 ? count - 8 : order === 3 ? 1 : count)),
    })),
    'unexplained',
  ),
  'cma-withheld': near(
    'cma-withheld',
    '5.15',
    'the free CMA pages are 4 % of zone DMA32, and so much less is free',
    zone('DMA32', ({ freeKb, freeCmaKb, managedKb }) => {
      const lessKb = (freeCmaKb ?? 0) - 4 * Math.trunc((managedKb ?? 0) / 100);
      return { freeCmaKb: (freeCmaKb ?? 0) - lessKb, freeKb: (freeKb ?? 0) - lessKb };
    }),
    'machine-exhausted',
  ),
  'reserve-withheld': near(
    'reserve-withheld',
    '5.15',
    'the reserve is 4 % of zone DMA32, and so much less is free',
    zone('DMA32', ({ freeKb, reservedHighatomicKb, managedKb }) => {
      const lessKb = (reservedHighatomicKb ?? 0) - 4 * Math.trunc((managedKb ?? 0) / 100);
      return { reservedHighatomicKb: (reservedHighatomicKb ?? 0) - lessKb, freeKb: (freeKb ?? 0) - lessKb };
    }),
    'machine-exhausted',
  ),
  'movable-imbalance': near(
    'movable-imbalance',
    '5.4',
    'zone Movable is below its MIN mark as well',
    belowMin('Movable'),
    'machine-exhausted',
  ),
  'machine-exhausted': near('exhausted-no-swap', '6.8', aboveHigh.words, aboveHigh.edit, 'unexplained'),
  unexplained: {
    example: { scenario: 'exhausted-no-swap', kernel: '6.8', change: aboveHigh },
    nearMiss: {
      scenario: 'exhausted-no-swap',
      kernel: '6.8',
      change: { words: 'zone Normal has as much as its HIGH mark and not one page more', edit: atHigh(0) },
    },
    instead: 'machine-exhausted',
  },
  'insufficient-data': near(
    'kill-without-header',
    '5.15',
    'the whole report is there',
    (state) => ({ ...state, ending: 'kill' }),
    'machine-exhausted',
  ),
};

/** Low memory with little slab and some memory of processes, so that the descriptors are its largest part. */
const lessSlab: Edit = all(
  zone('Normal', (normal) => ({
    slabReclaimableKb: 120_000,
    activeAnonKb: 240_000,
    inactiveFileKb: (normal.inactiveFileKb ?? 0) + 153_000,
  })),
  memInfo(({ activeAnonPages, inactiveFilePages }) => ({
    slabReclaimablePages: 30_060,
    activeAnonPages: (activeAnonPages ?? 0) + 60_000,
    inactiveFilePages: (inactiveFilePages ?? 0) + 38_250,
  })),
);

const dirtyShare = (share: number): Edit =>
  memInfo(({ inactiveFilePages }) => ({ dirtyPages: Math.trunc((inactiveFilePages ?? 0) * share) }));

/** A pool of huge pages, or none. */
const pool =
  (total: number): Edit =>
  (state) => ({ ...state, hugePages: state.hugePages.map((pages) => ({ ...pages, total, free: total })) });

export const HOLDER_CASES: Readonly<Record<Holder, AnswerCase<Holder>>> = {
  'one-task': near(
    'exhausted-swap-full',
    '5.15',
    'two processes hold it in equal parts',
    all(largest(0.5), twin),
    'many-tasks',
  ),
  'many-tasks': near('exhausted-no-swap', '6.8', 'one of the workers is as large as thirty', largest(30), 'one-task'),
  slab: near(
    'slab-leak',
    '5.15',
    'six tenths of the slab are anonymous memory instead',
    move('slabUnreclaimablePages', 'activeAnonPages', 0.6),
    'many-tasks',
  ),
  'page-tables': near(
    'page-tables',
    '5.15',
    'half of the page tables are anonymous memory instead',
    move('pagetablesPages', 'activeAnonPages', 0.5),
    'many-tasks',
  ),
  shmem: near(
    'shmem-full',
    '5.10',
    'seven tenths of the shared memory are private instead',
    memInfo(({ shmemPages }) => ({ shmemPages: Math.trunc((shmemPages ?? 0) * 0.3) })),
    'many-tasks',
  ),
  'kernel-stacks': near(
    'thread-storm',
    '5.4',
    'half of the stacks are slab instead',
    (state) => {
      const half = (kb: number | undefined): number => Math.trunc((kb ?? 0) / 2);
      const stacksKb = state.zones.reduce((sum, { kernelStackKb }) => sum + half(kernelStackKb), 0);
      const zones = state.zones.map((one) => ({ ...one, kernelStackKb: half(one.kernelStackKb) }));
      const slab = (state.memInfo.slabUnreclaimablePages ?? 0) + stacksKb / state.kernel.pageSizeKb;
      return { ...state, zones, memInfo: { ...state.memInfo, slabUnreclaimablePages: slab } };
    },
    'slab',
  ),
  unevictable: near(
    'unevictable',
    '5.4',
    'six tenths of the locked pages can be evicted',
    move('unevictablePages', 'activeAnonPages', 0.6),
    'many-tasks',
  ),
  hugepages: near('hugepages-reserved', '5.4', 'the kernel prints an empty pool', pool(0), 'unaccounted'),
  'dirty-pages': near('dirty-pages', '5.4', 'two fifths of the file cache are dirty', dirtyShare(0.4), 'page-cache'),
  'page-cache': {
    example: {
      scenario: 'dirty-pages',
      kernel: '5.4',
      change: { words: 'a twentieth of the file cache is dirty', edit: dirtyShare(0.05) },
    },
    nearMiss: {
      scenario: 'dirty-pages',
      kernel: '5.4',
      change: { words: 'three fifths of the file cache are dirty', edit: dirtyShare(0.6) },
    },
    instead: 'dirty-pages',
  },
  'mem-map': {
    example: {
      scenario: 'seed-twin',
      kernel: '3.2',
      change: { words: 'low memory holds 117 MiB of slab, and pages of processes and files instead', edit: lessSlab },
    },
    nearMiss: {
      scenario: 'seed-twin',
      kernel: '3.2',
      change: { words: 'low memory holds 501 MiB of slab', edit: (state) => state },
    },
    instead: 'slab',
  },
  unaccounted: near('unaccounted', '5.4', 'the kernel prints a pool of 2,800 huge pages', pool(2800), 'hugepages'),
  unknown: {
    example: { scenario: 'exhausted-i386-old', kernel: '2.6.24' },
    nearMiss: {
      scenario: 'exhausted-i386',
      kernel: '2.6.28',
      change: { words: 'a later kernel lists the processes', edit: (state) => state },
    },
    instead: 'many-tasks',
  },
};
