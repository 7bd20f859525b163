/**
 * Single lines that are missing from a block which is there otherwise.
 *
 * Only what the kernel certainly prints between two lines that the log has is named; whole sections are missing
 * elsewhere. Sources: mm/page_alloc.c and mm/show_mem.c show_free_areas, mm/memcontrol.c mem_cgroup_print_oom_info.
 */
import type { Issue, KernelFacts, Zone } from '../domain.ts';
import { isAtLeast, isBefore, type Version } from '../kernel/version.ts';
import { type Draft, PHASES } from './draft.ts';

/** Issues of this kind per report: a dump with more holes was thinned out on purpose. */
const MAX_MISSING = 64;

/** One `line-missing` for each such line, with its beginning as detail; none once sections were shed. Pure. */
export function missingLines(draft: Draft, kernel: KernelFacts): Issue[] {
  if (draft.shed === 3) return [];
  const since = kernel.version ?? kernel.since;
  if (since === undefined) return [];
  const names = [...memoryLines(draft, since), ...zoneLines(draft, since), ...memcgLines(draft, kernel, since)];
  return names.slice(0, MAX_MISSING).map((detail) => ({ code: 'line-missing', detail }));
}

/** Lines of the global counters, and those of swap in front of the page totals. */
function* memoryLines(draft: Draft, since: Version): Generator<string> {
  const { memInfo, totals, zones } = draft;
  // The format of 2.6.32; a line that was cut has an issue of its own.
  const isSplit = isAtLeast(since, [2, 6, 32]) && !draft.cutBlocks.has('mem-info');
  if (memInfo && isSplit && zones.length > 0) {
    if (memInfo.activeAnonPages === undefined) yield 'active_anon:';
    if (memInfo.activeFilePages === undefined) yield 'active_file:';
    if (memInfo.unevictablePages === undefined) yield 'unevictable:';
    if (memInfo.mappedPages === undefined) yield 'mapped:';
    if (memInfo.freePages === undefined) yield 'free:';
    else if (memInfo.slabReclaimablePages === undefined) yield 'slab_reclaimable:';
    if (draft.memInfoHeader === undefined && draft.phase >= PHASES.memory && draft.trigger) yield 'Mem-Info:';
  }
  if (totals?.ramPages === undefined || !isAtLeast(since, [2, 6, 28])) return;
  if (totals.pagecachePages === undefined && memInfo) yield 'total pagecache pages';
  // Without CONFIG_SWAP there is none of these lines.
  const { freeSwapKb, totalSwapKb, swapCachePages } = totals;
  const hasSwap = freeSwapKb !== undefined || totalSwapKb !== undefined || swapCachePages !== undefined;
  if (!hasSwap) return;
  if (swapCachePages === undefined) yield 'pages in swap cache';
  if (freeSwapKb === undefined) yield 'Free swap';
  if (totalSwapKb === undefined) yield 'Total swap';
}

const nameOf = ({ node, name }: Zone): string => (node === undefined ? name : `Node ${node} ${name}`);

/** Node lines (4.8), the reserve of each zone (2.6.9) and its free blocks. */
function* zoneLines(draft: Draft, since: Version): Generator<string> {
  const { zones, nodes } = draft;
  if (isAtLeast(since, [4, 8, 0])) {
    const known = new Set(nodes.map(({ node }) => node));
    for (const node of new Set(zones.map((zone) => zone.node ?? 0))) {
      if (!known.has(node)) yield `Node ${node} active_anon:`;
    }
  }
  const goesOn = draft.totals !== undefined || zones.some((zone) => zone.buddyCounts);
  const hasBuddy = zones.some((zone) => zone.buddyCounts);
  for (const [index, zone] of zones.entries()) {
    if (zone.freeKb === undefined) {
      yield `${nameOf(zone)} free:`;
      continue;
    }
    const isFollowed = goesOn || index < zones.length - 1;
    if (isFollowed && zone.lowmemReservePages === undefined && isAtLeast(since, [2, 6, 9])) {
      yield `lowmem_reserve[]: of ${nameOf(zone)}`;
    }
    if (hasBuddy && !zone.buddyCounts && zone.presentKb !== 0 && draft.totals) yield `${nameOf(zone)}:`;
  }
}

/** Lines of the memory-cgroup block, once something follows it. */
function* memcgLines(draft: Draft, kernel: KernelFacts, since: Version): Generator<string> {
  const { memcg } = draft;
  if (!memcg) return;
  const hasCounter = memcg.usageKb !== undefined || memcg.memoryAndSwap || memcg.swap || memcg.kmem;
  const hasStats = memcg.stats !== undefined;
  if (!hasCounter && !hasStats) return;
  const until = kernel.version ?? kernel.until;
  // RHEL 8 calls itself 4.18 and prints the block of 5.0.
  const hasTask = until !== undefined && isBefore(until, [4, 20, 0]) && kernel.vendor !== 'rhel8';
  if (hasTask && memcg.path === undefined) yield 'Task in';
  if (memcg.usageKb === undefined) yield 'memory: usage';
  const isPast = hasStats || draft.phase >= PHASES.table;
  if (!isPast) return;
  if (!memcg.memoryAndSwap && !memcg.swap) yield 'swap: usage';
  if (memcg.memoryAndSwap && !memcg.kmem && isAtLeast(since, [3, 9, 0])) yield 'kmem: usage';
  if (!hasStats && isAtLeast(since, [3, 9, 0])) yield 'Memory cgroup stats for';
}
