import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../../src/doctor/checks/index.ts';
import { diagnose } from '../../../../src/doctor/checks/index.ts';
import {
  type healthy,
  healthySample,
  healthyTopic,
  NOW_MS,
  saidBy,
  verdictsOf,
  withSample,
  withTopic,
} from '../healthy.ts';

const example = { partition: 1, offset: 7, text: 'mallory invoked oom-killer' };
const [model] = healthySample.hosts;
const host = (change: Partial<HostFacts>): HostFacts => ({
  ...(model ?? {
    host: '',
    partitions: [],
    lines: 0,
    stamped: 0,
    unstamped: 0,
    inversions: 0,
    worstStepMs: 0,
    clockOffsetMs: 0,
  }),
  ...change,
});

const adviceOf = (check: string, facts: typeof healthy): string | undefined => verdictsOf(check, facts)[0]?.advice;

describe('records', () => {
  it('warn when none arrive, when they stopped, and when they come from the future', () => {
    const { newestAtMs: _, ...rest } = healthySample;
    expect(saidBy('arriving', withTopic({ sample: { ...rest, records: 0 } }))).toEqual(['warning: no records']);
    expect(saidBy('arriving', withTopic({ sample: rest }))).toEqual(['warning: the records have no stamp of Kafka']);
    expect(saidBy('arriving', withSample({ newestAtMs: NOW_MS - 10_800_000 }))).toEqual([
      'warning: the newest record is 3 hours old',
    ]);
    expect(saidBy('arriving', withSample({ newestAtMs: NOW_MS + 10_800_000 }))).toEqual([
      'warning: the newest record is stamped 3 hours in the future',
    ]);
  });

  it('fail when a batch cannot be opened, and warn of transactions', () => {
    const unopened = { count: 2, example: { ...example, text: 'unknown compression codec 6' } };
    expect(saidBy('codec', withSample({ unopened }))[0]).toContain('failure: 2 record batches cannot be opened, as at');
    expect(saidBy('codec', withSample({ inTransactions: 1 }))).toEqual([
      'warning: codec zstd; 1 record in transactions',
    ]);
  });

  it('are listed by shape, or by what is wrong with them', () => {
    const shapes = { filebeat: 270, 'syslog-pri': 30 };
    expect(saidBy('decodable', withSample({ shapes }))).toEqual(['ok: shapes: filebeat 90 %, syslog-pri 10 %']);
    const few = withSample({ undecodable: { json: { count: 2, example }, avro: { count: 1, example } } });
    expect(saidBy('decodable', few)).toEqual([
      'warning: 2 records (< 1 %) cannot be decoded: json, as at partition 1 offset 7: "mallory invoked oom-killer"',
      'warning: 1 record (< 1 %) cannot be decoded: avro, as at partition 1 offset 7: "mallory invoked oom-killer"',
    ]);
    const all = withSample({ undecodable: { binary: { count: 300, example } } });
    expect(verdictsOf('decodable', all)[0]?.state).toBe('failure');
    expect(diagnose(all).exitCode).toBe(2);
  });

  it('warn near the limit of their size', () => {
    expect(saidBy('record-size', withSample({ nearLimit: 1, largestBytes: 1_000_000 }))).toEqual([
      'warning: the largest has 1,000,000 bytes; 1 record near or beyond records.max.bytes (1048576)',
    ]);
  });
});

describe('lines of the kernel', () => {
  it('must be among the lines, once there are enough to tell', () => {
    const facts = withSample({ kernelLines: {}, foreignLines: 300 });
    expect(saidBy('kernel-lines', facts)).toEqual(["warning: none of 300 lines is the kernel's"]);
    expect(adviceOf('kernel-lines', facts)).toContain('imklog');
    const few = withSample({ kernelLines: {}, foreignLines: 19 });
    expect(saidBy('kernel-lines', few)).toEqual(['ok: none of 19 lines, which is too few to tell']);
  });

  it('are weak where only the program says so', () => {
    expect(saidBy('kernel-lines', withSample({ kernelLines: { program: 100 } }))[0]).toContain(
      'by their program alone',
    );
    expect(saidBy('kernel-lines', withSample({ kernelLines: { program: 90, facility: 10 } }))[0]).toMatch(/^ok/);
  });

  it('may be imitated: the advice names the options that decide', () => {
    const facts = withSample({ spoofs: { count: 1, example } });
    expect(saidBy('spoofs', facts)[0]).toContain('"mallory invoked oom-killer"');
    expect(adviceOf('spoofs', facts)).toContain('records.kernel.only');
    const strict = { ...facts, settings: { ...facts.settings, trustProgram: false } };
    expect(adviceOf('spoofs', strict)).toContain('records.trust.program');
  });

  it('should say when, and each host in one way', () => {
    const said = (change: Partial<typeof healthySample>) => saidBy('stamps', withSample(change));
    expect(said({ withoutBootStamp: 50 })[0]).toContain("50 % of the kernel's lines have no stamp since boot");
    expect(said({ yearless: 100 })[0]).toContain('without year and zone');
    expect(said({ timedByBroker: 1 })[0]).toContain('no time but that of the Kafka record');
    expect(said({ withoutBootStamp: 1, hosts: [host({ host: 'twice01', stamped: 1, unstamped: 1 })] })).toEqual([
      'warning: kernel lines with and without the stamp since boot from 1 host: twice01',
    ]);
    expect(said({ kernelLines: {} })).toEqual([]);
  });
});

describe('hosts', () => {
  it('need keys, unless there is one partition', () => {
    const sample = { ...healthySample, withoutKey: 75 };
    expect(saidBy('keys', withTopic({ sample }))).toEqual(['warning: 75 records of 300 (25 %) have no key']);
    const partitions = healthyTopic.partitions.slice(0, 1);
    expect(saidBy('keys', withTopic({ sample, partitions }))[0]).toMatch(/^ok/);
  });

  it('must lie on one partition each: a few are a warning, many a failure', () => {
    const hosts = Array.from({ length: 20 }, (_, index) => host({ host: `web${index}` }));
    const split = host({ host: 'split01', partitions: [0, 2] });
    const few = withSample({ hosts: [...hosts, split] });
    expect(saidBy('spread', few)).toEqual(['warning: 1 host of 21 on several partitions: split01 on 0, 2']);
    expect(adviceOf('spread', few)).toContain('murmur2');
    const many = withSample({ hosts: [...hosts, split, split, split], withoutKey: 5 });
    expect(verdictsOf('spread', many)[0]?.state).toBe('failure');
    expect(adviceOf('spread', many)).toContain('dynakey');
  });

  it('should be in order and have the right time', () => {
    const bent = [host({ host: 'bent01', inversions: 3, worstStepMs: 90_000 })];
    expect(saidBy('order', withSample({ hosts: bent }))).toEqual(['warning: 1 host: bent01 3 times, by up to 90 s']);
    const hour = 3_600_000;
    const clocks = [-48 * hour, 14 * hour + 500, -5.5 * hour, 20 * 60_000, -900].map((clockOffsetMs, index) =>
      host({ host: `h${index}`, clockOffsetMs }),
    );
    expect(saidBy('clocks', withSample({ hosts: clocks }))).toEqual([
      'warning: 1 host: h0 2 days behind',
      'warning: 2 hosts: h1 14 hours ahead, h2 5.5 hours behind',
    ]);
  });

  it('should use more than one partition', () => {
    const sized = (sizes: readonly number[]) =>
      saidBy(
        'balance',
        withTopic({ partitions: sizes.map((endOffset, partition) => ({ partition, firstOffset: 0, endOffset })) }),
      );
    expect(sized([9_900, 100, 0])).toEqual(['warning: partition 0 of 3 holds 99 %']);
    expect(sized([600, 400])).toEqual(['ok: the fullest of 2 partitions holds 60 %']);
    expect(sized([5_000])).toEqual(['ok: the fullest of 1 partition holds 100 %']);
    expect(sized([900, 0])[0]).toMatch(/^ok/);
    expect(sized([0, 0])).toEqual([]);
  });

  it('should have names of one kind', () => {
    const hosts = ['localhost', '192.0.2.1', '2001:db8::1', 'web01', 'web01.example', 'db01.example'];
    const facts = withSample({ withoutHost: 3, hosts: hosts.map((name) => host({ host: name })) });
    expect(saidBy('host-names', facts)).toEqual([
      'warning: 3 records (1 %) name no host',
      'warning: hosts are called localhost',
      'warning: 2 hosts of 6 are addresses: 192.0.2.1, 2001:db8::1',
      'warning: 1 host with and without domain: web01 and web01.example',
    ]);
  });
});
