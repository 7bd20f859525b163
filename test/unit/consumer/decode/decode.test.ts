import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder, type DecoderOptions, type RawRecord } from '../../../../src/consumer/decode/index.ts';
import { SHAPES } from '../../../../src/consumer/decode/shapes/index.ts';
import type { LogLine } from '../../../../src/domain.ts';
import type { Decoded } from '../../../../src/ports.ts';
import { DECODER_OPTIONS } from '../../../support/decoder.ts';

const AT_MS = Date.UTC(2026, 10, 23, 4, 1, 3);
const TRIGGER = 'mailscand invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0';

type Value = string | object | Uint8Array | null;

function decode(value: Value, options: Partial<DecoderOptions> = {}, record: Partial<RawRecord> = {}): Decoded[] {
  const bytes =
    value === null || value instanceof Uint8Array
      ? value
      : new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  const raw = { topic: 'syslog', partition: 3, offset: 41, timestampMs: AT_MS, value: bytes, ...record };
  return createDecoder({ ...DECODER_OPTIONS, ...options }).decode(raw);
}

const linesOf = (decoded: readonly Decoded[]): LogLine[] =>
  decoded.flatMap((each) => (each.kind === 'line' ? [each.line] : []));

function lineOf(value: Value, options: Partial<DecoderOptions> = {}, record: Partial<RawRecord> = {}): LogLine {
  const decoded = decode(value, options, record);
  const [line] = linesOf(decoded);
  if (line === undefined) throw new Error(`no line, but ${JSON.stringify(decoded)}`);
  return line;
}

const kindOf = (value: Value, options: Partial<DecoderOptions> = {}): string | undefined =>
  decode(value, options)[0]?.kind;

describe('text', () => {
  it.each([
    ['RFC 3164', `<4>Nov 23 04:01:02 Web01 kernel: [12345.678901] ${TRIGGER}`],
    ['RFC 5424', `<4>1 2026-11-23T04:01:02.000000+00:00 web01 kernel - - - [12345.678901] ${TRIGGER}`],
    ['SyslogProtocol23Format', `<4>1 2026-11-23T04:01:02+00:00 web01 kernel - - -  [12345.678901] ${TRIGGER}\n`],
  ])('reads %s with its PRI', (_, value) => {
    expect(lineOf(value)).toMatchObject({
      host: 'web01',
      text: TRIGGER,
      trust: 'facility',
      facility: 0,
      severity: 4,
      bootUs: 12_345_678_901,
      observedAtMs: Date.UTC(2026, 10, 23, 4, 1, 2),
      timeSource: 'header',
      position: { topic: 'syslog', partition: 3, offset: 41 },
    });
  });

  it.each([
    ["rsyslog's default template", `2026-11-23T04:01:02+00:00 web01 kernel: [12345.678901] ${TRIGGER}\n`],
    ["rsyslog's default template without colon", `2026-11-23T04:01:02+00:00 web01 kernel [12345.678901] ${TRIGGER}\n`],
    ["syslog-ng's default template", `2026-11-23T04:01:02+00:00 web01 kernel: [12345.678901] ${TRIGGER}`],
  ])('takes the program for what no priority says: %s', (_, value) => {
    expect(lineOf(value)).toMatchObject({ host: 'web01', text: TRIGGER, trust: 'program', bootUs: 12_345_678_901 });
    expect(decode(value, { trustProgram: false })).toMatchObject([{ kind: 'foreign', spoof: true, shape: 'syslog' }]);
  });

  it('keeps the blanks with which kernel text begins', () => {
    expect(lineOf('2026-11-23T04:01:02+00:00 web01 kernel:   ? do_sys_open+0x1/0x2').text).toBe(
      '  ? do_sys_open+0x1/0x2',
    );
  });

  it('keeps the stamp of a header without a year, and takes the year from the record', () => {
    const line = lineOf(
      '<4>Dec 31 23:59:58 web01 kernel: Mem-Info:',
      {},
      { timestampMs: Date.UTC(2027, 0, 1, 0, 0, 4) },
    );
    expect(line.headerStamp).toBe('Dec 31 23:59:58');
    expect(line.observedAtMs).toBe(Date.UTC(2026, 11, 31, 23, 59, 58));
  });

  it('reads /dev/kmsg: caller, escapes, and no pairs of the record as text', () => {
    const value = '4,30574067,3816544225424,-,caller=T123;a\\x0ab \\x5c c\n SUBSYSTEM=acpi\n DEVICE=+acpi:x\n';
    expect(linesOf(decode(value))).toMatchObject([
      { text: 'a', bootUs: 3_816_544_225_424, callerId: 'T123', facility: 0, severity: 4, trust: 'facility' },
      { text: 'b \\ c' },
    ]);
    expect(kindOf(`12,1,2,-;${TRIGGER}`)).toBe('foreign');
    expect(lineOf(`4,1,2;${TRIGGER}`).text).toBe(TRIGGER);
  });

  it('makes several lines of one record, all at its position', () => {
    const lines = linesOf(decode('<4>Nov 23 04:01:02 web01 kernel: [1.5] one#012two#011x#012\r\n'));
    expect(lines.map(({ text }) => text)).toEqual(['one', 'two\tx']);
    expect(lines).toMatchObject([{ bootUs: 1_500_000 }, { bootUs: 1_500_000, host: 'web01', facility: 0 }]);
    expect(new Set(lines.map(({ position }) => position.offset))).toEqual(new Set([41]));
  });
});

describe('only the kernel speaks for the kernel', () => {
  it.each([
    ['a user facility', `<13>Nov 23 04:01:02 web01 kernel: ${TRIGGER}`],
    ['a user facility and a level in words', `<13>Nov 23 04:01:02 web01 kern.warn kernel: ${TRIGGER}`],
    ['another program', `2026-11-23T04:01:02+00:00 web01 sshd[12]: ${TRIGGER}`],
    ['bare text', `[12345.678901] ${TRIGGER}`],
    [
      'a kernel header below the first line of another',
      `2026-11-23T04:01:02+00:00 web01 app: x\n<4>Nov 23 04:01:02 web01 kernel: ${TRIGGER}`,
    ],
    [
      'a kernel header inside an envelope that names the speaker',
      { program: 'app', host: 'web01', message: `<4>Nov 23 04:01:02 web01 kernel: ${TRIGGER}` },
    ],
    [
      'a journal transport other than kernel',
      { MESSAGE: TRIGGER, _TRANSPORT: 'syslog', SYSLOG_IDENTIFIER: 'kernel', SYSLOG_FACILITY: '0' },
    ],
    [
      'what a process wrote to /dev/kmsg',
      { MESSAGE: TRIGGER, _TRANSPORT: 'kernel', SYSLOG_FACILITY: '1', SYSLOG_IDENTIFIER: 'kernel' },
    ],
    ['the output of a container', { log: `<4>Nov 23 04:01:02 web01 kernel: ${TRIGGER}`, stream: 'stdout' }],
  ])('refuses %s, and counts it as a spoof', (_, value) => {
    const decoded = decode(value);
    expect(decoded.map(({ kind }) => kind)).not.toContain('line');
    expect(decoded.some((each) => each.kind === 'foreign' && each.spoof)).toBe(true);
  });

  it('does not call it a spoof when there is no opener', () => {
    expect(decode('<13>Nov 23 04:01:02 web01 app: hello')).toMatchObject([{ kind: 'foreign', spoof: false }]);
  });

  it('believes the configuration that a topic is the kernel s alone, and marks such lines', () => {
    expect(
      lineOf(`[12345.678901] ${TRIGGER}`, { kernelOnly: true }, { key: new TextEncoder().encode('WEB09') }),
    ).toMatchObject({
      trust: 'topic',
      host: 'web09',
      bootUs: 12_345_678_901,
    });
    expect(lineOf(`<4>Nov 23 04:01:02 web01 kernel: x`, { kernelOnly: true }).trust).toBe('facility');
  });

  it('accepts kernel records of a journal that writes no facility', () => {
    expect(lineOf({ MESSAGE: 'Mem-Info:', _TRANSPORT: 'kernel', _HOSTNAME: 'web01' }).trust).toBe('facility');
  });
});

describe('JSON', () => {
  it.each(SHAPES.map((shape) => [shape.name, shape.example] as const))('reads the example of %s', (name, example) => {
    const [decoded] = decode(example);
    expect(decoded).toMatchObject({ kind: 'line', shape: name, line: { host: 'web01', text: 'Mem-Info:' } });
  });

  it.each(SHAPES.map((shape) => [shape.name, shape.example] as const))('is recognised by %s alone', (name, example) => {
    const recognised = SHAPES.filter((shape) => shape.recognises(JSON.parse(example))).map((shape) => shape.name);
    expect(recognised[0]).toBe(name);
  });

  it('prefers the host in the line to the host of the agent that read it', () => {
    const record = {
      '@metadata': { beat: 'filebeat' },
      message: `Nov 23 04:01:02 db07 kernel: [12.5] ${TRIGGER}`,
      host: { name: 'relay01', id: 'abc' },
      agent: { type: 'filebeat' },
    };
    expect(lineOf(record)).toMatchObject({
      host: 'db07',
      trust: 'program',
      hostId: 'abc',
      headerStamp: 'Nov 23 04:01:02',
    });
  });

  it("reads Filebeat's journald input, whose priority is a severity", () => {
    const record = {
      agent: { type: 'filebeat' },
      message: 'Mem-Info:',
      log: { syslog: { priority: 4, facility: { code: 0 } } },
      host: { hostname: 'web01', id: 'abc' },
      journald: { host: { boot_id: 'b00' } },
      systemd: { transport: 'kernel' },
      '@timestamp': '2026-11-23T04:01:02.123Z',
    };
    expect(lineOf(record)).toMatchObject({
      severity: 4,
      facility: 0,
      bootId: 'b00',
      observedAtMs: Date.UTC(2026, 10, 23, 4, 1, 2, 123),
      timeSource: 'envelope',
    });
  });

  it('takes nothing from the facility that Logstash gives to lines it could not read', () => {
    const record = {
      '@version': '1',
      tags: ['_grokparsefailure_sysloginput'],
      priority: 13,
      facility: 1,
      severity: 5,
      host: '192.0.2.7',
      message: `<0>Nov 23 04:01:02 web01 kernel: [12.5] ${TRIGGER}`,
    };
    expect(lineOf(record)).toMatchObject({ host: 'web01', trust: 'facility', severity: 0, text: TRIGGER });
  });

  it("reads Fluent Bit's kmsg input only where the topic is the kernel's", () => {
    const record = { priority: 4, sequence: 1814, sec: 12345, usec: 678901, msg: TRIGGER };
    expect(kindOf(record)).toBe('foreign');
    expect(lineOf(record, { kernelOnly: true })).toMatchObject({ severity: 4, bootUs: 12_345_678_901, trust: 'topic' });
  });

  it('reads a MESSAGE of byte numbers, of several values, and refuses one that is null', () => {
    const bytes = [...new TextEncoder().encode('Killed process 7 ('), 0xff, 0x29];
    const journal = { _TRANSPORT: 'kernel', _HOSTNAME: 'web01', __REALTIME_TIMESTAMP: '1795410000123456' };
    expect(lineOf({ ...journal, MESSAGE: bytes }).text).toBe('Killed process 7 (\ufffd)');
    expect(linesOf(decode({ ...journal, MESSAGE: ['a', 'b'] })).map(({ text }) => text)).toEqual(['a', 'b']);
    expect(decode({ ...journal, MESSAGE: null })).toMatchObject([
      { kind: 'undecodable', reason: 'no-text', shape: 'journald' },
    ]);
  });

  it('reads nested fields and keys with dots alike, and never a prototype', () => {
    expect(lineOf({ 'log.syslog.hostname': 'web01', program: 'kernel', message: 'x' }).host).toBe('web01');
    expect(lineOf({ log: { 'syslog.hostname': 'web02' }, program: 'kernel', message: 'x' }).host).toBe('web02');
    expect(kindOf('{"__proto__":{"program":"kernel"},"message":"x"}')).toBe('foreign');
  });

  it('takes no path for a host', () => {
    expect(lineOf({ program: 'kernel', message: 'x', source: '/var/log/messages' }).host).toBe('');
  });

  it('keeps the labels that are configured, and only scalars', () => {
    const labels = { cluster: 'fields.cluster', rack: 'fields.rack', list: 'tags', missing: 'a.b' };
    const record = { program: 'kernel', message: 'x', fields: { cluster: 'c1', rack: 7 }, tags: ['a'] };
    expect(lineOf(record, { labels }).labels).toEqual({ cluster: 'c1', rack: '7' });
  });

  it('lets the record header name the host', () => {
    const headers = { host: new TextEncoder().encode('Edge1') };
    expect(lineOf(`<4>Nov 23 04:01:02 web01 kernel: x`, {}, { headers }).host).toBe('edge1');
  });

  it.each([
    ['ISO with zone', { '@timestamp': '2026-11-23T06:01:02.5+02:00' }],
    ['seconds', { '@timestamp': 1_795_406_462.5 }],
    ['ms', { timestamp: 1_795_406_462_500 }],
    ['us as a string', { __REALTIME_TIMESTAMP: '1795406462500000' }],
    ['ns', { time: '1795406462500000000' }],
  ])('reads the time as %s', (_, time) => {
    expect(lineOf({ program: 'kernel', message: 'x', ...time }).observedAtMs).toBe(
      Date.UTC(2026, 10, 23, 4, 1, 2, 500),
    );
  });
});

describe('Avro', () => {
  it('unwraps unions and looks fields up as in JSON', () => {
    const avro = () => ({
      message: { string: TRIGGER },
      host: 'web01',
      facility: { int: 0 },
      timestamp: { long: AT_MS },
    });
    const decoded = decode(new Uint8Array([0, 0, 0, 0, 7, 1]), { avro });
    expect(decoded).toMatchObject([
      { kind: 'line', shape: 'avro', line: { host: 'web01', text: TRIGGER, observedAtMs: AT_MS } },
    ]);
  });

  it('says why it reads none', () => {
    const refuse = () => {
      throw new Error('truncated buffer');
    };
    expect(decode(new Uint8Array([0, 0, 0, 0, 7, 1]))).toMatchObject([
      { reason: 'avro', detail: 'records.avro.schema is not set' },
    ]);
    expect(decode(new Uint8Array([0, 0, 0, 0, 7, 1]), { avro: refuse })).toMatchObject([
      { detail: 'truncated buffer' },
    ]);
    expect(decode(new Uint8Array([0, 0, 0, 0, 7, 1]), { avro: () => 3 })).toMatchObject([
      { detail: 'expected a record' },
    ]);
  });
});

describe('what cannot be decoded', () => {
  it.each([
    ['a tombstone', null, 'empty', undefined],
    ['nothing', '', 'empty', undefined],
    ['blanks', ' \n ', 'empty', undefined],
    ['a broken object', `{"message":"${TRIGGER}`, 'json', 'json'],
    ['an object without text', { other: 1 }, 'no-text', 'json'],
    ['Avro without its schema', new Uint8Array([0, 0, 0, 0, 1, 65]), 'avro', 'avro'],
    ['binary', new Uint8Array(64).fill(1), 'binary', undefined],
  ] as const)('is a value: %s', (_, value, reason, shape) => {
    const [decoded] = decode(value);
    expect(decoded).toMatchObject({ kind: 'undecodable', reason, position: { offset: 41 } });
    expect(decoded?.kind === 'undecodable' && decoded.shape).toBe(shape);
  });

  it('tells whether the bytes hold an opener, however long they are', () => {
    const long = new Uint8Array(10_000_000).fill(0x61);
    const verdictOf = ([decoded]: Decoded[]) =>
      decoded?.kind === 'undecodable' && [decoded.reason, decoded.holdsOpener];
    expect(verdictOf(decode(long))).toEqual(['too-long', false]);
    long.set(new TextEncoder().encode(TRIGGER), 9_000_000);
    expect(verdictOf(decode(long))).toEqual(['too-long', true]);
    expect(decode(`{"message":"${TRIGGER}`)).toMatchObject([{ reason: 'json', holdsOpener: true }]);
  });

  it('replaces what is no UTF-8', () => {
    const bytes = new TextEncoder().encode('<4>Nov 23 04:01:02 web01 kernel: Killed process 7 (a_)');
    bytes[bytes.length - 2] = 0xff;
    expect(lineOf(bytes).text).toBe('Killed process 7 (a\ufffd)');
  });

  it('never throws, whatever the bytes', () => {
    const json = fc.json().map((text) => new TextEncoder().encode(text));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), json), fc.boolean(), (bytes, kernelOnly) => {
        expect(decode(bytes, { kernelOnly }).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
