/** What one line of a boot says, and the shape of a definition that reads it. */

/** Bytes from the first to the one before the end. */
export interface UsableRange {
  readonly first: number;
  readonly end: number;
}

/** What one line said. */
export interface BootReading {
  release?: string;
  addressBits?: 32 | 64;
  pae?: boolean;
  /** Pages cannot be executed from: with 32 bits that takes PAE. */
  nx?: boolean;
  pageSizeKb?: number;
  /** A range that the firmware, or the hypervisor, reports as usable. */
  usable?: UsableRange;
  /** The HighMem zone has addresses, or pages. */
  highmemZone?: boolean;
  /** HighMem and lowmem in whole MB, before anything is allocated. */
  highmemMb?: number;
  lowmemMb?: number;
  totalKb?: number;
  /** In whole MB, of kernels that say it in no better way. */
  totalMb?: number;
  /** From the first page frame to the last, holes included. */
  spanKb?: number;
  /** HighMem that was handed to the page allocator. */
  highmemKb?: number;
  /** The line of memory is whole, of the format before 3.11, and names no HighMem, not even an empty one. */
  unnamedHighmem?: true;
  /** The kernel is built without HighMem. */
  withoutHighmem?: true;
  /** Nothing that tells comes after it. */
  last?: true;
}

/** One kind of line: the kernels that print it, examples, and its reader. */
export interface BootLine {
  readonly name: string;
  readonly since: string;
  readonly until: string;
  readonly source: string;
  readonly examples: readonly string[];
  /** `text` without blanks at its ends; undefined when it is another line. */
  readonly read: (text: string) => BootReading | undefined;
}
