/** Vendor kernels of 2.4 and 2.6, and other architectures. */
import { describe, expect, it } from 'vitest';
import { parseText } from '../../../../src/parser/index.ts';

describe('the dump of RHEL 3', () => {
  it('is read when its lines are wrapped', () => {
    const [report] = parseText(`>>Sep 23 02:04:16 oven7 kernel: Mem-info:
>>Sep 23 02:04:16 oven7 kernel: Zone:DMA freepages:  1884 min:     0
>>low:     0 high:     0
>>Sep 23 02:04:16 oven7 kernel: Zone:Normal freepages:  1085
>>min:  1279 low:  4544 high:  6304
>>Sep 23 02:04:16 oven7 kernel: Zone:HighMem freepages:  2579 min:   255
>>low: 61952 high: 92928
>>Sep 23 02:04:16 oven7 kernel: Free pages:        5548 (  2579 HighMem)
>>Sep 23 02:04:16 oven7 kernel: ( Active: 225978/48877,
>>inactive_laundry: 24428, inactive_clean: 24436, free: 5548 )
>>Sep 23 02:04:16 oven7 kernel: 0*4kB 0*8kB 1*16kB 1*32kB 1*64kB 0*128kB
>>1*256kB 0*512kB 1*1024kB 1*2048kB 1*4096kB = 7536kB)Sep 23 02:04:16
>>oven7 kernel: 55*4kB 9*8kB 19*16kB 9*32kB 0*64kB 1*128kB 1*256kB
>>0*512kB 1*1024kB 1*2048kB 0*4096kB = 4340kB)
>>Sep 23 02:04:16 oven7 kernel: 2193*4kB 5*8kB 1*16kB 1*32kB 1*64kB 1*128kB 1*256kB
>>0*512kB 1*1024kB 0*2048kB 0*4096kB = 10332kB)
>>Sep 23 02:04:16 oven7 kernel: Free swap:       4192924kB
>>Sep 23 02:04:16 oven7 kernel: 432537 pages of RAM
>>Sep 23 02:04:16 oven7 kernel: 203161 pages of HIGHMEM
>>Sep 23 02:04:16 oven7 kernel: 22610 reserved pages
>>Sep 23 02:04:16 oven7 kernel: Out of Memory: Killed process 4711 (bakery).
`);
    expect(report?.zones).toMatchObject([
      { name: 'DMA', freeKb: 7536, minKb: 0, buddyCounts: [0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1], buddyTotalKb: 7536 },
      { name: 'Normal', freeKb: 4340, minKb: 5116, highKb: 25216, buddyTotalKb: 4340 },
      { name: 'HighMem', freeKb: 10316, lowKb: 247808, buddyTotalKb: 10332 },
    ]);
    expect(report?.memInfo).toMatchObject({ freePages: 5548, activePages: 225978 });
    expect(report?.missing).toEqual([]);
  });
});

describe('the kill line of OpenVZ', () => {
  it('is a kill within a container', () => {
    const reports = parseText(
      [
        '[  12.5] Out of memory in UB 101: OOM killed process 4711 (bakery) score 0 vm:340000kB, rss:120000kB, swap:300kB',
        '[  13.5] Out of memory in UB 101: OOM killed process 4712 (ovend) score 0 vm:2000kB, rss:1000kB, swap:0kB',
      ].join('\n'),
    );
    expect(reports).toHaveLength(2);
    expect(reports[0]).toMatchObject({
      scope: 'memcg',
      kills: [{ pid: 4711, comm: 'bakery', totalVmKb: 340000, reason: 'Out of memory in UB 101' }],
    });
  });

  it('is none in the words of another program', () => {
    expect(parseText('the OOM killed process 4711 (bakery) again')).toEqual([]);
  });
});

it('reads kill lines that lost the newlines between them', () => {
  const reports = parseText(
    'Killed process 471 (oven)Out of memory: kill process 472 (bakery) score 7899 or a childKilled process 472 (bakery)',
  );
  expect(reports.flatMap(({ kills }) => kills)).toMatchObject([
    { pid: 471, comm: 'oven' },
    { pid: 472, comm: 'bakery' },
  ]);
});

describe('the trace of another architecture', () => {
  const reportOf = (frames: string) =>
    parseText(`bakery invoked oom-killer: gfp_mask=0x201da, order=0, oomkilladj=0
Call Trace:
${frames}
Mem-Info:
Killed process 4711 (bakery)
`)[0];

  it.each([
    [
      'user-mode Linux',
      '6ff5a868:  [<6005b506>] out_of_memory+0x25c/0x305\n6ff5afc8:  [<600151ac>] fork_handler+0x7d/0x84',
      'out_of_memory',
    ],
    [
      'sparc64',
      ' [00000000004d7f3c] out_of_memory+0x1a0/0x1e0\n [0000000000406154] linux_sparc_syscall+0x34/0x44',
      'out_of_memory',
    ],
    ['s390', '([<0000000000105248>] show_trace+0xf4/0x144)\n [<0000000000115e5c>] sysc_return+0x0/0x8', 'show_trace'],
    ['PowerPC of 2.6.11', ' [c0007450] dump_stack+0x18/0x28\n [c0004290] ret_from_syscall+0x0/0x4c', 'dump_stack'],
    ['MIPS', '[<8010abf0>] show_stack+0x50/0x84\n[<80120b08>] handle_sys+0x118/0x13c', 'show_stack'],
    ['ARM without names', 'Function entered at [<c0012f00>] from [<c00145b0>]', '0xc0012f00'],
  ])('%s tells that it is not x86, which alone prints a task header before 3.10', (_, frames, symbol) => {
    const report = reportOf(frames);
    expect(report?.callTrace[0]?.symbol).toBe(symbol);
    expect(report?.missing).not.toContain('task-header');
  });

  it('may hold addresses only', () => {
    expect(reportOf(' [<80151728>] [<80120b08>]')?.callTrace).toMatchObject([
      { symbol: '0x80151728', address: '80151728' },
      { symbol: '0x80120b08' },
    ]);
  });
});

describe('the task header of s390', () => {
  const text = (comm: string) => `genksyms invoked oom-killer: gfp_mask=0xd0, order=0, oomkilladj=0
CPU: 3 Tainted: G        W 2.6.28 #1
Process ${comm} (pid: 4711, task: 000000007baa1000, ksp: 0000000063860968)
Call Trace:
([<0000000000105248>] show_trace+0xf4/0x144)
Mem-Info:
`;

  it('states release, processor and pid', () => {
    const [report] = parseText(text('genksyms'));
    expect(report?.kernel.release).toBe('2.6.28');
    expect(report?.trigger).toMatchObject({ pid: 4711, cpu: 3 });
  });

  it('gives no pid of another task', () => {
    expect(parseText(text('swapper'))[0]?.trigger?.pid).toBeUndefined();
  });
});

it('keeps the marks and reserves of a kernel that miscounts, and leaves out what is no count', () => {
  const [report] = parseText(`oom-killer: gfp_mask=0x200d2, order=0
Mem-info:
Active:151 inactive:62 dirty:0 writeback:0 unstable:0 free:253453 slab:243 mapped:55 pagetables:8
DMA free:1998256kB min:5760kB low:7200kB high:8640kB active:0kB inactive:0kB present:2075200kB pages_scanned:0 all_unreclaimable? no
lowmem_reserve[]: 0 72057594037927935 72057594037927935
Normal free:2056992kB min:2277358239360416kB low:2846697799200520kB high:3416037359040624kB active:2416kB inactive:992kB present:18446744073709550016kB pages_scanned:994 all_unreclaimable? no
lowmem_reserve[]: 0 0 0
644 pages in page table cache
262144 pages of RAM
6488 reserved pages
Out of memory: Killed process 4711 (bakery).
`);
  expect(report?.zones).toMatchObject([
    { name: 'DMA', lowmemReservePages: [0, 2 ** 56, 2 ** 56] },
    { name: 'Normal', minKb: 2277358239360416, pagesScanned: 994 },
  ]);
  expect(report?.zones[1]?.presentKb).toBeUndefined();
  expect(report?.totals).toMatchObject({ pagetableCachePages: 644 });
  expect(report?.missing).not.toContain('zones');
});

it('reads a trigger to which somebody put a note', () => {
  const [report] = parseText(
    'oom-killer: gfp_mask=0x201d2, order=0       (==> __GFP_HIGHMEM,\n__GFP_WAIT, __GFP_IO)\nMem-info:\n',
  );
  expect(report?.trigger).toMatchObject({ gfpMask: '0x201d2', order: 0 });
  expect(report?.missing).not.toContain('trigger');
});
