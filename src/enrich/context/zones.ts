/** /proc/zoneinfo of another time against the zones of the report. */
import type { HostZone, LowmemAnalysis, Zone } from '../../domain.ts';
import { kbToPages } from '../../units.ts';
import { finding, zoneFact } from '../findings/finding.ts';
import { zoneName } from '../replay.ts';
import { beside, type ContextInput, type ContextRule } from './input.ts';

interface Pair {
  readonly zone: Zone;
  readonly host: HostZone;
}

const marksText = ({ minPages, lowPages, highPages }: HostZone): string => `${minPages}/${lowPages}/${highPages}`;

/** Zones with marks on both sides. A boosted zone has marks of the moment and is left out. */
function pairsOf({ report, context }: ContextInput): Pair[] {
  return report.zones.flatMap((zone): Pair[] => {
    const host = context.zones.find(({ node, name }) => name === zone.name && node === (zone.node ?? 0));
    const known = zone.minKb !== undefined && host?.minPages !== undefined && host.highPages !== undefined;
    return known && !zone.boostKb && !host.boostPages ? [{ zone, host }] : [];
  });
}

function sameMarks({ zone, host }: Pair, pageSizeKb: number): boolean {
  const pages = (kb: number | undefined): number | undefined =>
    kb === undefined ? undefined : kbToPages(kb, pageSizeKb);
  return (
    pages(zone.minKb) === host.minPages && pages(zone.lowKb) === host.lowPages && pages(zone.highKb) === host.highPages
  );
}

const sameReserve = ({ zone, host }: Pair): boolean =>
  zone.lowmemReservePages === undefined ||
  host.protectionPages === undefined ||
  zone.lowmemReservePages.join() === host.protectionPages.join();

export const zonesSame: ContextRule = (input) => {
  const pairs = pairsOf(input);
  const { pageSizeKb } = input.replay;
  if (pairs.length === 0 || !pairs.every((pair) => sameMarks(pair, pageSizeKb) && sameReserve(pair))) return undefined;
  return finding(
    'host-zones-same',
    `/proc/zoneinfo shows the printed marks and reserves of ${pairs.map(({ zone }) => zoneName(zone)).join(', ')}.`,
    pairs.map(({ zone, host }) => beside(`zoneinfo ${zoneName(zone)} min/low/high, pages`, marksText(host), host)),
  );
};

export const zonesOther: ContextRule = (input) => {
  const { pageSizeKb } = input.replay;
  const pair = pairsOf(input).find((each) => !sameMarks(each, pageSizeKb));
  if (pair === undefined) return undefined;
  const { zone, host } = pair;
  const printed = [zone.minKb, zone.lowKb, zone.highKb].map((kb) =>
    kb === undefined ? '?' : kbToPages(kb, pageSizeKb),
  );
  return finding(
    'host-zones-other',
    `/proc/zoneinfo shows the marks ${marksText(host)} for ${zoneName(zone)}, the report ${printed.join('/')} pages: the settings, or the boost, were others.`,
    [beside(`zoneinfo ${zoneName(zone)} min/low/high, pages`, marksText(host), host), zoneFact(zone, 'minKb')],
  );
};

/** True when zoneinfo's sizes and marks are those reconstructed from the reserves. */
function asReconstructed(host: HostZone, built: LowmemAnalysis['reconstructed'], pageSizeKb: number): boolean {
  const pages = host.managedPages ?? host.presentPages;
  if (host.name !== 'HighMem' || built === undefined || pages === undefined) return false;
  const pageRange = [kbToPages(built.presentMinKb, pageSizeKb), kbToPages(built.presentMaxKb, pageSizeKb)];
  const marks = [
    [built.minKb, host.minPages],
    [built.lowKb, host.lowPages],
    [built.highKb, host.highPages],
  ];
  return (
    pages >= (pageRange[0] ?? 0) &&
    pages <= (pageRange[1] ?? 0) &&
    marks.every(([kb, mark]) => kb === undefined || kbToPages(kb, pageSizeKb) === mark)
  );
}

export const zoneLost: ContextRule = ({ report, replay, lowmem, context }) => {
  const numbered = report.zones.some(({ node }) => node !== undefined);
  const host = context.zones.find(
    ({ node, name, presentPages = 0 }) =>
      presentPages > 0 &&
      (numbered ? report.zones.some((zone) => zone.node === node) : node === 0) &&
      !report.zones.some((zone) => zone.name === name && (zone.node ?? 0) === node && zone.freeKb !== undefined),
  );
  if (host === undefined || report.zones.length === 0) return undefined;
  const name = zoneName(numbered ? host : { name: host.name });
  const agreed = asReconstructed(host, lowmem?.reconstructed, replay.pageSizeKb);
  return finding(
    'host-zone-lost',
    `The report has no line of ${name}; /proc/zoneinfo shows it with ${host.managedPages ?? host.presentPages} pages and the marks ${marksText(host)}${agreed ? ', as the reserves give them' : ''}.`,
    [beside(`zoneinfo ${name} present, pages`, host.presentPages, host)],
  );
};
