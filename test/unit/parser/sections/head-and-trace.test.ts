import { describe, expect, it } from 'vitest';
import { parseText } from '../../../../src/parser/index.ts';

const read = (...lines: string[]) => parseText(`${lines.join('\n')}\n`)[0];
const symbolsOf = (...lines: string[]) => read(...lines)?.callTrace.map(({ symbol }) => symbol);

describe('traces without a head', () => {
  it('begin below the task header on i386 2.6.24', () => {
    const report = read(
      'cron invoked oom-killer: gfp_mask=0xd0, order=0, oomkilladj=0',
      'Pid: 4221, comm: cron Not tainted 2.6.24-21-server #1',
      ' [<c0168a5a>] oom_kill_process+0x10a/0x120',
      ' [<c0168dd7>] out_of_memory+0x167/0x1a0',
      ' =======================',
      'Mem-info:',
    );
    expect(report?.callTrace.map(({ symbol }) => symbol)).toEqual(['oom_kill_process', 'out_of_memory']);
    expect(report?.missing).not.toContain('call-trace');
  });

  it.each([
    [
      '[<c0411500>] (unwind_backtrace) from [<c040b66c>] (show_stack+0x10/0x14)',
      '[<c040b66c>] (show_stack) from [<c08b1b14>] (dump_stack+0xc4/0xd8)',
    ],
    [' unwind_backtrace from show_stack+0xb/0xc', ' show_stack from dump_stack_lvl+0x2b/0x34'],
  ])('begin below the task header on ARM: %s', (...frames) => {
    const lines = [
      'nfsd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
      'CPU: 1 PID: 537 Comm: nfsd Not tainted 6.8.1 #1',
      'Hardware name: Example Board',
    ];
    expect(symbolsOf(...lines, ...frames, 'Mem-Info:')).toEqual(['unwind_backtrace', 'show_stack']);
  });

  it('need a frame that an allocation prints', () => {
    const lines = [
      'x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
      'CPU: 1 PID: 537 Comm: x Not tainted 6.8.1 #1',
    ];
    expect(symbolsOf(...lines, ' usb_submit_urb+0x1/0x2')).toEqual([]);
  });
});

describe('frames', () => {
  it('hold upper-case addresses on ppc64', () => {
    const frame = '[C0000001E3B3B8F0] [C00000000000F480] .show_stack+0x74/0x1b4 (unreliable)';
    expect(symbolsOf('oom-killer: gfp_mask=0x280d2, order=0', 'Call Trace:', frame)).toEqual(['show_stack']);
  });

  it('hold names that klogd put in', () => {
    const frame = ' [sg:__alloc_pages+0x36c/0x3a0] __alloc_pages+0x36c/0x3a0';
    expect(symbolsOf('oom-killer: gfp_mask=0x280d2, order=0', 'Call Trace:', frame)).toEqual(['__alloc_pages']);
  });
});

describe('the allocating task', () => {
  it('may have a blank name', () => {
    const report = read(
      '   invoked oom-killer: gfp_mask=0x40d0, order=1, oomkilladj=0',
      'Pid: 6575, comm:    Not tainted 2.6.24-19 #1',
    );
    expect(report?.trigger).toMatchObject({ name: '  ', pid: 6575 });
    expect(report?.taskHeader?.release).toBe('2.6.24-19');
  });

  it('is known when its header is cut', () => {
    const report = read(
      'ovend invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
      'CPU: 3 PID: 1413 Comm: ovend and so on',
    );
    expect(report?.trigger?.pid).toBe(1413);
  });

  it('has its adjustment when the rest is left out', () => {
    expect(
      read('ip invoked oom-killer: gfp_mask=0xc2cc0(GFP_KERNEL), order=3, oom_score_adj=-5 ...')?.trigger?.oomScoreAdj,
    ).toBe(-5);
  });
});

it('keeps the words of a wrapped header apart', () => {
  const [report] = parseText(
    [
      '[    1.000000] mixer invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL),',
      'order=0, oom_score_adj=0',
      '[    1.000001] CPU: 6 PID: 978 Comm: mixer',
      'Kdump: loaded Not tainted 5.14.0-362.el9.x86_64 #1',
    ].join('\n'),
  );
  expect(report?.taskHeader).toMatchObject({ comm: 'mixer', release: '5.14.0-362.el9.x86_64' });
});

it('takes no source line for a report', () => {
  expect(parseText('\tpr_info("oom-kill:constraint=%s,nodemask=%*pbl",\n')).toEqual([]);
});

it('takes all kills of a group whose announcement is wrapped for one event', () => {
  const kill = (pid: number) =>
    `[    1.00000${pid}] Memory cgroup out of memory: Killed process ${pid} (ovend) total-vm:10kB, anon-rss:5kB, file-rss:1kB, shmem-rss:0kB, UID:0 pgtables:8kB oom_score_adj:0`;
  const reports = parseText(
    [
      kill(1),
      '[    1.000001] Tasks in /kitchen.slice/ovend.service are going to be',
      'killed due to memory.oom.group set',
      kill(2),
      kill(3),
    ].join('\n'),
  );
  expect(reports.map(({ kills }) => kills.length)).toEqual([3]);
});

it('finds nothing cut in the zone lines of 2.6.0', () => {
  const report = read(
    'Mem-info:',
    'Free pages:        1348kB (0kB HighMem)',
    'Active:820 inactive:195 dirty:0 writeback:0 unstable:0 free:337',
    'DMA free:1348kB min:16kB low:32kB high:48kB active:316kB inactive:0kB',
    'DMA: 75*4kB 69*8kB 21*16kB 3*32kB 1*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 0*4096kB = 1348kB',
    '524288 pages of RAM',
    '5790 reserved pages',
    'Out of Memory: Killed process 500 (ovend).',
  );
  expect(report?.missing).not.toContain('zones');
});

it('puts a number of the process table together that a wrap cut', () => {
  const report = read(
    '[    1.000000] mixer invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
    '[    1.000001] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
    '[    1.000002] [   2677]   991  2',
    '677    13625     2984   159744        0             0 thumbnailer',
  );
  expect(report?.tasks).toMatchObject([{ pid: 2677, tgid: 2677, totalVmPages: 13625, comm: 'thumbnailer' }]);
});
