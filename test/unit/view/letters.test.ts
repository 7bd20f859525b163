import { describe, expect, it } from 'vitest';
import type { LetterSummary } from '../../../src/ports.ts';
import { escapeJson } from '../../../src/view/escape.ts';
import { letterScreen, lettersScreen, remedyOf } from '../../../src/view/letters.ts';

const first = { topic: 'syslog', partition: 3, offset: 100 };
const last = { ...first, offset: 180 };
const rejected: LetterSummary = {
  id: 'a1',
  atMs: Date.UTC(2026, 8, 23, 2, 4, 16, 789),
  reason: 'rejected',
  host: 'build7',
  error: 'strict_dynamic_mapping_exception: [1:86] no [oom.x]. Second sentence.',
  positions: { first, last },
  isRetriable: true,
};
const HOSTILE = 'a\u001b[2J\u009b31m\u202eb\nc';

describe('the list', () => {
  it('has a line per letter with the first sentence of its error', () => {
    const screen = lettersScreen('topic t', [rejected, { ...rejected, id: 'b', positions: { first, last: first } }]);
    expect(screen.split('\n')).toEqual([
      'time                  reason    host    id  source            error',
      '2026-09-23T02:04:16Z  rejected  build7  a1  syslog/3@100-180  strict_dynamic_mapping_exception: [1:86] no [oom.x]',
      '2026-09-23T02:04:16Z  rejected  build7  b   syslog/3@100      strict_dynamic_mapping_exception: [1:86] no [oom.x]',
      '',
      '2 dead letters (2 rejected): topic t.',
      '',
    ]);
  });

  it('says that there are none', () => {
    expect(lettersScreen('topic t', [])).toBe('No dead letters: topic t.\n');
  });

  it('prints nothing that could steer a terminal, and survives any time', () => {
    const positions = { first: { ...first, topic: HOSTILE }, last };
    const letter = { ...rejected, id: HOSTILE, host: HOSTILE, error: HOSTILE.repeat(100), positions, atMs: 1e300 };
    const screen = lettersScreen(HOSTILE, [letter]);
    expect(screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(screen.split('\n')).toHaveLength(5);
  });
});

describe('one letter', () => {
  const write = {
    id: 'a1',
    index: 'oom-report-2026.09.01',
    version: 7,
    document: { host: { name: HOSTILE } },
    supersedes: [{ id: 'early', index: 'oom-report-2026.09.01' }],
    positions: { first, last },
  };

  it('shows its document, escaped and still JSON', () => {
    const screen = letterScreen(rejected, { write });
    expect(screen).toContain('index       oom-report-2026.09.01, version 7\nsupersedes  early\n');
    expect(screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(screen.slice(screen.indexOf('\n{')))).toEqual(write.document);
  });

  it('shows the bytes of a record, unprintable ones by their number, the first 4 KiB of them', () => {
    const bytes = new Uint8Array(5_000).fill(0x41);
    bytes.set([0x1b, 0x5c, 0xe9], 0);
    const screen = letterScreen({ ...rejected, reason: 'undecodable', isRetriable: false }, { bytes });
    expect(screen).toContain('\n\\x1b\\x5c\\xe9AAAA');
    expect(screen).toContain('and 904 bytes more');
  });
});

describe('what to do', () => {
  it('is to write again what holds a document, and to read again what does not', () => {
    expect(remedyOf(rejected)).toContain('dead-letters retry');
    const lost = { ...rejected, isRetriable: false };
    expect(remedyOf({ ...lost, reason: 'undecodable' })).toMatch(/records\.\*.*syslog\/3 again from offset 100/);
    expect(remedyOf({ ...lost, omitted: { what: 'document', bytes: 9 } })).toMatch(/9 bytes.*from offset 100/);
    expect(remedyOf({ ...lost, reason: 'unreadable' })).toMatch(/not a letter/);
  });
});

it('escapeJson changes no value', () => {
  const json = escapeJson(JSON.stringify({ [HOSTILE]: HOSTILE }));
  expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  expect(JSON.parse(json)).toEqual({ [HOSTILE]: HOSTILE });
});
