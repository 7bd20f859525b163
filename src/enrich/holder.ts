/** Where the memory had gone: the second axis of the answer. */
import type { Account, Holder, LowmemAnalysis, OomReport, Task, Verdict } from '../domain.ts';
import { pagesToKb } from '../units.ts';
import { CLASSES, entryKb, joinAccounts, machineTotalKb, zoneAccount } from './accounting.ts';
import { NOT_ATTRIBUTED, RESERVED_AT_BOOT } from './lowmem.ts';
import { memcgAccount, memcgDirtyKb } from './memcg-book.ts';
import type { Replay } from './replay.ts';
import { largestTask } from './victim.ts';

/** The holder with what shows it. */
export interface HolderFinding {
  readonly holder: Holder;
  /** The book that was weighed. */
  readonly book?: Account;
  /** kB of the class, or of the one task. */
  readonly heldKb?: number;
  /** Whole that heldKb is a part of: the book's total, or memory and swap for one task. */
  readonly ofKb?: number;
  readonly task?: { readonly pid: number | undefined; readonly comm: string };
}

export interface HolderInput {
  readonly report: OomReport;
  readonly verdict: Verdict;
  readonly replay: Replay;
  readonly machine: Account | undefined;
  readonly lowmemBook: Account | undefined;
  readonly lowmem: LowmemAnalysis | undefined;
}

/** One task is the holder from this share of memory and swap on; or from the lower one when it is three times the next. */
const ONE_TASK_RATIO = 0.5;
const ONE_TASK_LEAST_RATIO = 0.33;
const ONE_TASK_LEAD = 3;
/** Clean file cache over this share of the eligible zones, while all are unreclaimable. */
const STUCK_CACHE_RATIO = 0.2;
/** File cache counts as dirty from this share of it on. */
const DIRTY_RATIO = 0.5;

/** Classes of a book by the holder that they stand for. */
const HOLDER_OF_CLASS: readonly { readonly holder: Holder | 'tasks' | 'file'; readonly classes: readonly string[] }[] =
  [
    { holder: 'tasks', classes: [CLASSES.anon, CLASSES.lru] },
    { holder: 'shmem', classes: [CLASSES.shmem] },
    { holder: 'file', classes: [CLASSES.file, CLASSES.writebackTmp] },
    { holder: 'slab', classes: [CLASSES.slabReclaimable, CLASSES.slabUnreclaimable, CLASSES.slab, CLASSES.kernelMisc] },
    { holder: 'page-tables', classes: [CLASSES.pagetables] },
    { holder: 'kernel-stacks', classes: [CLASSES.stacks] },
    { holder: 'unevictable', classes: [CLASSES.unevictable] },
    { holder: 'hugepages', classes: [CLASSES.hugepages] },
  ];

/** Verdicts about a part of the machine: the nodes that a request was confined to. */
const CONFINED: readonly Verdict[] = ['cpuset-limit', 'mempolicy-limit', 'numa-imbalance'];

/** Memory and swap that one task's share is measured against. */
function capacityKb({ report, verdict, replay }: HolderInput, book: Account | undefined): number | undefined {
  if (verdict === 'memcg-limit') {
    const { limitKb, memoryAndSwap } = report.memcg ?? {};
    return limitKb ?? memoryAndSwap?.limitKb ?? undefined;
  }
  const ramKb = CONFINED.includes(verdict) && book ? book.totalKb : machineTotalKb(report, replay.pageSizeKb);
  return ramKb === undefined ? undefined : ramKb + (report.totals?.totalSwapKb ?? 0);
}

/** Resident and swapped-out kB of a task, without shared memory where the table tells it apart. */
const taskKb = (task: Task, pageSizeKb: number): number =>
  pagesToKb((task.rssPages ?? 0) - (task.rssShmemPages ?? 0) + (task.swapentsPages ?? 0), pageSizeKb);

/** Rows of the table, and the victim from the kill line where its row is lost. */
function knownTasks(report: OomReport, pageSizeKb: number): readonly Task[] {
  const { tasks, kills } = report;
  const [kill] = kills;
  const isListed = kill === undefined || tasks.some((task) => task.pid === kill.pid || task.tgid === kill.pid);
  if (isListed || kill.pid === undefined || tasks.length === 0) return tasks;
  const rssKb = (kill.anonRssKb ?? 0) + (kill.fileRssKb ?? 0);
  return [...tasks, { pid: kill.pid, comm: kill.comm, rssPages: Math.trunc(rssKb / pageSizeKb), line: kill.line }];
}

/** The largest task, when it alone is the holder. `privateKb` bounds what it can have of its own. */
function oneTask(
  report: OomReport,
  capacity: number | undefined,
  privateKb: number | undefined,
  pageSizeKb: number,
): HolderFinding | undefined {
  if (capacity === undefined || capacity <= 0) return undefined;
  // A task maps no more private memory than there is: beyond it its rss counts shared pages.
  const bounded = (task: Task): number => {
    const swapKb = pagesToKb(task.swapentsPages ?? 0, pageSizeKb);
    return Math.min(taskKb(task, pageSizeKb), (privateKb ?? Number.POSITIVE_INFINITY) + swapKb);
  };
  const tasks = knownTasks(report, pageSizeKb);
  const largest = largestTask(tasks);
  if (largest) {
    const heldKb = bounded(largest);
    const next = tasks
      .filter((task) => task !== largest && (task.tgid === undefined || task.tgid !== largest.tgid))
      .reduce((most, task) => Math.max(most, taskKb(task, pageSizeKb)), 0);
    const leads = heldKb >= capacity * ONE_TASK_LEAST_RATIO && heldKb >= next * ONE_TASK_LEAD;
    if (heldKb < capacity * ONE_TASK_RATIO && !leads) return undefined;
    return { holder: 'one-task', heldKb, ofKb: capacity, task: { pid: largest.pid, comm: largest.comm } };
  }
  const [kill] = report.kills;
  const heldKb = (kill?.anonRssKb ?? 0) + (kill?.fileRssKb ?? 0);
  if (kill === undefined || heldKb < capacity * ONE_TASK_RATIO) return undefined;
  return { holder: 'one-task', heldKb, ofKb: capacity, task: { pid: kill.pid, comm: kill.comm } };
}

/** Books of the eligible zones; classes that the zones do not count (4.8 and later) get their part of the machine's. */
function eligibleBook(replay: Replay, machine: Account | undefined): Account | undefined {
  const zones = replay.outcomes.map((outcome) => outcome.zone);
  const sum = joinAccounts(
    'eligible zones',
    zones.map(zoneAccount).filter((book) => book !== undefined),
  );
  if (sum === undefined || machine === undefined || zones.some((zone) => zone.slabReclaimableKb !== undefined))
    return sum;
  const shared = machine.entries.filter((entry) => entryKb(sum, entry.name) === 0 && entry.name !== CLASSES.free);
  const whole = shared.reduce((total, entry) => total + entry.kb, 0) + Math.max(0, machine.unattributedKb);
  if (whole <= 0) return sum;
  const part = Math.max(0, sum.unattributedKb) / whole;
  const added = shared.map((entry) => ({ name: entry.name, kb: Math.round(entry.kb * part) }));
  return {
    ...sum,
    entries: [...sum.entries, ...added],
    unattributedKb: sum.unattributedKb - added.reduce((total, entry) => total + entry.kb, 0),
  };
}

/** The book that a verdict is about: the cgroup, lowmem, the eligible zones, or the machine. */
function bookOf(input: HolderInput): Account | undefined {
  const { report, verdict, machine, replay } = input;
  switch (verdict) {
    case 'memcg-limit':
      return memcgAccount(report.memcg);
    case 'lowmem-exhausted':
      return withMemMap(input.lowmemBook, input.lowmem);
    case 'dma-zone-exhausted':
    case 'movable-imbalance':
    case 'numa-imbalance':
    case 'cpuset-limit':
    case 'mempolicy-limit':
      return eligibleBook(replay, machine) ?? machine;
    default:
      return machine ?? eligibleBook(replay, machine);
  }
}

const MEM_MAP = 'mem_map';

/** Lowmem's book with mem_map as a class of its own. */
function withMemMap(book: Account | undefined, lowmem: LowmemAnalysis | undefined): Account | undefined {
  const pin = lowmem?.pins.find((entry) => entry.name === MEM_MAP);
  if (book === undefined || pin === undefined) return book;
  const pinKb = (name: string): number => lowmem?.pins.find((entry) => entry.name === name)?.kb ?? 0;
  const rest = pinKb(NOT_ATTRIBUTED) + pinKb(RESERVED_AT_BOOT);
  return { ...book, entries: [...book.entries, { name: MEM_MAP, kb: pin.kb }], unattributedKb: rest };
}

/** File cache that reclaim could not free: over 20 % of the eligible zones, clean, and all of them unreclaimable (zone lines up to 4.7). */
function isCacheStuck(replay: Replay, book: Account): boolean {
  const zones = replay.outcomes.map((outcome) => outcome.zone);
  if (zones.length === 0 || zones.some((zone) => zone.allUnreclaimable !== true)) return false;
  const sum = (read: (zone: (typeof zones)[number]) => number | undefined): number =>
    zones.reduce((total, zone) => total + (read(zone) ?? 0), 0);
  const fileKb = sum((zone) => (zone.activeFileKb ?? 0) + (zone.inactiveFileKb ?? 0));
  const dirtyKb = sum((zone) => (zone.dirtyKb ?? 0) + (zone.writebackKb ?? 0));
  const totalKb = sum((zone) => zone.managedKb ?? zone.presentKb) || book.totalKb;
  return fileKb > totalKb * STUCK_CACHE_RATIO && dirtyKb < fileKb * DIRTY_RATIO;
}

/** Dirty and write-back pages of the machine or the cgroup, in kB. */
function dirtyKb({ report, verdict, replay }: HolderInput): number {
  if (verdict === 'memcg-limit') return memcgDirtyKb(report.memcg);
  const { dirtyPages, writebackPages, unstablePages } = report.memInfo ?? {};
  return pagesToKb((dirtyPages ?? 0) + (writebackPages ?? 0) + (unstablePages ?? 0), replay.pageSizeKb);
}

/**
 * The holder: the largest class of the verdict's book. Task memory is one task's from 50 % of memory and swap on, or from 33 %
 * when it is three times the next; else many tasks'. Without a table, or a kill line that large, task memory has no known
 * holder. Where nothing was short, or the report lacks what it takes, there is none.
 */
export function findHolder(input: HolderInput): HolderFinding {
  const { report, verdict, replay } = input;
  if (verdict === 'manual' || verdict === 'page-fault' || verdict === 'insufficient-data') return { holder: 'unknown' };
  const { pageSizeKb } = replay;
  const book = bookOf(input);
  const capacity = capacityKb(input, book);
  // A task may have memory beyond the zones of the request: the whole machine's lists bound it.
  const lists = verdict === 'memcg-limit' ? book : (input.machine ?? book);
  const privateKb =
    lists && hasLists(lists) ? entryKb(lists, CLASSES.anon, CLASSES.lru, CLASSES.file, CLASSES.unevictable) : undefined;
  const single = verdict === 'lowmem-exhausted' ? undefined : oneTask(report, capacity, privateKb, pageSizeKb);
  if (book === undefined || book.entries.length === 0) return single ?? allTasks(report, capacity, pageSizeKb, book);
  if (single && (single.heldKb ?? 0) >= (capacity ?? 0) * ONE_TASK_RATIO) return { ...single, book };
  if (verdict !== 'memcg-limit' && isCacheStuck(replay, book)) {
    return { holder: 'page-cache', book, heldKb: entryKb(book, CLASSES.file), ofKb: book.totalKb };
  }
  const [largest] = classesOf(book).toSorted((a, b) => b.kb - a.kb);
  if (largest === undefined || largest.kb <= 0) return single ?? { holder: 'unknown', book };
  const held = { book, heldKb: largest.kb, ofKb: book.totalKb };
  if (largest.holder === 'tasks') {
    if (single) return { ...single, book };
    return { holder: isTableTelling(report, largest.kb, pageSizeKb) ? 'many-tasks' : 'unknown', ...held };
  }
  if (largest.holder === 'file') {
    return { holder: dirtyKb(input) >= largest.kb * DIRTY_RATIO ? 'dirty-pages' : 'page-cache', ...held };
  }
  if (largest.holder === 'unaccounted' && !countsAll(report))
    return single ?? allTasks(report, capacity, pageSizeKb, book);
  return { holder: largest.holder, ...held };
}

/**
 * The table shows whose the memory is: its rows add up to half of it, or a limit shed rows, or the victim, mostly the largest task, is
 * known with all that it held.
 */
function isTableTelling(report: OomReport, classKb: number, pageSizeKb: number): boolean {
  const { tasks, taskCount, totals } = report;
  const [kill] = report.kills;
  const rssKb = knownTasks(report, pageSizeKb).reduce(
    (sum, task) => sum + pagesToKb(task.rssPages ?? 0, pageSizeKb),
    0,
  );
  const isListed = tasks.some((task) => task.pid === kill?.pid || task.tgid === kill?.pid);
  const isVictimKnown = isListed || (kill?.anonRssKb !== undefined && totals?.totalSwapKb === 0);
  return tasks.length > 0 && (rssKb >= classKb / 2 || taskCount > tasks.length || isVictimKnown);
}

/** Without a book: many tasks when those of the table together hold half of what there is. */
function allTasks(
  report: OomReport,
  capacity: number | undefined,
  pageSizeKb: number,
  book: Account | undefined,
): HolderFinding {
  const heldKb = report.tasks.reduce((sum, task) => sum + taskKb(task, pageSizeKb), 0);
  const isMost = capacity !== undefined && capacity > 0 && heldKb >= capacity * ONE_TASK_RATIO;
  return { holder: isMost ? 'many-tasks' : 'unknown', ...(book ? { book } : {}) };
}

/**
 * True when what is in no class is in no counter either: slab was counted, or the statistics are those of the whole subtree. Up to
 * 5.2 a cgroup's statistics come in one line for each cgroup below it, and lines may be lost.
 */
function countsAll({ scope, memcg, memInfo, zones, nodes, totals }: OomReport): boolean {
  if (scope === 'memcg')
    return memcg?.statsUnit === 'Bytes' && (memcg.stats?.['anon'] ?? memcg.stats?.['rss']) !== undefined;
  const lists = [memInfo?.activeAnonPages, memInfo?.activePages, nodes[0]?.activeAnonKb, zones[0]?.activeAnonKb];
  const slab = [memInfo?.slabReclaimablePages, memInfo?.slabPages, totals?.slabPages, zones[0]?.slabReclaimableKb];
  return [lists, slab].every((counters) => counters.some((counter) => counter !== undefined));
}

/** The book tells private memory: then no task has more of it than is there. */
const hasLists = (book: Account): boolean =>
  book.place.startsWith('cgroup') ||
  book.entries.some((entry) => entry.name === CLASSES.anon || entry.name === CLASSES.lru);

function classesOf(book: Account): { holder: Holder | 'tasks' | 'file'; kb: number }[] {
  return [
    ...HOLDER_OF_CLASS.map(({ holder, classes }) => ({ holder, kb: entryKb(book, ...classes) })),
    { holder: 'mem-map', kb: entryKb(book, MEM_MAP) },
    {
      holder: 'unaccounted',
      kb:
        Math.max(0, book.unattributedKb) + entryKb(book, CLASSES.balloon, CLASSES.gpu, CLASSES.zspages, CLASSES.bounce),
    },
  ];
}
