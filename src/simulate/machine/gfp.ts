/** Allocation requests by what they are for, with the mask and the text that each kernel prints for them. */
import type { ZONE_NAMES } from '../../kernel/fields.ts';
import { isAtLeast, isBefore } from '../../kernel/version.ts';
import { type KernelSpec, vendorOfKernel, versionOf } from '../state.ts';

export const REQUESTS = ['kernel', 'page-table', 'anon', 'file', 'order', 'dma32', 'atomic', 'none'] as const;
/**
 * 'kernel' is GFP_KERNEL, 'page-table' a zeroed page-table page, 'anon' a zeroed user page, 'file' a page-cache page,
 * 'order' a compound kernel page (fork stack, socket buffer), 'dma32' GFP_KERNEL|GFP_DMA32, 'atomic' a compound page in
 * interrupt context, 'none' the mask 0 of the page-fault path.
 */
export type Request = (typeof REQUESTS)[number];

/** Masks by numbering era: 2.6.9, 2.6.18, 2.6.24, 2.6.31, 4.4, 4.10, 4.17, 5.1, 5.14, 5.18. */
const MASKS: Readonly<Record<Request, readonly number[]>> = {
  kernel: [0xd0, 0xd0, 0xd0, 0xd0, 0x24000c0, 0x14000c0, 0x6000c0, 0xcc0, 0xcc0, 0xcc0],
  'page-table': [0xd0, 0x84d0, 0x84d0, 0x84d0, 0x24084c0, 0x15080c0, 0x7080c0, 0x400dc0, 0x400dc0, 0x400dc0],
  anon: [0xd2, 0x280d2, 0x1280d2, 0x280da, 0x24280ca, 0x14280ca, 0x6280ca, 0x100dca, 0x1100dca, 0x100dca],
  file: [0x1d2, 0x201d2, 0x1201d2, 0x201da, 0x24201ca, 0x14201ca, 0x6200ca, 0x100cca, 0x1100cca, 0x100cca],
  order: [0x40d0, 0x40d0, 0x40d0, 0x40d0, 0x24040c0, 0x14040c0, 0x6040c0, 0x40cc0, 0x40cc0, 0x40cc0],
  dma32: [0xd4, 0xd4, 0xd4, 0xd4, 0x24000c4, 0x14000c4, 0x6000c4, 0xcc4, 0xcc4, 0xcc4],
  atomic: [0x4020, 0x4020, 0x4020, 0x4020, 0x2084020, 0x1084020, 0x484020, 0x40a20, 0x40a20, 0x40a20],
  none: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
};

/** 2.4.22 and later 2.4; requests that they do not know fall to 0. */
const MASKS_2_4: Readonly<Partial<Record<Request, number>>> = { kernel: 0x1d0, anon: 0x1d2, file: 0x1d2, atomic: 0x20 };

const TEXTS: Readonly<Record<Request, string>> = {
  kernel: 'GFP_KERNEL',
  'page-table': 'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
  anon: 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO',
  file: 'GFP_HIGHUSER_MOVABLE',
  order: 'GFP_KERNEL|__GFP_COMP',
  dma32: 'GFP_KERNEL|GFP_DMA32',
  atomic: 'GFP_ATOMIC|__GFP_COMP',
  none: '',
};

function eraOf(kernel: KernelSpec): number {
  const version = versionOf(kernel);
  // RHEL9 prints the numbering of 5.18, RHEL8 that of its own number.
  if (vendorOfKernel(kernel) === 'rhel9') return 9;
  const bounds = [
    [2, 6, 18],
    [2, 6, 24],
    [2, 6, 31],
    [4, 4, 0],
    [4, 10, 0],
    [4, 17, 0],
    [5, 1, 0],
    [5, 14, 0],
    [5, 18, 0],
  ] as const;
  return bounds.filter((bound) => isAtLeast(version, bound)).length;
}

/** True where user pages are allocated as folios, with `__GFP_COMP`. */
const usesFolios = (kernel: KernelSpec): boolean =>
  isAtLeast(versionOf(kernel), [6, 0, 0]) || vendorOfKernel(kernel) === 'rhel9';

/** The mask of a request and the text in parentheses after it (4.6+). */
export function gfpOf(request: Request, kernel: KernelSpec): { mask: number; text: string } {
  const era = eraOf(kernel);
  const version = versionOf(kernel);
  let mask = (isBefore(version, [2, 6, 0]) ? MASKS_2_4[request] : MASKS[request][era]) ?? 0;
  let text = TEXTS[request];
  if (request === 'page-table' && era === 4) text = 'GFP_KERNEL|__GFP_REPEAT|__GFP_ZERO';
  if (request === 'file' && (era === 4 || era === 5)) {
    // __GFP_COLD is gone since 4.15.
    if (isBefore(version, [4, 15, 0])) text = 'GFP_HIGHUSER_MOVABLE|__GFP_COLD';
    else mask -= 0x100;
  }
  if (request === 'atomic' && isAtLeast(version, [6, 3, 0])) mask = 0x40820;
  if ((request === 'anon' || request === 'file') && usesFolios(kernel)) {
    mask |= 0x40000;
    const comp = 'GFP_HIGHUSER_MOVABLE|__GFP_COMP';
    // The text follows the order of the bits since 6.16.
    const anon = isAtLeast(version, [6, 16, 0]) ? 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP' : `${comp}|__GFP_ZERO`;
    text = request === 'anon' ? anon : comp;
  }
  return { mask, text };
}

/** Name of the highest zone that a request may use (gfp_zone); Movable where the mask has both bits. */
export function requestZoneOf(request: Request, kernel: KernelSpec): (typeof ZONE_NAMES)[number] {
  if (request === 'dma32') return 'DMA32';
  if (request !== 'anon' && request !== 'file') return 'Normal';
  if (isAtLeast(versionOf(kernel), [2, 6, 24])) return 'Movable';
  return kernel.highmem ? 'HighMem' : 'Normal';
}
