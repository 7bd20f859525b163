/** Tables that follow the page totals: allocation sites (6.10+) and unreclaimable slab caches (4.15+). */
import { PHASES } from '../draft.ts';
import type { Section } from '../section.ts';

/** Slab caches of the largest kernels number some hundreds. */
const MAX_CACHES = 2048;
const MAX_SITES = 64;

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
const SITE = /^(\d{1,15}(?:\.\d{1,3})?)(?: ([KMGT]iB|B))?\s{1,16}(\d{1,15}) (\S.{0,300} func:\S.*)$/;

/**
 * > | Memory allocations (profiling is currently turned on):
 * > |     1.21 GiB   237476 mm/readahead.c:189 func:ractl_alloc_folio
 *         ^ bytes as an integer in 6.10
 */
export const allocations: Section = {
  name: 'allocations',
  phase: PHASES.memory,
  since: '6.10',
  until: '7.1',
  source: 'mm/show_mem.c __show_mem, alloc_tag_top_users',
  examples: [
    'Memory allocations:',
    'Memory allocations (profiling is currently turned on):',
    '    1.21 GiB   237476 mm/readahead.c:189 func:ractl_alloc_folio',
    '  1299186000   237476 mm/readahead.c:189 func:ractl_alloc_folio',
  ],
  read(text) {
    const trimmed = text.trim();
    if (trimmed.startsWith('Memory allocations')) {
      if (!/^Memory allocations(?: \([^)]{0,60}\))?:$/.test(trimmed)) return undefined;
      return { quality: 2, store: (draft) => (draft.memInfo || draft.totals ? 'taken' : 'refused') };
    }
    if (!trimmed.includes(' func:')) return undefined;
    const match = SITE.exec(trimmed);
    if (!match) return undefined;
    const [, amount, unit, calls, site] = match;
    return {
      quality: 4,
      store(draft, line) {
        if (!draft.memInfo && !draft.totals) return 'refused';
        if (draft.allocationSites.length >= MAX_SITES) return 'taken';
        draft.allocationSites.push({
          line,
          bytes: Math.round(Number(amount) * (unit === undefined ? 1 : (UNITS[unit] ?? 1))),
          calls: Number(calls),
          site: site ?? '',
        });
        return 'taken';
      },
    };
  },
};

const CACHE = /^(\S.{0,80}?)\s{1,40}(\d{1,15})KB\s{1,20}(\d{1,15})KB$/;

/**
 * > | Unreclaimable slab info:
 * > | Name                      Used          Total
 * > | kmalloc-4096            12345KB      12600KB
 */
export const slab: Section = {
  name: 'slab',
  phase: PHASES.memory,
  since: '4.15',
  until: '7.1',
  source: 'mm/slab_common.c dump_unreclaimable_slab',
  examples: [
    'Unreclaimable slab info:',
    'Name                      Used          Total',
    'kmalloc-4096            12345KB      12600KB',
    'excessive unreclaimable slab but cannot dump stats',
  ],
  read(text) {
    const trimmed = text.trim();
    if (trimmed.endsWith('KB')) {
      const match = CACHE.exec(trimmed);
      const name = match?.[1];
      if (!match || name === undefined || name.includes(':')) return undefined;
      return {
        quality: 4,
        store(draft, line) {
          if (!draft.memInfo && !draft.totals) return 'refused';
          if (draft.slabCaches.length < MAX_CACHES) {
            draft.slabCaches.push({ line, name, usedKb: Number(match[2]), totalKb: Number(match[3]) });
          }
          return 'taken';
        },
      };
    }
    const isHead =
      trimmed === 'Unreclaimable slab info:' ||
      /^Name\s{1,40}Used\s{1,20}Total$/.test(trimmed) ||
      trimmed === 'excessive unreclaimable slab but cannot dump stats';
    return isHead ? { quality: 2, store: (draft) => (draft.memInfo || draft.totals ? 'taken' : 'refused') } : undefined;
  },
};
