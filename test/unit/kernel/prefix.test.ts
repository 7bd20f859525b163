import { describe, expect, it } from 'vitest';
import { resolveYear, stampGapMs, stripPrefix } from '../../../src/kernel/prefix.ts';

const TEXT = ' [<c0123456>] ? oven_light+0x1/0x2';
const BOOT = { bootUs: 1_772_850_644 };

describe('stripPrefix', () => {
  it.each([
    ['console', '[ 1772.850644] ', BOOT],
    ['printk caller', '[ 1772.850644][ T1234] ', { ...BOOT, callerId: 'T1234' }],
    ['caller in interrupt', '[    0.100000][    C0] ', { bootUs: 100_000, callerId: 'C0' }],
    ['caller without time', '[ T1234] ', { callerId: 'T1234' }],
    ['dmesg -r', '<4>[ 1772.850644] ', { ...BOOT, facility: 0, severity: 4 }],
    ['level within', '[ 1772.850644] <4>', { ...BOOT, facility: 0, severity: 4 }],
    ['dmesg -x', 'kern  :warn  : [ 1772.850644] ', { ...BOOT, facility: 0, severity: 4 }],
    ['dmesg -T', '[Tue Sep 23 02:04:16 2014] ', { wallMs: Date.UTC(2014, 8, 23, 2, 4, 16) }],
    ['dmesg -T, French', '[mer. déc. 17 11:32:14 2025] ', { wallMs: Date.UTC(2025, 11, 17, 11, 32, 14) }],
    ['dmesg -T, German', '[Di Mär 12 03:54:03 2025] ', { wallMs: Date.UTC(2025, 2, 12, 3, 54, 3) }],
    [
      'the colon of an empty tag',
      'Sep 23 02:04:16 2014 kernel: : [ 1772.850644] ',
      { ...BOOT, program: 'kernel', wallMs: Date.UTC(2014, 8, 23, 2, 4, 16) },
    ],
    [
      'date(1)',
      'Tue Sep 23 02:04:16 CEST 2014 kernel: ',
      { program: 'kernel', wallMs: Date.UTC(2014, 8, 23, 2, 4, 16) },
    ],
    ['dmesg -d', '[ 1772.850644 <    0.000015>] ', BOOT],
    ['dmesg -e', '[Sep23 02:04] ', { headerStamp: 'Sep23 02:04' }],
    ['dmesg -e, delta', '[  +0.000015] ', {}],
    ['dmesg iso', '2014-09-23T02:04:16,850644+02:00 ', { wallMs: Date.UTC(2014, 8, 23, 0, 4, 16, 850) }],
    ['/dev/kmsg', '6,30574067,1772850644,-;', { ...BOOT, facility: 0, severity: 6 }],
    ['/dev/kmsg, caller', '4,30,1772850644,-,caller=T12;', { ...BOOT, facility: 0, severity: 4, callerId: 'T12' }],
    ['netconsole', '6.6.14,4,1234,1772850644,-;', { ...BOOT, facility: 0, severity: 4 }],
    [
      'RFC 3164',
      'Sep  3 02:04:16 web01 kernel: ',
      { host: 'web01', program: 'kernel', headerStamp: 'Sep  3 02:04:16' },
    ],
    [
      'RFC 3164 on the wire',
      '<4>Sep 23 02:04:16 web01 kernel: [ 1772.850644] ',
      { ...BOOT, host: 'web01', severity: 4 },
    ],
    ['tagless', 'Sep 23 02:04:16 web01 [ 1772.850644] ', { ...BOOT, host: 'web01' }],
    [
      'RFC 5424',
      '<4>1 2014-09-23T02:04:16Z web01 kernel - - - [ 1772.850644] ',
      { ...BOOT, host: 'web01', program: 'kernel' },
    ],
    [
      'RFC 5424, two blanks',
      '<4>1 2014-09-23T02:04:16Z web01 kernel - - -  [ 1772.850644] ',
      { ...BOOT, host: 'web01' },
    ],
    ['RFC 5424, data', '<4>1 - - - - - [a b="c\\]"][d] [ 1772.850644] ', { ...BOOT, facility: 0 }],
    [
      'ISO',
      '2014-09-23T02:04:16.850644+02:00 web01 kernel: ',
      { host: 'web01', wallMs: Date.UTC(2014, 8, 23, 0, 4, 16, 850) },
    ],
    [
      'ISO without colon',
      '2014-09-23T02:04:16+00:00 db02 kernel [ 1772.850644] ',
      { ...BOOT, host: 'db02', program: 'kernel' },
    ],
    ['metalog', 'Sep 23 02:04:16 [kernel] [ 1772.850644] ', { ...BOOT, program: 'kernel' }],
    [
      'busybox',
      'Jan  1 00:00:12 ap kern.warn kernel: [ 1772.850644] ',
      { ...BOOT, host: 'ap', facility: 0, severity: 4 },
    ],
    [
      'OpenWrt',
      'Sat Jan 27 00:14:32 2024 kern.warn kernel: [ 1772.850644] ',
      { ...BOOT, facility: 0, wallMs: Date.UTC(2024, 0, 27, 0, 14, 32) },
    ],
    ['svlogd', '2005-05-17_10:24:16.76726 kern.info: ', { facility: 0, severity: 6 }],
    ['journalctl', 'jun 20 12:47:50 web01 kernel: ', { host: 'web01', headerStamp: 'jun 20 12:47:50' }],
    [
      'journalctl short-full',
      'Tue 2014-09-23 02:04:16 CEST web01 kernel: ',
      { host: 'web01', headerStamp: 'Tue 2014-09-23 02:04:16 CEST' },
    ],
    ['journalctl short-monotonic', '[ 1772.850644] web01 kernel: ', { ...BOOT, host: 'web01' }],
    ['journalctl short-unix', '1411437856.850644 web01 kernel: ', { host: 'web01', wallMs: 1_411_437_856_850 }],
    [
      'Talos',
      'kern: warning: [2026-01-12T20:27:31.913975631Z]: ',
      { severity: 4, wallMs: Date.UTC(2026, 0, 12, 20, 27, 31, 913) },
    ],
    ['dropped before', '[   12.000000] ** 5 printk messages dropped ** [ 1772.850644] ', BOOT],
  ])('takes off %s and keeps the text with its blanks', (_, prefix, said) => {
    expect(stripPrefix(prefix + TEXT)).toMatchObject({ text: TEXT, prefixed: true, ...said });
  });

  it.each([
    '[ 1234]     0  1234     5000     1200   1     -17 flourd',
    '[<c0123456>] oven_light+0x1/0x2',
    '[UFW BLOCK] IN=eth0',
    'Node 0 DMA free:1kB',
    '835584 pages RAM',
    'Mem-Info:',
    '<TASK>',
    '',
  ])('leaves kernel text alone: %s', (text) => {
    expect(stripPrefix(text)).toEqual({ text, prefixed: false });
  });

  it.each(['Mem-Info:', 'lowmem_reserve[]: 0 1 2', 'Pid: 12, comm: oven', 'bakery invoked oom-killer: gfp_mask=0x1'])(
    'takes no kernel text for a program: %s',
    (text) => {
      expect(stripPrefix(`Sep 23 02:04:16 web01 ${text}`)).toMatchObject({ text, host: 'web01' });
      expect(stripPrefix(`Sep 23 02:04:16 web01 ${text}`).program).toBeUndefined();
    },
  );

  it('names the program that is not the kernel', () => {
    expect(stripPrefix('Sep 23 02:04:16 web01 baker[12]: Killed process 1 (x)').program).toBe('baker');
  });

  it('is linear on hostile prefixes', () => {
    const started = performance.now();
    for (const unit of [
      '[',
      '<4>',
      ' ',
      '[1.0] ',
      'Sep 23 02:04:16 ',
      '9',
      'kern:',
      '** 1 printk messages dropped ** ',
    ]) {
      stripPrefix(unit.repeat(200_000));
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('resolveYear', () => {
  it.each([
    ['Dec 31 23:59:59', Date.UTC(2026, 0, 1, 0, 1), 2025],
    ['Jan  1 00:00:01', Date.UTC(2025, 11, 31, 23, 59), 2026],
    ['Jun 15 12:00:00', Date.UTC(2025, 5, 16), 2025],
    ['Feb 29 12:00:00', Date.UTC(2025, 1, 28), 2024],
  ])('puts %s near %i into %i', (stamp, nearMs, year) => {
    expect(resolveYear(stamp, nearMs)).toBe(year);
  });

  it('gives nothing for what is no stamp', () => {
    expect(resolveYear('yesterday', 0)).toBeUndefined();
  });
});

describe('stampGapMs', () => {
  it.each([
    ['Sep 23 02:04:16', 'Sep 23 02:04:16', 0],
    ['Sep 23 02:04:16', 'Sep 23 02:05:17', 61_000],
    ['Dec 31 23:59:59', 'Jan  1 00:00:01', 2_000],
    ['Jan  1 00:00:01', 'Dec 31 23:59:59', -2_000],
  ])('from %s to %s is %i ms', (from, to, gap) => {
    expect(stampGapMs(from, to)).toBe(gap);
  });
});
