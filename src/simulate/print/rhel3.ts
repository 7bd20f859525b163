/** The dump of RHEL3, a 2.4 kernel with a memory map of its own (mm/page_alloc.c show_free_areas of 2.4.21-EL). */
import type { ReportState } from '../state.ts';
import { right } from './text.ts';

const pages = (kb: number | undefined): number => Math.trunc((kb ?? 0) / 4);

/** `n*4kB n*8kB ... = nkB)`: no zone name, and a bracket that nothing opened. */
function buddyLine(counts: readonly number[]): string {
  const blocks = counts.map((count, order) => `${count}*${4 * 2 ** order}kB `).join('');
  const totalKb = counts.reduce((sum, count, order) => sum + count * 4 * 2 ** order, 0);
  return `${blocks}= ${totalKb}kB)`;
}

/** From `Mem-info:` to the totals; marks and free pages of the zones are pages here. */
export function printRhel3Dump(state: ReportState): string[] {
  const { zones, memInfo, totals } = state;
  const free = memInfo.freePages ?? 0;
  const active = `${memInfo.activePages ?? 0}/${memInfo.activeFilePages ?? 0}`;
  const inactive = memInfo.inactivePages ?? 0;
  return [
    'Mem-info:',
    ...zones.map((zone) => {
      const marks = `min:${right(pages(zone.minKb), 6)} low:${right(pages(zone.lowKb), 6)}`;
      return `Zone:${zone.name} freepages:${right(pages(zone.freeKb), 6)} ${marks} high:${right(pages(zone.highKb), 6)}`;
    }),
    `Free pages: ${right(free, 6)} (${right(pages(memInfo.freeHighmemKb), 6)} HighMem)`,
    `( Active: ${active}, inactive_laundry: ${Math.trunc(inactive / 4)}, inactive_clean: 0, free: ${free} )`,
    ...zones.map((zone) => {
      const anon = `aa:${pages(zone.activeAnonKb)} ac:${pages(zone.activeFileKb)}`;
      const list = `id:${pages(zone.inactiveKb)} il:0 ic:0`;
      return `  ${anon} ${list} fr:${pages(zone.freeKb)}`;
    }),
    ...zones.map((zone) => buddyLine(zone.buddyCounts ?? [])),
    `Swap cache: add ${totals.swapCacheAdd ?? 0}, delete ${totals.swapCacheDelete ?? 0}, find ${totals.swapCacheFind ?? 0}/${totals.swapCacheFindTotal ?? 0}, race 0+0`,
    `${memInfo.slabPages ?? 0} pages of slabcache`,
    `${zones.reduce((sum, zone) => sum + pages(zone.kernelStackKb), 0)} pages of kernel stacks`,
    `${memInfo.pagetablesPages ?? 0} lowmem pagetables, 0 highmem pagetables`,
    '0 bounce buffer pages, 0 are on the emergency list',
    `Free swap:       ${right(totals.freeSwapKb ?? 0, 6)}kB`,
    `${totals.ramPages ?? 0} pages of RAM`,
    `${totals.highmemPages ?? 0} pages of HIGHMEM`,
    `${totals.reservedPages ?? 0} reserved pages`,
    `${totals.sharedPages ?? 0} pages shared`,
    `${totals.swapCachePages ?? 0} pages swap cached`,
  ];
}
