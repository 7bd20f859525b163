/**
 * The lines of a boot that tell what the host is: one definition each, with the kernels that print it and examples.
 *
 * A reading is what the line alone says; what follows from several lines together is in facts.ts.
 */
import { MEMORY_LINES } from './memory.ts';
import type { BootLine, BootReading } from './reading.ts';
import { X86_LINES } from './x86.ts';
import { ZONE_LINES } from './zones.ts';

/** Page sizes of Linux in bytes. */
const PAGE_SIZES: ReadonlySet<number> = new Set([4096, 8192, 16_384, 65_536]);

const BANNER: BootLine = {
  name: 'banner',
  since: '2.4',
  until: '7.1',
  source: 'init/version.c linux_banner',
  examples: ['Linux version 3.2.59 (builder@forge) (gcc version 4.7.2 (GCC) ) #21 SMP Mon Jun 2 10:11:12 UTC 2014'],
  read: (text) => {
    const release = /^Linux version (\d[^\s]{0,127})(?= |$)/.exec(text)?.[1];
    return release === undefined ? undefined : { release };
  },
};

const SETTING_LINES: readonly BootLine[] = [
  {
    name: 'address-mode',
    since: '2.4',
    until: '7.1',
    source: 'arch/s390/kernel/setup.c setup_arch',
    examples: [
      'setup.1a06a7: Linux is running as a z/VM guest operating system in 64-bit mode',
      'Linux is running natively in 31-bit mode',
      'We are running under VM (64 bit mode)',
    ],
    read: (text) => {
      const bits = /^(?:setup[.\da-f]{0,9}: )?(?:Linux is|We are) running [\w/ ]{1,60}?\(?(31|64)[- ]bit mode\)?$/.exec(
        text,
      )?.[1];
      if (bits === undefined) return undefined;
      return bits === '64' ? { addressBits: 64 } : { addressBits: 32, withoutHighmem: true };
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
];

/** Every line that tells, in the order in which a boot prints them. */
export const BOOT_LINES: readonly BootLine[] = [BANNER, ...X86_LINES, ...ZONE_LINES, ...SETTING_LINES, ...MEMORY_LINES];

/** What a line of a boot says; undefined for every other line. */
export function readBootLine(text: string): BootReading | undefined {
  const bare = text.trim();
  for (const line of BOOT_LINES) {
    const reading = line.read(bare);
    if (reading) return reading;
  }
  return undefined;
}
