/** The closed list of holders in words: where the memory had gone. */
import type { Holder, SwapState } from '../domain.ts';

export interface HolderText {
  readonly title: string;
  readonly meaning: string;
}

export const HOLDER_TEXTS: Readonly<Record<Holder, HolderText>> = {
  'one-task': {
    title: 'one task',
    meaning: 'One process holds half of memory and swap or more, or a third and three times as much as the next.',
  },
  'many-tasks': {
    title: 'many tasks',
    meaning: 'The private memory of processes is the largest class, and no single one holds most of it.',
  },
  slab: { title: 'kernel objects (slab)', meaning: 'Kernel object caches are the largest class.' },
  'page-tables': { title: 'page tables', meaning: 'Page tables are the largest class.' },
  shmem: { title: 'shared memory and tmpfs', meaning: 'Shared memory and tmpfs files are the largest class.' },
  'kernel-stacks': { title: 'kernel stacks', meaning: 'Kernel stacks of threads are the largest class.' },
  unevictable: { title: 'locked memory', meaning: 'Locked and otherwise unevictable pages are the largest class.' },
  hugepages: { title: 'reserved huge pages', meaning: 'The huge page pool is the largest class.' },
  'dirty-pages': {
    title: 'dirty page cache',
    meaning: 'File cache that waits for being written is the largest class.',
  },
  'page-cache': { title: 'page cache', meaning: 'File cache is the largest class, or it could not be reclaimed.' },
  'mem-map': {
    title: 'page descriptors',
    meaning: 'The descriptors of all pages are the largest class in low memory.',
  },
  unaccounted: {
    title: 'memory no counter names',
    meaning: 'The largest part is in no counter: balloon, drivers, GPU, vmalloc, network buffers.',
  },
  unknown: { title: 'unknown', meaning: 'The report does not show where the memory had gone.' },
};

export const SWAP_STATE_TEXTS: Readonly<Record<SwapState, string>> = {
  none: 'There is no swap.',
  full: 'Swap is full: at most 2 % of it is free.',
  available: 'Over 2 % of swap is free.',
  unknown: 'The report does not tell.',
};
