/** Findings about marks, reserves and the zones of the request. */
import { formatKb, kbToPages, pagesToKb } from '../../units.ts';
import { parkedPages } from '../lowmem.ts';
import { zoneName } from '../replay.ts';
import { allowedNodes } from '../zonelist.ts';
import { fact, finding, type Rule, zoneFact, zonesOf } from './finding.ts';

export const exactEquality: Rule = ({ replay }) => {
  const equal = replay.outcomes.filter(({ decisive }) => decisive?.passes === false && decisive.marginPages === 0);
  if (equal.length === 0) return undefined;
  const told = equal.map(
    ({ zone, decisive }) => `${zoneName(zone)} (${decisive?.usablePages} <= ${decisive?.neededPages})`,
  );
  return finding('exact-equality', `The check asks for more than the mark: ${told.join(', ')} by equality.`, [
    ...equal.map(({ zone }) => zoneFact(zone, 'freeKb')),
    ...equal.map(({ zone }) => zoneFact(zone, 'minKb')),
  ]);
};

export const betweenMinAndHigh: Rule = ({ replay }) => {
  const between = replay.outcomes.filter(({ state }) => state === 'fails-high');
  const [first] = between;
  if (first?.min === undefined || first.high === undefined) return undefined;
  const names = between.map(({ zone }) => zoneName(zone)).join(', ');
  return finding(
    'between-min-and-high',
    `${names}: above MIN, not above HIGH, which the last try before the kill asks for.`,
    [zoneFact(first.zone, 'freeKb'), zoneFact(first.zone, 'minKb'), zoneFact(first.zone, 'highKb')],
  );
};

export const offByTwo: Rule = ({ replay }) => {
  if (!replay.rule || replay.rule.extraPages === 0 || replay.outcomes.length === 0) return undefined;
  const saved = replay.outcomes.find(
    ({ min }) => min?.passes === false && min.marginPages + (replay.rule?.extraPages ?? 0) > 0,
  );
  const effect = saved ? ` Without them ${zoneName(saved.zone)} would have passed MIN.` : '';
  return finding('off-by-two', `This kernel's check withholds two pages too many (2.6.38 to 3.2, RHEL 6).${effect}`, [
    fact('watermark rule', replay.rule.name),
  ]);
};

export const zoneHidden: Rule = ({ report, replay }) => {
  const { gfp, layout } = replay;
  if (!replay.hidesZones || gfp === undefined || report.zones.length === 0) return undefined;
  const above = layout.slice(layout.indexOf(gfp.zone) + 1).filter((name) => name !== 'Device');
  const hiddenKb = pagesToKb(replay.hiddenFreePages ?? 0, replay.pageSizeKb);
  const hasMore = (report.totals?.highmemPages ?? 0) > 0;
  if (above.length === 0 || !hasMore || report.zones.some((zone) => above.includes(zone.name))) return undefined;
  return finding(
    'zone-hidden',
    `Zones above ${gfp.zone} are not printed by this kernel; ${formatKb(hiddenKb)} of the free memory lie outside the printed zones.`,
    [
      fact('totals.highmemPages', report.totals?.highmemPages, report.totals?.line),
      fact('memInfo.freePages', report.memInfo?.freePages, report.memInfo?.line),
    ],
  );
};

export const cmaFree: Rule = (input) => {
  const { gfp, rule } = input.replay;
  if (gfp === undefined || gfp.movable || rule === undefined || rule.cma === 'never') return undefined;
  const zone = zonesOf(input).find((candidate) => (candidate.freeCmaKb ?? 0) > 0);
  return (
    zone &&
    finding(
      'cma-free',
      `${zone.freeCmaKb} of ${zoneName(zone)}'s ${zone.freeKb} free kB belong to CMA and are not for this request.`,
      [zoneFact(zone, 'freeCmaKb'), zoneFact(zone, 'freeKb')],
    )
  );
};

/** Boosts of zones that the request used. */
export const boostActive: Rule = (input) => {
  const zone = zonesOf(input).find(({ boostKb, minKb }) => (boostKb ?? 0) > 0 && minKb !== undefined);
  return (
    zone &&
    finding(
      'boost-active',
      `${zoneName(zone)}'s MIN of ${zone.minKb} kB holds ${zone.boostKb} kB of watermark boost.`,
      [zoneFact(zone, 'boostKb'), zoneFact(zone, 'minKb')],
    )
  );
};

export const highatomicReserved: Rule = (input) => {
  const zone = zonesOf(input).find(
    (candidate) => (candidate.freeHighatomicKb ?? candidate.reservedHighatomicKb ?? 0) > 0,
  );
  return (
    zone &&
    finding(
      'highatomic-reserved',
      `${zoneName(zone)} holds ${zone.freeHighatomicKb ?? zone.reservedHighatomicKb} kB for high-order atomic requests.`,
      [zoneFact(zone, 'reservedHighatomicKb'), zoneFact(zone, 'freeHighatomicKb')],
    )
  );
};

export const perCpuFree: Rule = (input) => {
  const { report, replay } = input;
  if (replay.outcomes.length === 0) return undefined;
  const zones = zonesOf(input);
  const pages = parkedPages(report, zones, replay.pageSizeKb);
  const missing = replay.outcomes.reduce(
    (least, { min }) => Math.min(least, 1 - (min?.marginPages ?? 0)),
    Number.POSITIVE_INFINITY,
  );
  // Worth telling only where they would have been enough for one more page at MIN.
  if (pages === 0 || missing <= 0 || pages < missing) return undefined;
  return finding(
    'per-cpu-free',
    `${pages} free pages (${pagesToKb(pages, replay.pageSizeKb)} kB) lie on per-cpu lists, which the check does not count.`,
    [fact('pages on per-cpu lists', pages, report.perCpu[0]?.line)],
  );
};

export const otherNodes: Rule = ({ report, replay, judgement }) => {
  const allowed = allowedNodes(report);
  const others = report.zones.filter(
    (zone) => allowed && zone.node !== undefined && !allowed.has(zone.node) && (zone.freeKb ?? 0) > (zone.highKb ?? 0),
  );
  const [zone] = others;
  if (zone) {
    return finding(
      'other-nodes-free',
      `${zoneName(zone)} has ${zone.freeKb} kB free and was not allowed to this request.`,
      [zoneFact(zone, 'freeKb'), zoneFact(zone, 'highKb')],
    );
  }
  const limits = ['cpuset-limit', 'mempolicy-limit'];
  const marks = report.zones.reduce((sum, other) => sum + kbToPages(other.highKb ?? 0, replay.pageSizeKb), 0);
  const hidden = replay.hiddenFreePages ?? 0;
  if (!limits.includes(judgement.verdict) || hidden <= marks || report.zones.length === 0) return undefined;
  return finding(
    'other-nodes-free',
    `${formatKb(pagesToKb(hidden, replay.pageSizeKb))} of the machine's free memory lie on nodes that are not printed.`,
    [fact('memInfo.freePages', report.memInfo?.freePages, report.memInfo?.line)],
  );
};
