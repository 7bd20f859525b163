import { describe, expect, it } from 'vitest';
import { GFP_ERAS, gfpBits, gfpComposites, gfpEraOf } from '../../../src/kernel/gfp/index.ts';
import { parseVersion } from '../../../src/kernel/version.ts';

const maskOf = (release: string, name: string): number | undefined => {
  const version = parseVersion(release);
  const era = version && gfpEraOf(version, undefined);
  return era && gfpComposites(era).find((composite) => composite.name === name)?.mask;
};

/** Rows: composite mask; releases of the columns; values, undefined where the mask does not exist. */
const RELEASES = [
  '2.6.9',
  '2.6.20',
  '2.6.28',
  '3.2.59',
  '4.5.0',
  '4.14.0',
  '4.19.0',
  '5.10.0',
  '5.15.0',
  '5.19.0',
  '6.6.0',
  '6.8.1',
];
const MASKS: [string, (number | undefined)[]][] = [
  ['GFP_ATOMIC', [0x20, 0x20, 0x20, 0x20, 0x2080020, 0x1080020, 0x480020, 0xa20, 0xa20, 0xa20, 0x820]],
  [
    'GFP_NOWAIT',
    [undefined, undefined, undefined, undefined, 0x2000000, 0x1000000, 0x400000, 0x800, 0x800, 0x800, 0x800, 0x2800],
  ],
  ['GFP_NOIO', [0x10, 0x10, 0x10, 0x10, 0x2400000, 0x1400000, 0x600000, 0xc00, 0xc00, 0xc00, 0xc00]],
  ['GFP_NOFS', [0x50, 0x50, 0x50, 0x50, 0x2400040, 0x1400040, 0x600040, 0xc40, 0xc40, 0xc40, 0xc40]],
  ['GFP_KERNEL', [0xd0, 0xd0, 0xd0, 0xd0, 0x24000c0, 0x14000c0, 0x6000c0, 0xcc0, 0xcc0, 0xcc0, 0xcc0]],
  [
    'GFP_KERNEL_ACCOUNT',
    [
      undefined,
      undefined,
      undefined,
      undefined,
      0x25000c0,
      0x15000c0,
      0x7000c0,
      0x400cc0,
      0x400cc0,
      0x400cc0,
      0x400cc0,
    ],
  ],
  [
    'GFP_USER',
    [undefined, 0x200d0, 0x200d0, 0x200d0, 0x24200c0, 0x14200c0, 0x6200c0, 0x100cc0, 0x100cc0, 0x100cc0, 0x100cc0],
  ],
  [
    'GFP_HIGHUSER',
    [0xd2, 0x200d2, 0x200d2, 0x200d2, 0x24200c2, 0x14200c2, 0x6200c2, 0x100cc2, 0x100cc2, 0x100cc2, 0x100cc2],
  ],
  [
    'GFP_HIGHUSER_MOVABLE',
    [undefined, undefined, 0x1200d2, 0x200da, 0x24200ca, 0x14200ca, 0x6200ca, 0x100cca, 0x1100cca, 0x100cca, 0x100cca],
  ],
  [
    'GFP_TRANSHUGE',
    [undefined, undefined, undefined, 0x4352da, 0x4352ca, 0x4342ca, 0x2342ca, 0x1c24ca, 0x11c24ca, 0x1c24ca, 0x1c24ca],
  ],
];

describe('gfp eras', () => {
  it.each(MASKS.flatMap(([name, values]) => values.map((mask, at) => [name, RELEASES[at] ?? '', mask] as const)))(
    '%s of %s',
    (name, release, mask) => {
      expect(maskOf(release, name)).toBe(mask);
    },
  );

  it('covers every mainline release from 2.4.0 on without gap or overlap', () => {
    const mainline = GFP_ERAS.filter((era) => era.vendor === undefined);
    for (const [index, era] of mainline.entries()) expect(era.before).toEqual(mainline[index + 1]?.since);
  });

  it('takes the vendor numbering where a vendor has one', () => {
    expect(gfpEraOf([2, 6, 32], 'rhel6')?.name).toBe('rhel6');
    expect(gfpEraOf([2, 6, 32], undefined)?.name).toBe('2.6.31-2.6.37');
    expect(gfpEraOf([4, 18, 0], 'rhel8')?.name).toBe('4.17-5.0');
    expect(gfpEraOf([2, 2, 19], undefined)).toBeUndefined();
  });

  it('gives every flag of an era one bit', () => {
    for (const era of GFP_ERAS) {
      const bits = [...gfpBits(era).values()];
      expect(new Set(bits).size, era.name).toBe(bits.length);
      expect(gfpBits(era).size, era.name).toBe(era.bits.split(' ').filter((name) => name !== '-').length);
    }
  });
});
