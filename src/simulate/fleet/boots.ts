/** Hosts that are booted while the fleet is watched. */
import { type BootMachine, bootMachine, highmemPagesOf, lowmemPagesOf, pagesOf } from '../machine/boot.ts';
import { type Random, random, seedFor } from '../random.ts';
import { is32Bit } from '../state.ts';
import type { Host } from './hosts.ts';

/** A boot, and what its lines say of the host. */
export interface BootTruth {
  readonly host: string;
  readonly kernel: string;
  /** Time of the banner. */
  readonly atMs: number;
  readonly addressBits: 32 | 64;
  readonly totalKb: number;
  /** HighMem; 0 when there is none. */
  readonly highmemKb: number;
  /** Of 32-bit hosts, in whole MB as printed. */
  readonly lowmemKb?: number;
}

export interface Boot {
  readonly machine: BootMachine;
  readonly truth: BootTruth;
}

const GB = 2 ** 20;

/** Memory of 32-bit hosts; the first is all low memory. */
const SIZES_32 = [GB / 2, 2 * GB, 3 * GB, 8 * GB, 32 * GB] as const;
const SIZES_64 = [4 * GB, 16 * GB, 64 * GB] as const;

/**
 * The boot of a host within the span, before all that happens to it; undefined for the others. `share` of the hosts are
 * booted. Hosts with incidents have the HighMem that these tell of.
 */
export function bootOf(
  host: Host,
  seed: number,
  span: { startMs: number; endMs: number },
  share: number,
): Boot | undefined {
  const generator: Random = random(seedFor(seed, `boot ${host.name}`));
  // The twin's stamps are famous and stay as they are.
  const isTwin = host.incidents.some(({ scenario }) => scenario === 'seed-twin');
  if (!generator.chance(share) || isTwin) return undefined;
  const firstMs = Math.min(span.endMs, ...host.incidents.map((incident) => incident.atMs));
  const atMs = Math.trunc(span.startMs + (firstMs - span.startMs) * (0.1 + 0.7 * generator.next()));
  const is32 = is32Bit(host.kernel.arch);
  const sizes = is32 ? (host.incidents.length > 0 ? SIZES_32.slice(1) : SIZES_32) : SIZES_64;
  const memoryKb = sizes[generator.int(0, sizes.length - 1)] ?? 4 * GB;
  const machine = bootMachine(host.kernel, memoryKb);
  const { pageSizeKb } = host.kernel;
  return {
    machine,
    truth: {
      host: host.name,
      kernel: host.kernel.release,
      atMs,
      addressBits: is32 ? 32 : 64,
      totalKb: pagesOf(machine) * pageSizeKb,
      highmemKb: highmemPagesOf(machine) * pageSizeKb,
      ...(is32 ? { lowmemKb: Math.trunc((lowmemPagesOf(machine) * pageSizeKb) / 1024) * 1024 } : {}),
    },
  };
}
