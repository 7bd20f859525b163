/** Buddy lines: free blocks of each order. */
import { addIssue, findZone, PHASES } from '../draft.ts';
import type { Section } from '../section.ts';

const HEAD = /^\s{0,40}(?:Node (\d{1,4})\s{1,4})?(DMA|DMA32|Normal|HighMem|Movable|Device):\s{1,4}(?=\d|empty)/;
/** CONFIG_ARCH_FORCE_MAX_ORDER reaches 17 columns (ia64). */
const MAX_ORDERS = 24;

/** The blocks of one zone by order. */
export interface Blocks {
  counts: number[];
  types: string[];
  typed: boolean;
  unitKb: number;
  totalKb?: number;
  unread: number;
  repaired: number;
}

/**
 * > | Node 0 DMA32: 213*4kB (UEM) 117*8kB (UEM) ... 1*4096kB (R) = 9596kB
 *                   ^ count and size             ^ migrate types since 3.8
 */
export const buddy: Section = {
  name: 'buddy',
  phase: PHASES.memory,
  since: '2.6.0',
  until: '7.1',
  source: 'mm/page_alloc.c, mm/show_mem.c show_free_areas',
  examples: [
    'Normal: 830*4kB 80*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 1*4096kB = 8056kB',
    'Node 0 DMA32: 213*4kB (UEM) 117*8kB (UEM) 232*16kB (UEM) 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 1*4096kB (R) = 9596kB',
    'HighMem: empty',
  ],
  read(text) {
    const head = HEAD.exec(text);
    const name = head?.[2];
    if (!head || name === undefined) return undefined;
    const nodeId = head[1] === undefined ? undefined : Number(head[1]);
    const rest = text.slice(head[0].length);
    if (rest.trim() === 'empty') {
      return { quality: 3, store: (draft) => (findZone(draft, nodeId, name) ? 'taken' : 'refused') };
    }
    const blocks = readBlocks(rest);
    if (blocks.counts.length === 0) return undefined;
    return {
      quality:
        2 +
        (nodeId === undefined ? 0 : 2) +
        blocks.counts.length * 2 +
        (blocks.totalKb === undefined ? 0 : 2) -
        blocks.unread * 2 -
        blocks.repaired,
      cut: blocks.totalKb === undefined,
      ...(blocks.repaired > 0 ? { issues: [{ code: 'value-repaired' as const }] } : {}),
      store(draft, line) {
        let target = findZone(draft, nodeId, name);
        if (target?.buddyCounts) return target.buddyTotalKb === blocks.totalKb ? 'duplicate' : 'refused';
        if (!target) {
          // The zone line is lost; its buddy line still tells what was free.
          target = { line, ...(nodeId === undefined ? {} : { node: nodeId }), name };
          draft.zones.push(target);
        }
        target.buddyLine = line;
        target.buddyCounts = blocks.counts;
        if (blocks.typed) target.buddyTypes = blocks.types;
        target.buddyUnitKb = blocks.unitKb;
        if (blocks.totalKb !== undefined) target.buddyTotalKb = blocks.totalKb;
        const sumKb = blocks.counts.reduce((sum, count, order) => sum + count * blocks.unitKb * 2 ** order, 0);
        if (blocks.totalKb !== undefined && sumKb !== blocks.totalKb) {
          addIssue(draft, 'buddy-sum', line, `${sumKb} kB in blocks, ${blocks.totalKb} kB printed`);
        }
        return 'taken';
      },
    };
  },
};

/**
 * The blocks of one line. A blank that a wrap left inside a number (`4*5 12kB`) is taken out when the size then is the
 * double of the one before.
 */
export function readBlocks(rest: string): Blocks {
  const blocks: Blocks = { counts: [], types: [], typed: false, unitKb: 0, unread: 0, repaired: 0 };
  let pending = '';
  let afterEquals = false;
  for (const word of rest.split(/\s+/, 96)) {
    if (word === '' || blocks.counts.length > MAX_ORDERS) continue;
    const joined = pending + word;
    if (afterEquals || joined.startsWith('=')) {
      const total = /^=?(\d{1,15})kB\)?$/.exec(joined)?.[1];
      if (total !== undefined) {
        blocks.totalKb = Number(total);
        blocks.repaired += pending === '' || pending === '=' ? 0 : 1;
        pending = '';
        break;
      }
      afterEquals = true;
      pending = joined === '=' ? '' : joined;
      continue;
    }
    const types = /^\(([A-Z]{1,8})\)$/.exec(joined)?.[1];
    if (types !== undefined && blocks.counts.length > 0) {
      blocks.types[blocks.counts.length - 1] = types;
      blocks.typed = true;
      blocks.repaired += pending === '' ? 0 : 1;
      pending = '';
      continue;
    }
    if (takeBlock(blocks, word)) {
      if (pending !== '') blocks.unread += 1;
      pending = '';
    } else if (pending !== '' && takeBlock(blocks, joined)) {
      blocks.repaired += 1;
      pending = '';
    } else pending = joined.slice(-32);
  }
  if (pending !== '') blocks.unread += 1;
  return blocks;
}

/** Takes `830*4kB` when its size is the one that this order has. */
function takeBlock(blocks: Blocks, word: string): boolean {
  const match = /^(\d{1,12})\*(\d{1,9})kB$/.exec(word);
  if (!match) return false;
  const sizeKb = Number(match[2]);
  if (blocks.counts.length === 0) blocks.unitKb = sizeKb;
  else if (sizeKb !== blocks.unitKb * 2 ** blocks.counts.length) return false;
  blocks.counts.push(Number(match[1]));
  blocks.types.push('');
  return true;
}
