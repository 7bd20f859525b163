/** The lines of a boot that x86 alone prints: the map of the firmware, and what the addresses of the kernel reach. */
import type { BootLine } from './reading.ts';

/** How many page frames addresses can name: 2^20 without and 2^24 with PAE, more only with 64 bits. */
const FRAMES_32 = 0x100000;
const FRAMES_PAE = 0x1000000;

export const X86_LINES: readonly BootLine[] = [
  {
    name: 'firmware-map',
    since: '2.4',
    until: '7.1',
    source: 'arch/x86/kernel/e820.c e820__print_table, setup.c print_memory_map',
    examples: [
      'BIOS-e820: 0000000000100000 - 00000000dffc0000 (usable)',
      'BIOS-e820: [mem 0x0000000100000000-0x000000083fffffff] usable',
      'BIOS-e820: [mem 0x0000000100000000-0x000000083fffffff]  System RAM',
      'BIOS-e801: 0000000000100000 - 0000000008000000 (usable)',
      'Xen: [mem 0x0000000000000000-0x000000000009ffff] usable',
    ],
    read: (text) => {
      // `System RAM` since 7.0; patches of that time print the size before it.
      const match =
        /^(?:BIOS-(?:e820|e801|88)|Xen): (\[mem )?(?:0x)?([\da-f]{8,16}) ?- ?(?:0x)?([\da-f]{8,16})\]? +(?:[\d.]{1,8} +[KMGT]B +)?(?:\(?usable\)?|System RAM)$/.exec(
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
    name: 'beyond-reach',
    since: '2.4.10',
    until: '7.1',
    source: 'arch/x86/mm/init_32.c lowmem_pfn_init, highmem_pfn_init; setup.c find_max_low_pfn of i386',
    examples: [
      'Warning only 896MB will be used.',
      'Warning only 4GB will be used.',
      'Warning: only 4GB will be used. Use a HIGHMEM64G enabled kernel!',
      'Use a PAE enabled kernel.',
      'Use a HIGHMEM64G enabled kernel.',
    ],
    read: (text) => {
      // Without HighMem memory ends with lowmem, with it and without PAE at 4 GB.
      if (/^W(?:arning|ARNING) only \d{1,4}MB will be used\.$/.test(text))
        return { addressBits: 32, withoutHighmem: true };
      if (/^Warning:? only 4GB will be used\./.test(text)) return { addressBits: 32, pae: false };
      return /^Use a (?:PAE|HIGHMEM64G) enabled kernel\.$/.test(text) ? { addressBits: 32, pae: false } : undefined;
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
    name: 'bootmem-node',
    since: '2.6.0',
    until: '2.6.30',
    source: 'arch/x86_64/mm/numa.c setup_node_bootmem, which no 32-bit kernel has',
    examples: ['Bootmem setup node 0 0000000000000000-0000000200000000'],
    read: (text) =>
      /^Bootmem setup node \d{1,4} [\da-f]{16}-[\da-f]{16}$/.test(text) ? { addressBits: 64 } : undefined,
  },
];
