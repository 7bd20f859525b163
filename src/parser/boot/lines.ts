/**
 * The lines of a boot that tell what the host is: one definition each, with the kernels that print it and examples.
 *
 * A reading is what the line alone says; what follows from several lines together is in facts.ts.
 */

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
  /** A range that the firmware reports as usable. */
  usable?: UsableRange;
  /** The HighMem zone has addresses. */
  highmemZone?: boolean;
  /** HighMem and lowmem in whole MB, before anything is allocated. */
  highmemMb?: number;
  lowmemMb?: number;
  totalKb?: number;
  /** From the first page frame to the last, holes included. */
  spanKb?: number;
  /** HighMem that was handed to the page allocator. */
  highmemKb?: number;
  /** The kernel is built without HighMem. */
  withoutHighmem?: true;
  /** Nothing that tells comes after it. */
  last?: true;
}

interface BootLine {
  readonly name: string;
  readonly since: string;
  readonly until: string;
  readonly source: string;
  readonly examples: readonly string[];
  /** `text` without blanks at its ends; undefined when it is another line. */
  readonly read: (text: string) => BootReading | undefined;
}

/** x86 prints how many page frames its addresses can name: 2^20 without and 2^24 with PAE, more only with 64 bits. */
const FRAMES_32 = 0x100000;
const FRAMES_PAE = 0x1000000;

/** Page sizes of Linux in bytes. */
const PAGE_SIZES: ReadonlySet<number> = new Set([4096, 8192, 16_384, 65_536]);

export const BOOT_LINES: readonly BootLine[] = [
  {
    name: 'banner',
    since: '2.4',
    until: '7.1',
    source: 'init/version.c linux_banner',
    examples: ['Linux version 3.2.59 (builder@forge) (gcc version 4.7.2 (GCC) ) #21 SMP Mon Jun 2 10:11:12 UTC 2014'],
    read: (text) => {
      const release = /^Linux version (\d[^\s]{0,127})(?= |$)/.exec(text)?.[1];
      return release === undefined ? undefined : { release };
    },
  },
  {
    name: 'firmware-map',
    since: '2.4',
    until: '7.1',
    source: 'arch/x86/kernel/e820.c e820__print_table, setup.c print_memory_map',
    examples: [
      'BIOS-e820: 0000000000100000 - 00000000dffc0000 (usable)',
      'BIOS-e820: [mem 0x0000000100000000-0x000000083fffffff] usable',
    ],
    read: (text) => {
      const match = /^BIOS-e820: (\[mem )?(?:0x)?([\da-f]{8,16}) ?- ?(?:0x)?([\da-f]{8,16})\]? +\(?usable\)?$/.exec(
        text,
      );
      if (!match) return undefined;
      const first = Number.parseInt(match[2] ?? '', 16);
      const last = Number.parseInt(match[3] ?? '', 16);
      // Since 3.5 the last byte is printed, before that the one after it.
      const end = match[1] === undefined ? last : last + 1;
      return end > first ? { usable: { first, end } } : undefined;
    },
  },
  {
    name: 'nx',
    since: '2.6.9',
    until: '7.1',
    source: 'arch/x86/mm/setup_nx.c, init.c',
    examples: [
      'NX (Execute Disable) protection: active',
      'Notice: NX (Execute Disable) protection cannot be enabled: non-PAE kernel!',
    ],
    read: (text) => {
      if (text === 'NX (Execute Disable) protection: active') return { nx: true };
      if (!text.includes('cannot be enabled: non-PAE kernel')) return undefined;
      return text.includes('NX (Execute Disable) protection') ? { addressBits: 32, pae: false } : undefined;
    },
  },
  {
    name: 'last-frame',
    since: '2.6.27',
    until: '7.1',
    source: 'arch/x86/kernel/e820.c e820_end_pfn: MAX_ARCH_PFN',
    examples: ['last_pfn = 0x840000 max_arch_pfn = 0x1000000', 'e820: last_pfn = 0x43f000 max_arch_pfn = 0x400000000'],
    read: (text) => {
      const match = /last_pfn = 0x[\da-f]{1,13} max_arch_pfn = 0x([\da-f]{1,13})$/.exec(text);
      if (!match) return undefined;
      const frames = Number.parseInt(match[1] ?? '', 16);
      if (frames === FRAMES_32) return { addressBits: 32, pae: false };
      if (frames === FRAMES_PAE) return { addressBits: 32, pae: true };
      return frames > FRAMES_PAE ? { addressBits: 64 } : undefined;
    },
  },
  {
    name: 'highmem',
    since: '2.4.10',
    until: '7.1',
    source: 'arch/x86/mm/init_32.c initmem_init',
    examples: ['31618MB HIGHMEM available.'],
    read: (text) => {
      const mb = /^(\d{1,9})MB HIGHMEM available\.?$/.exec(text)?.[1];
      return mb === undefined ? undefined : { addressBits: 32, highmemMb: Number(mb) };
    },
  },
  {
    name: 'lowmem',
    since: '2.4.10',
    until: '7.1',
    source: 'arch/x86/mm/init_32.c initmem_init',
    examples: ['891MB LOWMEM available.'],
    read: (text) => {
      const mb = /^(\d{1,9})MB LOWMEM available\.?$/.exec(text)?.[1];
      return mb === undefined ? undefined : { addressBits: 32, lowmemMb: Number(mb) };
    },
  },
  {
    name: 'zone-range',
    since: '2.6.17',
    until: '7.1',
    source: 'mm/page_alloc.c, mm/mm_init.c free_area_init: Zone ranges',
    examples: [
      'HighMem    229376 ->  1046528',
      'HighMem  0x000377fe -> 0x0003f6d0',
      'HighMem  [mem 0x0000000037bfe000-0x000000083fffffff]',
      'HighMem  empty',
      'DMA32    [mem 0x0000000001000000-0x00000000ffffffff]',
    ],
    read: (text) => {
      // No 32-bit kernel has the zone.
      if (/^DMA32 +(?:\[mem 0x|0x|\d+ |empty$)/.test(text)) return { addressBits: 64 };
      if (!text.startsWith('HighMem ')) return undefined;
      const range = text.slice('HighMem'.length).trim();
      if (range === 'empty') return { addressBits: 32, highmemZone: false };
      const match = /^(?:\[mem )?(0x[\da-f]{1,16}|\d{1,12}) *(?:->|-) *(0x[\da-f]{1,16}|\d{1,12})\]?$/.exec(range);
      return match ? { addressBits: 32, highmemZone: Number(match[2]) > Number(match[1]) } : undefined;
    },
  },
  {
    name: 'per-cpu',
    since: '2.6.31',
    until: '7.1',
    source: 'mm/percpu.c pcpu_embed_first_chunk: static, reserved and dynamic bytes fill whole pages',
    examples: [
      'PERCPU: Embedded 14 pages/cpu @f75f2000 s34624 r0 d22720 u65536',
      'percpu: Embedded 54 pages/cpu s184320 r8192 d28672 u262144',
    ],
    read: (text) => {
      const match =
        /^(?:PERCPU|percpu): Embedded (\d{1,6}) pages\/cpu (?:@\S{1,20} )?s(\d{1,9}) r(\d{1,9}) d(\d{1,9}) u\d+/.exec(
          text,
        );
      if (!match) return undefined;
      const [pages = 0, ...parts] = match.slice(1).map(Number);
      const bytes = parts.reduce((sum, part) => sum + part, 0) / pages;
      return PAGE_SIZES.has(bytes) ? { pageSizeKb: bytes / 1024 } : undefined;
    },
  },
  {
    name: 'page-orders',
    since: '2.6.17',
    until: '7.1',
    source: 'arch/powerpc/mm/book3s64/hash_utils.c htab_init_page_sizes',
    examples: ['Page orders: linear mapping = 24, virtual = 16, io = 16, vmemmap = 24'],
    read: (text) => {
      const order = /^Page orders: linear mapping = \d{1,2}, virtual = (\d{1,2}),/.exec(text)?.[1];
      const bytes = 2 ** Number(order);
      return PAGE_SIZES.has(bytes) ? { addressBits: 64, pageSizeKb: bytes / 1024 } : undefined;
    },
  },
  {
    name: 'memory',
    since: '2.4',
    until: '7.1',
    source: 'mm/mm_init.c, mm/page_alloc.c mem_init_print_info; mem_init of each architecture before 3.11',
    examples: [
      'Memory: 3494612k/3669760k available (3678k kernel code, 174680k reserved, 2107k data, 396k init, 2760456k highmem)',
      'Memory: 16192104k/17301504k available (4997k kernel code, 1049156k absent, 60244k reserved, 7035k data, 1284k init)',
      'Memory: 1028132k/1028132k available, 20444k reserved, 270336K highmem',
      'Memory: 33022912K/33553976K available (6144K kernel code, 580K rwdata, 1912K rodata, 620K init, 460K bss, 531064K reserved, 0K cma-reserved, 32639868K highmem)',
      'Memory: 65735544K/67053356K available (14339K kernel code, 2390K rwdata, 5036K rodata, 2824K init, 4980K bss, 1317556K reserved, 0K cma-reserved)',
    ],
    read: (text) => {
      const match = /^Memory: \d{1,15}([kK])\/(\d{1,15})[kK] available\b/.exec(text);
      if (!match) return undefined;
      const isNew = match[1] === 'K';
      const sizeKb = Number(match[2]);
      const absentKb = Number(/, (\d{1,15})k absent\b/.exec(text)?.[1] ?? 0);
      // Holes counted as memory until 3.11; x86_64 said how much they are, which no other kernel does.
      const isExact = isNew || absentKb > 0;
      const size = isExact ? { totalKb: sizeKb - absentKb } : { spanKb: sizeKb };
      const reading: BootReading = { ...size, last: true };
      if (absentKb > 0) reading.addressBits = 64;
      const highmem = /, (\d{1,15})[kK] highmem\b/.exec(text)?.[1];
      if (highmem !== undefined) return { ...reading, addressBits: 32, highmemKb: Number(highmem) };
      // Since 3.11 every kernel that is built with HighMem names it.
      return isNew ? { ...reading, withoutHighmem: true } : reading;
    },
  },
];

/** What a line of a boot says; undefined for every other line. */
export function readBootLine(text: string): BootReading | undefined {
  const bare = text.trim();
  for (const line of BOOT_LINES) {
    const reading = line.read(bare);
    if (reading) return reading;
  }
  return undefined;
}
