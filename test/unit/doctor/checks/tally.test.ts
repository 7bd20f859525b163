import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../../../src/consumer/index.ts';
import { createTally, type SampleFacts } from '../../../../src/doctor/checks/index.ts';
import { DECODER_OPTIONS } from '../../../support/decoder.ts';

const AT_MS = Date.UTC(2026, 10, 23, 4);
const LIMIT = 1_000;

const options = { ...DECODER_OPTIONS, maxBytes: LIMIT };
const decoder = createDecoder(options);
const anySpeaker = createDecoder({ ...options, kernelOnly: true });

interface Given {
  readonly value: string;
  readonly partition?: number;
  readonly key?: string;
  readonly timestampMs?: number;
}

function tallied(records: readonly Given[]): SampleFacts {
  const tally = createTally(LIMIT);
  records.forEach(({ value, partition = 0, key, timestampMs = AT_MS }, offset) => {
    const bytes = new TextEncoder().encode(value);
    const position = { topic: 'syslog', partition, offset };
    const raw = { ...position, timestampMs, value: bytes, ...(key && { key: new TextEncoder().encode(key) }) };
    tally.add({
      position,
      timestampMs,
      hasKey: key !== undefined,
      valueBytes: bytes.length,
      decoded: decoder.decode(raw),
      anySpeaker: anySpeaker.decode(raw),
    });
  });
  return tally.facts([]);
}

const line = (host: string, atMs: number, text: string, pri = 6): string =>
  `<${pri}>1 ${new Date(atMs).toISOString()} ${host} ${pri < 8 ? 'kernel' : 'app'} - - - ${text}`;
const kernel = (host: string, bootS: number, atMs = AT_MS): string => line(host, atMs, `[${bootS}.000000] eth0: up`);

describe('the tally', () => {
  it('counts keys, sizes, shapes and speakers', () => {
    const facts = tallied([
      { value: kernel('web01', 1), key: 'web01' },
      { value: line('web01', AT_MS, 'session opened', 14) },
      { value: line('web01', AT_MS, 'perl invoked oom-killer: gfp_mask=0x0, order=0', 14) },
      { value: '{"message":"cut' },
      { value: `<14>1 - web01 app - - - ${'x'.repeat(900)}` },
    ]);
    expect(facts).toMatchObject({
      records: 5,
      withoutKey: 4,
      nearLimit: 1,
      shapes: { 'syslog-pri': 4 },
      kernelLines: { facility: 1 },
      foreignLines: 3,
      spoofs: { count: 1, example: { partition: 0, offset: 2 } },
      undecodable: { json: { count: 1, example: { offset: 3 } } },
    });
    expect(facts.undecodable.json?.example.text).toMatch(/; it begins with \{"message":"cut$/);
    expect(facts.spoofs?.example.text).toContain('perl invoked oom-killer');
  });

  it('keeps the host of every line, not only of the kernel, with its partitions', () => {
    const { hosts } = tallied([
      { value: line('web01', AT_MS, 'a', 14), partition: 2 },
      { value: kernel('web01', 1), partition: 0 },
      { value: kernel('db01', 1), partition: 1 },
    ]);
    expect(hosts).toMatchObject([
      { host: 'web01', partitions: [0, 2], lines: 2, stamped: 1 },
      { host: 'db01', partitions: [1], lines: 1 },
    ]);
  });

  it('counts stamps that are missing, without a year, or only Kafka’s', () => {
    const facts = tallied([
      { value: '<6>Nov 23 04:00:00 old01 kernel: eth0: up' },
      { value: '<6>eth0: up', key: 'old02' },
    ]);
    expect(facts).toMatchObject({ withoutBootStamp: 2, yearless: 1, timedByBroker: 1 });
  });

  describe('order', () => {
    const inversions = (values: readonly string[]): readonly [number, number] => {
      const [host] = tallied(values.map((value) => ({ value }))).hosts;
      return [host?.inversions ?? -1, host?.worstStepMs ?? -1];
    };

    it('is bent by a stamp that lies more than seconds behind', () => {
      expect(inversions([kernel('a', 500), kernel('a', 490), kernel('a', 501)])).toEqual([1, 10_000]);
      expect(inversions([kernel('a', 500), kernel('a', 497), kernel('a', 501)])).toEqual([0, 0]);
      expect(inversions([line('a', AT_MS, 'x', 14), line('a', AT_MS - 60_000, 'y', 14)])).toEqual([1, 60_000]);
    });

    it('is not bent by a boot', () => {
      expect(inversions([kernel('a', 90_000), kernel('a', 3, AT_MS + 60_000)])).toEqual([0, 0]);
      // The first line of the new boot in the sample comes late, but not later than the clock on the wall allows.
      expect(inversions([kernel('a', 90_000), kernel('a', 4_000, AT_MS + 4_100_000)])).toEqual([0, 0]);
    });

    it('is bent by a line of this boot that comes late under a new date', () => {
      expect(inversions([kernel('a', 90_000), kernel('a', 80_000, AT_MS + 1_000)])).toEqual([1, 10_000_000]);
    });

    it('is looked at within a partition', () => {
      const { hosts } = tallied([
        { value: kernel('a', 500), partition: 0 },
        { value: kernel('a', 100, AT_MS - 400_000), partition: 1 },
      ]);
      expect(hosts).toMatchObject([{ inversions: 0, partitions: [0, 1] }]);
    });
  });

  it('keeps the closest distance of a host’s clock from Kafka’s: late lines are no wrong clock', () => {
    const { hosts } = tallied([
      { value: kernel('a', 1, AT_MS - 90_000_000) },
      { value: kernel('a', 2, AT_MS - 2_000) },
      { value: '<6>no date', key: 'b' },
    ]);
    expect(hosts.map(({ clockOffsetMs }) => clockOffsetMs)).toEqual([-2_000, undefined]);
  });
});
