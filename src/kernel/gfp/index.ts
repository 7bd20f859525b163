/** gfp_mask by kernel: eras, composite masks, and the lookups over them. */
import type { Vendor } from '../../domain.ts';
import { isAtLeast, isBefore, type Version } from '../version.ts';
import { GFP_COMPOSITES, GFP_SINGLE_ORDER } from './composites.ts';
import { type Generation, GFP_ERAS, type GfpEra } from './eras.ts';

export { TRACE_PURPOSES, type TracePurpose } from './purposes.ts';
export { type Generation, GFP_ERAS, type GfpEra };

/** A composite with its value in one era. */
export interface CompositeMask {
  readonly name: string;
  readonly mask: number;
}

const bitsByEra = new Map<GfpEra, ReadonlyMap<string, number>>(
  GFP_ERAS.map((era) => [
    era,
    new Map(
      era.bits
        .split(' ')
        .map((name, bit): [string, number] => [name, 2 ** bit])
        .filter(([name]) => name !== '-'),
    ),
  ]),
);

/** Flag name (without `__GFP_`) to its bit, in the order of the bits. */
export function gfpBits(era: GfpEra): ReadonlyMap<string, number> {
  return bitsByEra.get(era) ?? new Map();
}

/** Sum of the bits of `flags` in the era; undefined when the era lacks one of them. */
export function gfpMaskOf(era: GfpEra, flags: readonly string[]): number | undefined {
  const bits = gfpBits(era);
  let mask = 0;
  for (const flag of flags) {
    const bit = bits.get(flag);
    if (bit === undefined) return undefined;
    mask += bit;
  }
  return mask;
}

const overlaps = (era: GfpEra, since: Version, before: Version | undefined): boolean =>
  (era.before === undefined || isBefore(since, era.before)) && (before === undefined || isBefore(era.since, before));

const compositesByEra = new Map<GfpEra, readonly CompositeMask[]>(
  GFP_ERAS.map((era) => [
    era,
    GFP_COMPOSITES.filter((composite) => overlaps(era, composite.since, composite.before)).flatMap((composite) => {
      const mask = gfpMaskOf(era, composite.flags.split(' '));
      return mask === undefined ? [] : [{ name: composite.name, mask }];
    }),
  ]),
);

/** The composite masks of an era in the order in which the kernel's printer tries them. */
export function gfpComposites(era: GfpEra): readonly CompositeMask[] {
  return compositesByEra.get(era) ?? [];
}

/** Single flags of an era, in the printer's order. */
export function gfpSingles(era: GfpEra): readonly CompositeMask[] {
  const bits = gfpBits(era);
  const names = [
    ...GFP_SINGLE_ORDER.filter((name) => bits.has(name)),
    ...[...bits.keys()].filter((name) => !GFP_SINGLE_ORDER.includes(name)),
  ];
  return names.map((name) => ({ name: `__GFP_${name}`, mask: bits.get(name) ?? 0 }));
}

/** The era of a release: the vendor's own where it has one, else mainline's. */
export function gfpEraOf(version: Version, vendor: Vendor | undefined): GfpEra | undefined {
  const own = vendor && GFP_ERAS.find((era) => era.vendor === vendor);
  return (
    own ??
    GFP_ERAS.find(
      (era) => era.vendor === undefined && overlaps(era, version, undefined) && isAtLeast(version, era.since),
    )
  );
}
