/** The memory dump of 2.4 and RHEL 3: zones in pages, free blocks without a zone's name. */
import type { MemInfo } from '../../domain.ts';
import { pagesToKb } from '../../units.ts';
import { type Draft, findZone, PHASES } from '../draft.ts';
import type { Section } from '../section.ts';
import { readBlocks } from './buddy.ts';

/** 2.4 ran on x86 with pages of 4 kB. */
const PAGE_KB = 4;
const SOURCE = 'mm/page_alloc.c show_free_areas_core (2.4)';

const ZONE =
  /^Zone:(DMA|Normal|HighMem) freepages: {0,6}(\d{1,12})(kB)?(?: min: {0,6}(\d{1,12}) low: {0,6}(\d{1,12}) high: {0,6}(\d{1,12}))?/;

/** > | Zone:Normal freepages:   935 min:   938 low:  1172 high:  1407 */
export const oldZone: Section = {
  name: 'zone',
  phase: PHASES.memory,
  since: '2.4.21-EL',
  until: '2.4.21-EL',
  source: SOURCE,
  examples: ['Zone:Normal freepages:   935 min:   938 low:  1172 high:  1407', 'Zone:DMA freepages:  3552kB'],
  read(text) {
    const match = text.startsWith('Zone:') ? ZONE.exec(text) : undefined;
    const name = match?.[1];
    if (!match || name === undefined) return undefined;
    const sizeKb = (value: string | undefined): number => pagesToKb(Number(value), PAGE_KB);
    const whole = match[3] !== undefined || match[4] !== undefined;
    return {
      quality: whole ? 4 : 2,
      cut: !whole,
      store(draft, line) {
        if (findZone(draft, undefined, name)) return 'refused';
        const freeKb = match[3] === undefined ? sizeKb(match[2]) : Number(match[2]);
        const marks =
          match[4] === undefined ? {} : { minKb: sizeKb(match[4]), lowKb: sizeKb(match[5]), highKb: sizeKb(match[6]) };
        draft.zones.push({ line, name, freeKb, ...marks });
        return 'taken';
      },
    };
  },
};

/**
 * > | 52*4kB 24*8kB 9*16kB 10*32kB 6*64kB 2*128kB 4*256kB 2*512kB 0*1024kB 0*2048kB 0*4096kB = 3552kB)
 *     ^ one line for each zone, in the order of the zone lines                                      ^ unbalanced
 */
export const oldBuddy: Section = {
  name: 'buddy',
  phase: PHASES.memory,
  since: '2.4.0',
  until: '2.4.21-EL',
  source: SOURCE,
  examples: ['52*4kB 24*8kB 9*16kB 10*32kB 6*64kB 2*128kB 4*256kB 2*512kB 0*1024kB 0*2048kB 0*4096kB = 3552kB)'],
  read(text, draft) {
    if (!/^\d{1,12}\*4kB /.test(text)) return undefined;
    const blocks = readBlocks(text);
    const whole = blocks.totalKb !== undefined && text.trimEnd().endsWith('kB)');
    // A wrapped line is told by where it stands.
    if (!whole && (!draft || !isOld(draft))) return undefined;
    return {
      quality: blocks.counts.length * 2 + (whole ? 2 : 0) - blocks.unread * 2,
      cut: !whole,
      store(target, line) {
        const zone = target.zones.find((each) => each.buddyCounts === undefined);
        if (!zone || !whole || target.memInfo?.freePages === undefined) return 'refused';
        zone.buddyLine = line;
        zone.buddyCounts = blocks.counts;
        zone.buddyUnitKb = blocks.unitKb;
        zone.buddyTotalKb = blocks.totalKb ?? 0;
        return 'taken';
      },
    };
  },
};

/** True within such a dump: later zone lines end with the memory that is present. */
const isOld = ({ zones }: Draft): boolean =>
  zones.some(({ buddyCounts }) => buddyCounts === undefined) &&
  zones.every(({ presentKb, inactiveKb }) => presentKb === undefined && inactiveKb === undefined);

const FREE = /^Free pages: {1,12}(\d{1,12}) \( {0,12}(\d{1,12}) HighMem\)/;
const ACTIVE = /^\( Active: (\d{1,12})(?:\/\d{1,12})?, /;
const OTHER =
  /^(?:aa:\d{1,12} ac:\d{1,12} id:|\d{1,12} pages of (?:slabcache|kernel stacks)|\d{1,12} lowmem pagetables, |\d{1,12} bounce buffer pages, )/;

/**
 * > | Free pages: 131823 (130000 HighMem)
 *                 ^ pages; later kernels print kB
 * > | ( Active: 422022/230224, inactive_laundry: 776811, inactive_clean: 0, free: 131823 )
 */
export const oldCounters: Section = {
  name: 'mem-info',
  phase: PHASES.memory,
  since: '2.4.0',
  until: '2.4.21-EL',
  source: SOURCE,
  examples: [
    'Free pages: 131823 (130000 HighMem)',
    '( Active: 422022/230224, inactive_laundry: 776811, inactive_clean: 0, free: 131823 )',
    '  aa:0 ac:66 id:111 il:0 ic:0 fr:935',
    '158616 pages of slabcache',
    '2233 lowmem pagetables, 0 highmem pagetables',
    '0 bounce buffer pages, 0 are on the emergency list',
  ],
  read(text) {
    const trimmed = text.trim();
    const free = FREE.exec(trimmed);
    const active = free ? undefined : ACTIVE.exec(trimmed);
    if (!free && !active && !OTHER.test(trimmed)) return undefined;
    return {
      quality: 2,
      store(draft, line) {
        if (draft.zones.length === 0) return 'refused';
        if (!free && !active) return 'taken';
        const memInfo: MemInfo = draft.memInfo ?? { line };
        if (free) memInfo.freePages ??= Number(free[1]);
        else memInfo.activePages ??= Number(active?.[1]);
        draft.memInfo = memInfo;
        return 'taken';
      },
    };
  },
};
