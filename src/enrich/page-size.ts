/** Page size of the reporting host. */
import type { OomReport } from '../domain.ts';

/** Page sizes of the architectures that Linux runs on. */
const SIZES_KB = [4, 8, 16, 32, 64, 256];

const valid = (sizeKb: number | undefined): number | undefined =>
  sizeKb !== undefined && SIZES_KB.includes(sizeKb) ? sizeKb : undefined;

/** Huge page sizes that stand for one base page size only: ppc64's 16 MiB, arm64's 512 MiB with 64 kB pages. */
const BY_HUGE_PAGE: Readonly<Record<number, number>> = { 2048: 4, 524288: 64 };

/** rss in pages against the kill line's kB: the ratio is the page size. */
function bySizes(report: OomReport): number | undefined {
  const [kill] = report.kills;
  const row = report.tasks.find((task) => task.pid === kill?.pid);
  if (kill?.anonRssKb === undefined || row?.rssPages === undefined || row.rssPages < 64) return undefined;
  const ratio = (kill.anonRssKb + (kill.fileRssKb ?? 0) + (kill.shmemRssKb ?? 0)) / row.rssPages;
  return SIZES_KB.find((size) => Math.abs(ratio - size) < size * 0.05);
}

/**
 * kB of a page: as the parser found it, the smallest block of a buddy line, the victim's rss in pages and kB, the size of huge
 * pages; else 4.
 */
export function pageSizeKbOf(report: OomReport): number {
  const buddy = report.zones.find((zone) => valid(zone.buddyUnitKb) !== undefined)?.buddyUnitKb;
  const huge = report.hugePages.map((pool) => BY_HUGE_PAGE[pool.sizeKb]).find((size) => size !== undefined);
  return valid(report.kernel.pageSizeKb) ?? buddy ?? bySizes(report) ?? huge ?? 4;
}
