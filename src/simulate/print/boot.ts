/** The lines with which a kernel comes up, as far as they tell what the host is, in the format of its release. */
import { isAtLeast } from '../../kernel/version.ts';
import { type BootMachine, highmemPagesOf, lowmemPagesOf, type MemoryRange, pagesOf } from '../machine/boot.ts';
import { is32Bit, versionOf } from '../state.ts';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** printk records in their order, noise of the boot among them. */
export function printBoot(machine: BootMachine): string[] {
  const { kernel } = machine;
  const isX86 = kernel.arch === 'i386' || kernel.arch === 'x86_64';
  return [
    `Linux version ${kernel.release} (builder@forge) (gcc version 4.9.2 (GCC) ) ${kernel.build} SMP Mon Jun 2 10:11:12 UTC 2014`,
    'Command line: root=/dev/sda1 ro quiet',
    ...(isX86 ? x86Lines(machine) : []),
    ...(kernel.arch === 'ppc64' ? ['Page orders: linear mapping = 24, virtual = 16, io = 16, vmemmap = 24'] : []),
    ...zoneLines(machine),
    ...perCpuLines(machine),
    'Dentry cache hash table entries: 131072 (order: 7, 524288 bytes)',
    memoryLine(machine),
    'Calibrating delay loop (skipped), value calculated using timer frequency.. 5199.99 BogoMIPS',
  ];
}

function x86Lines(machine: BootMachine): string[] {
  const { kernel, ranges, pae } = machine;
  const version = versionOf(kernel);
  const isWide = kernel.arch === 'x86_64';
  const lastFrame = Math.max(...ranges.map(({ endKb }) => endKb)) / kernel.pageSizeKb;
  const frames = isWide ? '0x400000000' : pae ? '0x1000000' : '0x100000';
  const dressed = isAtLeast(version, [3, 6, 0]) ? 'e820: ' : '';
  return [
    `${dressed}BIOS-provided physical RAM map:`,
    ...ranges.map((range) => firmwareLine(range, isAtLeast(version, [3, 5, 0]))),
    ...(isAtLeast(version, [2, 6, 35])
      ? [
          isWide || pae
            ? 'NX (Execute Disable) protection: active'
            : 'Notice: NX (Execute Disable) protection cannot be enabled: non-PAE kernel!',
        ]
      : []),
    ...(isAtLeast(version, [2, 6, 27])
      ? [
          `${dressed}last_pfn = 0x${hex(Math.min(lastFrame, pae || isWide ? lastFrame : 0x100000), 1)} max_arch_pfn = ${frames}`,
        ]
      : []),
    ...(isWide ? [] : [`${highmemPagesOf(machine) >> 8}MB HIGHMEM available.`]),
    ...(isWide ? [] : [`${lowmemPagesOf(machine) >> 8}MB LOWMEM available.`]),
  ];
}

function firmwareLine({ startKb, endKb }: MemoryRange, isNew: boolean): string {
  const [first, end] = [startKb * 1024, endKb * 1024];
  if (isNew) return `BIOS-e820: [mem 0x${hex(first, 16)}-0x${hex(end - 1, 16)}] usable`;
  return ` BIOS-e820: ${hex(first, 16)} - ${hex(end, 16)} (usable)`;
}

function zoneLines(machine: BootMachine): string[] {
  const { kernel, ranges } = machine;
  const version = versionOf(kernel);
  if (!isAtLeast(version, [2, 6, 17])) return [];
  const endPages = Math.max(...ranges.map(({ endKb }) => endKb)) / kernel.pageSizeKb;
  const pageBytes = kernel.pageSizeKb * 1024;
  const line = (name: string, first: number, end: number): string => {
    const zone = `  ${name.padEnd(8)} `;
    if (isAtLeast(version, [3, 5, 0])) {
      if (end <= first) return `${zone}empty`;
      return `${zone}[mem 0x${hex(first * pageBytes, 16)}-0x${hex(end * pageBytes - 1, 16)}]`;
    }
    if (isAtLeast(version, [2, 6, 29])) return `${zone}0x${hex(first, 8)} -> 0x${hex(end, 8)}`;
    return `${zone}${String(first).padStart(8)} -> ${String(end).padStart(8)}`;
  };
  const heading = isAtLeast(version, [3, 5, 0]) ? 'Zone ranges:' : 'Zone PFN ranges:';
  if (is32Bit(kernel.arch)) {
    const low = Math.min(lowmemPagesOf(machine), endPages);
    return [heading, line('DMA', 1, 4096), line('Normal', 4096, low), line('HighMem', low, Math.max(low, endPages))];
  }
  if (kernel.arch === 'ppc64') return [heading, line('Normal', 0, endPages)];
  const dma32 = 2 ** 20;
  return [
    heading,
    line('DMA', 1, 4096),
    line('DMA32', 4096, Math.min(dma32, endPages)),
    line('Normal', dma32, Math.max(dma32, endPages)),
  ];
}

/** Static, reserved and dynamic bytes fill the pages. */
function perCpuLines({ kernel }: BootMachine): string[] {
  const version = versionOf(kernel);
  if (!isAtLeast(version, [2, 6, 31])) return [];
  const pages = kernel.pageSizeKb === 4 ? 31 : 3;
  const dynamic = pages * kernel.pageSizeKb * 1024 - 86_528 - 8192;
  const sizes = `s86528 r8192 d${dynamic} u131072`;
  if (isAtLeast(version, [5, 1, 0])) return [`percpu: Embedded ${pages} pages/cpu ${sizes}`];
  return [`PERCPU: Embedded ${pages} pages/cpu @f75f2000 ${sizes}`];
}

function memoryLine(machine: BootMachine): string {
  const { kernel, ranges } = machine;
  const { pageSizeKb } = kernel;
  const version = versionOf(kernel);
  const presentKb = pagesOf(machine) * pageSizeKb;
  const highmemKb = highmemPagesOf(machine) * pageSizeKb;
  const reservedKb = Math.trunc(presentKb / 64);
  const freeKb = presentKb - reservedKb;
  if (isAtLeast(version, [3, 11, 0])) {
    const cma = isAtLeast(version, [3, 19, 0]) ? ', 0K cma-reserved' : '';
    const highmem = kernel.highmem ? `, ${highmemKb}K highmem` : '';
    return `Memory: ${freeKb}K/${presentKb}K available (6144K kernel code, 580K rwdata, 1912K rodata, 620K init, 460K bss, ${reservedKb}K reserved${cma}${highmem})`;
  }
  const spanKb = Math.max(...ranges.map(({ endKb }) => endKb));
  const absentKb = spanKb - presentKb;
  if (kernel.arch === 'x86_64') {
    const absent = isAtLeast(version, [2, 6, 27]) ? ` ${absentKb}k absent,` : '';
    return `Memory: ${freeKb}k/${spanKb}k available (4997k kernel code,${absent} ${reservedKb}k reserved, 7035k data, 1284k init)`;
  }
  return `Memory: ${freeKb}k/${Math.min(spanKb, machine.pae ? spanKb : 4 * 2 ** 20)}k available (3678k kernel code, ${reservedKb}k reserved, 2107k data, 396k init, ${highmemKb}k highmem)`;
}
