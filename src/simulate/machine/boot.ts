/** The memory of a machine as its firmware hands it to the kernel. */
import { is32Bit, type KernelSpec } from '../state.ts';

export interface MemoryRange {
  readonly startKb: number;
  readonly endKb: number;
}

export interface BootMachine {
  readonly kernel: KernelSpec;
  /** Usable ranges, ascending, whole pages. */
  readonly ranges: readonly MemoryRange[];
  readonly pae: boolean;
}

const GB = 2 ** 20;

/** Addresses above that belong to devices, up to 4 GB. */
const HOLE_KB = 3.5 * GB;

/** Low memory of a kernel that splits addresses 3 to 1, less what its own mappings take with PAE. */
const LOWMEM_KB = 896 * 1024;
const LOWMEM_PAE_KB = 891 * 1024;

/** A machine with so much memory, a multiple of 1 MB; `pae` matters to i386 alone. */
export function bootMachine(kernel: KernelSpec, memoryKb: number, pae = memoryKb > HOLE_KB): BootMachine {
  const below = Math.min(memoryKb, HOLE_KB);
  const ranges = [
    { startKb: 0, endKb: 576 },
    { startKb: 1024, endKb: below },
    ...(memoryKb > below ? [{ startKb: 4 * GB, endKb: 4 * GB + memoryKb - below }] : []),
  ];
  return { kernel, ranges, pae: pae && kernel.arch === 'i386' };
}

/** Frames that the kernel can name: 4 GB without PAE. */
const limitKb = ({ kernel, pae }: BootMachine): number =>
  is32Bit(kernel.arch) && !pae ? 4 * GB : Number.POSITIVE_INFINITY;

const within = (machine: BootMachine, fromKb: number, toKb: number): number =>
  machine.ranges.reduce((sum, range) => {
    const end = Math.min(range.endKb, toKb, limitKb(machine));
    return sum + Math.max(0, end - Math.max(range.startKb, fromKb));
  }, 0) / machine.kernel.pageSizeKb;

/** Pages that the kernel knows of. */
export const pagesOf = (machine: BootMachine): number => Math.trunc(within(machine, 0, Number.POSITIVE_INFINITY));

/** The first page frame that is not low memory, for a 32-bit kernel. */
export function lowmemPagesOf(machine: BootMachine): number {
  const { kernel, ranges, pae } = machine;
  const most = Math.max(...ranges.map(({ endKb }) => endKb));
  return Math.min(most, pae ? LOWMEM_PAE_KB : LOWMEM_KB) / kernel.pageSizeKb;
}

/** Pages of HighMem; none with 64 bits. */
export function highmemPagesOf(machine: BootMachine): number {
  if (!is32Bit(machine.kernel.arch)) return 0;
  const firstKb = lowmemPagesOf(machine) * machine.kernel.pageSizeKb;
  return Math.trunc(within(machine, firstKb, Number.POSITIVE_INFINITY));
}
