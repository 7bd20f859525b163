/** Node lines (4.8+): what the LRU lists of a whole node hold, in kB. */
import type { NodeInfo } from '../../domain.ts';
import { NODE_FIELDS } from '../../kernel/fields.ts';
import { PHASES } from '../draft.ts';
import { type FieldScan, issuesOf, keepOther, scanFields } from '../scan.ts';
import type { Section } from '../section.ts';

const isKnown = (key: string): boolean => Object.hasOwn(NODE_FIELDS, key);
const HEAD = /^\s{0,40}Node (\d{1,4}) (?=active_anon:|inactive_anon:)/;

/**
 * > | Node 0 active_anon:968kB inactive_anon:32280kB ... shmem_thp: 0kB ... all_unreclaimable? no
 *                                                                  ^ a blank up to 6.5
 */
export const node: Section = {
  name: 'node',
  phase: PHASES.memory,
  since: '4.8',
  until: '7.1',
  source: 'mm/page_alloc.c, mm/show_mem.c show_free_areas',
  examples: [
    'Node 0 active_anon:968kB inactive_anon:32280kB active_file:101656kB inactive_file:27096kB unevictable:14276kB isolated(anon):0kB isolated(file):768kB mapped:34324kB dirty:68192kB writeback:10488kB shmem:10236kB shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB writeback_tmp:0kB unstable:0kB pages_scanned:0 all_unreclaimable? no',
    'Node 0 active_anon:968kB inactive_anon:32280kB active_file:101656kB inactive_file:27096kB unevictable:14276kB isolated(anon):0kB isolated(file):768kB mapped:34324kB dirty:68192kB writeback:10488kB shmem:10236kB shmem_thp:0kB shmem_pmdmapped:0kB anon_thp:0kB kernel_stack:1488kB pagetables:1768kB sec_pagetables:0kB all_unreclaimable? no Balloon:0kB gpu_active:0kB gpu_reclaim:0kB',
  ],
  read(text) {
    const head = HEAD.exec(text);
    if (!head) return undefined;
    const id = Number(head[1]);
    const scan = scanFields(text, head[0].length, isKnown, true);
    const known = scan.fields.filter(({ key }) => isKnown(key)).length;
    return {
      quality:
        2 +
        scan.fields.length +
        known +
        (scan.allUnreclaimable === undefined ? 0 : 2) -
        scan.unread * 2 -
        scan.repaired,
      // No release ends the line before this word.
      cut: scan.cut || scan.allUnreclaimable === undefined,
      issues: issuesOf(scan, isKnown),
      store(draft, line) {
        const present = draft.nodes.find((other) => other.node === id);
        if (present) return present.activeAnonKb === counterOf(scan, 'active_anon') ? 'duplicate' : 'refused';
        draft.nodes.push(build(id, scan, line));
        return 'taken';
      },
    };
  },
};

const counterOf = (scan: FieldScan, key: string): number | undefined =>
  scan.fields.find((field) => field.key === key)?.value;

function build(id: number, scan: FieldScan, line: number): NodeInfo {
  const read: NodeInfo = { line, node: id };
  for (const { key, value } of scan.fields) {
    const field = isKnown(key) ? NODE_FIELDS[key] : undefined;
    if (field === undefined) keepOther(read, key, value);
    else read[field] = value;
  }
  if (scan.allUnreclaimable !== undefined) read.allUnreclaimable = scan.allUnreclaimable;
  // Many computed keys make an object a hash table; its copy takes a fifth of the memory.
  return { ...read };
}
