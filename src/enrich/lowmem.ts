/** Facts of a 32-bit host with HighMem: how much lowmem there is, what holds it, and what a kill gives back. */
import type { Account, LowmemAnalysis, OomReport, Zone } from '../domain.ts';
import {
  BUFFER_HEADS_PER_SLAB_PAGE,
  KERNEL_STACK_KB_32,
  PAGES_PER_RADIX_NODE,
  RADIX_NODES_PER_SLAB_PAGE,
} from '../kernel/struct-page.ts';
import { formatKb, kbToPages, pagesToKb } from '../units.ts';
import { CLASSES, entryKb, joinAccounts, zoneAccount } from './accounting.ts';
import { type PageRange, reconstructHighmem } from './highmem.ts';
import { analyseMemMap, type MemMap } from './mem-map.ts';
import type { Replay } from './replay.ts';
import { checkZone } from './watermark.ts';

const ABOVE_LOWMEM = ['HighMem', 'Movable', 'Device'];

export const lowmemZones = (report: OomReport): Zone[] =>
  report.zones.filter((zone) => !ABOVE_LOWMEM.includes(zone.name) && zone.freeKb !== undefined);

/** Slab that describes file cache: one buffer head per cached page (4 KiB blocks), one radix node for 64 at the least. */
export interface CacheOverhead {
  readonly filePages: number;
  readonly bufferHeadKb: number;
  readonly radixNodeKb: number;
}

/** Upper bound of the buffer heads, lower bound of the radix nodes, of all file cache; undefined when it is not printed. */
export function cacheOverhead(report: OomReport, pageSizeKb: number): CacheOverhead | undefined {
  const { activeFilePages, inactiveFilePages } = report.memInfo ?? {};
  if (activeFilePages === undefined || inactiveFilePages === undefined) return undefined;
  const filePages = activeFilePages + inactiveFilePages;
  const nodes = Math.ceil(filePages / PAGES_PER_RADIX_NODE);
  return {
    filePages,
    bufferHeadKb: pagesToKb(Math.ceil(filePages / BUFFER_HEADS_PER_SLAB_PAGE), pageSizeKb),
    radixNodeKb: pagesToKb(Math.ceil(nodes / RADIX_NODES_PER_SLAB_PAGE), pageSizeKb),
  };
}

/** Free pages on the per-cpu lists of the zones named, in pages: rows up to 4.0, the zone line's counter since. */
export function parkedPages(report: OomReport, zones: readonly Zone[], pageSizeKb: number): number {
  const rows = report.perCpu.filter((row) =>
    zones.some((zone) => zone.name === row.zone && (row.node === undefined || zone.node === row.node)),
  );
  if (rows.length > 0) return rows.reduce((sum, row) => sum + (row.usedPages ?? 0), 0);
  return Math.trunc(zones.reduce((sum, zone) => sum + (zone.freePcpKb ?? 0), 0) / pageSizeKb);
}

/**
 * Book of lowmem. Since 4.8 slab, stacks and page tables are counted per node: on 32 bits they lie in lowmem as a whole (page
 * tables unless CONFIG_HIGHPTE), so the machine's counters stand in for the zones'.
 */
export function lowmemAccount(report: OomReport, machine: Account | undefined): Account | undefined {
  const books = lowmemZones(report)
    .map(zoneAccount)
    .filter((book) => book !== undefined);
  const sum = joinAccounts('lowmem', books);
  if (sum === undefined) return undefined;
  const kernel: string[] = [
    CLASSES.slabReclaimable,
    CLASSES.slabUnreclaimable,
    CLASSES.slab,
    CLASSES.stacks,
    CLASSES.pagetables,
  ];
  const zoned = lowmemZones(report).every((zone) => zone.slabReclaimableKb !== undefined);
  if (zoned) return sum;
  const added = kernel
    .map((name) => ({ name, kb: entryKb(machine, name) }))
    .filter(({ name, kb }) => kb > entryKb(sum, name));
  const replaced = added.map(({ name }) => name);
  const grownKb = added.reduce((total, { name, kb }) => total + kb - entryKb(sum, name), 0);
  return {
    ...sum,
    entries: [...sum.entries.filter(({ name }) => !replaced.includes(name)), ...added],
    unattributedKb: sum.unattributedKb - grownKb,
  };
}

const share = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;

/** The pin of what no counter and no rule explains. */
export const NOT_ATTRIBUTED = 'not attributed';
/** The pin of what was reserved before the allocator started, mem_map left out. */
export const RESERVED_AT_BOOT = 'reserved at boot';

/** What holds lowmem, largest first. */
function pinsOf(
  report: OomReport,
  replay: Replay,
  book: Account | undefined,
  memMap: MemMap | undefined,
): LowmemAnalysis['pins'] {
  if (book === undefined) return [];
  const managed = lowmemZones(report).some((zone) => zone.managedKb !== undefined);
  const parkedKb = pagesToKb(parkedPages(report, lowmemZones(report), replay.pageSizeKb), replay.pageSizeKb);
  // managed leaves out what was reserved at boot, mem_map included; present holds it.
  const mapInside = managed ? 0 : (memMap?.insidePresentKb ?? 0);
  const parkedInside = entryKb(book, CLASSES.freePcp) > 0 ? 0 : parkedKb;
  const bootKb = pagesToKb(memMap?.layout?.bootReservedPages.first ?? 0, replay.pageSizeKb);
  const restKb = Math.max(0, book.unattributedKb - mapInside - parkedInside - bootKb);
  const overhead = cacheOverhead(report, replay.pageSizeKb);
  const pins = book.entries
    .filter((entry) => entry.name !== CLASSES.free && entry.name !== CLASSES.freePcp)
    .map((entry) => {
      const bounded = overhead && entry.name === CLASSES.slabReclaimable && overhead.bufferHeadKb <= entry.kb;
      const note = bounded
        ? `buffer heads of ${overhead.filePages} cached file pages, at one per page: ${overhead.bufferHeadKb} kB, ${share(overhead.bufferHeadKb, entry.kb)}`
        : undefined;
      return { name: entry.name, kb: entry.kb, ...(note === undefined ? {} : { note }) };
    });
  if (memMap) {
    const size = `struct page of ${memMap.structPageBytes} bytes${memMap.exact ? '' : ' (usual for this kernel)'}`;
    const kb = managed ? memMap.totalKb : memMap.insidePresentKb;
    // Up to 3.8 a zone's present pages leave out its own descriptors.
    const beside = kb < memMap.totalKb ? `; ${formatKb(memMap.totalKb)} with what present leaves out` : '';
    pins.push({ name: 'mem_map', kb, note: `${size}${beside}` });
  }
  if (parkedKb > 0) pins.push({ name: CLASSES.freePcp, kb: parkedKb });
  if (bootKb > 0) pins.push({ name: RESERVED_AT_BOOT, kb: bootKb, note: 'kernel image, hash tables, per-cpu memory' });
  const rest = bootKb > 0 ? 'drivers, vmalloc, counter drift' : 'kernel image, tables made at boot, drivers, vmalloc';
  pins.push({ name: NOT_ATTRIBUTED, kb: restKb, note: rest });
  return pins.filter((pin) => pin.kb > 0).toSorted((a, b) => b.kb - a.kb);
}

/** kB of lowmem that a page-table page costs to map: 2 MiB each with PAE, 4 MiB without. */
const pageTableBoundKb = (totalVmKb: number, pageSizeKb: number): number =>
  (Math.ceil(totalVmKb / 2048) + 4) * pageSizeKb;

/**
 * What the kill gives back in lowmem: no more of its anonymous memory than lowmem's lists hold, its page tables and its
 * stack. File pages are unmapped, not freed.
 */
function killFreed(
  report: OomReport,
  book: Account | undefined,
  pageSizeKb: number,
): LowmemAnalysis['killFreedLowmemKb'] {
  const [kill] = report.kills;
  if (kill?.anonRssKb === undefined || book === undefined) return undefined;
  const anonKb = entryKb(book, CLASSES.anon, CLASSES.shmem, CLASSES.lru);
  const row = report.tasks.find((task) => task.pid === kill.pid);
  const printedKb = kill.pgtablesKb ?? (row?.nrPtes === undefined ? undefined : row.nrPtes * pageSizeKb);
  const tablesKb = printedKb ?? (kill.totalVmKb === undefined ? 0 : pageTableBoundKb(kill.totalVmKb, pageSizeKb));
  return { min: 0, max: Math.min(kill.anonRssKb, anonKb) + tablesKb + KERNEL_STACK_KB_32 };
}

/** True when no lowmem zone can serve a kernel's own request for one page. */
function isExhausted(report: OomReport, replay: Replay): boolean {
  const { rule, gfp, layout, pageSizeKb } = replay;
  const normal = layout.indexOf('Normal');
  const zones = lowmemZones(report).filter((zone) => (zone.managedKb ?? zone.presentKb ?? 1) > 0);
  if (rule === undefined || zones.length === 0) return false;
  const preferred = zones.reduce((highest, zone) => Math.max(highest, layout.indexOf(zone.name)), 0);
  const request = {
    order: 0,
    movable: false,
    highPriority: false,
    harder: false,
    atomicFlag: false,
    classIndex: rule.classIndex === 'highest' ? normal : preferred,
    pageSizeKb,
  };
  // Only a request for lowmem shows that the last try failed there too; else MIN is the bound.
  const asksLowmem = gfp !== undefined && replay.outcomes.length > 0 && layout.indexOf(gfp.zone) <= normal;
  const attempt = asksLowmem && rule.lastTryHigh ? 'high' : 'min';
  return zones.every((zone) => checkZone(zone, attempt, rule, request)?.passes === false);
}

/** Lowmem of a 32-bit host whose HighMem holds memory; undefined for every other host. */
export function analyseLowmem(
  report: OomReport,
  replay: Replay,
  machine: Account | undefined,
): LowmemAnalysis | undefined {
  const zones = lowmemZones(report);
  if (!report.highmem32 || zones.length === 0) return undefined;
  const { pageSizeKb } = replay;
  const sum = (read: (zone: Zone) => number | undefined): number =>
    zones.reduce((total, zone) => total + (read(zone) ?? 0), 0);
  const high = report.zones.filter((zone) => zone.name === 'HighMem');
  const reconstructed = reconstructHighmem(report, replay.layout, pageSizeKb);
  const printedKb = high.reduce((total, zone) => total + (zone.managedKb ?? zone.presentKb ?? 0), 0);
  const totalPages = report.totals?.highmemPages;
  const highmemKb =
    printedKb > 0
      ? printedKb
      : (reconstructed?.presentMinKb ?? (totalPages === undefined ? undefined : pagesToKb(totalPages, pageSizeKb)));
  const memMap = analyseMemMap(report, highmemRange(reconstructed, printedKb, pageSizeKb), pageSizeKb);
  const book = lowmemAccount(report, machine);
  const freed = killFreed(report, book, pageSizeKb);
  const highmemFreeKb = highmemFree(high, replay);
  return {
    addressBits: 32,
    pae: report.kernel.pae ?? pagesToKb(report.totals?.ramPages ?? 0, pageSizeKb) > 4 * 1024 ** 2,
    lowmemKb: sum((zone) => zone.managedKb ?? zone.presentKb),
    lowmemFreeKb: sum((zone) => zone.freeKb),
    ...(highmemKb === undefined ? {} : { highmemKb }),
    ...(highmemFreeKb === undefined ? {} : { highmemFreeKb }),
    ...(memMap === undefined
      ? {}
      : { structPageBytes: memMap.structPageBytes, structPageExact: memMap.exact, memMapKb: memMap.totalKb }),
    ...(reconstructed === undefined ? {} : { reconstructed }),
    exhausted: isExhausted(report, replay),
    pins: pinsOf(report, replay, book, memMap),
    ...(freed === undefined ? {} : { killFreedLowmemKb: freed }),
  };
}

/** Present pages of HighMem: as printed, else as far as the reserves tell. */
function highmemRange(
  reconstructed: LowmemAnalysis['reconstructed'],
  printedKb: number,
  pageSizeKb: number,
): PageRange | undefined {
  if (printedKb > 0) return { first: kbToPages(printedKb, pageSizeKb), last: kbToPages(printedKb, pageSizeKb) };
  return (
    reconstructed && {
      first: kbToPages(reconstructed.presentMinKb, pageSizeKb),
      last: kbToPages(reconstructed.presentMaxKb, pageSizeKb),
    }
  );
}

/** Free HighMem: the zone line, else its buddy line, else what the global count has beyond the printed zones. */
function highmemFree(high: readonly Zone[], replay: Replay): number | undefined {
  const printed = high.map((zone) => zone.freeKb ?? zone.buddyTotalKb).filter((kb) => kb !== undefined);
  if (printed.length > 0) return printed.reduce((sum, kb) => sum + kb, 0);
  return replay.hiddenFreePages === undefined ? undefined : pagesToKb(replay.hiddenFreePages, replay.pageSizeKb);
}
