/** gfp_mask of a request in the numbering of a release. Source: include/linux/gfp.h of each era, bit by bit. */
import type { RequestState } from './state.ts';

interface Numbering {
  /** First release with it, as major x 1e6 + minor x 1e3 + patch. */
  readonly since: number;
  readonly dma: number;
  readonly highmem: number;
  readonly dma32: number;
  readonly movable: number;
  readonly high: number;
  readonly io: number;
  readonly fs: number;
  /** The bits that let a request sleep and reclaim. */
  readonly sleep: number;
  /** The bit that every request has which wakes kswapd. */
  readonly kswapd: number;
  readonly atomic: number;
  readonly noKswapd: number;
  readonly noMemalloc: number;
}

const OLD = { dma: 0x1, highmem: 0x2, high: 0x20, io: 0x40, fs: 0x80, sleep: 0x10, kswapd: 0, atomic: 0 };
const NEW = { dma: 0x1, highmem: 0x2, dma32: 0x4, movable: 0x8, high: 0x20, io: 0x40, fs: 0x80, noKswapd: 0 };

const NUMBERINGS: readonly Numbering[] = [
  { since: 2_006_000, ...OLD, dma32: 0, movable: 0, noKswapd: 0, noMemalloc: 0 },
  { since: 2_006_013, ...OLD, dma32: 0x4, movable: 0, noKswapd: 0, noMemalloc: 0x10000 },
  { since: 2_006_024, ...OLD, dma32: 0x4, movable: 0x100000, noKswapd: 0, noMemalloc: 0x10000 },
  { since: 2_006_031, ...OLD, dma32: 0x4, movable: 0x8, noKswapd: 0, noMemalloc: 0x10000 },
  { since: 2_006_038, ...OLD, dma32: 0x4, movable: 0x8, noKswapd: 0x400000, noMemalloc: 0x10000 },
  { since: 4_004_000, ...NEW, sleep: 0x400000, kswapd: 0x2000000, atomic: 0x80000, noMemalloc: 0x10000 },
  { since: 4_010_000, ...NEW, sleep: 0x400000, kswapd: 0x1000000, atomic: 0x80000, noMemalloc: 0x10000 },
  { since: 4_017_000, ...NEW, sleep: 0x200000, kswapd: 0x400000, atomic: 0x80000, noMemalloc: 0x10000 },
  { since: 5_001_000, ...NEW, sleep: 0x400, kswapd: 0x800, atomic: 0x200, noMemalloc: 0x80000 },
  { since: 6_003_000, ...NEW, sleep: 0x400, kswapd: 0x800, atomic: 0, noMemalloc: 0x80000 },
];

/** '4.18.0-553.el8' as 4018000. */
export function releaseNumber(release: string): number {
  const [major = 0, minor = 0, patch = 0] = release.split(/[.-]/).map(Number);
  return major * 1_000_000 + minor * 1000 + (Number.isFinite(patch) ? patch : 0);
}

/** The flags of a request that exist in the numbering of the release. */
export function expressible(request: RequestState, release: string): RequestState {
  const bits = numberingOf(release);
  return {
    ...request,
    zoneFlag: request.zoneFlag === 'dma32' && bits.dma32 === 0 ? 'none' : request.zoneFlag,
    movable: request.movable && bits.movable !== 0,
    atomicFlag: request.atomicFlag && bits.atomic !== 0,
    noKswapd: request.noKswapd && bits.noKswapd !== 0,
    noMemalloc: request.noMemalloc && bits.noMemalloc !== 0,
  };
}

function numberingOf(release: string): Numbering {
  const at = releaseNumber(release);
  let found = NUMBERINGS[0];
  for (const numbering of NUMBERINGS) if (at >= numbering.since) found = numbering;
  if (!found) throw new RangeError(`no numbering for ${release}`);
  return found;
}

/** The mask as the kernel prints it. */
export function maskOf(request: RequestState, release: string): string {
  const bits = numberingOf(release);
  let mask = bits.kswapd;
  if (request.canSleep) mask |= bits.sleep | bits.io | bits.fs;
  if (request.zoneFlag === 'dma') mask |= bits.dma;
  if (request.zoneFlag === 'dma32') mask |= bits.dma32;
  if (request.zoneFlag === 'highmem') mask |= bits.highmem;
  if (request.movable) mask |= bits.movable;
  if (request.high) mask |= bits.high;
  if (request.atomicFlag) mask |= bits.atomic;
  if (request.noKswapd) mask |= bits.noKswapd;
  if (request.noMemalloc) mask |= bits.noMemalloc;
  return `0x${mask.toString(16)}`;
}
