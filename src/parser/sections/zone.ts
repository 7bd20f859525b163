/** Zone lines and the reserve line below each. */
import type { Zone } from '../../domain.ts';
import { ZONE_FIELDS } from '../../kernel/fields.ts';
import { addIssue, findZone, PHASES } from '../draft.ts';
import { type FieldScan, issuesOf, keepOther, scanFields } from '../scan.ts';
import type { Section } from '../section.ts';

/** More zones than 1,024 nodes have. */
const MAX_ZONES = 4096;

const isKnown = (key: string): boolean => Object.hasOwn(ZONE_FIELDS, key);
const HEAD = /^\s{0,40}(?:Node (\d{1,4})\s{1,4})?(DMA|DMA32|Normal|HighMem|Movable|Device)\s{1,4}(?=free:)/;

/**
 * > | Node 0 Normal free:65140kB min:65180kB low:128456kB high:191732kB reserved_highatomic:0KB ... present:64487424kB
 *     ^ with CONFIG_NUMA only                                                              ^ the value is kB as well
 */
export const zone: Section = {
  name: 'zone',
  phase: PHASES.memory,
  since: '2.6.0',
  until: '7.1',
  source: 'mm/page_alloc.c, mm/show_mem.c show_free_areas',
  examples: [
    'DMA free:2160kB min:16kB low:32kB high:48kB active:16kB inactive:10844kB present:16384kB',
    'DMA free:3624kB min:140kB low:172kB high:208kB active_anon:0kB inactive_anon:0kB active_file:0kB inactive_file:0kB unevictable:0kB isolated(anon):0kB isolated(file):0kB present:15808kB mlocked:0kB dirty:0kB writeback:0kB mapped:0kB shmem:0kB slab_reclaimable:240kB slab_unreclaimable:0kB kernel_stack:0kB pagetables:0kB unstable:0kB bounce:0kB writeback_tmp:0kB pages_scanned:0 all_unreclaimable? yes',
    'Node 0 Normal free:65140kB boost:0kB min:65180kB low:128456kB high:191732kB reserved_highatomic:0KB free_highatomic:0KB active_anon:1304kB inactive_anon:62771820kB active_file:1360kB inactive_file:1408kB unevictable:27744kB writepending:0kB zspages:0kB present:64487424kB managed:63287848kB mlocked:27744kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB',
  ],
  read(text) {
    const head = HEAD.exec(text);
    const name = head?.[2];
    if (!head || name === undefined) return undefined;
    const nodeId = head[1] === undefined ? undefined : Number(head[1]);
    const scan = scanFields(text, head[0].length, isKnown, true);
    const known = scan.fields.filter(({ key }) => isKnown(key)).length;
    return {
      quality:
        2 +
        (nodeId === undefined ? 0 : 2) +
        scan.fields.length +
        known +
        (scan.allUnreclaimable === undefined ? 0 : 2) -
        scan.unread * 2 -
        scan.repaired,
      cut: scan.cut || !(scan.fields.some(({ key }) => key === 'present') || scan.absurd?.includes('present')),
      issues: issuesOf(scan, isKnown),
      store(draft, line) {
        const present = findZone(draft, nodeId, name);
        if (present?.freeKb !== undefined) {
          return present.freeKb === freeOf(scan) && draft.lastBlock === 'zone' ? 'duplicate' : 'refused';
        }
        if (draft.zones.length >= MAX_ZONES) return 'refused';
        draft.zones.push(build(nodeId, name, scan, line));
        return 'taken';
      },
    };
  },
};

const freeOf = (scan: FieldScan): number | undefined => scan.fields.find(({ key }) => key === 'free')?.value;

function build(nodeId: number | undefined, name: string, scan: FieldScan, line: number): Zone {
  const read: Zone = { line, ...(nodeId === undefined ? {} : { node: nodeId }), name };
  for (const { key, value } of scan.fields) {
    const field = isKnown(key) ? ZONE_FIELDS[key] : undefined;
    if (field === undefined) keepOther(read, key, value);
    else read[field] = value;
  }
  if (scan.allUnreclaimable !== undefined) read.allUnreclaimable = scan.allUnreclaimable;
  // Many computed keys make an object a hash table; its copy takes a fifth of the memory.
  return { ...read };
}

/**
 * > | lowmem_reserve[]: 0 869 32487 32487
 *                       ^ pages, by zone index of the request; belongs to the zone line right above
 */
export const reserve: Section = {
  name: 'reserve',
  phase: PHASES.memory,
  since: '2.6.9',
  until: '7.1',
  source: 'mm/page_alloc.c, mm/show_mem.c show_free_areas',
  examples: [
    'protections[]: 8 476 540',
    'lowmem_reserve[]: 0 869 32487 32487',
    'lowmem_reserve[]: 0 1935 1935 1935 1935',
  ],
  read(text, draft) {
    const trimmed = text.trimStart();
    if (!trimmed.startsWith('lowmem_reserve[]:') && !trimmed.startsWith('protections[]:')) return undefined;
    const words = trimmed.slice(trimmed.indexOf(':') + 1).split(/\s+/, 20);
    const reservePages: number[] = [];
    let unread = 0;
    for (const word of words) {
      if (/^-?\d{1,20}$/.test(word)) reservePages.push(Number(word));
      else if (word !== '') unread += 1;
    }
    const usual = draft?.zones.find((other) => other.lowmemReservePages)?.lowmemReservePages?.length;
    const surplus = usual === undefined ? 0 : Math.abs(reservePages.length - usual);
    return {
      quality: 1 + reservePages.length * 2 - unread * 2 - surplus * 3,
      cut: usual !== undefined && reservePages.length < usual,
      store(target, line) {
        const last = target.zones.at(-1);
        // Up to 2.6.12 a zone protects pages from its own requests too.
        const isOwn = last && (trimmed.startsWith('protections') || fits(reservePages, last, target.zones));
        if (target.lastBlock === 'zone' && isOwn && last.lowmemReservePages === undefined) {
          last.lowmemReservePages = reservePages;
          last.reserveLine = line;
          return 'taken';
        }
        if (target.memInfo === undefined && target.zones.length === 0) return 'refused';
        target.orphanReserves.push({ line, reservePages });
        addIssue(target, 'orphan-reserve', line);
        return 'taken';
      },
    };
  },
};

/** Zones in the order of their indices; a kernel may lack any of them. */
const ORDER = ['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable', 'Device'];
/** ZONE_DMA of x86 ends here. */
const ISA_KB = 16 * 1024;
/** vm.lowmem_reserve_ratio of ZONE_DMA, on machines with pages of 4 kB. */
const DMA_RATIO = 256;
const PAGE_KB = 4;

/**
 * False when the row cannot be this zone's: a zone reserves nothing from itself and from those below it, and from all
 * above it beginning with the first that holds memory. Then the zone line between the two is lost.
 * Source: mm/page_alloc.c setup_per_zone_lowmem_reserve, 2.6.13 to 7.1.
 *
 *     DMA free:...               DMA free:...
 *     lowmem_reserve[]: 0 869    lowmem_reserve[]: 0 0 18032
 *                         ^ from Normal: fits    ^ nothing from Normal: the row of Normal
 */
function fits(row: readonly number[], zone: Zone, zones: readonly Zone[]): boolean {
  const first = row.findIndex((pages) => pages !== 0);
  const expected = firstAbove(zone, zones);
  if (expected !== undefined) return first === expected;
  // All zero is the highest zone, or every zone where the ratio is 0.
  if (first < 0) return true;
  if (first <= zonesBelow(zone, zones)) return false;
  // On x86 the zone above the first 16 MB always holds memory; 2.6.16 to 2.6.18 have an empty DMA32 on i386.
  if (zone.name !== 'DMA' || zone.presentKb === undefined || zone.activeKb !== undefined) return true;
  return zone.presentKb > ISA_KB || first === 1;
}

/** Zones of lower index that the report names: the zone's index is this or more. */
function zonesBelow(zone: Zone, zones: readonly Zone[]): number {
  const rank = ORDER.indexOf(zone.name);
  return new Set(zones.map(({ name }) => name).filter((name) => ORDER.indexOf(name) < rank)).size;
}

/**
 * Index of the first zone with memory above this one, where it is the second of its node and the row of the first tells:
 * a column of that row grows by the zone's pages over 256 (DMA_RATIO). Undefined where the row does not tell.
 */
function firstAbove(zone: Zone, zones: readonly Zone[]): number | undefined {
  const lowest = zones.find(({ node, name }) => node === zone.node && name === 'DMA')?.lowmemReservePages;
  const sizeKb = zone.managedKb ?? zone.presentKb;
  const second = lowest?.[1];
  if (!lowest || second === undefined || sizeKb === undefined) return undefined;
  if (zone.name === 'HighMem' || zonesBelow(zone, zones) !== 1) return undefined;
  if (Math.abs(second * DMA_RATIO * PAGE_KB - sizeKb) > sizeKb / 16) return undefined;
  const next = lowest.findIndex((pages, index) => index > 1 && pages > (lowest[index - 1] ?? pages));
  return next < 0 ? undefined : next;
}
