/** Where memory went: books whose classes do not overlap, per zone, per node and for the machine. */
import type { Account, AccountEntry, MemInfo, NodeInfo, OomReport, Zone } from '../domain.ts';
import { pagesToKb } from '../units.ts';

/** Names of the classes, the same in every book. */
export const CLASSES = {
  free: 'free',
  freePcp: 'free on per-cpu lists',
  anon: 'anonymous',
  shmem: 'shared memory',
  file: 'file cache',
  lru: 'anonymous and file cache',
  unevictable: 'unevictable',
  slabReclaimable: 'reclaimable slab',
  slabUnreclaimable: 'unreclaimable slab',
  slab: 'slab',
  pagetables: 'page tables',
  stacks: 'kernel stacks',
  hugepages: 'huge pages',
  writebackTmp: 'temporary write-back pages',
  bounce: 'bounce buffers',
  zspages: 'compressed swap',
  balloon: 'balloon',
  gpu: 'GPU',
  kernelMisc: 'reclaimable kernel memory',
} as const;

/** Counters may exceed the pages that they count by this factor: they drift per CPU. */
const DRIFT = 1.05;
/** Without counters the zones count as the whole machine when they make up this share of it. */
const MOST_OF = 0.9;

/** Sum of what is there; undefined when nothing is. */
function sumOf<T>(items: readonly T[], read: (item: T) => number | undefined): number | undefined {
  let sum: number | undefined;
  for (const item of items) {
    const value = read(item);
    if (value !== undefined) sum = (sum ?? 0) + value;
  }
  return sum;
}

const add = (...values: (number | undefined)[]): number | undefined => sumOf(values, (value) => value);

/** Lists of one node or zone. */
type Lists = Pick<
  Zone & NodeInfo,
  'activeAnonKb' | 'inactiveAnonKb' | 'isolatedAnonKb' | 'activeFileKb' | 'inactiveFileKb' | 'isolatedFileKb'
>;

const anonOf = (lists: Lists): number | undefined =>
  add(lists.activeAnonKb, lists.inactiveAnonKb, lists.isolatedAnonKb);
const fileOf = (lists: Lists): number | undefined =>
  add(lists.activeFileKb, lists.inactiveFileKb, lists.isolatedFileKb);

/** LRU lists of one place. shmem lies on the anonymous lists, and on the unevictable one when it is locked. */
interface Lru {
  anonKb: number | undefined;
  fileKb: number | undefined;
  unevictableKb: number | undefined;
  shmemKb: number | undefined;
  /** Both lists together, on kernels that do not tell them apart (up to 2.6.27). */
  mixedKb: number | undefined;
}

function lruEntries(lru: Lru): [string, number | undefined][] {
  const { anonKb, shmemKb, unevictableKb } = lru;
  const lockedShmem = shmemKb === undefined || anonKb === undefined ? 0 : Math.max(0, shmemKb - anonKb);
  return [
    [CLASSES.anon, anonKb === undefined ? undefined : Math.max(0, anonKb - (shmemKb ?? 0))],
    [CLASSES.shmem, anonKb === undefined ? undefined : shmemKb],
    [CLASSES.file, lru.fileKb],
    [CLASSES.lru, lru.mixedKb],
    [CLASSES.unevictable, unevictableKb === undefined ? undefined : Math.max(0, unevictableKb - lockedShmem)],
  ];
}

/** A book: what was printed of each class, and the rest that nothing claims (below zero when counters drift). */
function account(place: string, totalKb: number, entries: readonly [string, number | undefined][]): Account {
  const known = entries.flatMap(([name, kb]): AccountEntry[] => (kb === undefined ? [] : [{ name, kb }]));
  return {
    place,
    totalKb,
    entries: known.filter((entry) => entry.kb !== 0),
    unattributedKb: totalKb - known.reduce((sum, entry) => sum + entry.kb, 0),
  };
}

const placeOf = (zone: Zone): string => (zone.node === undefined ? zone.name : `node ${zone.node} ${zone.name}`);

function zoneEntries(zone: Zone): [string, number | undefined][] {
  return [
    [CLASSES.free, zone.freeKb],
    [CLASSES.freePcp, zone.freePcpKb],
    ...lruEntries({
      anonKb: anonOf(zone),
      fileKb: fileOf(zone),
      unevictableKb: zone.unevictableKb,
      shmemKb: zone.shmemKb,
      mixedKb: add(zone.activeKb, zone.inactiveKb),
    }),
    [CLASSES.slabReclaimable, zone.slabReclaimableKb],
    [CLASSES.slabUnreclaimable, zone.slabUnreclaimableKb],
    [CLASSES.pagetables, zone.pagetablesKb],
    [CLASSES.stacks, add(zone.kernelStackKb, zone.shadowCallStackKb)],
    [CLASSES.writebackTmp, zone.writebackTmpKb],
    [CLASSES.bounce, zone.bounceKb],
    [CLASSES.zspages, zone.zspagesKb],
  ];
}

/** Book of one zone; its total is `managed`, before 3.8 `present`. Undefined when neither was printed. */
export function zoneAccount(zone: Zone): Account | undefined {
  const totalKb = zone.managedKb ?? zone.presentKb;
  return totalKb === undefined || totalKb === 0 ? undefined : account(placeOf(zone), totalKb, zoneEntries(zone));
}

function nodeEntries(node: NodeInfo, zones: readonly Zone[]): [string, number | undefined][] {
  return [
    [CLASSES.free, sumOf(zones, (zone) => zone.freeKb)],
    [CLASSES.freePcp, sumOf(zones, (zone) => zone.freePcpKb)],
    ...lruEntries({
      anonKb: anonOf(node),
      fileKb: fileOf(node),
      unevictableKb: node.unevictableKb,
      shmemKb: node.shmemKb,
      mixedKb: undefined,
    }),
    [CLASSES.slabReclaimable, sumOf(zones, (zone) => zone.slabReclaimableKb)],
    [CLASSES.slabUnreclaimable, sumOf(zones, (zone) => zone.slabUnreclaimableKb)],
    [CLASSES.pagetables, add(node.pagetablesKb, node.secPagetablesKb) ?? sumOf(zones, (zone) => zone.pagetablesKb)],
    [CLASSES.stacks, add(node.kernelStackKb, node.shadowCallStackKb) ?? sumOf(zones, (zone) => zone.kernelStackKb)],
    [CLASSES.writebackTmp, node.writebackTmpKb],
    [CLASSES.balloon, node.balloonKb],
    [CLASSES.gpu, add(node.gpuActiveKb, node.gpuReclaimKb)],
  ];
}

/**
 * Memory of the machine: the managed pages of the zones where they hold all that the global counters count, so that no zone or
 * node is left out; else RAM less reserved (before 3.8 with mem_map), else the zones' sizes. Printed totals can be wrong: 3.13 to
 * 3.16 print the reserved pages of the last zone only.
 */
export function machineTotalKb(report: OomReport, pageSizeKb: number): number | undefined {
  const managed = sumOf(report.zones, (zone) => zone.managedKb);
  const { ramPages, reservedPages } = report.totals ?? {};
  const available =
    ramPages === undefined || reservedPages === undefined ? undefined : pagesToKb(ramPages - reservedPages, pageSizeKb);
  const accounted = report.memInfo
    ? (sumOf(machineEntries(report, report.memInfo, pageSizeKb), ([, kb]) => kb) ?? 0)
    : (available ?? 0) * MOST_OF;
  if (managed !== undefined && accounted <= managed * DRIFT) return managed;
  return available ?? managed ?? sumOf(report.zones, (zone) => zone.presentKb);
}

/** The lists of all nodes, before 4.8 of all zones: what stands in for a global line that is lost. */
const listed = (report: OomReport, read: (lists: Lists) => number | undefined): number | undefined =>
  sumOf(report.nodes, read) ?? sumOf(report.zones, read);

function machineEntries(report: OomReport, info: MemInfo, pageSizeKb: number): [string, number | undefined][] {
  const kb = (...pages: (number | undefined)[]): number | undefined => {
    const sum = add(...pages);
    return sum === undefined ? undefined : pagesToKb(sum, pageSizeKb);
  };
  const { zones, nodes } = report;
  const split = add(info.slabReclaimablePages, info.slabUnreclaimablePages) !== undefined;
  const shown = sumOf(zones, (zone) => zone.freeKb);
  return [
    [CLASSES.free, kb(info.freePages) ?? info.freeKb ?? shown],
    [CLASSES.freePcp, kb(info.freePcpPages)],
    ...lruEntries({
      anonKb: kb(info.activeAnonPages, info.inactiveAnonPages, info.isolatedAnonPages) ?? listed(report, anonOf),
      fileKb: kb(info.activeFilePages, info.inactiveFilePages, info.isolatedFilePages) ?? listed(report, fileOf),
      unevictableKb: kb(info.unevictablePages),
      shmemKb: kb(info.shmemPages),
      mixedKb: kb(info.activePages, info.inactivePages),
    }),
    [CLASSES.slabReclaimable, kb(info.slabReclaimablePages)],
    [CLASSES.slabUnreclaimable, kb(info.slabUnreclaimablePages)],
    [CLASSES.slab, split ? undefined : kb(info.slabPages ?? report.totals?.slabPages)],
    [CLASSES.pagetables, kb(info.pagetablesPages, info.secPagetablesPages)],
    [
      CLASSES.stacks,
      sumOf(nodes, (node) => add(node.kernelStackKb, node.shadowCallStackKb)) ??
        sumOf(zones, (zone) => add(zone.kernelStackKb, zone.shadowCallStackKb)),
    ],
    [CLASSES.writebackTmp, sumOf(nodes, (node) => node.writebackTmpKb) ?? sumOf(zones, (zone) => zone.writebackTmpKb)],
    [CLASSES.bounce, kb(info.bouncePages)],
    [CLASSES.zspages, sumOf(zones, (zone) => zone.zspagesKb)],
    [CLASSES.balloon, sumOf(nodes, (node) => node.balloonKb)],
    [CLASSES.gpu, sumOf(nodes, (node) => add(node.gpuActiveKb, node.gpuReclaimKb))],
    [CLASSES.kernelMisc, kb(info.kernelMiscReclaimablePages)],
  ];
}

/** Huge pages in the pool, in kB; 0 when the printed number does not fit into what the books leave. */
function hugepagesKb(report: OomReport, freeForThemKb: number): number {
  const printed = sumOf(report.hugePages, (pool) => pool.total * pool.sizeKb) ?? 0;
  // Counters drift by a few pages per CPU; a pool far beyond the rest is a misprint.
  return printed <= freeForThemKb * 1.02 ? printed : 0;
}

/** Book of the whole machine; undefined when its memory or its counters were not printed. */
export function machineAccount(report: OomReport, pageSizeKb: number): Account | undefined {
  const totalKb = machineTotalKb(report, pageSizeKb);
  if (totalKb === undefined || totalKb <= 0 || report.memInfo === undefined) return undefined;
  const entries = machineEntries(report, report.memInfo, pageSizeKb);
  const rest = account('machine', totalKb, entries).unattributedKb;
  return account('machine', totalKb, [...entries, [CLASSES.hugepages, hugepagesKb(report, rest)]]);
}

/** Every book that the report allows: the machine, its nodes (4.8 and later, two and more), its zones. */
export function analyseAccounts(report: OomReport, pageSizeKb: number): Account[] {
  const machine = machineAccount(report, pageSizeKb);
  const nodes = report.nodes.length < 2 ? [] : report.nodes.map((node) => nodeAccount(report, node));
  return [machine, ...nodes, ...report.zones.map(zoneAccount)].filter((book) => book !== undefined);
}

function nodeAccount(report: OomReport, node: NodeInfo): Account | undefined {
  const zones = report.zones.filter((zone) => zone.node === node.node);
  const totalKb = sumOf(zones, (zone) => zone.managedKb ?? zone.presentKb);
  return totalKb === undefined || totalKb === 0
    ? undefined
    : account(`node ${node.node}`, totalKb, nodeEntries(node, zones));
}

/** Sum of several books under one name. */
export function joinAccounts(place: string, books: readonly Account[]): Account | undefined {
  if (books.length === 0) return undefined;
  const sums = new Map<string, number>();
  for (const entry of books.flatMap((book) => book.entries))
    sums.set(entry.name, (sums.get(entry.name) ?? 0) + entry.kb);
  return {
    place,
    totalKb: books.reduce((sum, book) => sum + book.totalKb, 0),
    entries: [...sums].map(([name, kb]) => ({ name, kb })),
    unattributedKb: books.reduce((sum, book) => sum + book.unattributedKb, 0),
  };
}

/** kB of one class in a book; 0 when absent. */
export function entryKb(book: Account | undefined, ...names: string[]): number {
  return book?.entries.filter((entry) => names.includes(entry.name)).reduce((sum, entry) => sum + entry.kb, 0) ?? 0;
}
