/** Huge pages, page cache, swap and page totals: the tail of the memory dump. */

import type { Totals } from '../../domain.ts';
import { TOTALS_WORDS } from '../../kernel/fields.ts';
import { type Draft, PHASES } from '../draft.ts';
import type { Outcome, Section } from '../section.ts';

const HUGE =
  /^(?:Node (\d{1,4}) )?hugepages_total=(\d{1,12}) hugepages_free=(\d{1,12}) hugepages_surp=(\d{1,12}) hugepages_size=(\d{1,12})kB/;

/** > | Node 0 hugepages_total=2 hugepages_free=2 hugepages_surp=0 hugepages_size=1048576kB */
export const hugePages: Section = {
  name: 'hugepages',
  phase: PHASES.memory,
  since: '3.10',
  until: '7.1',
  source: 'mm/hugetlb.c hugetlb_show_meminfo',
  examples: ['Node 0 hugepages_total=2 hugepages_free=2 hugepages_surp=0 hugepages_size=1048576kB'],
  read(text) {
    if (!text.includes('hugepages_total=')) return undefined;
    const match = HUGE.exec(text.trim());
    if (!match) return undefined;
    const [, nodeId, total, free, surplus, sizeKb] = match;
    return {
      quality: 10,
      store(draft, line) {
        const node = nodeId === undefined ? undefined : Number(nodeId);
        const size = Number(sizeKb);
        if (draft.hugePages.some((other) => other.node === node && other.sizeKb === size)) return 'duplicate';
        draft.hugePages.push({
          line,
          ...(node === undefined ? {} : { node }),
          total: Number(total),
          free: Number(free),
          surplus: Number(surplus),
          sizeKb: size,
        });
        return 'taken';
      },
    };
  },
};

const COUNT = /^(-?\d{1,15}) ([A-Za-z][A-Za-z/ -]{2,40}?)\s*$/;
const SWAP = /^(Free|Total) swap\s{0,3}[=:]\s{0,16}(-?\d{1,15})kB/;
const SWAP_CACHE = /^Swap cache(?: stats)?: add (\d{1,20}), delete (\d{1,20}), find (\d{1,20})\/(\d{1,20})/;

/**
 * > | 8650736 pages RAM
 * > | Swap cache stats: add 0, delete 0, find 0/0
 * > | Free swap  = -1636kB
 *                  ^ below zero is possible
 */
export const totals: Section = {
  name: 'totals',
  phase: PHASES.memory,
  since: '2.6.9',
  until: '7.1',
  source: 'lib/show_mem.c, mm/show_mem.c, mm/swap_state.c show_swap_cache_info',
  examples: [
    '7891360 total pagecache pages',
    '0 pages in swap cache',
    'Swap cache stats: add 0, delete 0, find 0/0',
    'Swap cache: add 5333279, delete 5330378, find 1552320/3550697, race 3+146',
    'Free swap  = 1959892kB',
    'Free swap:       113440kB',
    'Total swap = 1959892kB',
    '8650736 pages RAM',
    '8422402 pages HighMem',
    '557266 pages HighMem/MovableOnly',
    '349626 pages reserved',
    '2965 reserved pages',
    '262144 pages cma reserved',
    '0 pages hwpoisoned',
  ],
  read(text) {
    const trimmed = text.trim();
    const code = trimmed.charCodeAt(0);
    if ((code >= 48 && code <= 57) || code === 45) return readCount(trimmed);
    if (code === 70 || code === 84) {
      const swap = SWAP.exec(trimmed);
      if (!swap) return undefined;
      const field = swap[1] === 'Free' ? 'freeSwapKb' : 'totalSwapKb';
      // `Free swap:` is the architecture's own line, beside the generic one.
      const isSecond = trimmed.startsWith('Free swap:');
      return {
        quality: 4,
        store(draft, line) {
          const outcome = keep(draft, line, field, Number(swap[2]));
          return isSecond && outcome === 'duplicate' ? 'taken' : outcome;
        },
      };
    }
    if (code !== 83) return undefined;
    const cache = SWAP_CACHE.exec(trimmed);
    if (!cache) return undefined;
    return {
      quality: 8,
      store(draft, line) {
        if (draft.totals?.swapCacheAdd !== undefined) return 'duplicate';
        const into: Totals = draft.totals ?? { line };
        into.swapCacheAdd = Number(cache[1]);
        into.swapCacheDelete = Number(cache[2]);
        into.swapCacheFind = Number(cache[3]);
        into.swapCacheFindTotal = Number(cache[4]);
        draft.totals = into;
        return 'taken';
      },
    };
  },
};

function readCount(trimmed: string): ReturnType<Section['read']> {
  const match = COUNT.exec(trimmed);
  const words = match?.[2];
  if (words === undefined || !Object.hasOwn(TOTALS_WORDS, words)) return undefined;
  const field = TOTALS_WORDS[words];
  if (field === undefined) return undefined;
  return { quality: 4, store: (draft, line) => keep(draft, line, field, Number(match?.[1])) };
}

type TotalsField = (typeof TOTALS_WORDS)[string] | 'freeSwapKb' | 'totalSwapKb';

function keep(draft: Draft, line: number, field: TotalsField, value: number): Outcome {
  // Alone such a line says nothing: `0 pages shared` is no report.
  if (draft.zones.length === 0 && !draft.memInfo && draft.memInfoHeader === undefined && !draft.totals)
    return 'refused';
  if (draft.totals?.[field] !== undefined) return 'duplicate';
  draft.totals ??= { line };
  draft.totals[field] = value;
  return 'taken';
}
