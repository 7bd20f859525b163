/** `Node 0 active_anon:968kB ...` (4.8+). */
import { NODE_FIELDS } from '../../kernel/fields.ts';
import { isAtLeast, isBefore } from '../../kernel/version.ts';
import type { Dialect } from '../dialect.ts';
import type { ReportState } from '../state.ts';
import { nodeLayout } from './layouts.ts';
import { yesNo } from './text.ts';

/**
 * In 4.8.0 to 4.10.x with THP the four arguments are rotated: each label prints the next one's value and the last one
 * prints shmem (mm/page_alloc.c show_free_areas; 4.9.37 and later 4.9 are right).
 */
const ROTATED: Readonly<Record<string, string>> = {
  shmem: 'shmem_thp',
  shmem_thp: 'shmem_pmdmapped',
  shmem_pmdmapped: 'anon_thp',
  anon_thp: 'shmem',
};

const isRotated = (state: ReportState, dialect: Dialect): boolean => {
  const [major, minor, patch] = dialect.version;
  if (!state.kernel.thp || major !== 4) return false;
  return minor === 8 || minor === 10 || (minor === 9 && patch < 37);
};

/** One line per node with managed memory. */
export function printNodes(state: ReportState, dialect: Dialect): string[] {
  if (isBefore(dialect.formats, [4, 8, 0])) return [];
  const { before, after } = nodeLayout(dialect.formats, state.kernel.thp);
  const rotated = isRotated(state, dialect);
  // `shmem_thp: 0kB` up to 6.5, `shmem_thp:0kB` later.
  const thpBlank = isAtLeast(dialect.formats, [6, 6, 0]) ? '' : ' ';
  return state.nodes.map((node) => {
    const print = (label: string): string => {
      const key = NODE_FIELDS[rotated ? (ROTATED[label] ?? label) : label];
      const value = (key && node[key]) ?? 0;
      if (label === 'pages_scanned') return `${label}:${value}`;
      const isThp = label.endsWith('_thp') || label === 'shmem_pmdmapped';
      return `${label}:${isThp ? thpBlank : ''}${value}kB`;
    };
    const head = before.map(print).join(' ');
    const tail = after.map((label) => ` ${print(label)}`).join('');
    return `Node ${node.node} ${head} all_unreclaimable? ${yesNo(node.allUnreclaimable)}${tail}`;
  });
}
