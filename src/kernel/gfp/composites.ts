/**
 * Composite gfp masks in the order in which `%pGg` tries them, and the order of the single flags after them.
 *
 * Source: include/linux/gfp.h and include/trace/events/mmflags.h (gfpflags.h before 4.6), lib/vsprintf.c format_flags. An
 * entry counts for an era when its releases overlap the era's and the era has all of its flags.
 */
import type { Version } from '../version.ts';

export interface GfpComposite {
  readonly name: string;
  readonly since: Version;
  readonly before?: Version;
  readonly flags: string;
}

/** First release whose blocking requests carry the reclaim bits in place of WAIT. */
const RECLAIM: Version = [4, 4, 0];

export const GFP_COMPOSITES: readonly GfpComposite[] = [
  {
    name: 'GFP_TRANSHUGE',
    since: [2, 6, 38],
    before: RECLAIM,
    flags: 'WAIT IO FS HARDWALL HIGHMEM MOVABLE COMP NOMEMALLOC NORETRY NOWARN NO_KSWAPD',
  },
  {
    name: 'GFP_TRANSHUGE',
    since: RECLAIM,
    before: [4, 9, 0],
    flags: 'DIRECT_RECLAIM IO FS HARDWALL HIGHMEM MOVABLE COMP NOMEMALLOC NORETRY NOWARN',
  },
  {
    name: 'GFP_TRANSHUGE',
    since: [5, 14, 0],
    before: [5, 18, 0],
    flags: 'DIRECT_RECLAIM IO FS HARDWALL HIGHMEM MOVABLE COMP NOMEMALLOC NOWARN SKIP_KASAN_POISON',
  },
  {
    name: 'GFP_TRANSHUGE',
    since: [4, 9, 0],
    flags: 'DIRECT_RECLAIM IO FS HARDWALL HIGHMEM MOVABLE COMP NOMEMALLOC NOWARN',
  },
  {
    name: 'GFP_TRANSHUGE_LIGHT',
    since: [5, 14, 0],
    before: [5, 18, 0],
    flags: 'IO FS HARDWALL HIGHMEM MOVABLE COMP NOMEMALLOC NOWARN SKIP_KASAN_POISON',
  },
  {
    name: 'GFP_TRANSHUGE_LIGHT',
    since: [4, 9, 0],
    flags: 'IO FS HARDWALL HIGHMEM MOVABLE COMP NOMEMALLOC NOWARN',
  },
  { name: 'GFP_HIGHUSER_MOVABLE', since: [2, 6, 24], before: RECLAIM, flags: 'WAIT IO FS HARDWALL HIGHMEM MOVABLE' },
  {
    name: 'GFP_HIGHUSER_MOVABLE',
    since: [5, 14, 0],
    before: [5, 18, 0],
    flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS HARDWALL HIGHMEM MOVABLE SKIP_KASAN_POISON',
  },
  {
    name: 'GFP_HIGHUSER_MOVABLE',
    since: RECLAIM,
    before: [5, 14, 0],
    flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS HARDWALL HIGHMEM MOVABLE',
  },
  {
    name: 'GFP_HIGHUSER_MOVABLE',
    since: [5, 18, 0],
    flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS HARDWALL HIGHMEM MOVABLE',
  },
  { name: 'GFP_HIGHUSER', since: [2, 6, 18], before: RECLAIM, flags: 'WAIT IO FS HARDWALL HIGHMEM' },
  { name: 'GFP_HIGHUSER', since: RECLAIM, flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS HARDWALL HIGHMEM' },
  { name: 'GFP_HIGHUSER', since: [2, 4, 10], before: [2, 6, 0], flags: 'WAIT IO HIGHIO FS HIGHMEM' },
  { name: 'GFP_HIGHUSER', since: [2, 6, 0], before: [2, 6, 13], flags: 'WAIT IO FS HIGHMEM' },
  { name: 'GFP_USER', since: [2, 6, 18], before: RECLAIM, flags: 'WAIT IO FS HARDWALL' },
  { name: 'GFP_USER', since: RECLAIM, flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS HARDWALL' },
  { name: 'GFP_TEMPORARY', since: [2, 6, 24], before: RECLAIM, flags: 'WAIT IO FS RECLAIMABLE' },
  {
    name: 'GFP_TEMPORARY',
    since: RECLAIM,
    before: [4, 14, 0],
    flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS RECLAIMABLE',
  },
  { name: 'GFP_KERNEL_ACCOUNT', since: [4, 5, 0], flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS ACCOUNT' },
  { name: 'GFP_KERNEL', since: [2, 4, 10], before: [2, 6, 0], flags: 'WAIT HIGH IO HIGHIO FS' },
  { name: 'GFP_KERNEL', since: [2, 6, 0], before: RECLAIM, flags: 'WAIT IO FS' },
  { name: 'GFP_KERNEL', since: RECLAIM, flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS' },
  { name: 'GFP_NOFS', since: [2, 6, 0], before: RECLAIM, flags: 'WAIT IO' },
  { name: 'GFP_NOFS', since: RECLAIM, flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO' },
  { name: 'GFP_ATOMIC', since: [2, 4, 0], before: RECLAIM, flags: 'HIGH' },
  { name: 'GFP_ATOMIC', since: RECLAIM, before: [6, 3, 0], flags: 'HIGH ATOMIC KSWAPD_RECLAIM' },
  { name: 'GFP_ATOMIC', since: [6, 3, 0], flags: 'HIGH KSWAPD_RECLAIM' },
  { name: 'GFP_NOIO', since: [2, 6, 0], before: RECLAIM, flags: 'WAIT' },
  { name: 'GFP_NOIO', since: RECLAIM, flags: 'DIRECT_RECLAIM KSWAPD_RECLAIM' },
  { name: 'GFP_NOWAIT', since: [6, 8, 0], flags: 'KSWAPD_RECLAIM NOWARN' },
  { name: 'GFP_NOWAIT', since: RECLAIM, before: [6, 8, 0], flags: 'KSWAPD_RECLAIM' },
  { name: 'GFP_DMA', since: [2, 4, 0], flags: 'DMA' },
  { name: '__GFP_HIGHMEM', since: [2, 4, 0], flags: 'HIGHMEM' },
  { name: 'GFP_DMA32', since: [2, 6, 18], flags: 'DMA32' },
];

/** Order of the single flags in the printed text; flags that are not named here follow in the order of their bits. */
export const GFP_SINGLE_ORDER =
  'HIGH ATOMIC IO FS HIGHIO COLD NOWARN REPEAT RETRY_MAYFAIL NOFAIL NORETRY COMP ZERO NOMEMALLOC MEMALLOC HARDWALL THISNODE RECLAIMABLE MOVABLE ACCOUNT NOTRACK WRITE DIRECT_RECLAIM KSWAPD_RECLAIM OTHER_NODE'.split(
    ' ',
  );
