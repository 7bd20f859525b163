/** Which counters stand on the global block, the node line and the zone line, in which order, by kernel release. */
import { isAtLeast, isBefore, type Version } from '../../kernel/version.ts';
import type { Dialect } from '../dialect.ts';

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/**
 * The lines of the global block as lists of labels (lib/show_mem.c and its ancestors in mm/page_alloc.c); counters are
 * pages.
 */
export function globalBlockLayout(formats: Version, vendor: string | undefined): readonly string[][] {
  const at = (major: number, minor: number, patch = 0): boolean => isAtLeast(formats, [major, minor, patch]);
  if (!at(2, 6, 22)) {
    const mapped = vendor === 'rhel5' ? 'mapped-file mapped-anon' : 'mapped';
    return [words(`Active inactive dirty writeback unstable free slab ${mapped} pagetables`)];
  }
  if (!at(2, 6, 28)) {
    return [words('Active inactive dirty writeback unstable'), words('free slab mapped pagetables bounce')];
  }
  if (!at(2, 6, 32)) {
    return [
      words('Active_anon active_file inactive_anon'),
      words('inactive_file unevictable dirty writeback unstable'),
      words('free slab mapped pagetables bounce'),
    ];
  }
  const lru = [
    words('active_anon inactive_anon isolated_anon'),
    words('active_file inactive_file isolated_file'),
    words(at(5, 8) ? 'unevictable dirty writeback' : 'unevictable dirty writeback unstable'),
  ];
  if (!at(4, 1)) {
    const free = words('free slab_reclaimable slab_unreclaimable');
    const mapped = words('mapped shmem pagetables bounce');
    return at(3, 8) ? [...lru, free, mapped, ['free_cma']] : [...lru, free, mapped];
  }
  const slab = words('slab_reclaimable slab_unreclaimable');
  const free = words('free free_pcp free_cma');
  if (!at(5, 15)) return [...lru, slab, words('mapped shmem pagetables bounce'), free];
  if (!at(6, 1)) {
    return [...lru, slab, words('mapped shmem pagetables bounce'), ['kernel_misc_reclaimable'], free];
  }
  return [
    ...lru,
    slab,
    words('mapped shmem pagetables'),
    words('sec_pagetables bounce'),
    ['kernel_misc_reclaimable'],
    free,
  ];
}

/** Labels of the node line up to `all_unreclaimable?` and after it (4.8+). */
export function nodeLayout(formats: Version, thp: boolean): { before: readonly string[]; after: readonly string[] } {
  const at = (major: number, minor: number): boolean => isAtLeast(formats, [major, minor, 0]);
  const until = (major: number, minor: number): boolean => isBefore(formats, [major, minor, 0]);
  const before = words('active_anon inactive_anon active_file inactive_file unevictable isolated(anon) isolated(file)');
  before.push(...words('mapped dirty writeback shmem'));
  if (thp) before.push(...words('shmem_thp shmem_pmdmapped anon_thp'));
  if (until(6, 18)) before.push('writeback_tmp');
  if (until(5, 8)) before.push('unstable');
  if (until(4, 12)) before.push('pages_scanned');
  if (at(5, 9)) before.push('kernel_stack');
  if (at(5, 11)) before.push('pagetables');
  if (at(6, 1)) before.push('sec_pagetables');
  const after = [...(at(6, 18) ? ['Balloon'] : []), ...(at(7, 1) ? words('gpu_active gpu_reclaim') : [])];
  return { before, after };
}

const ZONE_2_6_32_HEAD = 'isolated(anon) isolated(file) present';
const ZONE_2_6_32_TAIL =
  'mlocked dirty writeback mapped shmem slab_reclaimable slab_unreclaimable kernel_stack pagetables unstable bounce';

/** Labels of the zone line (show_free_areas); those up to 4.7 end with `all_unreclaimable?`. */
export function zoneLayout(dialect: Dialect): { labels: readonly string[]; unreclaimable: boolean } {
  const at = (major: number, minor: number, patch = 0): boolean => isAtLeast(dialect.formats, [major, minor, patch]);
  if (!at(2, 6, 9)) return { labels: words('free min low high active inactive'), unreclaimable: false };
  if (!at(2, 6, 11)) return { labels: words('free min low high active inactive present'), unreclaimable: false };
  if (!at(2, 6, 28)) {
    return { labels: words('free min low high active inactive present pages_scanned'), unreclaimable: true };
  }
  const lru = 'active_anon inactive_anon active_file inactive_file unevictable';
  if (!at(2, 6, 32)) return { labels: words(`free min low high ${lru} present pages_scanned`), unreclaimable: true };
  if (!at(4, 8)) {
    const managed = at(3, 8) ? 'managed' : '';
    const pcp = at(4, 1) ? 'free_pcp local_pcp' : '';
    const cma = at(3, 8) ? 'free_cma' : '';
    const text = `free min low high ${lru} ${ZONE_2_6_32_HEAD} ${managed} ${ZONE_2_6_32_TAIL} ${pcp} ${cma}`;
    return { labels: words(`${text} writeback_tmp pages_scanned`), unreclaimable: true };
  }
  const boost = at(5, 17) ? 'boost' : '';
  const highatomic = dialect.highatomic ? 'reserved_highatomic' : '';
  const freeHighatomic = at(6, 18) ? 'free_highatomic' : '';
  const zspages = at(6, 18) ? 'zspages' : '';
  const slab = at(4, 13) ? '' : 'slab_reclaimable slab_unreclaimable';
  const stack = at(5, 9) ? '' : 'kernel_stack';
  const pagetables = at(5, 11) ? '' : 'pagetables';
  const marks = `free ${boost} min low high ${highatomic} ${freeHighatomic}`;
  const sizes = `writepending ${zspages} present managed mlocked ${slab} ${stack} ${pagetables}`;
  return { labels: words(`${marks} ${lru} ${sizes} bounce free_pcp local_pcp free_cma`), unreclaimable: false };
}
