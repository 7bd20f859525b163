import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FetchedBlock } from '../../../src/clients/kafka.ts';
import { readBlocks } from '../../../src/clients/record-batch.ts';
import { createDecoder } from '../../../src/consumer/decode/index.ts';
import { lineBatchOf } from '../../../src/consumer/record-batches.ts';
import type { Decoded } from '../../../src/ports.ts';
import { DECODER_OPTIONS } from '../../support/decoder.ts';
import { encodeBatch, type TestRecord } from '../../support/record-batch.ts';

const decoder = createDecoder(DECODER_OPTIONS);

function blockOf(records: readonly TestRecord[], fromOffset = 100): FetchedBlock {
  const [block] = readBlocks(encodeBatch({ baseOffset: 100, firstAtMs: 1_000, records }));
  if (block === undefined) throw new Error('no block');
  return { ...block, topic: 'syslog', partition: 0, fromOffset, epoch: 1 };
}

const noise = (host: string): TestRecord => ({ value: `<4>Nov 23 04:01:02 ${host} kernel: [1.5] eth0: link up` });
const trigger = (host: string): TestRecord => ({
  value: `<4>Nov 23 04:01:02 ${host} kernel: [1.5] x invoked oom-killer: gfp_mask=0x1, order=0`,
});

const offsetsOf = (decoded: Iterable<Decoded>): number[] =>
  [...decoded].map((each) => (each.kind === 'line' ? each.line.position.offset : each.position.offset));

describe('lineBatchOf', () => {
  it('passes over records that cannot matter', () => {
    const batch = lineBatchOf(blockOf([noise('web01'), noise('web02'), trigger('web03'), noise('web01')]), decoder);
    expect(batch).toMatchObject({ firstOffset: 100, lastOffset: 103, recordCount: 4, firstAtMs: 1_000 });
    expect(offsetsOf(batch.lines(new Set()))).toEqual([102]);
    expect(offsetsOf(batch.lines(new Set(['web01'])))).toEqual([100, 102, 103]);
    expect(offsetsOf(lineBatchOf(blockOf([noise('web01')]), decoder).lines(new Set()))).toEqual([]);
  });

  it('finds an open host in any case, and reads the set anew at each record', () => {
    const batch = lineBatchOf(blockOf([noise('WEB03'), trigger('Web03'), noise('wEb03'), noise('web04')]), decoder);
    const open = new Set<string>();
    const offsets: number[] = [];
    for (const decoded of batch.lines(open)) {
      if (decoded.kind !== 'line') continue;
      open.add(decoded.line.host);
      offsets.push(decoded.line.position.offset);
    }
    expect(offsets).toEqual([101, 102]);
  });

  it('decodes everything while a report of a host without a name is open', () => {
    const batch = lineBatchOf(blockOf([noise('web01'), noise('web02')]), decoder);
    expect(offsetsOf(batch.lines(new Set([''])))).toEqual([100, 101]);
    expect(offsetsOf(batch.lines(new Set(['host é'])))).toEqual([100, 101]);
  });

  it('leaves out what lies before the offset asked for', () => {
    const batch = lineBatchOf(blockOf([trigger('a'), trigger('b'), trigger('c')], 101), decoder);
    expect(batch.firstOffset).toBe(101);
    expect(offsetsOf(batch.lines(new Set()))).toEqual([101, 102]);
  });

  it('does not overlook a journal text written as numbers', () => {
    const MESSAGE = [...Buffer.from('Killed process 7 (x)')];
    const value = JSON.stringify({ MESSAGE, _TRANSPORT: 'kernel', _HOSTNAME: 'web01' });
    expect(offsetsOf(lineBatchOf(blockOf([{ value }]), decoder).lines(new Set()))).toEqual([100]);
  });

  it('hands over a damaged batch as undecodable, at the record it had reached', () => {
    const block = blockOf([trigger('a'), trigger('b')]);
    const damaged = { ...block, payload: block.payload.subarray(0, block.payload.length - 4) };
    expect([...lineBatchOf(damaged, decoder).lines(new Set())]).toMatchObject([
      { kind: 'line' },
      { kind: 'undecodable', reason: 'encoding', holdsOpener: true, position: { offset: 100 } },
    ]);
    const unknown = { ...block, codec: 7 };
    expect([...lineBatchOf(unknown, decoder).lines(new Set())]).toMatchObject([{ kind: 'undecodable' }]);
  });

  it('gives of any batch what decoding all of it would give for openers and open hosts', () => {
    const hosts = ['web01', 'db-2.example', 'Mixed3', ''];
    const record = fc.record({
      host: fc.constantFrom('WEB01', 'db-2.example', 'mixed3', 'other'),
      opens: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), fc.subarray(hosts), (records, open) => {
        const block = blockOf(records.map(({ host, opens }) => (opens ? trigger(host) : noise(host))));
        const openHosts = new Set(open.map((host) => host.toLowerCase()));
        const expected = records.flatMap(({ host, opens }, index) =>
          opens || openHosts.has('') || openHosts.has(host.toLowerCase()) ? [100 + index] : [],
        );
        expect(offsetsOf(lineBatchOf(block, decoder).lines(openHosts))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
