/** Scenarios of cgroups at their limit. */
import { buildState, killOf } from '../machine/build.ts';
import { type CgroupPlan, limitPlan } from '../machine/cgroup.ts';
import type { Hog } from '../machine/tasks.ts';
import type { ReportState } from '../state.ts';
import { ample, flat, mostly } from './machines.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

export const POD_PATH =
  '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod6f1d2c3b_8a90_4e5f_b1c2_d3e4f5a6b7c8.slice';
const CONTAINER = 'cri-containerd-4be0f1a2c3d45e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7.scope';

function limited({ kernel, seed }: ScenarioOptions, cgroup: CgroupPlan, hogs: readonly Hog[]): ReportState {
  return buildState(
    {
      kernel,
      seed,
      cpus: 16,
      swapTotalKb: 0,
      swapFreeKb: 0,
      request: 'anon',
      hogs,
      zones: flat(32, {
        dma: ample(0.8),
        dma32: ample(3),
        normal: ample(20),
        holding: mostly('activeAnon', 0.3, { inactiveAnon: 0.2, activeFile: 0.2, inactiveFile: 0.2 }),
      }),
    },
    limitPlan(cgroup, kernel),
  );
}

const V2_KERNELS = ['5.15', '5.10', '6.1', '6.8', '6.12', '6.18', '6.19', '7.1', 'rhel9'] as const;

const nightlyReports = (options: ScenarioOptions) =>
  limited(
    options,
    {
      path: '/web/reports',
      taskPath: '/web/reports/night',
      limitKb: 524288,
      failcnt: 83,
      anon: 0.985,
      file: 0.002,
    },
    [{ comm: options.comm, uid: 48, count: 1, share: 0.98 }],
  );

export const LIMIT_SCENARIOS = {
  'memcg-pod': {
    story: 'A container of a pod grows to the limit of its cgroup; the machine has memory to spare.',
    kernels: V2_KERNELS,
    verdict: 'memcg-limit',
    holder: 'one-task',
    swapState: 'none',
    comm: 'indexer',
    build: (options: ScenarioOptions) => {
      const state = limited(
        options,
        { path: `${POD_PATH}/${CONTAINER}`, limitKb: 1048576, failcnt: 1206, anon: 0.972, file: 0.004 },
        [{ comm: options.comm, uid: 1000, count: 1, share: 0.96, oomScoreAdj: 968 }],
      );
      return { ...state, cpusetName: CONTAINER, summary: { ...state.summary, cpuset: CONTAINER } };
    },
  },
  'memcg-shmem': {
    story: 'A container fills its tmpfs up to the limit of its cgroup.',
    kernels: V2_KERNELS,
    verdict: 'memcg-limit',
    holder: 'shmem',
    swapState: 'none',
    comm: 'thumbnailer',
    build: (options: ScenarioOptions) =>
      limited(
        options,
        { path: '/system.slice/thumbnailer.service', limitKb: 524288, failcnt: 77, anon: 0.1, file: 0.01, shmem: 0.86 },
        [{ comm: options.comm, uid: 991, count: 4, share: 0.9 }],
      ),
  },
  'memcg-group-kill': {
    story: 'memory.oom.group kills a whole service when it reaches its limit.',
    kernels: ['5.15', '6.1', '6.8'],
    verdict: 'memcg-limit',
    holder: 'many-tasks',
    swapState: 'none',
    comm: 'renderd',
    build: (options: ScenarioOptions) => {
      const state = limited(
        options,
        {
          path: '/system.slice/renderd.service',
          limitKb: 2097152,
          failcnt: 5120,
          anon: 0.975,
          file: 0.003,
          groupKill: true,
        },
        [{ comm: options.comm, uid: 990, count: 9, share: 0.97 }],
      );
      // The chosen one dies first; the rest of the group follows.
      const others = state.tasks.slice(0, -1).map((task) => killOf(task, 'Memory cgroup out of memory'));
      return { ...state, kills: [...state.kills, ...others] };
    },
  },
  'memcg-v1': {
    story: 'A service of a cgroup v1 machine reaches its memory limit.',
    kernels: ['rhel7', '4.4', '3.10', '3.13', '3.16', '4.14', '4.19', '5.0', '5.4', 'rhel8'],
    verdict: 'memcg-limit',
    holder: 'one-task',
    // memory+swap is unlimited, and a report of a limit says nothing of the machine's swap.
    swapState: 'unknown',
    comm: 'reportgen',
    build: nightlyReports,
  },
  'memcg-rhel6': {
    story: 'The same on RHEL 6, which dumps the memory of the machine for a limit too.',
    kernels: ['rhel6'],
    verdict: 'memcg-limit',
    holder: 'one-task',
    swapState: 'none',
    comm: 'reportgen',
    build: nightlyReports,
  },
} as const satisfies Readonly<Record<string, Scenario>>;
