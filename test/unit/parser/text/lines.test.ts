import { describe, expect, it } from 'vitest';
import { linesOfText } from '../../../../src/parser/index.ts';

const texts = (text: string) => linesOfText(text, { path: 'f' }).map((line) => line.text);

describe('linesOfText', () => {
  it('numbers physical lines and marks those without the prefix that others have', () => {
    expect(linesOfText('[    1.000000] Mem-Info:\n\n active_file:1\n', { path: 'f' })).toEqual([
      {
        host: '',
        text: 'Mem-Info:',
        position: { topic: 'f', partition: 0, offset: 0 },
        trust: 'file',
        bootUs: 1_000_000,
      },
      {
        host: '',
        text: ' active_file:1',
        position: { topic: 'f', partition: 0, offset: 2 },
        trust: 'file',
        bare: true,
      },
    ]);
  });

  it('gives lines without a host the host of the line before', () => {
    const [, second] = linesOfText('Sep  3 02:04:16 WEB01 kernel: a\nb', { path: 'f' });
    expect(second?.host).toBe('web01');
  });

  it('decodes quoted-printable, also in mid-number', () => {
    expect(texts('gfp_mask=3D0x84d0, order=3D1=\n2\ncaf=C3=A9')).toEqual(['gfp_mask=0x84d0, order=12', 'café']);
  });

  it('does not take equals signs of other logs for it', () => {
    expect(texts('IN=eth0 OUT=20\nx=')).toEqual(['IN=eth0 OUT=20', 'x=']);
  });

  it('cuts fused lines in front of their prefixes', () => {
    const fused = 'Sep  3 02:04:16 web01 kernel: [    1.000000] a bSep  3 02:04:16 web01 kernel: [    1.000001] c';
    expect(texts(fused)).toEqual(['a b', 'c']);
  });

  it('splits escaped newlines', () => {
    expect(texts('Sep  3 02:04:16 web01 kernel: a:1#012 b:2#012 c:3')).toEqual(['a:1', ' b:2', ' c:3']);
  });

  it('reads journal JSON with its stamps, byte arrays included', () => {
    const line = JSON.stringify({
      MESSAGE: [111, 118, 101, 110],
      _HOSTNAME: 'Web01',
      _BOOT_ID: 'b1',
      SYSLOG_IDENTIFIER: 'kernel',
      _SOURCE_MONOTONIC_TIMESTAMP: '12',
      __REALTIME_TIMESTAMP: '1795410000123456',
    });
    expect(linesOfText(line, { path: 'f' })).toMatchObject([
      {
        text: 'oven',
        host: 'web01',
        bootId: 'b1',
        bootUs: 12,
        observedAtMs: 1_795_410_000_123,
        timeSource: 'envelope',
      },
    ]);
  });

  it('reads journal export and verbose form, fields in any order', () => {
    const exported =
      '__CURSOR=a\n_HOSTNAME=web01\nMESSAGE=one\n_TRANSPORT=kernel\n\n__CURSOR=b\nMESSAGE=two\n_HOSTNAME=web01\n';
    expect(linesOfText(exported, { path: 'f' }).map(({ host, text }) => [host, text])).toEqual([
      ['web01', 'one'],
      ['web01', 'two'],
    ]);
    const verbose = 'Tue 2014-09-23 02:04:16 CEST [s=0123456789abcdef;i=1]\n    MESSAGE=one\n    PRIORITY=4\n';
    expect(texts(verbose)).toEqual(['one']);
  });

  it('reads dmesg -J', () => {
    const json = JSON.stringify({ dmesg: [{ pri: 4, time: 12.5, msg: 'Mem-Info:' }] }, undefined, 1);
    expect(linesOfText(json, { path: 'f' })).toMatchObject([{ text: 'Mem-Info:', bootUs: 12_500_000 }]);
  });

  it('survives JSON that is none', () => {
    expect(texts('{"MESSAGE":')).toEqual(['{"MESSAGE":']);
  });
});
