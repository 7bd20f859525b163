import { describe, expect, test } from 'vitest';
import { type Message, render, renderMessage, type Style } from '../../../src/simulate/index.ts';

const KERNEL: Message = {
  host: 'web01',
  atMs: Date.UTC(2026, 8, 3, 4, 1, 2, 345),
  bootUs: 12345678901,
  facility: 0,
  severity: 4,
  program: 'kernel',
  text: 'active_anon:1\n active_file:2',
  callerId: 'T812',
  sequence: 77,
};
const USER: Message = { ...KERNEL, facility: 4, severity: 6, program: 'sshd', pid: 9120, text: 'bye' };

describe('text styles', () => {
  test.each<[Style, string[], string[]]>([
    ['bare', ['active_anon:1', ' active_file:2'], []],
    ['dmesg', ['[12345.678901] active_anon:1', '[12345.678901]  active_file:2'], []],
    ['dmesg-indented', ['[12345.678901] active_anon:1', '                active_file:2'], []],
    ['dmesg-caller', ['[12345.678901][  T812] active_anon:1', '[12345.678901][  T812]  active_file:2'], []],
    ['dmesg-raw', ['<4>[12345.678901] active_anon:1', '<4>[12345.678901]  active_file:2'], []],
    ['dmesg-human', ['[Thu Sep  3 04:01:02 2026] active_anon:1', '[Thu Sep  3 04:01:02 2026]  active_file:2'], []],
    [
      'kmsg',
      ['4,77,12345678901,-,caller=T812;active_anon:1\\x0a active_file:2'],
      ['38,77,12345678901,-,caller=T812;sshd[9120]: bye'],
    ],
    [
      'metalog',
      [
        'Sep  3 04:01:02 [kernel] [12345.678901] active_anon:1',
        'Sep  3 04:01:02 [kernel] [12345.678901]  active_file:2',
      ],
      ['Sep  3 04:01:02 [sshd] bye'],
    ],
    [
      'rfc3164-file',
      [
        'Sep  3 04:01:02 web01 kernel: [12345.678901] active_anon:1',
        'Sep  3 04:01:02 web01 kernel: [12345.678901]  active_file:2',
      ],
      ['Sep  3 04:01:02 web01 sshd[9120]: bye'],
    ],
    [
      'imjournal-file',
      ['Sep  3 04:01:02 web01 kernel: active_anon:1#012 active_file:2'],
      ['Sep  3 04:01:02 web01 sshd[9120]: bye'],
    ],
    [
      'rfc5424',
      [
        '<4>1 2026-09-03T04:01:02.345000+00:00 web01 kernel - - - [12345.678901] active_anon:1',
        '<4>1 2026-09-03T04:01:02.345000+00:00 web01 kernel - - - [12345.678901]  active_file:2',
      ],
      ['<38>1 2026-09-03T04:01:02.345000+00:00 web01 sshd 9120 - - bye'],
    ],
    [
      'rsyslog-kafka',
      [
        '2026-09-03T04:01:02+00:00 web01 kernel: [12345.678901] active_anon:1\n',
        '2026-09-03T04:01:02+00:00 web01 kernel: [12345.678901]  active_file:2\n',
      ],
      ['2026-09-03T04:01:02+00:00 web01 sshd[9120]: bye\n'],
    ],
  ])('%s', (style, kernel, user) => {
    expect(renderMessage(KERNEL, style)).toEqual(kernel);
    expect(renderMessage(USER, style)).toEqual(user);
  });
});

describe('JSON styles', () => {
  const parse = (message: Message, style: Style): Record<string, unknown>[] =>
    renderMessage(message, style).map((text) => JSON.parse(text) as Record<string, unknown>);

  test('the journal keeps a record whole and the kernel’s stamp in a field', () => {
    expect(parse(KERNEL, 'journal-json')).toEqual([
      expect.objectContaining({
        MESSAGE: KERNEL.text,
        PRIORITY: '4',
        _TRANSPORT: 'kernel',
        _HOSTNAME: 'web01',
        _SOURCE_MONOTONIC_TIMESTAMP: '12345678901',
        __REALTIME_TIMESTAMP: '1788408062345000',
      }),
    ]);
    expect(parse(USER, 'journal-json')[0]).toMatchObject({ _TRANSPORT: 'syslog', SYSLOG_FACILITY: '4', _PID: '9120' });
  });
  test('shippers of syslog send one record per line', () => {
    expect(parse(KERNEL, 'filebeat-json').map((record) => record['message'])).toEqual([
      'Sep  3 04:01:02 web01 kernel: [12345.678901] active_anon:1',
      'Sep  3 04:01:02 web01 kernel: [12345.678901]  active_file:2',
    ]);
    expect(parse(KERNEL, 'fluent-bit-json')[0]).toMatchObject({
      pri: '4',
      ident: 'kernel',
      '@timestamp': 1788408062.345,
    });
    expect(parse(USER, 'vector-json')[0]).toMatchObject({ facility: 'auth', severity: 'info', appname: 'sshd' });
    expect(parse(KERNEL, 'syslog-ng-json')[1]).toMatchObject({
      FACILITY: 'kern',
      MESSAGE: '[12345.678901]  active_file:2',
    });
  });
});

test('kmsg escapes bytes outside printable ASCII, and the backslash', () => {
  const message = { ...KERNEL, text: 'a\\b\tcafé', callerId: undefined };
  const { callerId: _, ...plain } = message;
  expect(renderMessage(plain, 'kmsg')).toEqual(['4,77,12345678901,-;a\\x5cb\\x09caf\\xc3\\xa9']);
});

test('render stamps records in ascending order', () => {
  const occasion = { host: 'web01', startMs: KERNEL.atMs, bootUs: 1_000_000 };
  const lines = render(['a', 'b', 'c'], 'dmesg', occasion);
  expect(lines).toEqual([...lines].sort());
  expect(new Set(lines.map((line) => line.slice(0, 14))).size).toBe(3);
});
