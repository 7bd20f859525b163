import { describe, expect, it } from 'vitest';
import { parseText } from '../../../../src/parser/index.ts';
import { splitFused, stampsLead } from '../../../../src/parser/text/fused.ts';

describe('splitFused', () => {
  it('cuts in front of each stamp after the first', () => {
    expect(splitFused('[12.000001] 0 pages in swap cache[12.000002] Free swap  = 0kB', true)).toEqual([
      '[12.000001] 0 pages in swap cache',
      '[12.000002] Free swap  = 0kB',
    ]);
  });

  it('cuts in front of a stamp in mid-line where stamps begin lines', () => {
    const line = 'all_unreclaimable? no [  776.233602] Normal';
    expect(splitFused(line, true)).toEqual(['all_unreclaimable? no ', '[  776.233602] Normal']);
    expect(splitFused(line, false)).toEqual([line]);
  });

  it('keeps the header of a line with its stamp', () => {
    const line = 'unstable:0 Sep 23 02:04:16 web1 kernel: [  776.233602] Normal';
    expect(splitFused(line, true)).toEqual(['unstable:0 ', 'Sep 23 02:04:16 web1 kernel: [  776.233602] Normal']);
  });

  it('leaves the prefix of a line whole', () => {
    for (const line of [
      '<4>[    1.000001] x',
      'kern  :warn  : [    1.000001] x',
      'Sep  3 02:04:16 web1 kernel: [ 1.000001] x',
    ]) {
      expect(splitFused(line, true)).toEqual([line]);
    }
    expect(stampsLead([{ text: 'node7|kmsg|1| [12.000001] x' }, { text: 'node7|kmsg|2| [12.000002] y' }])).toBe(false);
  });
});

it('reads a report that was re-flowed like prose', () => {
  const [report] =
    parseText(`[  776.174282] baker invoked oom-killer: gfp_mask=0x15080c0(GFP_KERNEL_ACCOUNT|__GFP_ZERO), nodemask=(null),
order=1, oom_score_adj=0
[  776.176650] Mem-Info:
[  776.176650] active_anon:2037 inactive_anon:23 isolated_anon:0
[  776.176650]  free:373 free_pcp:6 free_cma:0
[  776.209062] Node 0 active_anon:8148kB inactive_anon:92kB
pages_scanned:0 all_unreclaimable? no [  776.233602] Normal
free:1492kB min:964kB low:1204kB high:1444kB active_anon:8148kB
present:65536kB managed:59304kB free_cma:0kB [  776.265406]
lowmem_reserve[]: 0 0 [  776.268761] Normal: 7*4kB (H) 5*8kB (H) 7*16kB
(H) 5*32kB (H) 6*64kB (H) 2*128kB (H) 2*256kB (H) 0*512kB 0*1024kB
0*2048kB 0*4096kB = 1492kB 10081 total pagecache pages [  776.284124]
0 pages in swap cache [  776.298388] 16384 pages RAM [  776.305054]
1558 pages reserved [  776.308253] Out of memory: Kill process 12 (sh) score 3
or sacrifice child [  776.308300] Killed process 12 (sh) total-vm:1000kB,
anon-rss:100kB, file-rss:50kB, shmem-rss:0kB
`);
  expect(report?.zones).toMatchObject([
    { name: 'Normal', freeKb: 1492, minKb: 964, managedKb: 59304, lowmemReservePages: [0, 0], buddyTotalKb: 1492 },
  ]);
  expect(report?.totals).toMatchObject({ ramPages: 16384, reservedPages: 1558 });
  expect(report?.kills).toMatchObject([{ pid: 12, comm: 'sh', anonRssKb: 100, shmemRssKb: 0 }]);
});
