/** Watermarks and reserves from the host's settings: mm/page_alloc.c, 2.6.18 to 7.1. */
import type { HostContext, OomReport, Zone } from '../../domain.ts';
import { isAtLeast, isBefore, type Version } from '../../kernel/version.ts';
import { SCALE_FACTOR_SINCE } from '../../kernel/watermarks.ts';
import { kbToPages } from '../../units.ts';
import { fact, finding, zoneFact } from '../findings/finding.ts';
import { zoneName } from '../replay.ts';
import { isPopulated } from '../zonelist.ts';
import { beside, type ContextRule } from './input.ts';

export interface Marks {
  readonly min: number;
  readonly low: number;
  readonly high: number;
}

/** One page in so many of 10,000 between the marks, where vm.watermark_scale_factor is not known. */
const DEFAULT_SCALE_FACTOR = 10;
const MARKS_SINCE: Version = [2, 6, 18];
/** From here on Movable gets marks as HighMem does. */
const MOVABLE_AS_HIGHMEM_SINCE: Version = [6, 6, 0];
/** From here on marks may hold a boost, which is printed from 5.17 on. RHEL 8 may carry it. */
const BOOST_SINCE: Version = [5, 0, 0];

const sizePages = (zone: Zone, pageSizeKb: number): number =>
  kbToPages(zone.managedKb ?? zone.presentKb ?? 0, pageSizeKb);

const isAboveLowmem = ({ name }: Zone, version: Version): boolean =>
  name === 'HighMem' || (name === 'Movable' && isAtLeast(version, MOVABLE_AS_HIGHMEM_SINCE));

/**
 * The marks that vm.min_free_kbytes gives a zone, in pages (setup_per_zone_pages_min, __setup_per_zone_wmarks). P pages are
 * shared among the lowmem zones by size: t = P x Z / L. A lowmem zone has min = t, HighMem min = Z / 1024 within 32 and 128;
 * low and high lie one and two steps above, of t / 4 or, since 4.6, of Z x scale / 10000 where that is more.
 */
export function marksOf(
  zonePages: number,
  lowmemPages: number,
  minFreePages: number,
  rule: { scaleFactor: number | undefined; aboveLowmem: boolean },
): Marks {
  const share = Math.trunc((minFreePages * zonePages) / lowmemPages);
  const min = rule.aboveLowmem ? Math.min(128, Math.max(32, Math.trunc(zonePages / 1024))) : share;
  const { scaleFactor } = rule;
  if (scaleFactor === undefined) {
    return { min, low: min + Math.trunc(share / 4), high: min + Math.trunc(share / 2) };
  }
  const step = Math.max(Math.trunc(share / 4), Math.trunc((zonePages * scaleFactor) / 10_000));
  return { min, low: min + step, high: min + 2 * step };
}

/** The default of vm.min_free_kbytes at boot: the root of 16 x lowmem in kB, within 128 and 65536 (262144 since 5.7). */
export function defaultMinFreeKb(lowmemKb: number, version: Version): number {
  const most = isBefore(version, [5, 7, 0]) ? 65_536 : 262_144;
  return Math.min(most, Math.max(128, Math.trunc(Math.sqrt(16 * lowmemKb))));
}

interface Comparison {
  readonly zone: Zone;
  readonly wanted: Marks;
  readonly printed: { min: number | undefined; low: number | undefined; high: number | undefined };
}

/** Every printed zone of a kernel with this arithmetic, its marks beside those that the setting gives. */
function compare(report: OomReport, { vm }: HostContext, pageSizeKb: number): Comparison[] {
  const { version } = report.kernel;
  if (vm.minFreeKbytes === undefined || version === undefined || !isAtLeast(version, MARKS_SINCE)) return [];
  const zones = report.zones.filter(
    (zone) => isPopulated(zone) && zone.freeKb !== undefined && zone.minKb !== undefined,
  );
  const lowmemPages = zones
    .filter((zone) => !isAboveLowmem(zone, version))
    .reduce((sum, zone) => sum + sizePages(zone, pageSizeKb), 0);
  if (lowmemPages === 0) return [];
  const scaled = isAtLeast(version, SCALE_FACTOR_SINCE) || report.kernel.vendor === 'rhel8';
  const scaleFactor = scaled ? (vm.watermarkScaleFactor?.value ?? DEFAULT_SCALE_FACTOR) : undefined;
  const minFreePages = kbToPages(vm.minFreeKbytes.value, pageSizeKb);
  return zones.map((zone) => {
    const aboveLowmem = isAboveLowmem(zone, version);
    const wanted = marksOf(sizePages(zone, pageSizeKb), lowmemPages, minFreePages, { scaleFactor, aboveLowmem });
    const pages = (kb: number | undefined): number | undefined =>
      kb === undefined ? undefined : kbToPages(kb - (zone.boostKb ?? 0), pageSizeKb);
    return { zone, wanted, printed: { min: pages(zone.minKb), low: pages(zone.lowKb), high: pages(zone.highKb) } };
  });
}

const agrees = ({ wanted, printed }: Comparison, ...marks: (keyof Marks)[]): boolean =>
  marks.every((mark) => wanted[mark] === printed[mark]);

const MOST_ZONES = 4;

export const settingExplainsMarks: ContextRule = ({ report, replay, context }) => {
  const { minFreeKbytes, watermarkScaleFactor } = context.vm;
  const { version } = report.kernel;
  const compared = compare(report, context, replay.pageSizeKb);
  if (!minFreeKbytes || !version || compared.length === 0) return undefined;
  if (!compared.every((each) => agrees(each, 'min'))) return undefined;
  const whole = compared.every((each) => agrees(each, 'min', 'low', 'high'));
  const told = compared.slice(0, MOST_ZONES).map(({ zone, wanted }) => {
    const marks = whole ? `${wanted.min}/${wanted.low}/${wanted.high}` : String(wanted.min);
    return `${zoneName(zone)} ${marks}`;
  });
  const more = compared.length > MOST_ZONES ? ` and so on for all ${compared.length} zones` : '';
  const scale = watermarkScaleFactor && whole ? ` with vm.watermark_scale_factor ${watermarkScaleFactor.value}` : '';
  const lowmemKb = compared
    .filter(({ zone }) => !isAboveLowmem(zone, version))
    .reduce((sum, { zone }) => sum + (zone.managedKb ?? zone.presentKb ?? 0), 0);
  const own = defaultMinFreeKb(lowmemKb, version);
  const choice =
    own === minFreeKbytes.value
      ? '; it is the default at boot'
      : `; the default at boot for ${lowmemKb} kB would be ${own}`;
  return finding(
    'setting-explains-marks',
    `vm.min_free_kbytes ${minFreeKbytes.value}${scale} gives exactly the printed ${whole ? 'marks' : 'MIN'}: ${told.join(', ')} pages${more}${choice}.`,
    [
      beside('vm.min_free_kbytes', minFreeKbytes.value, minFreeKbytes),
      ...compared.slice(0, MOST_ZONES).map(({ zone }) => zoneFact(zone, 'minKb')),
    ],
  );
};

export const settingOtherMarks: ContextRule = ({ report, replay, context }) => {
  const { minFreeKbytes } = context.vm;
  const { version } = report.kernel;
  const compared = compare(report, context, replay.pageSizeKb);
  if (!minFreeKbytes || !version || replay.lost.length > 0 || isUnsure(report, version)) return undefined;
  const other = compared.filter((each) => !isAboveLowmem(each.zone, version) && !agrees(each, 'min'));
  // Each lowmem zone has to speak against it: one alone may be a line that was damaged.
  if (other.length === 0 || compared.some((each) => !isAboveLowmem(each.zone, version) && agrees(each, 'min'))) {
    return undefined;
  }
  const told = other
    .slice(0, MOST_ZONES)
    .map(({ zone, wanted, printed }) => `${zoneName(zone)} ${wanted.min} pages, not ${printed.min}`);
  return finding(
    'setting-other-marks',
    `vm.min_free_kbytes ${minFreeKbytes.value} gives another MIN than the printed (${told.join('; ')}): it was another when memory ran out.`,
    [
      beside('vm.min_free_kbytes', minFreeKbytes.value, minFreeKbytes),
      ...other.slice(0, MOST_ZONES).map(({ zone }) => zoneFact(zone, 'minKb')),
    ],
  );
};

/** Where a mark may differ for reasons that the report does not show: a hidden boost or CMA share, a node or zone left out. */
function isUnsure(report: OomReport, version: Version): boolean {
  const mayBoost = isAtLeast(version, BOOST_SINCE) || report.kernel.vendor === 'rhel8';
  const boosted = mayBoost && report.zones.every((zone) => zone.boostKb === undefined);
  const withCma = isAtLeast(version, [3, 5, 0]) && isBefore(version, [3, 7, 0]);
  const splitManaged = isAtLeast(version, [3, 8, 0]) && isBefore(version, [3, 9, 0]);
  const nodes = report.zones.some((zone) => (zone.node ?? 0) > 0);
  const hasDma = report.zones.some((zone) => zone.name === 'DMA' || zone.name === 'DMA32');
  return boosted || withCma || splitManaged || nodes || !hasDma;
}

/** Up to 4.16 a ratio below 1 counted as 1; later it means no reserve (setup_per_zone_lowmem_reserve). */
const reserveOf = (sumPages: number, ratio: number, version: Version | undefined): number =>
  ratio >= 1 ? Math.trunc(sumPages / ratio) : version && isBefore(version, [4, 17, 0]) ? sumPages : 0;

export const settingExplainsReserves: ContextRule = ({ report, replay, context }) => {
  const setting = context.vm.lowmemReserveRatio;
  if (setting === undefined) return undefined;
  const { layout, pageSizeKb } = replay;
  const told: string[] = [];
  for (const zone of report.zones) {
    const index = layout.indexOf(zone.name);
    const ratio = setting.values[index];
    if (ratio === undefined || zone.lowmemReservePages === undefined || zone.freeKb === undefined) continue;
    let above = 0;
    for (const [column, name] of layout.entries()) {
      if (column <= index) continue;
      const printed = zone.lowmemReservePages[column];
      const other = report.zones.find((each) => each.name === name && each.node === zone.node);
      // What lies above a zone of unknown size cannot be checked.
      if (printed === undefined || other === undefined || other.freeKb === undefined) break;
      above += sizePages(other, pageSizeKb);
      if (reserveOf(above, ratio, report.kernel.version) !== printed) return undefined;
      if (printed > 0)
        told.push(`${zoneName(zone)} keeps ${above} / ${ratio} = ${printed} pages from requests for ${name}`);
    }
  }
  if (told.length === 0) return undefined;
  return finding(
    'setting-explains-reserves',
    `vm.lowmem_reserve_ratio ${setting.values.join(' ')} gives exactly the printed reserves: ${told.slice(0, MOST_ZONES).join(', ')}.`,
    [
      beside('vm.lowmem_reserve_ratio', setting.values.join(' '), setting),
      ...report.zones.map((zone) =>
        fact(`zones[${zoneName(zone)}].lowmemReservePages`, zone.lowmemReservePages?.join(' '), zone.reserveLine),
      ),
    ],
  );
};
