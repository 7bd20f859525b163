/** Several machines that go by one name, and logs that were read long after the boot. */
import { describe, expect, it } from 'vitest';
import type { HostFacts, LogLine } from '../../../../src/domain.ts';
import { createBootReader } from '../../../../src/parser/index.ts';
import type { BootReader } from '../../../../src/ports.ts';
import { bootMachine, KERNELS, printBoot } from '../../../../src/simulate/index.ts';

const PLACE = { topic: 'syslog', partition: 0 };
const BOOT_MS = Date.UTC(2026, 10, 1);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const reader = (): BootReader => createBootReader({ idleMs: 30_000, ageMs: 600_000 });

const line = (text: string, offset: number, more: Partial<LogLine> = {}): LogLine => ({
  host: 'db07',
  text,
  position: { ...PLACE, offset },
  trust: 'facility',
  observedAtMs: BOOT_MS,
  ...more,
});

const OLD = printBoot(bootMachine(KERNELS['3.2'], 32 * 2 ** 20));
const NEW = printBoot(bootMachine(KERNELS['5.15'], 64 * 2 ** 20));

/** The lines of two machines by turns. */
function interleaved(first: Partial<LogLine>, second: Partial<LogLine>): LogLine[] {
  const lines: LogLine[] = [];
  for (let index = 0; index < Math.max(OLD.length, NEW.length); index += 1) {
    for (const [texts, more] of [
      [OLD, first],
      [NEW, second],
    ] as const) {
      const text = texts[index];
      if (text !== undefined) lines.push(line(text, lines.length, more));
    }
  }
  return lines;
}

const factsOf = (lines: readonly LogLine[], subject = reader()): HostFacts[] => [
  ...lines.flatMap((each) => subject.push(each)),
  ...subject.end(),
];

describe('two machines of one name', () => {
  it.each([
    ['the ids of the machines', { hostId: 'aaa' }, { hostId: 'bbb' }],
    ['the ids of their boots', { bootId: 'aaa' }, { bootId: 'bbb' }],
  ])('are told apart by %s', (_name, first, second) => {
    const facts = factsOf(interleaved(first, second));
    expect(facts.toSorted((a, b) => (a.release ?? '').localeCompare(b.release ?? ''))).toMatchObject([
      { ...first, release: '3.2.59', addressBits: 32, pae: true, highmem: true, lowmemKb: 891 * 1024 },
      { ...second, release: KERNELS['5.15'].release, addressBits: 64, highmem: false, totalKb: 64 * 2 ** 20 - 448 },
    ]);
  });

  it('stay among the open hosts until the last of their boots is closed', () => {
    const subject = reader();
    for (const bootId of ['aaa', 'bbb']) subject.push(line(OLD[0] ?? '', 0, { bootId }));
    expect(subject.openBoots).toBe(2);
    const memory = OLD.find((text) => text.startsWith('Memory:')) ?? '';
    expect(subject.push(line(memory, 1, { bootId: 'aaa' }))).toHaveLength(1);
    expect([...subject.openHosts(PLACE.topic, PLACE.partition)]).toEqual(['db07']);
    expect(subject.push(line(memory, 2, { bootId: 'bbb' }))).toHaveLength(1);
    expect(subject.openHosts(PLACE.topic, PLACE.partition).size).toBe(0);
    expect(subject.openBoots).toBe(0);
  });

  it('tell nothing where no id does and their lines contradict each other', () => {
    const facts = factsOf(interleaved({}, {}));
    expect(facts.length).toBeGreaterThan(0);
    for (const { highmem, addressBits } of facts) expect([highmem, addressBits]).toEqual([undefined, undefined]);
  });

  it.each([
    [
      'the release is of 64 bits',
      ['Linux version 5.14.0-70.el9.x86_64 (b@f) (gcc) #1 SMP', '31618MB HIGHMEM available.'],
    ],
    [
      'two sizes of HighMem',
      ['Linux version 3.2.59 (b@f) (gcc) #1', '31618MB HIGHMEM available.', '2695MB HIGHMEM available.'],
    ],
    [
      'HighMem beyond 64 bits',
      [
        'Linux version 3.2.59 (b@f) (gcc) #1',
        'last_pfn = 0x1 max_arch_pfn = 0x400000000',
        '31618MB HIGHMEM available.',
      ],
    ],
  ])('tell nothing where %s', (_name, texts) => {
    const [facts] = factsOf(texts.map((text, offset) => line(text, offset)));
    expect(facts).toMatchObject({ host: 'db07', isWhole: true });
    expect(facts).not.toHaveProperty('highmem');
  });
});

/** A boot whose records were all written at `atMs`, with what the kernel said later behind it. */
const burst = (atMs: number, laterSeconds: readonly number[], texts = OLD): LogLine[] => [
  ...texts.map((text, offset) => line(text, offset, { observedAtMs: atMs, bootUs: offset * 1000 })),
  ...laterSeconds.map((seconds, index) =>
    line('eth0: link is up', texts.length + index, { observedAtMs: atMs, bootUs: seconds * 1_000_000 }),
  ),
];

describe('a boot', () => {
  it('is late when its lines are read together with those of days', () => {
    const [facts, ...others] = factsOf(burst(BOOT_MS + 3 * DAY_MS, [4, 25, 90_061, 250_000]));
    expect(others).toEqual([]);
    expect(facts).toMatchObject({ isLate: true, seenAtMs: BOOT_MS + 3 * DAY_MS, highmem: true });
  });

  it('is not when the log daemon came up within minutes of it', () => {
    expect(factsOf(burst(BOOT_MS, [4, 25, 300]))[0]).not.toHaveProperty('isLate');
  });

  it('is late, too, when the next line of the kernel comes soon after an old ring', () => {
    const atMs = BOOT_MS + 3 * DAY_MS;
    const live = line('eth0: link is up', 90, { observedAtMs: atMs + 20_000, bootUs: 259_220_000_000 });
    expect(factsOf([...burst(atMs, [4, 25]), live])[0]).toMatchObject({ isLate: true });
  });

  it('is not when the clock of the host is set while it comes up', () => {
    for (const stepMs of [-2 * 3_600_000, 5 * 365 * DAY_MS]) {
      const after = [20, 30].map((seconds, index) =>
        line('eth0: link is up', 90 + index, { observedAtMs: BOOT_MS + stepMs, bootUs: seconds * 1_000_000 }),
      );
      expect(factsOf([...burst(BOOT_MS, [4]), ...after])[0]).not.toHaveProperty('isLate');
    }
  });

  it('is not when its stamps begin far from zero', () => {
    // 2.6.12 to 2.6.17 begin five minutes before their counter of ticks wraps; then a better clock takes over.
    for (const startSeconds of [4_294_667.296, 17_179_569.184, 900_000]) {
      const lines = OLD.map((text, offset) => line(text, offset, { bootUs: startSeconds * 1_000_000 }));
      const after = [startSeconds + 20, 28.5].map((seconds, index) =>
        line('eth0: link is up', 90 + index, { bootUs: seconds * 1_000_000 }),
      );
      expect(factsOf([...lines, ...after])[0]).not.toHaveProperty('isLate');
    }
    // Guests whose counter runs since their machine was switched on stamp zero until they use it.
    const guest = OLD.map((text, offset) => line(text, offset, { bootUs: 0 }));
    const after = [90_061, 90_064].map((seconds, index) =>
      line('eth0: link is up', 90 + index, { bootUs: seconds * 1_000_000 }),
    );
    expect(factsOf([...guest, ...after])[0]).not.toHaveProperty('isLate');
  });

  it('is closed at its last line where stamps cannot tell', () => {
    const subject = reader();
    expect(OLD.flatMap((text, offset) => subject.push(line(text, offset)))).toHaveLength(1);
    expect(subject.openBoots).toBe(0);
  });

  it('is held until the stamps have told, and no longer than silence', () => {
    const subject = reader();
    subject.advance(PLACE.topic, 0, BOOT_MS);
    expect(burst(BOOT_MS, [4]).flatMap((each) => subject.push(each))).toEqual([]);
    expect(subject.advance(PLACE.topic, 0, BOOT_MS + 1000)).toEqual([]);
    // A host that never falls silent does not hold its boot open.
    for (let second = 2; second < 30; second += 1) {
      expect(subject.push(line('eth0: link is up', 99, { bootUs: second * 1_000_000 }))).toEqual([]);
    }
    expect(subject.advance(PLACE.topic, 0, BOOT_MS + 31_000)).toMatchObject([{ highmem: true }]);

    expect(burst(BOOT_MS, [4]).flatMap((each) => subject.push(each))).toEqual([]);
    const settled = { observedAtMs: BOOT_MS + MINUTE_MS, bootUs: 64_000_000 };
    expect(subject.push(line('eth0: link is up', 99, settled))).toMatchObject([{ highmem: true }]);
    expect(subject.openBoots).toBe(0);
  });

  it('whose first lines are lost begins a new one behind one that is held', () => {
    const subject = reader();
    for (const each of burst(BOOT_MS, [4])) subject.push(each);
    const next = { observedAtMs: BOOT_MS + 50_000, bootUs: 0 };
    expect(subject.push(line('2695MB HIGHMEM available.', 99, next))).toMatchObject([
      { highmemKb: 32 * 2 ** 20 - 891 * 1024 },
    ]);
    expect(subject.end()).toMatchObject([{ highmemKb: 2695 * 1024, isWhole: false }]);
  });
});
