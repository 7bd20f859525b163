/** From the readings of a boot's lines to the facts of the host. */
import type { HostFacts, LogLine, Position } from '../../domain.ts';
import { beginLog, isLate, type KernelLog } from './late.ts';
import type { BootReading, UsableRange } from './reading.ts';

/** A boot whose lines are still coming. */
export interface OpenBoot {
  readonly first: LogLine;
  lastPosition: Position;
  readonly told: BootReading;
  /** Two lines said different things of it: they are of two machines. */
  isMixed: boolean;
  /** How far its lines have come, by both clocks. */
  readonly log: KernelLog;
  /** Printed in ascending order. */
  readonly usable: UsableRange[];
  /** Time of the partition clock, set when the clock is next read. */
  openedAtMs: number | undefined;
  touchedAtMs: number | undefined;
}

/** The firmware's map has at most so many entries (E820_MAX_ENTRIES_ZEROPAGE). */
const MAX_RANGES = 128;

export const beginBoot = (first: LogLine): OpenBoot => ({
  first,
  lastPosition: first.position,
  told: {},
  isMixed: false,
  log: beginLog(first),
  usable: [],
  openedAtMs: undefined,
  touchedAtMs: undefined,
});

/** What the lines of one boot never say in two ways. */
const FIRM = ['addressBits', 'pae', 'pageSizeKb', 'highmemMb', 'lowmemMb', 'highmemKb'] as const;

/** Adds what a line says. What was said first stands: the same line may be delivered twice. */
export function addReading(boot: OpenBoot, reading: BootReading, position: Position): void {
  const { told } = boot;
  boot.isMixed ||= FIRM.some((name) => told[name] !== undefined && (reading[name] ?? told[name]) !== told[name]);
  // Printed per node: one with HighMem is enough.
  const highmemZone = told.highmemZone || reading.highmemZone;
  Object.assign(told, { ...reading, ...told }, highmemZone === undefined ? {} : { highmemZone });
  const { usable } = reading;
  const endBefore = boot.usable.at(-1)?.end ?? 0;
  if (usable && usable.first >= endBefore && boot.usable.length < MAX_RANGES) boot.usable.push(usable);
  boot.lastPosition = position;
  boot.touchedAtMs = undefined;
}

const FOUR_GB_KB = 4 * 2 ** 20;

/** The facts that follow from all that was said; of lines that contradict each other none. */
export function factsOf(boot: OpenBoot): HostFacts {
  const { first, told, lastPosition, log } = boot;
  return {
    host: first.host,
    source: 'boot',
    isWhole: told.release !== undefined,
    trust: first.trust,
    positions: { first: first.position, last: lastPosition },
    ...(first.observedAtMs === undefined ? {} : { seenAtMs: first.observedAtMs }),
    ...(first.timeSource === undefined ? {} : { timeSource: first.timeSource }),
    ...(isLate(log) ? { isLate: true } : {}),
    ...(first.hostId === undefined ? {} : { hostId: first.hostId }),
    ...(first.bootId === undefined ? {} : { bootId: first.bootId }),
    ...(first.labels === undefined ? {} : { labels: first.labels }),
    ...memoryOf(boot),
  };
}

type MemoryFacts = Omit<HostFacts, 'host' | 'source' | 'isWhole' | 'trust' | 'positions'>;

function memoryOf({ told, usable, isMixed }: OpenBoot): MemoryFacts {
  const { release, pageSizeKb } = told;
  const releaseBits = bitsOfRelease(release);
  const addressBits = told.addressBits ?? releaseBits ?? bitsOfX86(told, usable);
  const highmem = highmemOf(told, addressBits);
  const isTwofold = releaseBits !== undefined && addressBits !== releaseBits;
  if (isMixed || isTwofold || (addressBits === 64 && highmem)) return {};
  const firmwareKb = usableKb(usable, Number.POSITIVE_INFINITY);
  const totalKb = totalOf(told, usable);
  const highmemKb = highmem ? (told.highmemKb ?? scaled(told.highmemMb)) : undefined;
  const lowmemKb =
    addressBits === 32 ? lowmemOf(told, totalKb, highmemKb ?? (highmem === false ? 0 : undefined)) : undefined;
  const pae = addressBits === 32 ? paeOf(told, totalKb ?? 0) : undefined;
  return {
    ...(release === undefined ? {} : { release }),
    ...(addressBits === undefined ? {} : { addressBits }),
    ...(pae === undefined ? {} : { pae }),
    ...(pageSizeKb === undefined ? {} : { pageSizeKb }),
    ...(totalKb === undefined ? {} : { totalKb }),
    ...(firmwareKb === 0 ? {} : { firmwareKb }),
    ...(highmem === undefined ? {} : { highmem }),
    ...(highmemKb === undefined ? {} : { highmemKb }),
    ...(lowmemKb === undefined ? {} : { lowmemKb }),
  };
}

const scaled = (mb: number | undefined): number | undefined => (mb === undefined ? undefined : mb * 1024);

/** '5.15.135-arm64', '3.10.0-1160.el7.x86_64', '4.9.115-686-pae', '6.1.55-v7l+'. */
function bitsOfRelease(release = ''): 32 | 64 | undefined {
  if (/x86_64|amd64|aarch64|arm64|ppc64|s390x|riscv64/.test(release)) return 64;
  return /i[3-6]86|\b[56]86\b|\bpae\b|armv[4-7]|armhf|-v[67]l?\b/i.test(release) ? 32 : undefined;
}

/** Who has a map of the firmware is x86. There the line of memory named HighMem up to 3.10 with 32 bits, and never with 64. */
function bitsOfX86({ unnamedHighmem, highmemKb }: BootReading, usable: readonly UsableRange[]): 32 | 64 | undefined {
  if (usable.length === 0) return undefined;
  if (unnamedHighmem) return 64;
  return highmemKb === undefined ? undefined : 32;
}

function highmemOf(told: BootReading, addressBits: 32 | 64 | undefined): boolean | undefined {
  const size = told.highmemKb ?? told.highmemMb;
  if (size !== undefined) return size > 0;
  if (told.highmemZone !== undefined) return told.highmemZone;
  if (told.withoutHighmem || addressBits === 64) return false;
  return undefined;
}

const usableKb = (ranges: readonly UsableRange[], endKb: number): number =>
  Math.trunc(ranges.reduce((sum, { first, end }) => sum + Math.max(0, Math.min(end, endKb * 1024) - first), 0) / 1024);

/** Where holes count as memory, what the firmware calls usable up to the last page frame is what there is. */
function totalOf({ totalKb, totalMb, spanKb }: BootReading, usable: readonly UsableRange[]): number | undefined {
  if (totalKb !== undefined || spanKb === undefined) return totalKb ?? scaled(totalMb);
  return usableKb(usable, spanKb) || spanKb;
}

function lowmemOf(
  { lowmemMb }: BootReading,
  totalKb: number | undefined,
  highmemKb: number | undefined,
): number | undefined {
  if (lowmemMb !== undefined) return lowmemMb * 1024;
  return totalKb === undefined || highmemKb === undefined ? undefined : Math.max(0, totalKb - highmemKb);
}

/** More than 4 GB in use needs page tables of three levels, and so does protection against execution. */
function paeOf({ pae, nx, release = '' }: BootReading, totalKb: number): boolean | undefined {
  if (pae !== undefined) return pae;
  return nx || totalKb > FOUR_GB_KB || /pae|bigmem|hugemem/i.test(release) ? true : undefined;
}
