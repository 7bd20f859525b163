import { describe, expect, it } from 'vitest';
import type { MemInfo, OomReport, Task } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { kill, report, task, trigger, zone } from './build.ts';

const RAM = 1_000_000;
const totals: OomReport['totals'] = { ramPages: RAM, reservedPages: 0, freeSwapKb: 0, totalSwapKb: 0, line: 0 };
const short = zone('Normal', { free: 5000, min: 6000, low: 7500, high: 9000 }, [0, 0, 0, 0, 0], { managedKb: RAM * 4 });

/** An exhausted machine of a million pages whose counters are `info`. */
const machine = (info: Partial<MemInfo>, parts: Partial<OomReport> = {}): OomReport =>
  report('5.10.0', {
    trigger: trigger('0x100cca', 0, 'GFP_HIGHUSER_MOVABLE'),
    zones: [short],
    memInfo: { freePages: 5000, line: 0, ...info },
    totals,
    ...parts,
  });

const rows = (...tasks: Task[]): Partial<OomReport> => ({ tasks, taskCount: tasks.length });

describe('the holder', () => {
  it('is one task from half of memory and swap on', () => {
    const info = { activeAnonPages: 900_000 };
    const analysis = analyse(machine(info, rows(task(1, 'db', 500_000), task(2, 'web', 300_000))));
    expect(analysis.holder).toBe('one-task');
    expect(analysis.paragraph).toContain('db (1) holds 1.9 GiB, 50 % of memory and swap.');
  });

  it('is one task from a third on when it is three times the next', () => {
    const info = { activeAnonPages: 900_000 };
    expect(analyse(machine(info, rows(task(1, 'db', 340_000), task(2, 'web', 110_000)))).holder).toBe('one-task');
    expect(analyse(machine(info, rows(task(1, 'db', 340_000), task(2, 'web', 120_000)))).holder).toBe('many-tasks');
    expect(
      analyse(machine(info, rows(task(1, 'db', 320_000), task(2, 'web', 20_000), task(3, 'api', 200_000)))).holder,
    ).toBe('many-tasks');
  });

  it('counts what a task has in swap', () => {
    const swap = { ...totals, line: 0, totalSwapKb: 4 * RAM, freeSwapKb: 0 };
    const hog = task(1, 'db', 300_000, { swapentsPages: 800_000 });
    expect(
      analyse(machine({ activeAnonPages: 900_000 }, { ...rows(hog, task(2, 'web', 200_000)), totals: swap })).holder,
    ).toBe('one-task');
  });

  it('takes the victim from the kill line when its row is lost', () => {
    const lost = machine(
      { activeAnonPages: 900_000 },
      { ...rows(task(2, 'web', 100_000)), kills: [kill(1, 'db', 2_400_000)] },
    );
    expect(analyse(lost)).toMatchObject({ holder: 'one-task' });
    expect(analyse(lost).paragraph).toContain('db (1) holds');
  });

  it('is unknown when the table accounts for less than half of what tasks hold', () => {
    const few = rows(task(1, 'a', 100_000), task(2, 'b', 100_000));
    expect(analyse(machine({ activeAnonPages: 900_000 }, few)).holder).toBe('unknown');
    expect(analyse(machine({ activeAnonPages: 900_000 }, { ...few, taskCount: 4000 })).holder).toBe('many-tasks');
    expect(analyse(machine({ activeAnonPages: 900_000 }, { ...few, kills: [kill(1, 'a', 400_000)] })).holder).toBe(
      'many-tasks',
    );
  });

  it('reads the lists of nodes or zones when the global line is lost', () => {
    const node = { node: 0, activeAnonKb: 3_600_000, line: 0 };
    const few = rows(task(1, 'a', 300_000), task(2, 'b', 300_000));
    expect(analyse(machine({ slabReclaimablePages: 1 }, { ...few, nodes: [node] })).holder).toBe('many-tasks');
    expect(
      analyse(machine({ slabReclaimablePages: 1 }, { ...few, zones: [{ ...short, activeAnonKb: 3_600_000 }] })).holder,
    ).toBe('many-tasks');
    expect(analyse(machine({ slabReclaimablePages: 1 }, rows(task(1, 'a', 30)))).holder).toBe('unknown');
  });

  it('is measured against the nodes that the request was confined to', () => {
    const zones = [{ ...short, node: 1, managedKb: RAM }];
    const node = { node: 1, activeAnonKb: 900_000, line: 0 };
    const confined = machine(
      { activeAnonPages: 300_000 },
      { zones, nodes: [node], ...rows(task(1, 'db', 150_000), task(2, 'web', 90_000)) },
    );
    expect(analyse({ ...confined, scope: 'cpuset' }).holder).toBe('one-task');
    expect(analyse(confined).holder).not.toBe('one-task');
  });

  it('takes the kill line where there is no table, and knows no holder with neither', () => {
    const info = { activeAnonPages: 900_000 };
    expect(analyse(machine(info, { kills: [kill(1, 'db', 2_400_000)] })).holder).toBe('one-task');
    expect(analyse(machine(info, { kills: [kill(1, 'db', 400_000)] })).holder).toBe('unknown');
    expect(analyse(machine(info)).holder).toBe('unknown');
  });

  it.each([
    ['shmem', { activeAnonPages: 700_000, shmemPages: 600_000 }],
    ['slab', { activeAnonPages: 300_000, slabUnreclaimablePages: 400_000, slabReclaimablePages: 100_000 }],
    ['page-tables', { activeAnonPages: 300_000, pagetablesPages: 500_000 }],
    ['unevictable', { activeAnonPages: 300_000, unevictablePages: 500_000 }],
    ['page-cache', { activeAnonPages: 300_000, activeFilePages: 500_000, dirtyPages: 100_000 }],
    ['dirty-pages', { activeAnonPages: 300_000, activeFilePages: 500_000, dirtyPages: 300_000 }],
    ['unaccounted', { activeAnonPages: 300_000, slabReclaimablePages: 10_000 }],
    ['unknown', { activeAnonPages: 300_000 }],
  ] as [string, Partial<MemInfo>][])('is %s when that is the largest class', (holder, info) => {
    expect(analyse(machine(info, rows(task(1, 'db', 200_000)))).holder).toBe(holder);
  });

  it('does not count shared pages for private memory of one task', () => {
    const info = { activeAnonPages: 800_000, shmemPages: 700_000 };
    expect(analyse(machine(info, rows(task(1, 'db', 750_000), task(2, 'db', 740_000)))).holder).toBe('shmem');
  });

  it('is hugepages by the pool, and not when the pool cannot be true', () => {
    const info = { activeAnonPages: 200_000 };
    const pool = (total: number) => ({ hugePages: [{ total, free: total, surplus: 0, sizeKb: 2048, line: 0 }] });
    expect(analyse(machine(info, { ...rows(task(1, 'db', 100_000)), ...pool(1000) })).holder).toBe('hugepages');
    expect(
      analyse(
        machine(
          { activeAnonPages: 950_000 },
          { ...rows(task(1, 'db', 250_000), task(2, 'db', 250_000)), ...pool(1000) },
        ),
      ).holder,
    ).toBe('many-tasks');
  });

  it('is kernel-stacks when they are the largest class', () => {
    const node = { node: 0, kernelStackKb: 1_800_000, line: 0 };
    const analysis = analyse(machine({ activeAnonPages: 300_000 }, { nodes: [node], ...rows(task(1, 'x', 10)) }));
    expect(analysis.holder).toBe('kernel-stacks');
    expect(analysis.findings.map((finding) => finding.code)).toContain('fork-bomb');
  });

  it('is page-cache that would not go: clean, over a fifth, unreclaimable, up to 4.7', () => {
    const stuck = { ...short, activeFileKb: 1_000_000, dirtyKb: 0, allUnreclaimable: true, slabReclaimableKb: 0 };
    const parts = {
      ...rows(task(1, 'db', 400_000), task(2, 'db', 300_000)),
      zones: [stuck],
      trigger: trigger('0x201da'),
    };
    const info = { activeAnonPages: 700_000, activeFilePages: 250_000 };
    expect(analyse({ ...machine(info, parts), kernel: report('3.2.59').kernel }).holder).toBe('page-cache');
    expect(
      analyse({
        ...machine(info, parts),
        kernel: report('3.2.59').kernel,
        zones: [{ ...stuck, allUnreclaimable: false }],
      }).holder,
    ).toBe('many-tasks');
  });
});

it('is many tasks without any counter when the table adds up to half of memory', () => {
  const without = (...tasks: Task[]) => {
    const { memInfo: _gone, ...rest } = machine({}, rows(...tasks));
    const { managedKb: _managed, presentKb: _present, ...bare } = short;
    return analyse({ ...rest, zones: [bare] }).holder;
  };
  expect(without(task(1, 'a', 300_000), task(2, 'b', 300_000))).toBe('many-tasks');
  expect(without(task(1, 'a', 200_000), task(2, 'b', 200_000))).toBe('unknown');
});

describe('the holder of a cgroup', () => {
  const cgroup = (stats: Record<string, number>, parts: Partial<OomReport> = {}, unit: 'Kb' | 'Bytes' = 'Kb') =>
    report('4.14.0', {
      scope: 'memcg',
      memcg: { path: '/a', usageKb: 100_000, limitKb: 100_000, stats, statsUnit: unit, line: 0 },
      ...parts,
    });

  it.each([
    ['many-tasks', cgroup({ rss: 90_000, cache: 9000 }, rows(task(1, 'a', 10_000), task(2, 'b', 9000)))],
    ['one-task', cgroup({ rss: 90_000, cache: 9000 }, rows(task(1, 'a', 20_000), task(2, 'b', 900)))],
    ['shmem', cgroup({ rss: 20_000, cache: 79_000, shmem: 70_000 }, rows(task(1, 'a', 2000)))],
    [
      'shmem',
      cgroup({ rss: 20_000, cache: 79_000, inactive_anon: 40_000, active_anon: 50_000 }, rows(task(1, 'a', 2000))),
    ],
    ['page-cache', cgroup({ rss: 20_000, cache: 79_000 }, rows(task(1, 'a', 2000)))],
    ['dirty-pages', cgroup({ rss: 20_000, cache: 79_000, dirty: 50_000 }, rows(task(1, 'a', 2000)))],
    ['slab', cgroup({ anon: 20_480_000, file: 0, slab: 61_440_000 }, rows(task(1, 'a', 2000)), 'Bytes')],
    ['unknown', cgroup({ rss: 0, cache: 0 })],
  ] as [string, OomReport][])('is %s', (holder, input) => {
    expect(analyse(input).holder).toBe(holder);
  });

  it('is not said to be unaccounted where the lines of cgroups below may be lost', () => {
    expect(analyse(cgroup({ rss: 0, cache: 12 })).holder).toBe('unknown');
    expect(analyse(cgroup({ rss: 0, cache: 12 }, rows(task(1, 'a', 8000), task(2, 'b', 7000)))).holder).toBe(
      'many-tasks',
    );
    expect(analyse(cgroup({ anon: 12_288, file: 0 }, {}, 'Bytes')).holder).toBe('unaccounted');
  });

  it('adds up the blocks that v1 prints for each cgroup below', () => {
    const input = cgroup({ rss: 0, cache: 0 }, rows(task(1, 'a', 10_000), task(2, 'b', 9000)));
    const children = [{ path: '/a/b', stats: { rss: 80_000, cache: 10 }, line: 0 }];
    expect(analyse({ ...input, memcg: { ...input.memcg, line: 0, children } }).holder).toBe('many-tasks');
  });
});

describe('swap', () => {
  const swapOf = (parts: Partial<OomReport>) => analyse(report('5.10.0', parts)).swapState;
  const host = (totalSwapKb: number, freeSwapKb: number) => ({ totals: { totalSwapKb, freeSwapKb, line: 0 } });
  it.each([
    ['none', host(0, 0)],
    ['full', host(100_000, 2000)],
    ['available', host(100_000, 2001)],
    ['full', host(100_000, -1636)],
    ['unknown', {}],
  ] as [string, Partial<OomReport>][])('of the machine is %s', (state, parts) => {
    expect(swapOf(parts)).toBe(state);
  });

  const limited = (memcg: Partial<NonNullable<OomReport['memcg']>>): Partial<OomReport> => ({
    scope: 'memcg',
    memcg: { usageKb: 100, limitKb: 100, line: 0, ...memcg },
  });
  const counter = (usageKb: number, limitKb: number | null) => ({ usageKb, limitKb, failcnt: 0, line: 0 });
  it.each([
    ['none', limited({ swap: counter(0, 0) })],
    ['none', limited({ memoryAndSwap: counter(100, 100) })],
    ['full', limited({ swap: counter(99, 100) })],
    ['full', limited({ memoryAndSwap: counter(199, 200) })],
    ['available', limited({ swap: counter(50, 100) })],
    ['unknown', limited({ swap: counter(50, null) })],
    ['full', { ...limited({ swap: counter(50, null) }), ...host(100_000, 0) }],
  ] as [string, Partial<OomReport>][])('of a cgroup is %s', (state, parts) => {
    expect(swapOf(parts)).toBe(state);
  });
});
