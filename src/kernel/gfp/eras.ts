/**
 * The bits of gfp_mask by numbering era. Plain data.
 *
 * Source: include/linux/gfp.h of each release named, include/linux/gfp_types.h since 6.0. `bits` names the flags from
 * bit 0 upwards, `-` where a bit is unused. `since` is the first release with the numbering, `before` the first
 * without. Releases between two that were checked are counted with the newer (2.6.13 to 2.6.17, 4.17, 5.1) or the older
 * (2.6.19, 2.6.21, 2.6.23, 2.6.25 to 2.6.30, 3.7, 5.13).
 */
import type { Vendor } from '../../domain.ts';
import type { Version } from '../version.ts';

/** How a blocking request of the era looks: which bits allow reclaim. */
export const GENERATIONS = ['wait', 'reclaim-4.4', 'reclaim-4.10', 'reclaim-4.17', 'reclaim-5.1'] as const;
export type Generation = (typeof GENERATIONS)[number];

export interface GfpEra {
  readonly name: string;
  readonly since: Version;
  readonly before?: Version;
  /** Set for enterprise kernels whose numbering differs from mainline's of their release. */
  readonly vendor?: Vendor;
  readonly generation: Generation;
  readonly bits: string;
}

/** Oldest first. Vendor eras stand after the mainline era that they vary. */
export const GFP_ERAS: readonly [GfpEra, ...GfpEra[]] = [
  {
    name: '2.4.0-2.4.9',
    since: [2, 4, 0],
    before: [2, 4, 10],
    generation: 'wait',
    bits: 'WAIT HIGH IO DMA HIGHMEM',
  },
  {
    name: '2.4.10-2.4.32',
    since: [2, 4, 10],
    before: [2, 6, 0],
    generation: 'wait',
    bits: 'DMA HIGHMEM - - WAIT HIGH IO HIGHIO FS',
  },
  {
    name: 'rhel3',
    since: [2, 4, 21],
    before: [2, 4, 22],
    vendor: 'rhel3',
    generation: 'wait',
    bits: 'DMA HIGHMEM - - WAIT HIGH IO HIGHIO FS WIRED NUMA',
  },
  {
    name: '2.6.9-2.6.10',
    since: [2, 6, 0],
    before: [2, 6, 11],
    generation: 'wait',
    bits: 'DMA HIGHMEM - - WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY NO_GROW COMP',
  },
  {
    name: '2.6.11-2.6.12',
    since: [2, 6, 11],
    before: [2, 6, 13],
    generation: 'wait',
    bits: 'DMA HIGHMEM - - WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY NO_GROW COMP ZERO',
  },
  {
    name: '2.6.18-2.6.19',
    since: [2, 6, 13],
    before: [2, 6, 20],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 - WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY NO_GROW COMP ZERO NOMEMALLOC HARDWALL',
  },
  {
    name: 'rhel5',
    since: [2, 6, 18],
    before: [2, 6, 19],
    vendor: 'rhel5',
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 - WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY NO_GROW COMP ZERO NOMEMALLOC HARDWALL NO_OOM',
  },
  {
    name: '2.6.20-2.6.21',
    since: [2, 6, 20],
    before: [2, 6, 22],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 - WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY NO_GROW COMP ZERO NOMEMALLOC HARDWALL THISNODE',
  },
  {
    name: '2.6.22-2.6.23',
    since: [2, 6, 22],
    before: [2, 6, 24],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 - WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY - COMP ZERO NOMEMALLOC HARDWALL THISNODE',
  },
  {
    name: '2.6.24-2.6.30',
    since: [2, 6, 24],
    before: [2, 6, 31],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 - WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY - COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE MOVABLE',
  },
  {
    name: '2.6.31-2.6.37',
    since: [2, 6, 31],
    before: [2, 6, 38],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY - COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE - NOTRACK',
  },
  {
    name: 'rhel6',
    since: [2, 6, 32],
    before: [2, 6, 33],
    vendor: 'rhel6',
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY - COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE - NOTRACK NO_KSWAPD OTHER_NODE',
  },
  {
    name: '2.6.38-3.2',
    since: [2, 6, 38],
    before: [3, 3, 0],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY - COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE - NOTRACK NO_KSWAPD OTHER_NODE',
  },
  {
    name: '3.3-3.5',
    since: [3, 3, 0],
    before: [3, 6, 0],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY - COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE - NOTRACK NO_KSWAPD OTHER_NODE WRITE',
  },
  {
    name: '3.6-3.7',
    since: [3, 6, 0],
    before: [3, 8, 0],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE - NOTRACK NO_KSWAPD OTHER_NODE WRITE',
  },
  {
    name: '3.8-3.15',
    since: [3, 8, 0],
    before: [3, 16, 0],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE KMEMCG NOTRACK NO_KSWAPD OTHER_NODE WRITE',
  },
  {
    name: 'rhel7',
    since: [3, 10, 0],
    before: [3, 11, 0],
    vendor: 'rhel7',
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE ACCOUNT NOTRACK NO_KSWAPD OTHER_NODE WRITE',
  },
  {
    name: '3.16-4.0',
    since: [3, 16, 0],
    before: [4, 1, 0],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE - NOTRACK NO_KSWAPD OTHER_NODE WRITE',
  },
  {
    name: '4.1-4.3',
    since: [4, 1, 0],
    before: [4, 4, 0],
    generation: 'wait',
    bits: 'DMA HIGHMEM DMA32 MOVABLE WAIT HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE RECLAIMABLE NOACCOUNT NOTRACK NO_KSWAPD OTHER_NODE WRITE',
  },
  {
    name: '4.4',
    since: [4, 4, 0],
    before: [4, 5, 0],
    generation: 'reclaim-4.4',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE ATOMIC NOACCOUNT NOTRACK DIRECT_RECLAIM OTHER_NODE WRITE KSWAPD_RECLAIM',
  },
  {
    name: '4.5-4.9',
    since: [4, 5, 0],
    before: [4, 10, 0],
    generation: 'reclaim-4.4',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE ATOMIC ACCOUNT NOTRACK DIRECT_RECLAIM OTHER_NODE WRITE KSWAPD_RECLAIM',
  },
  {
    name: '4.10-4.11',
    since: [4, 10, 0],
    before: [4, 12, 0],
    generation: 'reclaim-4.10',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE ATOMIC ACCOUNT NOTRACK DIRECT_RECLAIM WRITE KSWAPD_RECLAIM',
  },
  {
    name: '4.12',
    since: [4, 12, 0],
    before: [4, 13, 0],
    generation: 'reclaim-4.10',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE ATOMIC ACCOUNT NOTRACK DIRECT_RECLAIM WRITE KSWAPD_RECLAIM NOLOCKDEP',
  },
  {
    name: '4.13-4.14',
    since: [4, 13, 0],
    before: [4, 15, 0],
    generation: 'reclaim-4.10',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS COLD NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE ATOMIC ACCOUNT NOTRACK DIRECT_RECLAIM WRITE KSWAPD_RECLAIM NOLOCKDEP',
  },
  {
    name: '4.15-4.16',
    since: [4, 15, 0],
    before: [4, 17, 0],
    generation: 'reclaim-4.10',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS - NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE ATOMIC ACCOUNT - DIRECT_RECLAIM WRITE KSWAPD_RECLAIM NOLOCKDEP',
  },
  {
    name: '4.17-5.0',
    since: [4, 17, 0],
    before: [5, 1, 0],
    generation: 'reclaim-4.17',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE ATOMIC ACCOUNT DIRECT_RECLAIM KSWAPD_RECLAIM NOLOCKDEP',
  },
  {
    name: '5.1-5.13',
    since: [5, 1, 0],
    before: [5, 14, 0],
    generation: 'reclaim-5.1',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS ZERO ATOMIC DIRECT_RECLAIM KSWAPD_RECLAIM WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL THISNODE ACCOUNT NOLOCKDEP',
  },
  {
    name: '5.14-5.17',
    since: [5, 14, 0],
    before: [5, 18, 0],
    generation: 'reclaim-5.1',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS ZERO ATOMIC DIRECT_RECLAIM KSWAPD_RECLAIM WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL THISNODE ACCOUNT ZEROTAGS SKIP_KASAN_POISON NOLOCKDEP',
  },
  {
    name: '5.18-6.2',
    since: [5, 18, 0],
    before: [6, 3, 0],
    generation: 'reclaim-5.1',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS ZERO ATOMIC DIRECT_RECLAIM KSWAPD_RECLAIM WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL THISNODE ACCOUNT ZEROTAGS SKIP_ZERO SKIP_KASAN_UNPOISON SKIP_KASAN_POISON NOLOCKDEP',
  },
  {
    name: '6.3',
    since: [6, 3, 0],
    before: [6, 4, 0],
    generation: 'reclaim-5.1',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS ZERO - DIRECT_RECLAIM KSWAPD_RECLAIM WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL THISNODE ACCOUNT ZEROTAGS SKIP_ZERO SKIP_KASAN_UNPOISON SKIP_KASAN_POISON NOLOCKDEP',
  },
  {
    name: '6.4-6.7',
    since: [6, 4, 0],
    before: [6, 8, 0],
    generation: 'reclaim-5.1',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS ZERO - DIRECT_RECLAIM KSWAPD_RECLAIM WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL THISNODE ACCOUNT ZEROTAGS SKIP_ZERO SKIP_KASAN NOLOCKDEP',
  },
  {
    name: '6.8',
    since: [6, 8, 0],
    before: [6, 9, 0],
    generation: 'reclaim-5.1',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS ZERO - DIRECT_RECLAIM KSWAPD_RECLAIM WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL THISNODE ACCOUNT ZEROTAGS SKIP_ZERO SKIP_KASAN NOLOCKDEP',
  },
  {
    // From here the bits above ZEROTAGS move with the configuration; these are a usual x86 build's.
    name: '6.9-7.1',
    since: [6, 9, 0],
    generation: 'reclaim-5.1',
    bits: 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS ZERO - DIRECT_RECLAIM KSWAPD_RECLAIM WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL THISNODE ACCOUNT ZEROTAGS NO_OBJ_EXT',
  },
];
