/** The memory header and the global counters, in pages. */
import type { MemInfo } from '../../domain.ts';
import { MEM_INFO_FIELDS } from '../../kernel/fields.ts';
import { type Draft, PHASES } from '../draft.ts';
import { type FieldScan, keepOther, scanFields } from '../scan.ts';
import type { Section } from '../section.ts';

const isKnown = (key: string): boolean => Object.hasOwn(MEM_INFO_FIELDS, key);

/** > | Mem-Info: */
export const memInfoHeader: Section = {
  name: 'mem-info',
  phase: PHASES.memory,
  since: '2.4.21-EL',
  until: '7.1',
  source: 'lib/show_mem.c, mm/show_mem.c, arch/*/mm show_mem',
  examples: ['Mem-Info:', 'Mem-info:'],
  read(text) {
    const trimmed = text.trim();
    if (trimmed !== 'Mem-Info:' && trimmed !== 'Mem-info:') return undefined;
    return {
      quality: 2,
      opens: true,
      store(draft) {
        // A second header begins another dump.
        if (draft.memInfoHeader !== undefined) return draft.memInfo || draft.zones.length > 0 ? 'refused' : 'duplicate';
        if (draft.memInfo || draft.zones.length > 0) return 'refused';
        draft.memInfoHeader = trimmed;
        return 'taken';
      },
    };
  },
};

/**
 * > | active_anon:117913 inactive_anon:9942 isolated_anon:0
 *                 ^ pages; node and zone lines print the same labels with kB
 */
export const memInfoCounters: Section = {
  name: 'mem-info',
  phase: PHASES.memory,
  since: '2.6.0',
  until: '7.1',
  source: 'mm/page_alloc.c show_free_areas',
  examples: [
    'Active:98171 inactive:25402 dirty:0 writeback:0 unstable:0 free:1401 slab:4433 mapped:98000 pagetables:1500',
    'Active_anon:9 active_file:9 inactive_anon:9',
    'active_anon:117913 inactive_anon:9942 isolated_anon:0',
    ' free:143494 slab_reclaimable:128312 slab_unreclaimable:4089',
    ' kernel_misc_reclaimable:0',
    ' free:917894 free_pcp:8 free_cma:128398',
    'Free pages:        4964kB (252kB HighMem)',
  ],
  read(text) {
    const start = firstLetter(text);
    const colon = text.indexOf(':', start);
    if (colon <= start || colon > start + 32) return undefined;
    if (text.startsWith('Free pages:', start)) return readFreePages(text);
    const label = text.slice(start, colon);
    if (!isKnown(label) && !isKnown(label.replace(/\d+.*$/, '').replace(/^(\S+).*$/, '$1'))) return undefined;
    const scan = scanFields(text, start, isKnown, false);
    const known = scan.fields.filter(({ key, kb }) => !kb && isKnown(key)).length;
    if (known === 0 || scan.fields.some(({ kb }) => kb) || scan.allUnreclaimable !== undefined) return undefined;
    return {
      quality: known * 2 - scan.unread * 2 - scan.repaired,
      cut: scan.cut,
      ...(scan.repaired > 0 ? { issues: [{ code: 'value-repaired' as const, detail: text.trim().slice(0, 80) }] } : {}),
      store: (draft, line) => storeCounters(draft, scan, line),
    };
  },
};

function firstLetter(text: string): number {
  let at = 0;
  while (text.charCodeAt(at) === 32) at += 1;
  return at;
}

function storeCounters(draft: Draft, scan: FieldScan, line: number): 'taken' | 'duplicate' | 'refused' {
  const fresh = scan.fields.filter(({ key }) => {
    const field = fieldOf(key);
    return field === undefined || draft.memInfo?.[field] === undefined;
  });
  if (!fresh.some(({ key }) => isKnown(key))) {
    const same = scan.fields.every(({ key, value }) => {
      const field = fieldOf(key);
      return field === undefined || draft.memInfo?.[field] === value;
    });
    return same ? 'duplicate' : 'refused';
  }
  const memInfo: MemInfo = draft.memInfo ?? { line };
  for (const { key, value } of fresh) {
    const field = fieldOf(key);
    if (field === undefined) keepOther(memInfo, key, value);
    else memInfo[field] = value;
  }
  // Many computed keys make an object a hash table; its copy takes a fifth of the memory.
  draft.memInfo = { ...memInfo };
  return 'taken';
}

const fieldOf = (key: string) => (isKnown(key) ? MEM_INFO_FIELDS[key] : undefined);

/** > | Free pages:        4964kB (252kB HighMem) */
function readFreePages(text: string): ReturnType<Section['read']> {
  const match = /^\s*Free pages: {1,16}(\d{1,15})kB \( {0,16}(\d{1,15})kB HighMem\)/.exec(text);
  if (!match) return undefined;
  return {
    quality: 4,
    store(draft, line) {
      if (draft.memInfo?.freeKb !== undefined) return 'duplicate';
      draft.memInfo ??= { line };
      draft.memInfo.freeKb = Number(match[1]);
      draft.memInfo.freeHighmemKb = Number(match[2]);
      return 'taken';
    },
  };
}
