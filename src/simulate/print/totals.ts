/** Page cache, swap and page totals, and the allocation sites of 6.10+. */
import { isAtLeast } from '../../kernel/version.ts';
import type { Dialect } from '../dialect.ts';
import type { ReportState } from '../state.ts';
import { right } from './text.ts';

function printSwap(state: ReportState, dialect: Dialect): string[] {
  const { totals } = state;
  const free = `Free swap  = ${totals.freeSwapKb ?? 0}kB`;
  const total = `Total swap = ${totals.totalSwapKb ?? 0}kB`;
  const counts = `add ${totals.swapCacheAdd ?? 0}, delete ${totals.swapCacheDelete ?? 0}, find ${totals.swapCacheFind ?? 0}/${totals.swapCacheFindTotal ?? 0}`;
  const inCache = `${totals.swapCachePages ?? 0} pages in swap cache`;
  switch (dialect.swap) {
    case 'none':
      return [];
    case 'cache':
      return [`Swap cache: ${counts}, race 0+0`];
    case 'cache+free':
      return [`Swap cache: ${counts}, race 0+0`, free, total];
    case 'stats':
      return [inCache, `Swap cache stats: ${counts}`, free, total];
    case 'short':
      return [inCache, free, total];
  }
}

/** Totals of 2.6.9 to 2.6.24: x86_64 prints fewer of them than i386. */
function oldTotals(state: ReportState, dialect: Dialect): string[] {
  const { totals } = state;
  const lines = [`Free swap:       ${right(totals.freeSwapKb ?? 0, 6)}kB`, `${totals.ramPages ?? 0} pages of RAM`];
  if (state.kernel.arch === 'i386') lines.push(`${totals.highmemPages ?? 0} pages of HIGHMEM`);
  lines.push(`${totals.reservedPages ?? 0} reserved pages`, `${totals.sharedPages ?? 0} pages shared`);
  lines.push(`${totals.swapCachePages ?? 0} pages swap cached`);
  if (state.kernel.arch === 'i386' && isAtLeast(dialect.version, [2, 6, 18])) {
    lines.push(`${totals.dirtyPages ?? 0} pages dirty`, `${totals.writebackPages ?? 0} pages writeback`);
    lines.push(`${totals.mappedPages ?? 0} pages mapped`, `${totals.slabPages ?? 0} pages slab`);
    lines.push(`${totals.pagetablesPages ?? 0} pages pagetables`);
  }
  return lines;
}

function printPages(state: ReportState, dialect: Dialect): string[] {
  const { totals } = state;
  switch (dialect.totals) {
    case 'none':
      return [];
    case 'old':
      return oldTotals(state, dialect);
    case 'walk':
      return [
        `${totals.ramPages ?? 0} pages RAM`,
        ...(state.kernel.highmem ? [`${totals.highmemPages ?? 0} pages HighMem`] : []),
        `${totals.reservedPages ?? 0} pages reserved`,
        `${totals.sharedPages ?? 0} pages shared`,
        `${totals.nonSharedPages ?? 0} pages non-shared`,
      ];
    case 'node':
      return [
        `${totals.ramPages ?? 0} pages RAM`,
        `${totals.highmemPages ?? 0} pages HighMem/MovableOnly`,
        `${totals.reservedPages ?? 0} pages reserved`,
        ...(dialect.cmaReserved && state.kernel.cma ? [`${totals.cmaReservedPages ?? 0} pages cma reserved`] : []),
        ...(dialect.hwpoison && state.kernel.hwpoison ? [`${totals.hwpoisonedPages ?? 0} pages hwpoisoned`] : []),
      ];
  }
}

/** string_get_size with STRING_UNITS_2: three significant digits. */
function humanBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let step = 0;
  while (value >= 1024 && step < units.length - 1) {
    value /= 1024;
    step += 1;
  }
  const digits = step === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[step]}`;
}

/** `Memory allocations:` with its ten largest sites. */
export function printAllocationSites(state: ReportState, dialect: Dialect): string[] {
  if (dialect.allocationSites === 'none' || state.allocationSites.length === 0) return [];
  const heading =
    dialect.allocationSites === 'human-state'
      ? 'Memory allocations (profiling is currently turned on):'
      : 'Memory allocations:';
  const rows = state.allocationSites.map((site) => {
    const size = dialect.allocationSites === 'bytes' ? String(site.bytes) : humanBytes(site.bytes);
    return `${right(size, 12)} ${right(site.calls, 8)} ${site.site}`;
  });
  return [heading, ...rows];
}

export function printTotals(state: ReportState, dialect: Dialect): string[] {
  const pagecache = dialect.pagecache === 'none' ? [] : [`${state.totals.pagecachePages ?? 0} ${dialect.pagecache}`];
  return [...pagecache, ...printSwap(state, dialect), ...printPages(state, dialect)];
}
