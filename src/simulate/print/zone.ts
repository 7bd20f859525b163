/** Zone lines with their reserve lines, and which zones a kernel prints at all. */
import type { Zone } from '../../domain.ts';
import { ZONE_FIELDS, ZONE_NAMES } from '../../kernel/fields.ts';
import { isBefore } from '../../kernel/version.ts';
import type { Dialect } from '../dialect.ts';
import type { ReportState, Unprinted } from '../state.ts';
import { zoneLayout } from './layouts.ts';
import { nodePrefix } from './mem-info.ts';
import { yesNo } from './text.ts';

const NAMES: readonly string[] = ZONE_NAMES;

const zoneRank = (name: string): number => NAMES.indexOf(name);

/** The zones that this kernel prints: populated ones, and since 6.1 none above the request's. */
export function printedZones(state: ReportState, dialect: Dialect): readonly Unprinted<Zone>[] {
  return state.zones.filter((zone) => {
    if ((zone.presentKb ?? 0) === 0 && !dialect.emptyZones) return false;
    return !dialect.zoneFilter || zoneRank(zone.name) <= zoneRank(state.requestZone);
  });
}

/** `Normal free:8056kB min:8048kB ...` followed by `lowmem_reserve[]: 0 0 252949 252949`. */
export function printZones(state: ReportState, dialect: Dialect): string[] {
  const { labels, unreclaimable } = zoneLayout(dialect);
  const reserveLabel = isBefore(dialect.formats, [2, 6, 11]) ? 'protections[]:' : 'lowmem_reserve[]:';
  return printedZones(state, dialect).flatMap((zone) => {
    const fields = labels.map((label) => {
      const key = ZONE_FIELDS[label];
      const value = (key && zone[key]) ?? 0;
      if (label === 'pages_scanned') return `${label}:${value}`;
      return `${label}:${value}${label.endsWith('highatomic') ? 'KB' : 'kB'}`;
    });
    if (unreclaimable) fields.push(`all_unreclaimable? ${yesNo(zone.allUnreclaimable)}`);
    const reserve = (zone.lowmemReservePages ?? []).map((pages) => ` ${pages}`).join('');
    return [`${nodePrefix(state, zone.node)}${zone.name} ${fields.join(' ')}`, `${reserveLabel}${reserve}`];
  });
}
