/** The closed list of holders in words: where the memory had gone. */
import type { Holder, SwapState } from '../domain.ts';

export interface HolderText {
  readonly title: string;
  readonly meaning: string;
  /** What in a report decides it. */
  readonly evidence: string;
}

export const HOLDER_TEXTS: Readonly<Record<Holder, HolderText>> = {
  'one-task': {
    title: 'one task',
    meaning: 'One process holds half of memory and swap or more, or a third and three times as much as the next.',
    evidence:
      'The largest row of the process table, its swapped-out pages included, without shared memory where the kernel prints that apart; without a table the victim of the kill line.',
  },
  'many-tasks': {
    title: 'many tasks',
    meaning: 'The private memory of processes is the largest class, and no single one holds most of it.',
    evidence:
      'Anonymous pages without shared memory are the largest class of the book, the table accounts for them, and no row is large enough for one-task.',
  },
  slab: {
    title: 'kernel objects (slab)',
    meaning: 'Kernel object caches are the largest class.',
    evidence: 'Reclaimable and unreclaimable slab together are the largest class of the book.',
  },
  'page-tables': {
    title: 'page tables',
    meaning: 'Page tables are the largest class.',
    evidence: 'pagetables is the largest class of the book.',
  },
  shmem: {
    title: 'shared memory and tmpfs',
    meaning: 'Shared memory and tmpfs files are the largest class.',
    evidence: 'shmem is the largest class of the book. Kernels before 2.6.32 do not print it.',
  },
  'kernel-stacks': {
    title: 'kernel stacks',
    meaning: 'Kernel stacks of threads are the largest class.',
    evidence: 'kernel_stack is the largest class of the book.',
  },
  unevictable: {
    title: 'locked memory',
    meaning: 'Locked and otherwise unevictable pages are the largest class.',
    evidence: 'unevictable is the largest class of the book.',
  },
  hugepages: {
    title: 'reserved huge pages',
    meaning: 'The huge page pool is the largest class.',
    evidence: 'hugepages_total times hugepages_size is the largest class of the book.',
  },
  'dirty-pages': {
    title: 'dirty page cache',
    meaning: 'File cache that waits for being written is the largest class.',
    evidence:
      'File cache is the largest class of the book, and dirty, writeback and unstable pages are half of it or more.',
  },
  'page-cache': {
    title: 'page cache',
    meaning: 'File cache is the largest class, or it could not be reclaimed.',
    evidence:
      'File cache is the largest class and mostly clean; or, up to 4.7, it is over 20 % of the zones of the request, and all of them are unreclaimable.',
  },
  'mem-map': {
    title: 'page descriptors',
    meaning: 'The descriptors of all pages are the largest class in low memory.',
    evidence:
      "A 32-bit machine short of low memory: the descriptors (pages RAM times the size of struct page) are the largest class of low memory's book.",
  },
  unaccounted: {
    title: 'memory no counter names',
    meaning: 'The largest part is in no counter: balloon, drivers, GPU, vmalloc, network buffers.',
    evidence:
      "What the book's total has beyond all its classes is larger than each of them, and the report counts slab.",
  },
  unknown: {
    title: 'unknown',
    meaning: 'The report does not show where the memory had gone.',
    evidence:
      'No book can be made, or private memory is the largest class and the kernel lists no processes; also where nothing was short (manual, page-fault) or the answer is insufficient-data.',
  },
};

export const SWAP_STATE_TEXTS: Readonly<Record<SwapState, string>> = {
  none: 'There is no swap.',
  full: 'Swap is full: at most 2 % of it is free.',
  available: 'Over 2 % of swap is free.',
  unknown: 'The report does not tell.',
};
