import { describe, expect, test } from 'vitest';
import type { KernelName } from '../../../../src/simulate/index.ts';
import {
  printAllocationFailure,
  printCpuset,
  printTaskHeader,
  printTrace,
  printTrigger,
} from '../../../../src/simulate/print/header.ts';
import type { TriggerState } from '../../../../src/simulate/state.ts';
import { stateOn } from './support.ts';

const trigger = (changes: Partial<TriggerState>): TriggerState => ({
  name: 'daemon',
  pid: 812,
  uid: 0,
  cpu: 0,
  gfpMask: '0xd0',
  gfpText: '',
  order: 0,
  oomScoreAdj: 0,
  oomAdj: 0,
  nodemask: '(null)',
  ...changes,
});

const MOVABLE = 'GFP_HIGHUSER_MOVABLE';

describe('trigger line', () => {
  const rows: [KernelName, Partial<TriggerState>, string][] = [
    ['2.6.9', {}, 'oom-killer: gfp_mask=0xd0'],
    ['2.6.18', { gfpMask: '0x201d2' }, 'oom-killer: gfp_mask=0x201d2, order=0'],
    [
      'rhel5',
      { name: 'httpd', gfpMask: '0x201d2' },
      'httpd invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=0',
    ],
    [
      '2.6.32',
      { name: 'java', gfpMask: '0x280da', oomAdj: -17 },
      'java invoked oom-killer: gfp_mask=0x280da, order=0, oom_adj=-17',
    ],
    [
      '3.2',
      { name: 'mailscand', gfpMask: '0x84d0' },
      'mailscand invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0',
    ],
    [
      'rhel6',
      { gfpMask: '0x280da' },
      'daemon invoked oom-killer: gfp_mask=0x280da, order=0, oom_adj=0, oom_score_adj=0',
    ],
    ['rhel7', { gfpMask: '0x201da' }, 'daemon invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0'],
    [
      '4.8',
      { gfpMask: '0x24201ca', gfpText: `${MOVABLE}|__GFP_COLD` },
      'daemon invoked oom-killer: gfp_mask=0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), order=0, oom_score_adj=0',
    ],
    [
      '4.9',
      { gfpMask: '0x240c0d0', gfpText: 'GFP_TEMPORARY|__GFP_COMP|__GFP_ZERO', order: 3 },
      'daemon invoked oom-killer: gfp_mask=0x240c0d0(GFP_TEMPORARY|__GFP_COMP|__GFP_ZERO), nodemask=0, order=3, oom_score_adj=0',
    ],
    [
      '4.14',
      { gfpMask: '0x14200ca', gfpText: MOVABLE },
      'daemon invoked oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), nodemask=(null),  order=0, oom_score_adj=0',
    ],
    [
      '4.19',
      { name: 'kworker/0:1', gfpMask: '0x6000c0', gfpText: 'GFP_KERNEL', order: -1 },
      'kworker/0:1 invoked oom-killer: gfp_mask=0x6000c0(GFP_KERNEL), nodemask=(null), order=-1, oom_score_adj=0',
    ],
    [
      '5.15',
      { name: 'runc:[1:CHILD]', gfpMask: '0xcc0', gfpText: 'GFP_KERNEL', oomScoreAdj: -999 },
      'runc:[1:CHILD] invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-999',
    ],
    ['6.1', { gfpMask: '0x0' }, 'daemon invoked oom-killer: gfp_mask=0x0(), order=0, oom_score_adj=0'],
    ['rhel8', { gfpMask: '0x0' }, 'daemon invoked oom-killer: gfp_mask=0x0(), order=0, oom_score_adj=0'],
  ];
  test.each(rows)('%s', (kernel, changes, line) => {
    const { state, dialect } = stateOn(kernel, { trigger: trigger(changes) });
    expect(printTrigger(state, dialect)).toEqual([line]);
  });
});

describe('allocation failure', () => {
  test.each<[KernelName, string]>([
    ['2.6.32', 'daemon: page allocation failure. order:5, mode:0x4020'],
    ['3.2', 'daemon: page allocation failure: order:5, mode:0x4020'],
    ['4.9', 'daemon: page allocation failure: order:5, mode:0x4020(GFP_ATOMIC|__GFP_COMP)'],
    ['4.14', 'daemon: page allocation failure: order:5, mode:0x4020(GFP_ATOMIC|__GFP_COMP), nodemask=(null)'],
    [
      '5.15',
      'daemon: page allocation failure: order:5, mode:0x4020(GFP_ATOMIC|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0',
    ],
  ])('%s', (kernel, line) => {
    const asked = trigger({ gfpMask: '0x4020', gfpText: 'GFP_ATOMIC|__GFP_COMP', order: 5 });
    const { state, dialect } = stateOn(kernel, { trigger: asked });
    expect(printAllocationFailure(state, dialect)).toEqual([line]);
  });
});

describe('cpuset line', () => {
  test('stands alone from 2.6.29 to 4.20 on kernels with cpusets', () => {
    const asked = { trigger: trigger({ name: 'mysqld' }), memsAllowed: '0-1' };
    const print = (kernel: KernelName): string[] => {
      const { state, dialect } = stateOn(kernel, asked);
      return printCpuset(state, dialect);
    };
    expect(print('rhel7')).toEqual(['mysqld cpuset=/ mems_allowed=0-1']);
    expect(print('rhel5')).toEqual([]);
    expect(print('3.2')).toEqual([]);
    expect(print('5.0')).toEqual([]);
  });
});

describe('task header', () => {
  test('3.2 lays the taint letters out in 13 columns', () => {
    const { state, dialect } = stateOn('3.2', { trigger: trigger({ name: 'mailscand', pid: 21832 }), taint: 'C' });
    expect(printTaskHeader(state, dialect)).toEqual(['Pid: 21832, comm: mailscand Tainted: G         C   3.2.59 #21']);
  });
  test('7.8 names kdump, RHEL taint dashes', () => {
    const { state, dialect } = stateOn('rhel7', { trigger: trigger({}), taint: 'OE' });
    expect(printTaskHeader(state, dialect)[0]).toBe(
      'CPU: 0 PID: 812 Comm: daemon Kdump: loaded Tainted: G           OE  ------------   3.10.0-1160.el7.x86_64 #1',
    );
  });
  test('6.12 and later print the uid and the taint in words', () => {
    const { state, dialect } = stateOn('6.18', { trigger: trigger({ uid: 104 }), taint: 'PO' });
    expect(printTaskHeader(state, dialect).slice(0, 2)).toEqual([
      'CPU: 0 UID: 104 PID: 812 Comm: daemon Tainted: P           O        6.18.13 #1 SMP PREEMPT_DYNAMIC ',
      'Tainted: [P]=PROPRIETARY_MODULE, [O]=OOT_MODULE',
    ]);
  });
});

describe('call trace', () => {
  const frames = [{ symbol: 'dump_header', address: 'c01739ac', offset: 0x4d, size: 0x160, reliable: false }];
  const print = (kernel: KernelName): string[] => {
    const { state, dialect } = stateOn(kernel, { frames, userRegisters: false });
    return printTrace(state, dialect);
  };
  test('prints addresses up to 4.9', () => {
    expect(print('3.2')).toEqual(['Call Trace:', ' [<c01739ac>] ? dump_header+0x4d/0x160']);
    expect(print('4.19')).toEqual(['Call Trace:', ' ? dump_header+0x4d/0x160']);
  });
  test('has no heading on i386 before 2.6.24', () => {
    expect(print('2.6.18')).toEqual([' [<c01739ac>] ? dump_header+0x4d/0x160']);
  });
  test('is absent up to 2.6.12', () => {
    expect(print('2.6.9')).toEqual([]);
    expect(print('rhel4')).toEqual([]);
  });
  test('stands between task marks on 64-bit since 5.17', () => {
    expect(print('6.8')).toEqual(['Call Trace:', ' <TASK>', ' ? dump_header+0x4d/0x160', ' </TASK>']);
    expect(print('6.1-i386')).toEqual(['Call Trace:', ' ? dump_header+0x4d/0x160']);
  });
  test('follows rows of raw stack words from 3.10 to 4.9', () => {
    const lines = print('4.4');
    expect(lines.indexOf('Call Trace:')).toBe(3);
    expect(lines[0]).toMatch(/^( [0-9a-f]{16}){4}$/);
  });
});
