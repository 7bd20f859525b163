/** The zones that a request may use, in the order in which the allocator tries them. */
import type { GfpAnalysis, OomReport, Zone } from '../domain.ts';
import { ZONE_NAMES } from '../kernel/fields.ts';
import { isAtLeast, isBefore } from '../kernel/version.ts';
import { LOWMEM_RESERVE_RATIO } from '../kernel/watermarks.ts';

const rank = (zone: string): number => {
  const index = (ZONE_NAMES as readonly string[]).indexOf(zone);
  return index < 0 ? ZONE_NAMES.length : index;
};

/** True for a zone that holds pages, as far as its lines tell. */
export function isPopulated(zone: Zone): boolean {
  const size = zone.managedKb ?? zone.presentKb;
  if (size !== undefined) return size > 0;
  return (zone.freeKb ?? zone.buddyTotalKb ?? 0) > 0;
}

/**
 * True where Normal keeps pages from the third of four zones: then it is the second itself, behind DMA, and the third is
 * HighMem. With DMA32 in front, as on 64 bits, it would be the third.
 *
 *     Normal free:3856kB min:3728kB ... present:885944kB
 *     lowmem_reserve[]: 0 0 17014 17014
 */
export const reservesForHighmem = ({ zones, kernel }: OomReport): boolean =>
  kernel.addressBits !== 64 &&
  !zones.some(({ name, node }) => name === 'DMA32' || node !== undefined) &&
  zones.some(
    ({ name, lowmemReservePages: row }) =>
      name === 'Normal' && row?.length === 4 && row.findIndex((pages) => pages > 0) === 2,
  );

/** 32 bits, by the printed evidence. */
export const is32Bit = (report: OomReport): boolean =>
  report.highmem32 || report.kernel.addressBits === 32 || reservesForHighmem(report);

/**
 * Zone names in the order of their indices: the columns of `lowmem_reserve[]`. A kernel numbers its configured zones
 * consecutively; printed zones are certain, the number of columns says how many there are, and the architecture which of
 * the others they are: i386 DMA, Normal, HighMem, Movable; x86-64 DMA, DMA32, Normal, Movable, Device; arm without
 * ZONE_DMA Normal, HighMem, Movable (include/linux/mmzone.h enum zone_type, 2.6.9 to 7.1).
 */
export function zoneLayout(report: OomReport): string[] {
  const names = new Set(report.zones.map((zone) => zone.name).concat(report.perCpu.map((row) => row.zone)));
  names.add('Normal');
  const columns = report.zones.reduce((most, zone) => Math.max(most, zone.lowmemReservePages?.length ?? 0), 0);
  const { version } = report.kernel;
  const hasMovable = version === undefined || isAtLeast(version, [2, 6, 23]);
  const narrow = is32Bit(report);
  if (narrow && ((report.totals?.highmemPages ?? 0) > 0 || reservesForHighmem(report))) names.add('HighMem');
  const likely = narrow
    ? ['HighMem', ...(hasMovable ? ['Movable'] : []), 'DMA', 'Device']
    : [...(hasMovable ? ['Movable'] : []), 'DMA', 'DMA32', ...(hasMovable ? ['Device'] : ['HighMem'])];
  if (columns === 0) {
    // 32-bit kernels are mostly configured with HighMem, whether or not the machine has any.
    if (narrow) names.add('HighMem');
    if (hasMovable) names.add('Movable');
    return [...names].toSorted((a, b) => rank(a) - rank(b));
  }
  // Three columns with DMA on 32 bits leave one for HighMem or Movable: without a page of HighMem it is Movable.
  const noHighmem = narrow && hasMovable && columns - names.size === 1 && !names.has('HighMem');
  for (const name of noHighmem ? ['Movable', 'HighMem'] : likely) {
    if (names.size >= columns) break;
    names.add(name);
  }
  return [...names].toSorted((a, b) => rank(a) - rank(b));
}

/** The kernel numbers at most 1,024 nodes. */
const MOST_NODES = 1023;

/** `0-1,3` as a set; undefined for `(null)` and for what is not a list. */
export function parseNodeList(text: string | undefined): Set<number> | undefined {
  if (text === undefined) return undefined;
  const nodes = new Set<number>();
  for (const part of text.trim().split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim());
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last > MOST_NODES) return undefined;
    for (let node = first; node <= last; node += 1) nodes.add(node);
  }
  return nodes;
}

/** Nodes that the request may use by nodemask, memory policy and cpuset; undefined when nothing printed limits them. */
export function allowedNodes(report: OomReport): Set<number> | undefined {
  const lists = [
    parseNodeList(report.trigger?.nodemask),
    parseNodeList(report.summary?.nodemask),
    parseNodeList(report.summary?.memsAllowed ?? report.cpuset?.memsAllowed),
  ].filter((list) => list !== undefined);
  const [first, ...rest] = lists;
  return first && new Set([...first].filter((node) => rest.every((list) => list.has(node))));
}

/**
 * Zones of the request in the allocator's order: on each allowed node from the request's zone downwards, never upwards
 * (build_zonelists, node order; nodes by number, since the report does not say which was nearest). Empty zones are left
 * out. A zone that the kernel did not print is not in the list.
 */
export function eligibleZones(report: OomReport, gfp: GfpAnalysis, layout: readonly string[]): Zone[] {
  const allowed = allowedNodes(report);
  const highest = layout.indexOf(gfp.zone);
  return report.zones
    .filter((zone) => isPopulated(zone) && layout.indexOf(zone.name) <= highest)
    .filter((zone) => allowed === undefined || zone.node === undefined || allowed.has(zone.node))
    .toSorted((a, b) => (a.node ?? 0) - (b.node ?? 0) || layout.indexOf(b.name) - layout.indexOf(a.name));
}

/** Pages from which on a zone shows in the reserves of the zones below it, whatever the default ratio. */
const SHOWING_PAGES = 256;

/**
 * True when a printed reserve can be the zone's own: none against requests for itself or below, and one against every zone above
 * it that holds memory. Where lines are lost, the reserve of a neighbour may stand below a zone line.
 */
export function isOwnReserve(zone: Zone, report: OomReport, layout: readonly string[], pageSizeKb: number): boolean {
  const reserves = zone.lowmemReservePages ?? [];
  // HighMem and Movable keep none by default, and with vm.lowmem_reserve_ratio=0 no zone does.
  const keepsNone =
    !(zone.name in LOWMEM_RESERVE_RATIO) ||
    report.zones.every(({ lowmemReservePages }) => !lowmemReservePages?.some((pages) => pages > 0));
  if (reserves.length === 0 || keepsNone) return true;
  const index = layout.indexOf(zone.name);
  const first = protectsItself(report, layout) ? index : index + 1;
  if (reserves.slice(0, first).some((pages) => pages > 0)) return false;
  const above = report.zones.filter(
    (other) =>
      other.node === zone.node &&
      layout.indexOf(other.name) > index &&
      (other.managedKb ?? other.presentKb ?? other.buddyTotalKb ?? 0) >= SHOWING_PAGES * pageSizeKb,
  );
  return above.every((other) => (reserves[layout.indexOf(other.name)] ?? 1) > 0);
}

/** True for `protections[]` (up to 2.6.10): there each zone with memory keeps pages from requests for itself too. */
function protectsItself(report: OomReport, layout: readonly string[]): boolean {
  const zones = report.zones.filter(({ presentKb, lowmemReservePages }) => presentKb !== 0 && lowmemReservePages);
  return (
    zones.length > 1 &&
    zones.every(({ name, lowmemReservePages }) => (lowmemReservePages?.[layout.indexOf(name)] ?? 0) > 0)
  );
}

/**
 * Column of `lowmem_reserve[]` that applies. Up to 5.7 the preferred zone, the first in the list that holds memory; since
 * 5.8 gfp_zone itself. Below a request for an empty zone both columns hold the same number.
 */
export function classIndexOf(
  eligible: readonly Zone[],
  gfp: GfpAnalysis,
  layout: readonly string[],
  rule: 'preferred' | 'highest',
): number {
  if (rule === 'highest' || eligible.length === 0) return layout.indexOf(gfp.zone);
  return eligible.reduce((highest, zone) => Math.max(highest, layout.indexOf(zone.name)), 0);
}

/**
 * Zones of the request whose lines are lost: a printed reserve that grows from one column to the next proves that the
 * zone of that column holds memory on the node.
 */
export function lostZones(
  report: OomReport,
  eligible: readonly Zone[],
  layout: readonly string[],
  highest: number,
): string[] {
  const lost = new Set<string>();
  for (const zone of eligible) {
    const reserve = zone.lowmemReservePages ?? [];
    for (let index = layout.indexOf(zone.name) + 1; index <= highest; index += 1) {
      const grows = (reserve[index] ?? 0) > (reserve[index - 1] ?? 0);
      const name = layout[index];
      if (!grows || name === undefined) continue;
      const printed = report.zones.some(
        (other) => other.name === name && other.node === zone.node && other.freeKb !== undefined,
      );
      if (!printed) lost.add(zone.node === undefined ? name : `node ${zone.node} ${name}`);
    }
  }
  for (const zone of eligible) {
    if (zone.minKb === undefined) lost.add(zone.node === undefined ? zone.name : `node ${zone.node} ${zone.name}`);
  }
  return [...lost];
}

/** Since 6.1 zones above the request's are not printed (__show_mem with max_zone_idx). */
export function hidesZones(report: OomReport): boolean {
  const { version, vendor } = report.kernel;
  if (vendor === 'rhel9') return report.memInfo?.secPagetablesPages !== undefined;
  return version === undefined ? report.memInfo?.secPagetablesPages !== undefined : !isBefore(version, [6, 1, 0]);
}

/** Pages free in zones that the report does not show: the global count less the printed zones; below zero is none. */
export function hiddenFreePages(report: OomReport, pageSizeKb: number): number | undefined {
  const free = report.memInfo?.freePages;
  if (free === undefined) return undefined;
  const shown = report.zones.reduce((sum, zone) => sum + (zone.freeKb ?? zone.buddyTotalKb ?? 0), 0);
  return Math.max(0, free - Math.trunc(shown / pageSizeKb));
}
