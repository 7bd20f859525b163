import { describe, expect, it } from 'vitest';
import { linesOfText, parseText } from '../../../../src/parser/index.ts';

const LINES = ['[  12.000001] Mem-Info:', '[  12.000002] Free swap  = 0kB', '[  12.000003] 4096 pages RAM'];
const TEXTS = ['Mem-Info:', 'Free swap  = 0kB', '4096 pages RAM'];
const texts = (text: string) => linesOfText(text).map((line) => line.text);
const each = (wrap: (line: string) => unknown) => LINES.map((line) => JSON.stringify(wrap(line))).join('\n');

describe('lines of JSON', () => {
  it.each<[string, string]>([
    ['a container runtime', each((log) => ({ log: `${log}\n`, stream: 'stdout', time: '2024-05-07T03:04:05Z' }))],
    ['a log query', each((line) => ({ labels: { host: 'n1' }, line, timestamp: '2024-05-07T03:04:05Z' }))],
    ['a cloud, as text', each((textPayload) => ({ insertId: 'a', textPayload, resource: { type: 'vm' } }))],
    ['a cloud, structured', each((MESSAGE) => ({ insertId: 'a', jsonPayload: { MESSAGE, _HOSTNAME: 'n1' } }))],
    ['a search engine', each((message) => ({ _id: '1', _source: { message, host: { name: 'n1' } } }))],
    ['GELF', each((short_message) => ({ version: '1.1', host: 'n1', short_message, level: 4 }))],
    ['a search job', each((_raw) => ({ preview: false, result: { _raw } }))],
    ['a message with a blank in front', each((line) => ({ message: ` ${line}`, tag: 'kernel:' }))],
    ['server-sent events', each((MESSAGE) => ({ MESSAGE, _TRANSPORT: 'kernel' })).replace(/^/gm, 'data: ')],
    ['a lab', each((msg) => ({ dt: '2024-05-07T03:04:05', lvl: 'target', msg })).replace(/^/gm, '- ')],
    ['a collector', each((message) => ({ ident: 'kernel', message })).replace(/^/gm, '2024-05-07T03:04:05Z\tkern\t')],
    ['printed objects', LINES.map((message) => JSON.stringify({ message, n: { a: 1 } }, null, '\t')).join('\n')],
  ])('%s', (_, text) => {
    expect(texts(text)).toEqual(TEXTS);
  });
});

describe('a JSON document', () => {
  it.each<[string, unknown]>([
    ['of a log group', { events: LINES.map((message) => ({ timestamp: 1, message })), nextToken: 'x' }],
    ['of a search', { hits: { total: 3, hits: LINES.map((message) => ({ _source: { message } })) } }],
    [
      'of a log query',
      { data: { result: [{ stream: {}, values: LINES.map((line, n) => [`171505104500000000${n}`, line]) }] } },
    ],
    ['of a cloud', LINES.map((textPayload) => ({ textPayload }))],
    ['of a playbook', { changed: true, stdout: LINES.join('\n'), stdout_lines: LINES }],
    ['of a playbook, as lines', { n1: { stdout_lines: LINES } }],
  ])('%s', (_, value) => {
    expect(texts(JSON.stringify(value, null, 2))).toEqual(TEXTS);
    expect(texts(JSON.stringify(value))).toEqual(TEXTS);
  });

  it('without a text holds no lines, and one that is none is read as text', () => {
    expect(texts('{"a":[1,2,{"b":"c"}]}')).toEqual([]);
    expect(texts('[   12.000001] Mem-Info:')).toEqual(['Mem-Info:']);
    expect(texts('{"message":"cut off')).toEqual(['{"message":"cut off']);
  });

  it('nested without end is not followed', () => {
    const deep = `${'{"a":'.repeat(5_000)}{"message":"x"}${'}'.repeat(5_000)}`;
    expect(texts(deep)).toEqual([]);
  });
});

it('states its time beside or around the text', () => {
  const timeOf = (value: unknown) => linesOfText(JSON.stringify(value)).map(({ observedAtMs }) => observedAtMs);
  const atMs = Date.UTC(2024, 4, 7, 3, 4, 5, 250);
  expect(timeOf({ message: 'a', '@timestamp': '2024-05-07T03:04:05.250Z' })).toEqual([atMs]);
  expect(timeOf({ timestamp: '2024-05-07T05:04:05.25+02:00', jsonPayload: { MESSAGE: 'a' } })).toEqual([atMs]);
  expect(timeOf({ values: [[`${atMs}000000`, 'a']] })).toEqual([atMs]);
  expect(timeOf({ message: 'a', time: 'noon' })).toEqual([undefined]);
});

it('an export that begins with the newest line is turned', () => {
  const rows = [5, 4, 3, 2].map((second) => ({ timestamp: `2024-05-07T03:04:0${second}Z`, textPayload: `l${second}` }));
  expect(texts(JSON.stringify(rows))).toEqual(['l2', 'l3', 'l4', 'l5']);
});

it('an object that is never closed costs linear time', () => {
  const started = performance.now();
  parseText('{\n'.repeat(20_000));
  parseText(`${'{\n'}${'"a": 1,\n'.repeat(50_000)}`);
  expect(performance.now() - started).toBeLessThan(4_000);
});
