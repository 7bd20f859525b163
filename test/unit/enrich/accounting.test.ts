import { describe, expect, it } from 'vitest';
import type { MemInfo, NodeInfo, OomReport } from '../../../src/domain.ts';
import { analyseAccounts, machineAccount, machineTotalKb, zoneAccount } from '../../../src/enrich/accounting.ts';
import { report, zone } from './build.ts';

const info = (parts: Partial<MemInfo>): MemInfo => ({ line: 0, freePages: 0, ...parts });
const totals = (ramPages: number, reservedPages: number): OomReport['totals'] => ({ ramPages, reservedPages, line: 0 });
const kbOf = (input: OomReport) =>
  Object.fromEntries(machineAccount(input, 4)?.entries.map(({ name, kb }) => [name, kb]) ?? []);

describe("the machine's book", () => {
  it('counts each page once: shared memory lies on the anonymous lists', () => {
    const input = report('5.10.0', {
      memInfo: info({ activeAnonPages: 600, inactiveAnonPages: 200, shmemPages: 300 }),
      totals: totals(1000, 0),
    });
    expect(kbOf(input)).toEqual({ anonymous: 2000, 'shared memory': 1200 });
  });

  it('counts locked shared memory on the unevictable list', () => {
    const input = report('5.10.0', {
      memInfo: info({ activeAnonPages: 100, unevictablePages: 500, shmemPages: 400 }),
      totals: totals(1000, 0),
    });
    expect(kbOf(input)).toEqual({ 'shared memory': 1600, unevictable: 800 });
    expect(machineAccount(input, 4)?.unattributedKb).toBe(4000 - 2400);
  });

  it('keeps the lists together where the kernel does', () => {
    const input = report('2.6.22', {
      memInfo: info({ activePages: 500, inactivePages: 100, slabPages: 50 }),
      totals: totals(1000, 100),
    });
    expect(kbOf(input)).toEqual({ 'anonymous and file cache': 2400, slab: 200 });
  });

  it('takes kernel stacks from the nodes, before 5.9 from the zones', () => {
    const memInfo = info({ activeAnonPages: 1 });
    const node: NodeInfo = { node: 0, kernelStackKb: 64, shadowCallStackKb: 16, line: 0 };
    expect(kbOf(report('5.10.0', { memInfo, nodes: [node], totals: totals(1000, 0) }))['kernel stacks']).toBe(80);
    const zones = [zone('Normal', { free: 1, min: 1 }, [], { kernelStackKb: 32, managedKb: 4000 })];
    expect(kbOf(report('4.4.0', { memInfo, zones, totals: totals(1000, 0) }))['kernel stacks']).toBe(32);
  });

  it('leaves out a huge page pool that does not fit', () => {
    const pool = (total: number) => [{ total, free: 0, surplus: 0, sizeKb: 2048, line: 0 }];
    const memInfo = info({ activeAnonPages: 400_000 });
    const sized = (total: number) =>
      kbOf(report('5.10.0', { memInfo, hugePages: pool(total), totals: totals(500_000, 0) }));
    expect(sized(100)['huge pages']).toBe(204_800);
    expect(sized(1000)['huge pages']).toBeUndefined();
  });

  it('is absent without counters or without a total', () => {
    expect(machineAccount(report('5.10.0', { totals: totals(1000, 0) }), 4)).toBeUndefined();
    expect(machineAccount(report('5.10.0', { memInfo: info({}) }), 4)).toBeUndefined();
  });
});

describe("the machine's memory", () => {
  const zones = [zone('Normal', { free: 1, min: 1 }, [], { managedKb: 3600 })];

  it('is what the zones manage when it holds all that is counted', () => {
    // A tenfold misprint of the total changes nothing.
    expect(
      machineTotalKb(
        report('5.10.0', { zones, memInfo: info({ activeAnonPages: 850 }), totals: totals(10_000, 100) }),
        4,
      ),
    ).toBe(3600);
  });

  it('is the total less the reserved where zones are left out', () => {
    expect(
      machineTotalKb(
        report('6.6.9', { zones, memInfo: info({ activeAnonPages: 5000 }), totals: totals(10_000, 100) }),
        4,
      ),
    ).toBe(39_600);
  });

  it('is the size of the zones before 3.8 without totals', () => {
    const old = [{ name: 'Normal', presentKb: 5000, line: 0 }];
    expect(machineTotalKb(report('2.6.32', { zones: old }), 4)).toBe(5000);
  });
});

describe('the books of nodes and zones', () => {
  it('stand beside the machine where there are several nodes', () => {
    const nodes: NodeInfo[] = [0, 1].map((node) => ({
      node,
      activeAnonKb: 1000,
      shmemKb: 400,
      pagetablesKb: 50,
      line: 0,
    }));
    const zones = [0, 1].map((node) => zone('Normal', { free: 100, min: 1 }, [], { node, managedKb: 4000 }));
    const places = analyseAccounts(
      report('5.15.0', { nodes, zones, memInfo: info({ freePages: 200 }), totals: totals(2000, 0) }),
      4,
    );
    expect(places.map(({ place }) => place)).toEqual(['machine', 'node 0', 'node 1', 'node 0 Normal', 'node 1 Normal']);
    expect(places[1]).toMatchObject({ totalKb: 4000, unattributedKb: 4000 - 400 - 1000 - 50 });
  });

  it('need a size', () => {
    expect(zoneAccount({ name: 'HighMem', freeKb: 10, line: 0 })).toBeUndefined();
    expect(zoneAccount({ name: 'Normal', presentKb: 0, freeKb: 0, line: 0 })).toBeUndefined();
  });
});
