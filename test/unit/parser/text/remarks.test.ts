import { describe, expect, it } from 'vitest';
import { parseText } from '../../../../src/parser/index.ts';
import { undress } from '../../../../src/parser/text/undress.ts';

const textsOf = (text: string) => undress(text).map((line) => line.text);

describe('withoutRemarks', () => {
  it('drops a paragraph between quoted lines', () => {
    expect(textsOf('> mapped:0kB shmem:740kB\n\nThat is a lot of shmem.\nWhat for?\n\n> bounce:0kB')).toEqual([
      'mapped:0kB shmem:740kB',
      'bounce:0kB',
    ]);
  });

  it('keeps a wrapped line that lost its mark', () => {
    for (const text of [
      '> mapped:0kB all_unreclaimable?\nno\n> lowmem_reserve[]: 0 0',
      '> Mem-Info:\n\n[   12.000001] Free swap  = 0kB\n\n> lowmem_reserve[]: 0 0',
      '> Mem-Info:\n\nKilled process 12 (sh)\n\n> lowmem_reserve[]: 0 0',
    ]) {
      expect(textsOf(text)).toHaveLength(3);
    }
  });

  it('keeps the end of the answer', () => {
    expect(textsOf('> Mem-Info:\n\nLooks full.\n\nRegards')).toEqual(['Mem-Info:', 'Looks full.', 'Regards']);
  });
});

it('reads a line in the middle of which somebody answered', () => {
  const [report] = parseText(`> dough invoked oom-killer: gfp_mask=0x200da, order=0, oom_adj=0, oom_score_adj=0
> Mem-Info:
> active_anon:850 inactive_anon:59583 isolated_anon:0
>  free:510 slab_reclaimable:540 slab_unreclaimable:461
> Normal free:2040kB min:2032kB low:2540kB high:3048kB active_anon:3400kB
> dirty:0kB writeback:0kB mapped:0kB shmem:238740kB slab_reclaimable:2160kB

Most of it is shmem.

Is a tmpfs mounted?

> slab_unreclaimable:1844kB kernel_stack:272kB present:258560kB
> pages_scanned:46434 all_unreclaimable? yes
> lowmem_reserve[]: 0 0
> Killed process 670 (flourd) total-vm:5956kB, anon-rss:148kB, file-rss:0kB
`);
  expect(report?.zones).toMatchObject([
    { freeKb: 2040, slabUnreclaimableKb: 1844, presentKb: 258560, pagesScanned: 46434, allUnreclaimable: true },
  ]);
});
