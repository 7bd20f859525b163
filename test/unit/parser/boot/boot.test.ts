import { describe, expect, it } from 'vitest';
import type { HostFacts, LogLine } from '../../../../src/domain.ts';
import { BOOT_ANCHORS, opensBoot } from '../../../../src/kernel/boot.ts';
import { BOOT_LINES } from '../../../../src/parser/boot/index.ts';
import { readBootLine } from '../../../../src/parser/boot/lines.ts';
import { createBootReader } from '../../../../src/parser/index.ts';
import { bootMachine, KERNEL_NAMES, KERNELS, printBoot } from '../../../../src/simulate/index.ts';

const OPTIONS = { idleMs: 30_000, ageMs: 600_000 };
const PLACE = { topic: 'syslog', partition: 0 };

const lineOf = (text: string, offset: number, host = 'db07'): LogLine => ({
  host,
  text,
  position: { ...PLACE, offset },
  trust: 'facility',
  observedAtMs: 1_700_000_000_000 + offset,
});

/** The facts of a boot that is read whole. */
function factsOf(texts: readonly string[]): HostFacts[] {
  const reader = createBootReader(OPTIONS);
  const out = texts.flatMap((text, offset) => reader.push(lineOf(text, offset)));
  return [...out, ...reader.end()];
}

const BANNER =
  'Linux version 2.6.32-21-generic-pae (builder@forge) (gcc version 4.4.3 ) #32 SMP Fri Apr 16 09:39:35 UTC 2010';

describe('lines of a boot', () => {
  it.each(BOOT_LINES.flatMap(({ name, examples }) => examples.map((example) => [name, example] as const)))(
    '%s: %s',
    (name, example) => {
      const reading = BOOT_LINES.find((line) => line.name === name)?.read(example);
      expect(reading).toBeDefined();
      expect(readBootLine(`  ${example} `)).toEqual(reading);
    },
  );

  it.each(BOOT_ANCHORS.map(({ literal, example }) => [literal, example]))('%s opens a boot', (literal, example) => {
    expect(example).toContain(literal);
    expect(opensBoot(example)).toBe(true);
  });

  it.each(['31618MB HIGHMEM available. ', '  891MB LOWMEM available.\r'])('%j opens a boot', (text) => {
    expect(opensBoot(text)).toBe(true);
    expect(factsOf([text])).toHaveLength(1);
  });

  it.each([
    'usb usb1: Manufacturer: Linux 3.2.59 ehci_hcd',
    'Linux version',
    'reports Linux version 3.2.59 as vulnerable',
    'no MB HIGHMEM available.',
    'Memory: none',
    'HighMem: 1*4kB = 4kB',
    'BIOS-e820: [mem 0x0000000000100000-0x000000000000ffff] usable',
    'BIOS-e820: 0000000000100000 - 00000000dffc0000 (reserved)',
    'DMA32 zone: 0 pages, LIFO batch:0',
    'Normal zone: 225280 pages, LIFO batch:31',
    'zone(1): 225280 pages.',
    'user: 0000000000100000 - 0000000030000000 (usable)',
    'BIOS-e820: [gap 0x00000000000a0000-0x00000000000fffff]',
    'percpu: Embedded 31 pages/cpu s1 r1 d1 u131072',
    'percpu: Embedded 0 pages/cpu s1 r1 d1 u131072',
  ])('reads nothing in: %s', (text) => {
    expect(readBootLine(text)).toBeUndefined();
    expect(opensBoot(text)).toBe(false);
  });

  it('tells PAE by the page frames that addresses can name', () => {
    const of = (frames: string) => readBootLine(`last_pfn = 0x84000 max_arch_pfn = ${frames}`);
    expect(of('0x100000')).toEqual({ addressBits: 32, pae: false });
    expect(of('0x1000000')).toEqual({ addressBits: 32, pae: true });
    expect(of('0x400000000')).toEqual({ addressBits: 64 });
  });
});

describe('the boot reader', () => {
  it('reads a 32-bit host with HighMem', () => {
    const [facts, ...others] = factsOf([
      BANNER,
      'BIOS-provided physical RAM map:',
      ' BIOS-e820: 0000000000000000 - 000000000009bc00 (usable)',
      ' BIOS-e820: 000000000009bc00 - 00000000000a0000 (reserved)',
      ' BIOS-e820: 0000000000100000 - 00000000dffc0000 (usable)',
      'NX (Execute Disable) protection: active',
      'last_pfn = 0xdffc0 max_arch_pfn = 0x1000000',
      '2695MB HIGHMEM available.',
      '887MB LOWMEM available.',
      '  HighMem  0x000377fe -> 0x000dffc0',
      'PERCPU: Embedded 14 pages/cpu @c3c00000 s34584 r0 d22760 u131072',
      'Memory: 3494612k/3669760k available (3678k kernel code, 174680k reserved, 2107k data, 396k init, 2760456k highmem)',
      'NET: Registered protocol family 16',
    ]);
    expect(others).toEqual([]);
    expect(facts).toEqual({
      host: 'db07',
      source: 'boot',
      isWhole: true,
      trust: 'facility',
      seenAtMs: 1_700_000_000_000,
      release: '2.6.32-21-generic-pae',
      addressBits: 32,
      pae: true,
      pageSizeKb: 4,
      totalKb: 3_669_359,
      firmwareKb: 3_669_359,
      highmem: true,
      highmemKb: 2_760_456,
      lowmemKb: 887 * 1024,
      positions: { first: { ...PLACE, offset: 0 }, last: { ...PLACE, offset: 11 } },
    });
  });

  it.each(KERNEL_NAMES.map((name) => [name, KERNELS[name]] as const))('reads the boot of %s', (_name, kernel) => {
    const is32 = kernel.arch === 'i386' || kernel.arch === 'arm';
    const [facts, ...others] = factsOf(printBoot(bootMachine(kernel, 3 * 2 ** 20)));
    expect(others).toEqual([]);
    expect(facts).toMatchObject({ release: kernel.release, highmem: is32, totalKb: 3 * 2 ** 20 - 448 });
    // Up to 2.6.26 the boot of a 64-bit host says no more than that in its zones.
    expect(facts?.addressBits).toBe(is32 ? 32 : 64);
    if (is32 && facts) {
      expect(facts?.lowmemKb).toBe(
        kernel.arch === 'arm' ? Number(facts.totalKb) - Number(facts.highmemKb) : 896 * 1024,
      );
      expect(facts?.highmemKb).toBe((3072 - 896) * 1024);
    }
    if (facts?.pageSizeKb !== undefined) expect(facts.pageSizeKb).toBe(kernel.pageSizeKb);
  });

  it('sees the memory that a kernel without PAE cannot reach', () => {
    const [facts] = factsOf(printBoot(bootMachine(KERNELS['3.2'], 8 * 2 ** 20, false)));
    expect(facts).toMatchObject({ pae: false, totalKb: 3.5 * 2 ** 20 - 448, firmwareKb: 8 * 2 ** 20 - 448 });
    const [withPae] = factsOf(printBoot(bootMachine(KERNELS['3.2'], 8 * 2 ** 20)));
    expect(withPae).toMatchObject({ pae: true, totalKb: 8 * 2 ** 20 - 448, lowmemKb: 891 * 1024 });
  });

  it('knows a host with HighMem by one line where the others are lost', () => {
    const facts = factsOf(['31618MB HIGHMEM available.', 'Checking if this processor honours the WP bit']);
    expect(facts).toMatchObject([{ highmem: true, highmemKb: 31618 * 1024, addressBits: 32 }]);
  });

  it('says nothing of HighMem where nothing told', () => {
    const [facts] = factsOf(['Linux version 5.15.135-generic (b@f) (gcc) #145 SMP']);
    expect(facts).toMatchObject({ release: '5.15.135-generic' });
    expect(facts).not.toHaveProperty('highmem');
  });

  it('takes a banner for the next boot, and other lines for none', () => {
    const reader = createBootReader(OPTIONS);
    expect(reader.push(lineOf('Memory: 1K/2K available (0K reserved)', 0))).toEqual([]);
    expect(reader.openBoots).toBe(0);
    reader.push(lineOf(BANNER, 1));
    reader.push(lineOf('887MB LOWMEM available.', 2));
    expect(reader.push(lineOf('Linux version 4.9.115 (b@f) (gcc) #1', 3))).toMatchObject([{ lowmemKb: 887 * 1024 }]);
    expect(reader.firstNeeded('syslog', 0)).toBe(3);
  });

  it('counts a map once that is delivered twice', () => {
    const texts = printBoot(bootMachine(KERNELS['3.2'], 8 * 2 ** 20));
    const twice = texts.flatMap((text) => (text.startsWith('Linux version') ? [text] : [text, text]));
    expect(factsOf(twice)[0]?.firmwareKb).toBe(factsOf(texts)[0]?.firmwareKb);
  });

  it('pins the first line while a boot is open, and closes it by silence and by age', () => {
    const reader = createBootReader(OPTIONS);
    reader.advance('syslog', 0, 1000);
    reader.push(lineOf(BANNER, 5));
    expect([...reader.openHosts('syslog', 0)]).toEqual(['db07']);
    expect(reader.firstNeeded('syslog', 0)).toBe(5);
    expect(reader.advance('syslog', 0, 2000)).toEqual([]);
    reader.push(lineOf('887MB LOWMEM available.', 6));
    expect(reader.advance('syslog', 0, 40_000)).toEqual([]);
    expect(reader.advance('syslog', 0, 70_000)).toMatchObject([{ lowmemKb: 887 * 1024 }]);
    expect(reader.firstNeeded('syslog', 0)).toBeUndefined();
    expect(reader.openHosts('syslog', 0).size).toBe(0);

    reader.push(lineOf(BANNER, 7));
    let closed: HostFacts[] = [];
    let atMs = 100_000;
    for (; closed.length === 0 && atMs < 2_000_000; atMs += 20_000) {
      reader.push(lineOf('HighMem  empty', 8));
      closed = reader.advance('syslog', 0, atMs);
    }
    expect(atMs - 100_000).toBe(OPTIONS.ageMs + 20_000);
  });

  it('forgets a partition that it has lost', () => {
    const reader = createBootReader(OPTIONS);
    reader.push(lineOf(BANNER, 5));
    reader.reset('syslog', 0);
    expect(reader.openBoots).toBe(0);
    expect(reader.end()).toEqual([]);
  });

  it('holds no more boots than its bound, however many hosts are booted', () => {
    const reader = createBootReader({ ...OPTIONS, maxOpen: 100 });
    let closed = 0;
    for (let host = 0; host < 5000; host += 1) closed += reader.push(lineOf(BANNER, host, `host${host}`)).length;
    expect(reader.openBoots).toBe(100);
    expect(closed).toBe(4900);
    expect(reader.firstNeeded('syslog', 0)).toBe(4900);
    expect(reader.end()).toHaveLength(100);
  });

  it('takes lines and names of any length', () => {
    const reader = createBootReader(OPTIONS);
    reader.push(lineOf(BANNER, 0, ''));
    reader.push(lineOf(BANNER, 1, 'x'.repeat(254)));
    reader.push(lineOf(`Linux version ${'3'.repeat(100_000)}`, 2));
    expect(reader.openBoots).toBe(0);
    reader.push(lineOf(BANNER, 3));
    for (const text of ['BIOS-e820: ', 'Memory: ', 'HighMem ', 'percpu: Embedded ', 'Linux is running ']) {
      expect(reader.push(lineOf(text + '0 - '.repeat(25_000), 4))).toEqual([]);
    }
  });
});
