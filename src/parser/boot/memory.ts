/** The lines with which a boot says how much memory it hands out. */
import type { BootLine, BootReading } from './reading.ts';

const HIGHMEM = /, (\d{1,15})([kK]) highmem\b/;

export const MEMORY_LINES: readonly BootLine[] = [
  {
    name: 'high-memory',
    since: '2.6.15',
    until: '3.10',
    source: 'arch/powerpc/mm/mem.c mem_init: HighMem of 32-bit kernels, whose line of memory does not name it',
    examples: ['High memory: 1310720k'],
    read: (text) => {
      const size = /^High memory: (\d{1,15})k$/.exec(text)?.[1];
      return size === undefined ? undefined : { addressBits: 32, highmemKb: Number(size) };
    },
  },
  {
    name: 'memory-banks',
    since: '2.4',
    until: '3.10',
    source: 'arch/arm/mm/init.c mem_init: the banks and their sum',
    examples: ['Memory: 512MB 256MB = 768MB total', 'Memory: 128MB = 128MB total'],
    read: (text) => {
      const size = /^Memory:(?: \d{1,9}MB){1,64} = (\d{1,9})MB total$/.exec(text)?.[1];
      return size === undefined ? undefined : { totalMb: Number(size) };
    },
  },
  {
    name: 'memory-arm',
    since: '2.4',
    until: '2.6.33',
    source: 'arch/arm/mm/init.c mem_init; HighMem is named since there is any, 2.6.29',
    examples: [
      'Memory: 126336KB available (2892K code, 270K data, 116K init)',
      'Memory: 775424KB available (3396K code, 269K data, 140K init, 262144K highmem)',
    ],
    read: (text) => {
      const match =
        /^Memory: \d{1,15}KB available \(\d{1,9}K code, ?\d{1,9}K data, \d{1,9}K init(?:, (\d{1,15})K highmem)?\)$/.exec(
          text,
        );
      if (!match) return undefined;
      const highmem = match[1] === undefined ? { withoutHighmem: true as const } : { highmemKb: Number(match[1]) };
      return { addressBits: 32, ...highmem, last: true };
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
      'Memory: 2038656k/2097152k available (3890k kernel code, 58000k reserved, 900k data, 248k init, 0k highmem)',
      'Memory: 511360k available (2300k kernel code, 1200k data, 260k init, 0k highmem)',
      'Memory: 33022912K/33553976K available (6144K kernel code, 580K rwdata, 1912K rodata, 620K init, 460K bss, 531064K reserved, 0K cma-reserved, 32639868K highmem)',
      'Memory: 65735544K/67053356K available (14339K kernel code, 2390K rwdata, 5036K rodata, 2824K init, 4980K bss, 1317556K reserved, 0K cma-reserved)',
    ],
    read: (text) => {
      const match = /^Memory: \d{1,15}([kK])(?:\/(\d{1,15})[kK])? available\b/.exec(text);
      if (!match) return undefined;
      const reading: BootReading = { last: true };
      const isNew = match[1] === 'K';
      const absentKb = Number(/, (\d{1,15})k absent\b/.exec(text)?.[1] ?? 0);
      if (absentKb > 0) reading.addressBits = 64;
      // Holes counted as memory until 3.11; x86_64 said how much they are, which no other kernel does.
      if (match[2] !== undefined) {
        reading[isNew || absentKb > 0 ? 'totalKb' : 'spanKb'] = Math.max(0, Number(match[2]) - absentKb);
      }
      const highmem = HIGHMEM.exec(text);
      if (highmem) {
        reading.highmemKb = Number(highmem[1]);
        // Before 3.11 MIPS names an empty HighMem with 64 bits too; `K` is what ARM wrote then.
        if (reading.highmemKb > 0 || highmem[2] === 'K') reading.addressBits = 32;
      } else if (isNew) {
        // Since 3.11 every kernel that is built with HighMem names it.
        reading.withoutHighmem = true;
      } else if (text.endsWith('k init)')) {
        reading.unnamedHighmem = true;
      }
      return reading;
    },
  },
];
