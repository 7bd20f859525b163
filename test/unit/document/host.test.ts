import { describe, expect, it } from 'vitest';
import {
  buildMapping,
  FIELD_BY_NAME,
  HOST_FIELDS,
  HOST_INDEX,
  hostFactsOf,
  toHostWrite,
} from '../../../src/document/index.ts';
import type { HostFacts } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { parseText } from '../../../src/parser/index.ts';
import {
  KERNELS,
  type KernelName,
  printReport,
  SCENARIOS,
  type ScenarioName,
  scenarioState,
} from '../../../src/simulate/index.ts';

const position = { topic: 'syslog', partition: 0, offset: 7 };
const BOOT_MS = Date.UTC(2026, 10, 1);
const HOUR_MS = 3_600_000;

const boot = (more: Partial<HostFacts> = {}): HostFacts => ({
  host: 'db07',
  source: 'boot',
  isWhole: true,
  seenAtMs: BOOT_MS,
  trust: 'facility',
  release: '3.2.59',
  addressBits: 32,
  pae: true,
  totalKb: 33_553_976,
  highmem: true,
  highmemKb: 32_639_868,
  lowmemKb: 891 * 1024,
  positions: { first: position, last: position },
  ...more,
});

/** A report so many hours after its boot. */
const report = (hours: number, more: Partial<HostFacts> = {}): HostFacts =>
  boot({ source: 'report', seenAtMs: BOOT_MS + hours * HOUR_MS, uptimeUs: hours * HOUR_MS * 1000, ...more });

const versionOf = (facts: HostFacts): number => toHostWrite(facts)?.version ?? Number.NaN;

const factsOfReport = (scenario: ScenarioName, kernel: KernelName, cut = Number.POSITIVE_INFINITY) => {
  const text = printReport(scenarioState(SCENARIOS[scenario], { kernel: KERNELS[kernel], seed: 3 }));
  const [found] = parseText(text.slice(0, cut).join('\n'), { path: 'x' });
  return found && hostFactsOf(found, analyse(found));
};

describe('the fields of the inventory', () => {
  it('have the types of the reports, where reports have them too', () => {
    for (const { name, type } of HOST_FIELDS) expect([name, FIELD_BY_NAME.get(name)?.type]).toEqual([name, type]);
    expect(new Set(HOST_FIELDS.map(({ name }) => name)).size).toBe(HOST_FIELDS.length);
  });

  it('are all that a document holds', () => {
    const labels = { 'a.b': 'c' };
    const write = toHostWrite(
      boot({ hostId: 'm', bootId: 'b', timeSource: 'header', pageSizeKb: 4, firmwareKb: 1, labels }),
    );
    const isWithin = (value: unknown, mapping: unknown): void => {
      for (const [key, inner] of Object.entries(Object(value))) {
        const child = Reflect.get(Object(Reflect.get(Object(mapping), 'properties')), key);
        expect(child, key).toBeDefined();
        if (typeof inner === 'object' && !Array.isArray(inner) && key !== 'labels') isWithin(inner, child);
      }
    };
    isWithin(write?.document, buildMapping('strict', HOST_FIELDS));
  });
});

describe('toHostWrite', () => {
  it('writes one document per host', () => {
    expect(toHostWrite(boot())).toMatchObject({
      id: 'db07',
      index: HOST_INDEX,
      supersedes: [],
      document: {
        '@timestamp': '2026-11-01T00:00:00.000Z',
        message: 'db07 runs Linux 3.2.59 with 32 bits: 891 MiB of low memory below 31.1 GiB of HighMem.',
        event: { id: 'db07', dataset: 'oom.host' },
        host: { name: 'db07', os: { kernel: '3.2.59' } },
        oom: {
          host: { source: 'boot', booted: '2026-11-01T00:00:00.000Z' },
          kernel: { address_bits: 32, pae: true, version: '3.2.59' },
          highmem: { present: true, total_bytes: 32_639_868 * 1024 },
          lowmem: { total_bytes: 891 * 2 ** 20 },
        },
      },
    });
  });

  it('writes nothing that does not tell of HighMem, and nothing without a host', () => {
    const { highmem: _, ...untold } = boot();
    expect(toHostWrite(untold)).toBeUndefined();
    expect(toHostWrite(boot({ host: '' }))).toBeUndefined();
    expect(toHostWrite(boot({ host: 'x'.repeat(254) }))).toBeUndefined();
  });

  it.each([
    'localhost',
    'localhost.localdomain',
    'localhost6',
    'localhost.example',
    '(none)',
    'none',
    '-',
    '127.0.0.1',
  ])('writes nothing of %s, whose document strangers would share', (host) => {
    expect(toHostWrite(boot({ host, hostId: 'm', bootId: 'b' }))).toBeUndefined();
  });

  it('writes hosts whose names only begin like that', () => {
    for (const host of ['localhost7', 'localhosts.example', 'none01'])
      expect(toHostWrite(boot({ host }))?.id).toBe(host);
  });

  it('writes nothing that contradicts itself', () => {
    expect(toHostWrite(boot({ addressBits: 64 }))).toBeUndefined();
  });

  it('writes no id that Elasticsearch would refuse together with the request', () => {
    for (const host of ['\u4f8b'.repeat(253), '\u4f8b'.repeat(171), 'db\ud800']) {
      expect(toHostWrite(boot({ host }))).toBeUndefined();
    }
    const wide = '\u4f8b'.repeat(170);
    expect(toHostWrite(boot({ host: wide }))).toMatchObject({ id: wide });
    expect(Buffer.byteLength(wide)).toBeLessThanOrEqual(512);
  });

  it('ranks the lines of a boot above its reports, though clocks drift, and the next boot above all', () => {
    for (const hours of [0.01, 1, 24, 24 * 400]) {
      expect(versionOf(boot())).toBeGreaterThan(versionOf(report(hours)));
      // The clock from boot has lost or won 300 ppm, and the report's own stamp is cut to the second.
      const driftUs = hours * HOUR_MS * 1000 * 0.0003;
      expect(versionOf(boot())).toBeGreaterThan(
        versionOf(report(hours, { uptimeUs: hours * HOUR_MS * 1000 - driftUs })),
      );
      const next = boot({ seenAtMs: BOOT_MS + hours * HOUR_MS + 3_000_000 });
      expect(versionOf(next)).toBeGreaterThan(versionOf(boot()));
    }
    // A report of the next boot, whose lines were lost, an hour and a half after the one before.
    const later = report(5, { seenAtMs: BOOT_MS + 6.5 * HOUR_MS });
    expect(versionOf(later)).toBeGreaterThan(versionOf(boot()));
  });

  it('ranks what does not know its boot below what does, and torn readings lowest', () => {
    const { uptimeUs: _, ...undated } = report(10);
    expect(versionOf(undated)).toBeLessThan(versionOf(report(24 * 400)));
    expect(versionOf({ ...undated, seenAtMs: BOOT_MS + 11 * HOUR_MS })).toBeGreaterThan(versionOf(undated));
    expect(versionOf(report(10, { isWhole: false }))).toBeLessThan(versionOf(undated));
    expect(versionOf(boot({ isWhole: false }))).toBeLessThan(versionOf(boot()));
  });

  it('ranks lines of a boot that were read long after it below everything that knows its boot', () => {
    const late = boot({ isLate: true, seenAtMs: BOOT_MS + 72 * HOUR_MS });
    expect(versionOf(late)).toBeLessThan(versionOf(boot()));
    expect(versionOf(late)).toBeLessThan(versionOf(report(24 * 400)));
    expect(versionOf({ ...late, seenAtMs: BOOT_MS + 96 * HOUR_MS })).toBeGreaterThan(versionOf(late));
    expect(versionOf({ ...late, isWhole: false })).toBeLessThan(versionOf(late));
    const undated = toHostWrite(late)?.document;
    expect(undated).toMatchObject({ oom: { host: { source: 'boot' } } });
    expect(JSON.stringify(undated)).not.toContain('booted');
  });

  it('ranks the fuller of one instant first, and tells different ones apart', () => {
    const { lowmemKb: _, ...poorer } = boot();
    expect(versionOf(boot())).toBeGreaterThan(versionOf(poorer));
    const sizes = Array.from({ length: 2000 }, (_, index) => versionOf(boot({ highmemKb: 32_639_868 - index })));
    const labels = Array.from({ length: 2000 }, (_, index) => versionOf(boot({ labels: { rack: `r${index}` } })));
    // 16 bits of hash: of 2,000 about 30 fall together.
    expect(new Set(sizes).size).toBeGreaterThan(1930);
    expect(new Set(labels).size).toBeGreaterThan(1930);
  });

  it('has versions that JSON can hold, also without a usable time', () => {
    for (const seenAtMs of [Number.NaN, -1, 0, Date.UTC(9999, 11, 31), Number.POSITIVE_INFINITY]) {
      const version = versionOf(boot({ seenAtMs }));
      expect(Number.isSafeInteger(version)).toBe(true);
      expect(version).toBeGreaterThan(0);
    }
  });
});

describe('hostFactsOf', () => {
  it('tells a 32-bit host with HighMem from its report', () => {
    expect(factsOfReport('lowmem-slab', '3.2')).toMatchObject({
      source: 'report',
      isWhole: true,
      release: '3.2.59',
      addressBits: 32,
      highmem: true,
    });
  });

  it('tells a 64-bit host, also by a report of a cgroup', () => {
    expect(factsOfReport('exhausted-no-swap', '5.15')).toMatchObject({ addressBits: 64, highmem: false });
    expect(factsOfReport('memcg-v1', 'rhel7')).toMatchObject({ addressBits: 64, highmem: false });
  });

  it('says nothing by a page allocation failure, which is no OOM', () => {
    expect(factsOfReport('allocation-failure', '5.15')).toBeUndefined();
  });

  it('is outranked, however far it is cut, by the reading of the whole report', () => {
    const whole = factsOfReport('lowmem-page-tables', '4.9-i386');
    if (whole === undefined) throw new Error('the report tells nothing');
    let told = 0;
    for (let cut = 1; cut < 170; cut += 1) {
      const facts = factsOfReport('lowmem-page-tables', '4.9-i386', cut);
      if (facts === undefined || facts.totalKb === whole.totalKb) continue;
      told += 1;
      expect(versionOf({ ...facts, host: 'db07', seenAtMs: BOOT_MS }), `cut at ${cut}`).toBeLessThan(
        versionOf({ ...whole, host: 'db07', seenAtMs: BOOT_MS }),
      );
    }
    expect(told).toBeGreaterThan(5);
  });

  it('says nothing where the report is cut before it has told of HighMem', () => {
    expect(factsOfReport('lowmem-slab', '4.9-i386', 3)).toBeUndefined();
  });
});
