/** Memory of the machine, swap, low and high memory, the cgroup: all in bytes. */
import type { Analysis, MemInfo, OomReport, Zone } from '../domain.ts';
import { kbToBytes, pagesToBytes } from '../units.ts';
import type { Leaves } from './fields.ts';

/** kB to bytes, where absent stays absent and null (unlimited) becomes absent. */
export const bytesOfKb = (kb: number | null | undefined): number | undefined =>
  kb === undefined || kb === null ? undefined : kbToBytes(kb);

/** The sum of what is there; undefined when nothing is. */
export function sumOf(values: readonly (number | undefined)[]): number | undefined {
  let sum: number | undefined;
  for (const value of values) if (value !== undefined) sum = (sum ?? 0) + value;
  return sum;
}

/** Memory of the machine in kB: the printed total of pages, else the present pages of the zones. */
export function totalKb(report: OomReport, pageSizeKb: number): number | undefined {
  const ramPages = report.totals?.ramPages;
  return ramPages === undefined ? sumOf(report.zones.map((zone) => zone.presentKb)) : ramPages * pageSizeKb;
}

export function memoryLeaves(report: OomReport, analysis: Analysis): Leaves {
  const { pageSizeKb } = analysis;
  const info: Partial<MemInfo> = report.memInfo ?? {};
  const bytes = (...pages: readonly (number | undefined)[]): number | undefined => {
    const sum = sumOf(pages);
    return sum === undefined ? undefined : pagesToBytes(sum, pageSizeKb);
  };
  const machine = analysis.accounts.find((account) => account.place === 'machine');
  return {
    'oom.memory.total_bytes': bytesOfKb(totalKb(report, pageSizeKb)),
    'oom.memory.free_bytes':
      bytes(info.freePages) ?? bytesOfKb(info.freeKb ?? sumOf(report.zones.map((z) => z.freeKb))),
    'oom.memory.anon_bytes': bytes(info.activeAnonPages, info.inactiveAnonPages),
    'oom.memory.file_bytes': bytes(info.activeFilePages, info.inactiveFilePages),
    'oom.memory.cache_bytes': bytes(report.totals?.pagecachePages),
    'oom.memory.shmem_bytes': bytes(info.shmemPages),
    'oom.memory.unevictable_bytes': bytes(info.unevictablePages),
    'oom.memory.dirty_bytes': bytes(info.dirtyPages, info.writebackPages),
    'oom.memory.slab_reclaimable_bytes': bytes(info.slabReclaimablePages),
    'oom.memory.slab_unreclaimable_bytes': bytes(info.slabUnreclaimablePages),
    'oom.memory.pagetables_bytes': bytes(info.pagetablesPages),
    'oom.memory.unattributed_bytes': bytesOfKb(machine?.unattributedKb),
    'oom.swap.state': analysis.swapState,
    'oom.swap.total_bytes': bytesOfKb(report.totals?.totalSwapKb),
    'oom.swap.free_bytes': bytesOfKb(report.totals?.freeSwapKb),
    ...lowmemLeaves(report, analysis),
  };
}

function lowmemLeaves(report: OomReport, { lowmem }: Analysis): Leaves {
  const minKb = lowmem && sumOf(report.zones.filter(isLowmem).map((zone) => zone.minKb));
  return {
    'oom.highmem.present': highmemPresent(report),
    'oom.highmem.total_bytes': bytesOfKb(lowmem?.highmemKb),
    'oom.highmem.free_bytes': bytesOfKb(lowmem?.highmemFreeKb),
    'oom.lowmem.exhausted': lowmem?.exhausted,
    'oom.lowmem.total_bytes': bytesOfKb(lowmem?.lowmemKb),
    'oom.lowmem.free_bytes': bytesOfKb(lowmem?.lowmemFreeKb),
    'oom.lowmem.min_bytes': bytesOfKb(minKb),
    'oom.lowmem.free_to_min_ratio': lowmem && minKb ? lowmem.lowmemFreeKb / minKb : undefined,
    'oom.lowmem.mem_map_bytes': bytesOfKb(lowmem?.memMapKb),
  };
}

const isLowmem = (zone: Zone): boolean => zone.name !== 'HighMem' && zone.name !== 'Movable';

/** Absent where neither zones nor totals nor the width of an address could tell: a kill line alone says nothing. */
function highmemPresent(report: OomReport): boolean | undefined {
  if (report.highmem32) return true;
  const isTold = report.zones.length > 0 || report.totals !== undefined || report.kernel.addressBits === 64;
  return isTold ? false : undefined;
}

export function memcgLeaves({ memcg, summary }: OomReport, { cgroup }: Analysis): Leaves {
  return {
    'oom.memcg.path': memcg?.path ?? summary?.oomMemcg ?? cgroup?.path,
    'oom.memcg.task_path': memcg?.taskPath ?? summary?.taskMemcg ?? cgroup?.taskPath,
    'oom.memcg.unit': cgroup?.unit,
    'oom.memcg.qos': cgroup?.qos,
    'oom.memcg.limit_kind': cgroup?.limitKind,
    'oom.memcg.limit_bytes': bytesOfKb(memcg?.limitKb),
    'oom.memcg.usage_bytes': bytesOfKb(memcg?.usageKb),
    'oom.memcg.failcnt': memcg?.failcnt,
    'oom.memcg.group_kill': memcg?.groupKill,
  };
}
