import { describe, expect, it } from 'vitest';
import { hasHighmem32, kernelFacts, type PrintedNouns } from '../../../src/kernel/family.ts';

const nouns = (more: Partial<PrintedNouns>): PrintedNouns => ({
  callTrace: [],
  perCpu: [],
  nodes: [],
  zones: [],
  slabCaches: [],
  selections: [],
  kills: [],
  ...more,
});

describe('kernelFacts', () => {
  it('takes the release from the task header and says so', () => {
    const facts = kernelFacts(nouns({ taskHeader: { line: 3, release: '4.18.0-553.8.1.el8_10.x86_64' } }));
    expect(facts).toMatchObject({ version: [4, 18, 0], vendor: 'rhel8', addressBits: 64 });
    expect(facts.evidence[0]).toEqual({ field: 'taskHeader.release', value: '4.18.0-553.8.1.el8_10.x86_64', line: 3 });
  });

  it.each([
    ['0x84d0', undefined, [4, 3, 999]],
    ['0x24200ca', [4, 4, 0], [4, 9, 999]],
    ['0x14200ca', [4, 10, 0], [4, 16, 999]],
    ['0x6200ca', [4, 17, 0], [5, 0, 999]],
    ['0x140cca', [5, 1, 0], undefined],
  ])('dates the mask %s', (gfpMask, since, until) => {
    const facts = kernelFacts(nouns({ trigger: { line: 0, name: 'oven', gfpMask } }));
    expect(facts.since).toEqual(since);
    expect(facts.until).toEqual(until);
  });

  it('takes a failed request without a task for 2.4, a trigger without one for 2.6', () => {
    const trigger = { line: 0, order: 0, gfpMask: '0x1d2' };
    const failure = kernelFacts(nouns({ trigger, allocationFailure: true }));
    expect(failure.since).toBeUndefined();
    expect(failure.until).toEqual([2, 4, 999]);
    expect(kernelFacts(nouns({ trigger }))).toMatchObject({ since: [2, 6, 9], until: [2, 6, 18] });
    const cut = { ...trigger, gfpText: 'GFP_KERNEL' };
    expect(kernelFacts(nouns({ trigger: cut, allocationFailure: true }))).toMatchObject({ since: [4, 6, 0] });
  });

  it('bounds a lone kill line by its fields', () => {
    const kill = {
      line: 0,
      pid: 1,
      comm: 'oven',
      reason: 'Out of memory',
      totalVmKb: 1,
      shmemRssKb: 0,
      oomScoreAdj: 0,
    };
    expect(kernelFacts(nouns({ kills: [kill] })).since).toEqual([5, 3, 0]);
    expect(kernelFacts(nouns({ kills: [{ line: 0, comm: 'oven', reason: 'VM' }] })).until).toEqual([2, 4, 999]);
  });

  it('tells 32 from 64 bits by the addresses of the trace', () => {
    const frame = { line: 1, symbol: 'oven', reliable: true };
    expect(kernelFacts(nouns({ callTrace: [{ ...frame, address: 'c0123456' }] })).addressBits).toBe(32);
    expect(kernelFacts(nouns({ callTrace: [{ ...frame, address: 'ffffffff81234567' }] })).addressBits).toBe(64);
  });

  it('finds PAE where 32 bits hold more than 4 GB', () => {
    const totals = { line: 1, ramPages: 8_650_736, highmemPages: 8_422_402 };
    expect(kernelFacts(nouns({ totals })).pae).toBe(true);
    expect(kernelFacts(nouns({ totals: { ...totals, ramPages: 262_144 } })).pae).toBeUndefined();
  });
});

describe('hasHighmem32', () => {
  it('wants memory in the zone, not its name alone', () => {
    const facts = { evidence: [] };
    expect(hasHighmem32(facts, [{ line: 0, name: 'HighMem', presentKb: 0 }], undefined)).toBe(false);
    expect(hasHighmem32(facts, [{ line: 0, name: 'HighMem', buddyTotalKb: 12 }], undefined)).toBe(true);
    expect(hasHighmem32(facts, [], { line: 0, highmemPages: 7 })).toBe(true);
    expect(hasHighmem32({ evidence: [], addressBits: 64 }, [], { line: 0, highmemPages: 7 })).toBe(false);
  });
});
