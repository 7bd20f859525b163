import { describe, expect, it } from 'vitest';
import { canaryRecords } from '../../../src/cli/canary.ts';
import { createDecoder, decodeUtf8 } from '../../../src/consumer/index.ts';
import type { OomReport } from '../../../src/domain.ts';
import { createParser } from '../../../src/parser/index.ts';

const NOW_MS = Date.UTC(2026, 8, 23);

describe('the records of a canary', () => {
  it.each(['rfc5424', 'vector-json'] as const)('as %s close one whole report without any waiting', (style) => {
    const decoder = createDecoder({
      format: 'auto',
      maxBytes: 1_048_576,
      kernelOnly: false,
      trustProgram: true,
      labels: {},
      decodeUtf8,
    });
    const parser = createParser({ idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: 134_217_728 });
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
