/** Scenarios of machines with two nodes. */
import { buildState, type MachinePlan } from '../machine/build.ts';
import type { ZonePlan } from '../machine/zones.ts';
import type { ReportState } from '../state.ts';
import { ample, flat, type Holding, mostly, short } from './machines.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

const FULL = mostly('activeAnon', 0.75, { inactiveAnon: 0.15 });
const IDLE: Holding = {
  activeAnon: 0.1,
  inactiveAnon: 0.05,
  activeFile: 0.1,
  inactiveFile: 0.15,
  slabReclaimable: 0.02,
};

/** Node 0 with 8 GiB, node 1 with 8 GiB of Normal alone; one of them is full. */
function twoNodes({ kernel, seed, comm }: ScenarioOptions, fullNode: 0 | 1, more: Partial<MachinePlan>): ReportState {
  const first = fullNode === 0;
  const tight = short(kernel, 'anon', 90000);
  const low = flat(8, {
    dma: first ? short(kernel, 'anon', 3700) : ample(1),
    dma32: first ? tight : ample(8),
    normal: first ? tight : ample(30),
    holding: first ? FULL : IDLE,
  });
  const high: ZonePlan = {
    name: 'Normal',
    node: 1,
    presentPages: 2097152,
    managedPages: 2060400,
    free: first ? ample(30) : tight,
    holding: first ? IDLE : FULL,
  };
  return buildState({
    kernel,
    seed,
    cpus: 16,
    swapTotalKb: 0,
    swapFreeKb: 0,
    request: 'anon',
    hogs: [{ comm, uid: 1001, count: 16, share: 0.9 }],
    zones: [...low, high],
    ...more,
  });
}

const KERNEL_CHOICE = ['5.4', '4.14', '4.19', '5.15', '6.1', '6.8'] as const;

export const NUMA_SCENARIOS = {
  'cpuset-limit': {
    story: 'A job bound to node 1 by its cpuset fills that node; node 0 has memory to spare and is not printed.',
    kernels: KERNEL_CHOICE,
    verdict: 'cpuset-limit',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'solver',
    build: (options: ScenarioOptions) => {
      const state = twoNodes(options, 1, { allowedNodes: [1], constraint: 'CONSTRAINT_CPUSET' });
      return { ...state, cpusetName: 'solvers', summary: { ...state.summary, cpuset: 'solvers' } };
    },
  },
  'mempolicy-limit': {
    story: 'A program bound to node 1 by its memory policy fills that node.',
    kernels: ['5.4', '5.15', '6.1', '6.8'],
    verdict: 'mempolicy-limit',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'gridcell',
    build: (options: ScenarioOptions) =>
      twoNodes(options, 1, { allowedNodes: [1], constraint: 'CONSTRAINT_MEMORY_POLICY' }),
  },
  'numa-imbalance': {
    story: 'Node 0 is full and node 1 nearly empty, and nothing in the report says why the request stayed on node 0.',
    kernels: KERNEL_CHOICE,
    verdict: 'numa-imbalance',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'gridcell',
    build: (options: ScenarioOptions) => twoNodes(options, 0, {}),
  },
} as const satisfies Readonly<Record<string, Scenario>>;
