import { describe, expect, it } from 'vitest';
import { parseText } from '../../../../src/parser/index.ts';
import { headersLead, rejoinHeaders, splitHeaders } from '../../../../src/parser/text/headers.ts';
import { undress } from '../../../../src/parser/text/undress.ts';

const rejoined = (text: string) => rejoinHeaders(undress(text)).map((line) => line.text);

describe('rejoinHeaders', () => {
  it.each([
    ['before the time', 'x+0x1/0x2 Sep 23\n02:04:16 oven7 kernel: Mem-info:'],
    ['before the host', 'x+0x1/0x2 Sep 23 02:04:16\noven7 kernel: Mem-info:'],
    ['before the tag', 'x+0x1/0x2 Sep 23 02:04:16 oven7\nkernel: Mem-info:'],
  ])('puts a header together that was wrapped %s', (_, text) => {
    expect(rejoined(text)).toEqual(['x+0x1/0x2 ', 'Sep 23 02:04:16 oven7 kernel: Mem-info:']);
  });

  it('drops the line of which nothing is left', () => {
    expect(rejoined('Sep 23 02:04:16\noven7 kernel: Mem-info:')).toEqual(['Sep 23 02:04:16 oven7 kernel: Mem-info:']);
  });

  it('leaves a date alone that ends a sentence', () => {
    const lines = [
      'It happened on Sep 23',
      '02:04:16 was the time',
      'and again Sep 23',
      'Sep 24 02:04:16 oven7 kernel: x',
    ];
    expect(rejoined(lines.join('\n'))).toEqual(lines);
  });
});

describe('splitHeaders', () => {
  it('cuts in front of each header after the first', () => {
    expect(
      splitHeaders('Sep 23 02:04:16 oven7 kernel: Mem-info: Sep 23 02:04:16 oven7 kernel: DMA per-cpu:', true),
    ).toEqual(['Sep 23 02:04:16 oven7 kernel: Mem-info: ', 'Sep 23 02:04:16 oven7 kernel: DMA per-cpu:']);
    expect(splitHeaders('= 7536kB)Sep 23 02:04:16 oven7 kernel: 1*4kB', true)).toEqual([
      '= 7536kB)',
      'Sep 23 02:04:16 oven7 kernel: 1*4kB',
    ]);
  });

  it('leaves a line whole that quotes one', () => {
    for (const line of [
      'Sep 23 02:04:17 oven7 watchd[12]: seen: Sep 23 02:04:16 oven7 kernel: Killed process 12 (sh)',
      'Sep 23 02:04:17 relay1 Sep 23 02:04:16 oven7 kernel: Killed process 12 (sh)',
    ]) {
      expect(splitHeaders(line, true)).toEqual([line]);
    }
  });

  it('leaves headers behind a prefix of an unknown kind to the template', () => {
    const line = 'node7|Sep 23 02:04:16 oven7 kernel: Mem-info:';
    expect(headersLead(undress(`${line}\n${line}`))).toBe(false);
    expect(splitHeaders(line, false)).toEqual([line]);
  });
});

it('reads a syslog that a mailer filled like prose', () => {
  const [report] = parseText(`> Sep 23 02:04:16 oven7 kernel: genksyms invoked oom-killer:
> gfp_mask=0xd0, order=2, oomkilladj=0 Sep 23 02:04:16 oven7 kernel: CPU:
> 3 Not tainted 2.6.28 #1
> Sep 23 02:04:16 oven7 kernel: Process genksyms (pid: 4711, task:
> 000000007baa1000, ksp: 0000000063860968) Sep 23 02:04:16 oven7 kernel:
> 0700000084a8c238 0000000063860a90 0000000000000002 0000000000000000 Sep 23
> 02:04:16 oven7 kernel: Call Trace:
> Sep 23 02:04:16 oven7 kernel: ([<0000000000105248>]
> show_trace+0xf4/0x144) Sep 23 02:04:16 oven7 kernel:
> [<0000000000192c30>] out_of_memory+0x17c/0x264 Sep 23 02:04:16 oven7
> kernel:  [<0000000000115e5c>] sysc_return+0x0/0x8 Sep 23 02:04:16 oven7
> kernel: Mem-Info:
> Sep 23 02:04:16 oven7 kernel: Active_anon:372 active_file:45
> inactive_anon:154 Sep 23 02:04:16 oven7 kernel:  inactive_file:152
> unevictable:987 dirty:0 writeback:188 unstable:0 Sep 23 02:04:16 oven7
> kernel:  free:25280 slab:75833 mapped:805 pagetables:378 bounce:0 Sep 23
> 02:04:16 oven7 kernel: DMA free:101120kB min:4064kB low:5080kB
> high:6096kB active_anon:1488kB inactive_anon:616kB active_file:188kB
> inactive_file:492kB unevictable:3948kB present:2068480kB pages_scanned:0
> all_unreclaimable? no Sep 23 02:04:16 oven7 kernel: lowmem_reserve[]: 0
> 0 0
> Sep 23 02:04:16 oven7 kernel: DMA: 25002*4kB 121*8kB 1*16kB 2*32kB
> 1*64kB 0*128kB 0*256kB 0*512kB 0*1024kB = 101120kB Sep 23 02:04:16 oven7
> kernel: 1688 total
> pagecache pages
> Sep 23 02:04:16 oven7 kernel: Free swap  =
> 1959300kB
> Sep 23 02:04:16 oven7 kernel: Total swap = 1999992kB
> Sep 23 02:04:16 oven7 kernel: 524288 pages RAM
> Sep 23 02:04:16 oven7 kernel: 10255 pages reserved
> Sep 23 02:04:16 oven7 kernel: Out of memory: kill process 4702 (cc1)
> score 3672 or a child Sep 23 02:04:16 oven7 kernel: Killed process 4702
> (cc1)
`);
  expect(report?.kernel.release).toBe('2.6.28');
  expect(report?.trigger).toMatchObject({ name: 'genksyms', pid: 4711, cpu: 3, order: 2 });
  expect(report?.zones).toMatchObject([
    { name: 'DMA', freeKb: 101120, allUnreclaimable: false, lowmemReservePages: [0, 0, 0], buddyTotalKb: 101120 },
  ]);
  expect(report?.totals).toMatchObject({ freeSwapKb: 1959300, ramPages: 524288, pagecachePages: 1688 });
  expect(report?.kills).toMatchObject([{ pid: 4702, comm: 'cc1' }]);
  expect(report?.missing).toEqual([]);
});

it('takes no word of an old kernel line for a host', () => {
  const stamped = [
    'Mem-info:',
    'Free pages:         9732kB (0kB HighMem)',
    'Active:80780 inactive:17674 dirty:338',
    'Free swap:       2004216kB',
    'Swap cache: add 983, delete 972, find 0/1, race 0+0',
    'Out of memory: Killed process 4711 (bakery).',
  ]
    .map((line) => `2014-09-23 02:04:16 ${line}`)
    .join('\n');
  const [report] = parseText(stamped);
  expect(report?.host).toBe('');
  expect(report?.memInfo).toMatchObject({ freeKb: 9732, activePages: 80780 });
  expect(report?.totals).toMatchObject({ freeSwapKb: 2004216, swapCacheAdd: 983 });
});
