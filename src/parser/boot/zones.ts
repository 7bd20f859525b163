/** The lines of a boot that name zones. */
import type { BootLine } from './reading.ts';

export const ZONE_LINES: readonly BootLine[] = [
  {
    name: 'zone-range',
    since: '2.6.19',
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
      // Of 32-bit kernels that of TILEPro alone has the zone (mm/Kconfig, and those of the architectures).
      if (/^DMA32 +(?:\[mem 0x|0x|\d+ |empty$)/.test(text)) return { addressBits: 64 };
      if (!text.startsWith('HighMem ')) return undefined;
      const range = text.slice('HighMem'.length).trim();
      if (range === 'empty') return { addressBits: 32, highmemZone: false };
      const match = /^(?:\[mem )?(0x[\da-f]{1,16}|\d{1,12}) *(?:->|-) *(0x[\da-f]{1,16}|\d{1,12})\]?$/.exec(range);
      return match ? { addressBits: 32, highmemZone: Number(match[2]) > Number(match[1]) } : undefined;
    },
  },
  {
    name: 'zone-size',
    since: '2.4',
    until: '7.1',
    source: 'mm/page_alloc.c zone_pcp_init (debug level), free_area_init_core before 2.6.17',
    examples: [
      'HighMem zone: 622127 pages, LIFO batch:16',
      'HighMem zone: 0 pages, LIFO batch:0',
      'DMA32 zone: 767616 pages, LIFO batch:31',
      'zone(2): 0 pages.',
    ],
    read: (text) => {
      const match =
        /^(?:(HighMem|DMA32) zone: (\d{1,12}) pages, LIFO batch:\d{1,6}|zone\(2\): (\d{1,12}) pages\.)$/.exec(text);
      if (!match) return undefined;
      const pages = Number(match[2] ?? match[3]);
      // 2.6.15 to 2.6.18 print the empty DMA32 of every architecture; only a 64-bit kernel has pages in it.
      if (match[1] === 'DMA32') return pages > 0 ? { addressBits: 64 } : undefined;
      // The zones of 64-bit kernels of that time count an empty HighMem among them.
      return pages > 0 ? { addressBits: 32, highmemZone: true } : { highmemZone: false };
    },
  },
];
