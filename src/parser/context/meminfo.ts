/** /proc/meminfo, 2.4 to 7.1 (fs/proc/meminfo.c; the order and the set of the lines vary). */
import type { HostMeminfo } from '../../domain.ts';
import type { ContextLine } from './lines.ts';

const COUNTERS: Readonly<Record<string, keyof HostMeminfo>> = {
  MemTotal: 'memTotalKb',
  MemFree: 'memFreeKb',
  MemAvailable: 'memAvailableKb',
  Buffers: 'buffersKb',
  Cached: 'cachedKb',
  SwapCached: 'swapCachedKb',
  Active: 'activeKb',
  Inactive: 'inactiveKb',
  'Active(anon)': 'activeAnonKb',
  'Inactive(anon)': 'inactiveAnonKb',
  'Active(file)': 'activeFileKb',
  'Inactive(file)': 'inactiveFileKb',
  Unevictable: 'unevictableKb',
  Mlocked: 'mlockedKb',
  HighTotal: 'highTotalKb',
  HighFree: 'highFreeKb',
  LowTotal: 'lowTotalKb',
  LowFree: 'lowFreeKb',
  SwapTotal: 'swapTotalKb',
  SwapFree: 'swapFreeKb',
  Dirty: 'dirtyKb',
  Writeback: 'writebackKb',
  AnonPages: 'anonPagesKb',
  Mapped: 'mappedKb',
  Shmem: 'shmemKb',
  Slab: 'slabKb',
  SReclaimable: 'slabReclaimableKb',
  SUnreclaim: 'slabUnreclaimableKb',
  KernelStack: 'kernelStackKb',
  PageTables: 'pagetablesKb',
  CommitLimit: 'commitLimitKb',
  Committed_AS: 'committedKb',
  Percpu: 'percpuKb',
  CmaTotal: 'cmaTotalKb',
  CmaFree: 'cmaFreeKb',
  HugePages_Total: 'hugePagesTotal',
  HugePages_Free: 'hugePagesFree',
  Hugepagesize: 'hugePageSizeKb',
};

/** `LowFree:          515840 kB`, `HugePages_Total:       0` */
const COUNTER = /^([A-Z][A-Za-z_()]{1,24}):\s{0,24}(\d{1,15})( kB)?$/;

/** The counters of the first meminfo in the text. */
export function readMeminfo(lines: readonly ContextLine[]): HostMeminfo {
  const meminfo: HostMeminfo = {};
  for (const { text, path, line } of lines) {
    const [, name, value, kb] = COUNTER.exec(text) ?? [];
    const field = name !== undefined && Object.hasOwn(COUNTERS, name) ? COUNTERS[name] : undefined;
    if (field === undefined || field.endsWith('Kb') !== (kb !== undefined)) continue;
    meminfo[field] ??= { value: Number(value), path, line };
  }
  return meminfo;
}
