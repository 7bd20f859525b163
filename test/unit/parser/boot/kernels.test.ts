/** Boots as kernels of many releases and architectures print them: what each tells of its host. */
import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../../src/domain.ts';
import { createBootReader } from '../../../../src/parser/index.ts';

type Told = Partial<Omit<HostFacts, 'host' | 'source' | 'positions'>>;

/** The facts of the memory alone. */
function told(texts: readonly string[]): Told[] {
  const reader = createBootReader({ idleMs: 30_000, ageMs: 600_000 });
  const position = { topic: 'syslog', partition: 0, offset: 0 };
  const facts = texts.flatMap((text) => reader.push({ host: 'db07', text, position, trust: 'facility' }));
  return [...facts, ...reader.end()].map(
    ({ host: _h, source: _s, isWhole: _w, trust: _t, positions: _p, ...rest }) => rest,
  );
}

const banner = (release: string): string => `Linux version ${release} (builder@forge) (gcc version 4.1.2) #1 SMP Tue`;

const KERNELS: readonly (readonly [string, readonly string[], Told])[] = [
  [
    '2.4.21 i686, hugemem',
    [
      banner('2.4.21-4.ELhugemem'),
      ' BIOS-e820: 0000000000100000 - 00000000dfff0000 (usable)',
      '4736MB HIGHMEM available.',
      '3936MB LOWMEM available.',
      'zone(0): 4096 pages.',
      'zone(1): 1003520 pages.',
      'zone(2): 1212416 pages.',
      'Memory: 8168176k/8880128k available (1883k kernel code, 82012k reserved, 1036k data, 188k init, 4325204k highmem)',
    ],
    { addressBits: 32, highmem: true, highmemKb: 4_325_204, lowmemKb: 3936 * 1024, pae: true },
  ],
  [
    '2.4 amd64, whose banner does not name it',
    [
      banner('2.4.21-4.ELsmp'),
      'zone(0): 4096 pages.',
      'zone(1): 520172 pages.',
      'zone(2): 0 pages.',
      'Memory: 2040528k/2097072k available (1700k kernel code, 56152k reserved, 1300k data, 200k init)',
    ],
    { highmem: false, totalKb: 2_097_072 },
  ],
  [
    '2.6.9 x86_64 with two nodes',
    [
      banner('2.6.9-42.ELsmp'),
      'Bootmem setup node 0 0000000000000000-0000000200000000',
      'Bootmem setup node 1 0000000200000000-0000000400000000',
      '  HighMem zone: 0 pages, LIFO batch:1',
      'Memory: 16401440k/16777216k available (2105k kernel code, 0k reserved, 1299k data, 196k init)',
    ],
    { addressBits: 64, highmem: false },
  ],
  [
    '2.6.16 i686: every architecture prints an empty DMA32',
    [
      banner('2.6.16'),
      '1151MB HIGHMEM available.',
      '896MB LOWMEM available.',
      'On node 0 totalpages: 524080',
      '  DMA zone: 4096 pages, LIFO batch:0',
      '  DMA32 zone: 0 pages, LIFO batch:0',
      '  Normal zone: 225280 pages, LIFO batch:31',
      '  HighMem zone: 294704 pages, LIFO batch:31',
      'Memory: 2073456k/2096320k available (1544k kernel code, 22024k reserved, 577k data, 196k init, 1178816k highmem)',
    ],
    { addressBits: 32, highmem: true, highmemKb: 1_178_816, lowmemKb: 896 * 1024 },
  ],
  [
    '2.6.18 x86_64, whose banner does not name it',
    [
      banner('2.6.18-398.el5'),
      '  DMA zone: 2622 pages, LIFO batch:0',
      '  DMA32 zone: 767616 pages, LIFO batch:31',
      'Memory: 4044148k/5242880k available (2595k kernel code, 149296k reserved, 1648k data, 224k init)',
    ],
    { addressBits: 64, highmem: false },
  ],
  [
    '2.6.18 i686 without HighMem, on a host that has more memory',
    [
      banner('2.6.18-6-486'),
      'Warning only 896MB will be used.',
      'Use a HIGHMEM enabled kernel.',
      '896MB LOWMEM available.',
      '  HighMem zone: 0 pages, LIFO batch:0',
      'Memory: 905072k/917504k available (1544k kernel code, 11604k reserved, 577k data, 196k init, 0k highmem)',
    ],
    { addressBits: 32, highmem: false, lowmemKb: 896 * 1024 },
  ],
  [
    '2.6.18 i686 with HighMem and without PAE, on a host with 5 GB',
    [
      banner('2.6.18-6-686'),
      ' BIOS-e820: 0000000000100000 - 00000000cffcca00 (usable)',
      ' BIOS-e820: 0000000100000000 - 0000000130000000 (usable)',
      'Warning only 4GB will be used.',
      'Use a PAE enabled kernel.',
      '3200MB HIGHMEM available.',
      '896MB LOWMEM available.',
      'Memory: 3366712k/4194304k available (1544k kernel code, 40012k reserved, 577k data, 196k init, 2489116k highmem)',
    ],
    { addressBits: 32, pae: false, highmem: true, totalKb: 3_406_642, firmwareKb: 4_193_074 },
  ],
  [
    '2.6.18 i686 of two nodes, the first without HighMem',
    [
      banner('2.6.18-8.el5PAE'),
      '  HighMem zone: 0 pages, LIFO batch:0',
      '  HighMem zone: 1044480 pages, LIFO batch:31',
    ],
    { addressBits: 32, highmem: true, pae: true },
  ],
  [
    '2.6.18 i686, guest of Xen',
    [
      banner('2.6.18-164.el5xen'),
      ' Xen: 0000000000000000 - 0000000100000000 (usable)',
      '3369MB HIGHMEM available.',
      '727MB LOWMEM available.',
      'NX (Execute Disable) protection: active',
      'Memory: 4099024k/4194304k available (2185k kernel code, 86380k reserved, 913k data, 184k init, 3441712k highmem)',
    ],
    { addressBits: 32, pae: true, highmem: true, firmwareKb: 4 * 2 ** 20, lowmemKb: 727 * 1024 },
  ],
  [
    '2.6.18 x86_64, guest of Xen, which knows one zone',
    [
      banner('2.6.18-164.el5xen'),
      ' Xen: 0000000000000000 - 0000000040800000 (usable)',
      '  DMA zone: 264192 pages, LIFO batch:31',
      'Memory: 1003700k/1056768k available (2466k kernel code, 44552k reserved, 1390k data, 172k init)',
    ],
    { addressBits: 64, highmem: false, firmwareKb: 1_056_768 },
  ],
  [
    '2.6.20 i686 whose lines of low memory are lost',
    [
      banner('2.6.20'),
      ' BIOS-e820: 0000000000100000 - 000000001fff0000 (usable)',
      'Memory: 515072k/524224k available (1544k kernel code, 8604k reserved, 577k data, 196k init, 0k highmem)',
    ],
    { addressBits: 32, highmem: false, lowmemKb: 523_200 },
  ],
  [
    '2.6.20 i686 whose line of memory is cut',
    [
      banner('2.6.20'),
      ' BIOS-e820: 0000000000100000 - 000000001fff0000 (usable)',
      'Memory: 515072k/524224k available (1544k kernel code, 8604k reserved, 577k data, 196k init',
    ],
    { totalKb: 523_200 },
  ],
  [
    '2.6.26 ARM, before it had HighMem',
    [
      banner('2.6.26-2-ixp4xx'),
      'Memory: 64MB 64MB = 128MB total',
      'Memory: 126336KB available (2892K code, 270K data, 116K init)',
    ],
    { addressBits: 32, highmem: false, totalKb: 128 * 1024, lowmemKb: 128 * 1024 },
  ],
  [
    '2.6.32 ARM with HighMem',
    [
      banner('2.6.32-5-kirkwood'),
      'Memory: 512MB 512MB = 1024MB total',
      'Memory: 1030144KB available (3396K code, 269K data, 140K init, 262144K highmem)',
    ],
    { addressBits: 32, highmem: true, highmemKb: 262_144, lowmemKb: 768 * 1024 },
  ],
  [
    '3.8 ARM',
    [
      banner('3.8.13'),
      'Memory: 2048MB = 2048MB total',
      'Memory: 2067292k/2067292k available, 29860k reserved, 1310720K highmem',
    ],
    { addressBits: 32, highmem: true, highmemKb: 1_310_720 },
  ],
  [
    '3.8 ARM without HighMem',
    [banner('3.8.13'), 'Memory: 512MB = 512MB total', 'Memory: 506112k/506112k available, 18176k reserved, 0K highmem'],
    { addressBits: 32, highmem: false },
  ],
  [
    '6.1 ARM with LPAE',
    [
      banner('6.1.0-18-armmp-lpae'),
      '  DMA      [mem 0x0000000040000000-0x000000006fffffff]',
      '  HighMem  [mem 0x0000000070000000-0x00000000bfffffff]',
      'Memory: 1998544K/2097152K available (11264K kernel code, 1711K rwdata, 4776K rodata, 2048K init, 411K bss, 82224K reserved, 16384K cma-reserved, 1310720K highmem)',
    ],
    { addressBits: 32, pae: true, highmem: true, lowmemKb: 768 * 1024 },
  ],
  [
    '2.6.32 MIPS with 64 bits, which names an empty HighMem',
    [
      banner('2.6.32-5-5kc-malta'),
      'Memory: 2038656k/2097152k available (3890k kernel code, 58000k reserved, 900k data, 248k init, 0k highmem)',
    ],
    { highmem: false, totalKb: 2_097_152 },
  ],
  [
    '2.4 PowerPC',
    [
      banner('2.4.27-powerpc'),
      'Memory: 1548288k available (2300k kernel code, 1200k data, 260k init, 786432k highmem)',
    ],
    { addressBits: 32, highmem: true, highmemKb: 786_432 },
  ],
  [
    '2.6.16 PowerPC: all lowmem is DMA',
    [
      banner('2.6.16'),
      '   DMA zone: 196608 pages, LIFO batch:31',
      '   DMA32 zone: 0 pages, LIFO batch:0',
      '   Normal zone: 0 pages, LIFO batch:0',
      '   HighMem zone: 16384 pages, LIFO batch:3',
      'High memory: 65536k',
      'Memory: 840064k/851968k available (4004k kernel code, 11424k reserved, 168k data, 198k bss, 196k init)',
    ],
    { addressBits: 32, highmem: true, highmemKb: 65_536, totalKb: 851_968, lowmemKb: 786_432 },
  ],
  [
    '3.0 s390x, whose banner does not name it',
    [
      banner('3.0.76-0.9-default'),
      'setup.1a06a7: Linux is running as a z/VM guest operating system in 64-bit mode',
      'Memory: 2043904k/2097152k available (4500k kernel code, 0k reserved, 2500k data, 200k init)',
    ],
    { addressBits: 64, highmem: false },
  ],
  [
    '4.18 ppc64le',
    [
      banner('4.18.0-80.el8.ppc64le'),
      'Page orders: linear mapping = 24, virtual = 16, io = 16, vmemmap = 24',
      'Memory: 7942144K/8388608K available (13056K kernel code, 1856K rwdata, 3456K rodata, 4672K init, 2416K bss, 446464K reserved, 0K cma-reserved)',
    ],
    { addressBits: 64, highmem: false, pageSizeKb: 64 },
  ],
  [
    '7.0 x86_64',
    [
      banner('7.0.0-29-generic'),
      'BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]  System RAM',
      'BIOS-e820: [gap 0x00000000000a0000-0x00000000000fffff]',
      'BIOS-e820: [mem 0x00000000000f0000-0x00000000000fffff]  device reserved',
      'BIOS-e820: [mem 0x0000000000100000-0x00000000bfffffff]  System RAM',
      'last_pfn = 0xc0000 max_arch_pfn = 0x400000000',
      'Memory: 3073428K/3144700K available (16393K kernel code, 4379K rwdata, 10820K rodata, 3236K init, 1660K bss, 71272K reserved, 0K cma-reserved)',
    ],
    { addressBits: 64, highmem: false, firmwareKb: 3 * 2 ** 20 - 384 },
  ],
];

describe('the boot of', () => {
  it.each(KERNELS)('%s', (_name, texts, expected) => {
    const [facts, ...others] = told(texts);
    expect(others).toEqual([]);
    expect(facts).toMatchObject(expected);
    if (expected.addressBits === undefined) expect(facts).not.toHaveProperty('addressBits');
  });

  it('ia64 tells nothing of HighMem, which is no guess', () => {
    const memory = 'Memory: 4134352k/4182352k available (6811k code, 63120k reserved, 3380k data, 704k init)';
    expect(told([banner('2.6.32-5-mckinley'), memory])[0]).toEqual({
      release: '2.6.32-5-mckinley',
      totalKb: 4_182_352,
    });
  });
});
