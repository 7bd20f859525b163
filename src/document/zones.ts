/** The flat values of the zone classes: sizes summed over the nodes, margins the least of them. */
import type { Analysis, Attempt, OomReport, Zone } from '../domain.ts';
import { pagesToBytes } from '../units.ts';
import type { Leaves } from './fields.ts';
import { ZONE_CLASSES, type ZoneClass } from './fields-zone.ts';
import { bytesOfKb, sumOf } from './memory.ts';

/** All five classes; a class without a zone adds nothing. Zones of other names (Device) stay in oom.report alone. */
export function zoneLeaves(report: OomReport, analysis: Analysis): Leaves {
  let leaves: Leaves = {};
  for (const zoneClass of ZONE_CLASSES) {
    const zones = report.zones.filter((zone) => zone.name.toLowerCase() === zoneClass);
    if (zones.length > 0) leaves = { ...leaves, ...classLeaves(zoneClass, zones, analysis) };
  }
  return leaves;
}

type SizeKey = {
  [K in keyof Zone]-?: Zone[K] extends number | undefined ? K : never;
}[keyof Zone];

function classLeaves(zoneClass: ZoneClass, zones: readonly Zone[], analysis: Analysis): Leaves {
  const sizeOf = (key: SizeKey): number | undefined => bytesOfKb(sumOf(zones.map((zone) => zone[key])));
  return {
    [`oom.zone.${zoneClass}.free_bytes`]: sizeOf('freeKb'),
    [`oom.zone.${zoneClass}.min_bytes`]: sizeOf('minKb'),
    [`oom.zone.${zoneClass}.low_bytes`]: sizeOf('lowKb'),
    [`oom.zone.${zoneClass}.high_bytes`]: sizeOf('highKb'),
    [`oom.zone.${zoneClass}.boost_bytes`]: sizeOf('boostKb'),
    [`oom.zone.${zoneClass}.reserve_bytes`]: reserveBytes(zoneClass, analysis),
    [`oom.zone.${zoneClass}.highatomic_bytes`]: sizeOf('reservedHighatomicKb'),
    [`oom.zone.${zoneClass}.cma_free_bytes`]: sizeOf('freeCmaKb'),
    [`oom.zone.${zoneClass}.present_bytes`]: sizeOf('presentKb'),
    [`oom.zone.${zoneClass}.managed_bytes`]: sizeOf('managedKb'),
    [`oom.zone.${zoneClass}.min_margin_bytes`]: marginBytes(zoneClass, 'min', analysis),
    [`oom.zone.${zoneClass}.high_margin_bytes`]: marginBytes(zoneClass, 'high', analysis),
    [`oom.zone.${zoneClass}.largest_order`]: largestOrder(zoneClass, analysis),
    [`oom.zone.${zoneClass}.below_min`]: belowMin(zones),
    [`oom.zone.${zoneClass}.all_unreclaimable`]: anyTrue(zones.map((zone) => zone.allUnreclaimable)),
  };
}

const checksOf = (zoneClass: ZoneClass, attempt: Attempt, { checks }: Analysis) =>
  checks.filter((check) => check.attempt === attempt && check.zone.toLowerCase() === zoneClass);

function reserveBytes(zoneClass: ZoneClass, analysis: Analysis): number | undefined {
  const pages = sumOf(checksOf(zoneClass, 'min', analysis).map((check) => check.reservePages));
  return pages === undefined ? undefined : pagesToBytes(pages, analysis.pageSizeKb);
}

function marginBytes(zoneClass: ZoneClass, attempt: Attempt, analysis: Analysis): number | undefined {
  const margins = checksOf(zoneClass, attempt, analysis).map((check) => check.marginPages);
  return margins.length === 0 ? undefined : pagesToBytes(Math.min(...margins), analysis.pageSizeKb);
}

function largestOrder(zoneClass: ZoneClass, { fragmentation }: Analysis): number | undefined {
  const orders = fragmentation.filter((f) => f.zone.toLowerCase() === zoneClass).map((f) => f.largestOrder);
  return orders.length === 0 ? undefined : Math.max(...orders);
}

/** The kernel asks for more than the mark, not for as much (__zone_watermark_ok, mm/page_alloc.c). */
const belowMin = (zones: readonly Zone[]): boolean | undefined =>
  anyTrue(
    zones.map((zone) =>
      zone.freeKb === undefined || zone.minKb === undefined ? undefined : zone.freeKb <= zone.minKb,
    ),
  );

/** True when one is, undefined when none is known. */
function anyTrue(values: readonly (boolean | undefined)[]): boolean | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.includes(true);
}
