import { describe, expect, it } from 'vitest';
import { canaryRecords } from '../../../src/cli/canary.ts';
import { createDecoder } from '../../../src/consumer/index.ts';
import type { OomReport } from '../../../src/domain.ts';
import { createParser } from '../../../src/parser/index.ts';
import { DECODER_OPTIONS, PARSER_OPTIONS } from '../../support/decoder.ts';

const NOW_MS = Date.UTC(2026, 8, 23);

describe('the records of a canary', () => {
  it.each(['rfc5424', 'vector-json'] as const)('as %s close one whole report without any waiting', (style) => {
    const decoder = createDecoder(DECODER_OPTIONS);
    const parser = createParser(PARSER_OPTIONS);
    const reports: OomReport[] = [];
    const encoder = new TextEncoder();
    for (const [offset, { value, atMs }] of canaryRecords('oomscope-canary-1', style, NOW_MS).entries()) {
      const record = { topic: 'syslog', partition: 0, offset, timestampMs: atMs, value: encoder.encode(value) };
      for (const decoded of decoder.decode(record)) {
        if (decoded.kind === 'line') reports.push(...parser.push(decoded.line));
      }
    }
    expect(reports).toMatchObject([
      { host: 'oomscope-canary-1', action: 'page-allocation-failure', complete: true, kills: [], provisional: false },
    ]);
    expect(parser.firstNeeded('syslog', 0)).toBeUndefined();
  });
});
