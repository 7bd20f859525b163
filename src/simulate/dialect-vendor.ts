/** Where enterprise kernels depart from the mainline release of their number: they print newer formats. */
import { vendorBuild } from '../kernel/version.ts';
import type { Dialect } from './dialect.ts';
import { type KernelSpec, vendorOfKernel } from './state.ts';

type Patch = Partial<{ -readonly [K in keyof Dialect]: Dialect[K] }>;

/** Where an enterprise kernel departs from the mainline release of its number. */
export function vendorPatch(kernel: KernelSpec): Patch {
  const build = vendorBuild(kernel.release) ?? 0;
  switch (vendorOfKernel(kernel)) {
    case 'rhel4':
      return {
        memInfoHeader: 'Mem-info:',
        formats: [2, 6, 11],
        swap: 'cache+free',
        totals: 'old',
        pagecache: 'pagecache pages',
      };
    case 'rhel5':
      return {
        trigger: 'oomkilladj',
        pagecache: 'pagecache pages',
        selection: 'none',
        kill: build >= 194 ? 'reason-uid-short' : 'reason-short',
      };
    case 'rhel6':
      return build < 220
        ? { kill: 'vsz' }
        : {
            trigger: 'oom_adj+score',
            tasks: 'cpu-both',
            selection: 'or sacrifice child',
            kill: 'uid-total-vm',
          };
    case 'rhel7':
      return build < 514
        ? { taintDashes: true, taintColumns: 16 }
        : {
            formats: [4, 1, 0],
            taintDashes: true,
            taintColumns: 16,
            stackWords: build < 693,
            perCpu: 'none',
            totals: 'node',
            kdump: build >= 1127,
            kill: build >= 1127 ? 'uid-after-shmem' : 'total-vm-shmem',
          };
    case 'rhel8':
      return build < 200
        ? {
            formats: [4, 13, 0],
            trigger: 'nodemask',
            tasks: 'pgtables_bytes',
            selection: 'none',
            kill: 'reason-shmem',
            kdump: true,
            cmaReserved: false,
            deadlockPanic: true,
          }
        : {
            formats: [5, 11, 0],
            highatomic: false,
            trigger: 'flags',
            cpusetLine: false,
            memcgTaskLine: 'none',
            memcgStats: 'one-record',
            tasks: 'wide',
            summary: true,
            selection: 'none',
            kill: 'reason-full',
            kdump: true,
            cmaReserved: false,
            deadlockPanic: true,
          };
    case 'rhel9':
      return {
        formats: build >= 600 ? [6, 6, 0] : [6, 1, 0],
        kdump: true,
        taintColumns: 19,
        taskMarks: true,
        zoneFilter: true,
        swap: 'short',
      };
    default:
      return {};
  }
}
