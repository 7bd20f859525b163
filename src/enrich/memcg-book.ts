/** Where the memory of a cgroup went, from its statistics. */
import type { Account, Memcg } from '../domain.ts';
import { bytesToKb } from '../units.ts';
import { CLASSES } from './accounting.ts';

/** Reads one key of one or more stats blocks, in kB. */
type Read = (...keys: string[]) => number | undefined;

/**
 * v1 up to 4.18 prints the pages of each cgroup of the subtree itself, one block each: they add up. From 5.3 on one block in
 * bytes holds the whole subtree.
 */
function reader(memcg: Memcg): Read {
  const blocks = [
    memcg.stats ?? {},
    ...(memcg.statsUnit === 'Kb' ? (memcg.children ?? []).map((child) => child.stats) : []),
  ];
  const scale = (value: number): number => (memcg.statsUnit === 'Bytes' ? bytesToKb(value) : value);
  return (...keys) => {
    const values = blocks.flatMap((block) => {
      const key = keys.find((name) => block[name] !== undefined);
      return key === undefined ? [] : [scale(block[key] ?? 0)];
    });
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  };
}

/**
 * Book of a cgroup: anon and rss are private memory; cache and file hold shmem, which is taken out; kernel memory by kind as far
 * as printed, else the kmem counter as a whole. Undefined without statistics or usage.
 */
export function memcgAccount(memcg: Memcg | undefined): Account | undefined {
  if (memcg?.stats === undefined || memcg.usageKb === undefined) return undefined;
  const read = reader(memcg);
  const lru = [read('inactive_anon'), read('active_anon')].filter((kb) => kb !== undefined);
  const anon = read('anon', 'rss', 'total_rss');
  const anonLists = lru.length === 2 ? lru.reduce((sum, kb) => sum + kb, 0) : undefined;
  // Before 4.12 v1 prints no shmem: it is what the anonymous lists hold beyond rss.
  const shmem =
    read('shmem', 'total_shmem') ?? (anon === undefined || anonLists === undefined ? 0 : Math.max(0, anonLists - anon));
  const file = read('file', 'cache', 'total_cache');
  const slab = read('slab') ?? sum(read('slab_reclaimable'), read('slab_unreclaimable'));
  const kernel: [string, number | undefined][] = [
    [CLASSES.slab, slab ?? memcg.kmem?.usageKb],
    [CLASSES.stacks, read('kernel_stack')],
    [CLASSES.pagetables, sum(read('pagetables'), read('sec_pagetables'))],
  ];
  const entries = (
    [
      [CLASSES.anon, anon],
      [CLASSES.shmem, shmem],
      [CLASSES.file, file === undefined ? undefined : Math.max(0, file - shmem)],
      ...kernel,
    ] satisfies [string, number | undefined][]
  ).flatMap(([name, kb]) => (kb === undefined || kb === 0 ? [] : [{ name, kb }]));
  return {
    place: `cgroup ${memcg.path ?? memcg.statsPath ?? ''}`.trim(),
    totalKb: memcg.usageKb,
    entries,
    unattributedKb: memcg.usageKb - entries.reduce((total, entry) => total + entry.kb, 0),
  };
}

/** Dirty and write-back pages of a cgroup in kB. */
export function memcgDirtyKb(memcg: Memcg | undefined): number {
  if (memcg?.stats === undefined) return 0;
  const read = reader(memcg);
  return sum(read('file_dirty', 'dirty'), read('file_writeback', 'writeback')) ?? 0;
}

function sum(...values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}
