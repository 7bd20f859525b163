/** `Normal: 830*4kB 80*8kB ... 1*4096kB = 8056kB`, and the hugepages lines. */
import type { Zone } from '../../domain.ts';
import type { Dialect } from '../dialect.ts';
import type { ReportState, Unprinted } from '../state.ts';
import { nodePrefix } from './mem-info.ts';
import { printedZones } from './zone.ts';

function buddyLine(zone: Unprinted<Zone>, dialect: Dialect): string {
  if ((zone.presentKb ?? 0) === 0) return 'empty';
  const unitKb = zone.buddyUnitKb ?? 4;
  let totalKb = 0;
  const blocks = (zone.buddyCounts ?? []).map((count, order) => {
    const blockKb = unitKb * 2 ** order;
    totalKb += count * blockKb;
    const types = dialect.buddyTypes === 'none' || count === 0 ? '' : `(${zone.buddyTypes?.[order] ?? 'U'}) `;
    return `${count}*${blockKb}kB ${types}`;
  });
  return `${blocks.join('')}= ${totalKb}kB`;
}

export const printBuddy = (state: ReportState, dialect: Dialect): string[] =>
  printedZones(state, dialect).map(
    (zone) => `${nodePrefix(state, zone.node)}${zone.name}: ${buddyLine(zone, dialect)}`,
  );

/** `Node 0 hugepages_total=2 hugepages_free=2 hugepages_surp=0 hugepages_size=1048576kB` (3.10+) */
export function printHugePages(state: ReportState, dialect: Dialect): string[] {
  if (!dialect.hugePages) return [];
  return state.hugePages.map(
    (pool) =>
      `Node ${pool.node ?? 0} hugepages_total=${pool.total} hugepages_free=${pool.free} ` +
      `hugepages_surp=${pool.surplus} hugepages_size=${pool.sizeKb}kB`,
  );
}
