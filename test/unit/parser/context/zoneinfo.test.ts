import { describe, expect, it } from 'vitest';
import { readContext } from '../../../../src/parser/index.ts';

describe('/proc/zoneinfo', () => {
  it('of 2.6.32 and 3.x with 32 bits', () => {
    const text = `Node 0, zone   Normal
  pages free     21474
        min      2012
        low      2515
        high     3018
        scanned  0
        spanned  225278
        present  222502
    nr_free_pages 21474
    nr_inactive_anon 0
        protection: (0, 0, 252949, 252949)
  pagesets
    cpu: 0
              count: 70
              high:  186
              batch: 31
  vm stats threshold: 24
  all_unreclaimable: 0
  start_pfn:         4096
Node 0, zone  HighMem
  pages free     140481
        min      128
        low      18428
        high     36729
        spanned  8422402
        present  8094380
        protection: (0, 0, 0, 0)`;
    expect(readContext(text, 'z').zones).toEqual([
      {
        node: 0,
        name: 'Normal',
        path: 'z',
        line: 0,
        freePages: 21474,
        minPages: 2012,
        lowPages: 2515,
        highPages: 3018,
        spannedPages: 225278,
        presentPages: 222502,
        protectionPages: [0, 0, 252949, 252949],
      },
      {
        node: 0,
        name: 'HighMem',
        path: 'z',
        line: 19,
        freePages: 140481,
        minPages: 128,
        lowPages: 18428,
        highPages: 36729,
        spannedPages: 8422402,
        presentPages: 8094380,
        protectionPages: [0, 0, 0, 0],
      },
    ]);
  });

  it('of 6.x with two nodes, node counters, boost and promo', () => {
    const zone = (node: number, name: string, free: number) => `Node ${node}, zone ${name.padStart(8)}
  per-node stats
      nr_inactive_anon 120044
      nr_active_anon 98
  pages free     ${free}
        boost    0
        min      11265
        low      14081
        high     16897
        promo    19713
        spanned  4194304
        present  4194304
        managed  4105512
        cma      0
        protection: (0, 0, 0, 0, 0)
      nr_free_pages ${free}
  pagesets
    cpu: 0
              count:    1
              high:     5
              low:      4
  node_unreclaimable:  0
  start_pfn:           1048576`;
    const zones = readContext(`${zone(0, 'Normal', 5000)}\n${zone(1, 'Normal', 6000)}`).zones;
    expect(zones).toHaveLength(2);
    expect(zones[1]).toMatchObject({
      node: 1,
      freePages: 6000,
      boostPages: 0,
      minPages: 11265,
      lowPages: 14081,
      highPages: 16897,
      managedPages: 4105512,
      protectionPages: [0, 0, 0, 0, 0],
    });
  });

  it('reads no pages behind the per-cpu lists and keeps the first of two', () => {
    const text = `Node 0, zone      DMA
  pages free     3964
  pagesets
        min      99
Node 0, zone      DMA
  pages free     1
        min      2`;
    expect(readContext(text).zones).toEqual([{ node: 0, name: 'DMA', path: '', line: 0, freePages: 3964 }]);
  });

  it('is not a head alone, nor pagetypeinfo', () => {
    expect(readContext('Node 0, zone      DMA\n').zones).toEqual([]);
    expect(readContext('Node    0, zone      DMA, type    Unmovable      1      1\nmin 5').zones).toEqual([]);
  });
});
