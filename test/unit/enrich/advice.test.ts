import { describe, expect, it } from 'vitest';
import type { OomReport } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { seedReport } from '../../support/seed-report.ts';
import { report, task, trigger, zone } from './build.ts';

const totals: OomReport['totals'] = { ramPages: 1_000_000, reservedPages: 0, freeSwapKb: 0, totalSwapKb: 0, line: 0 };
const exhausted = (parts: Partial<OomReport>) =>
  report('5.10.0', {
    trigger: trigger('0x100cca', 0, 'GFP_HIGHUSER_MOVABLE'),
    zones: [zone('Normal', { free: 5, min: 6 }, [0, 0, 0, 0, 0])],
    memInfo: { activeAnonPages: 900_000, freePages: 5, line: 0 },
    totals,
    ...parts,
  });
const actions = (input: OomReport): string[] => analyse(input).advice.map(({ action }) => action);

describe('advice', () => {
  it('begins with the holder when the machine as a whole is exhausted', () => {
    const tasks = [task(1, 'db', 800_000)];
    expect(actions(exhausted({ tasks }))[0]).toMatch(/^Limit the memory of that service/);
  });

  it('offers swap where there is none, and asks why it was not used where there is', () => {
    const tasks = [task(1, 'db', 800_000)];
    expect(actions(exhausted({ tasks })).join()).toContain('Give the machine swap');
    const unused = { ...totals, line: 0, totalSwapKb: 4_000_000, freeSwapKb: 3_900_000 };
    const advice = actions(exhausted({ tasks, totals: unused })).join();
    expect(advice).toContain('Find out why free swap was not used');
    expect(advice).not.toContain('Give the machine swap');
  });

  it('raises the limit of a cgroup first, and does not limit it once more', () => {
    const memcg = { usageKb: 1000, limitKb: 1000, stats: { rss: 990 }, statsUnit: 'Kb' as const, line: 0 };
    const advice = actions(report('5.10.0', { scope: 'memcg', memcg, tasks: [task(1, 'db', 240)] }));
    expect(advice[0]).toMatch(/^Raise the memory limit/);
    expect(advice.join()).toContain('Look for a leak');
    expect(advice.join()).not.toContain('Limit the memory of that service');
  });

  it('does not send the owner of pinned buffer heads to the dentry cache', () => {
    const { advice } = analyse(seedReport);
    expect(advice.map(({ command }) => command)).not.toContain('slabtop -o -s c; echo 2 > /proc/sys/vm/drop_caches');
    expect(advice.map(({ command }) => command)).toContain('echo 3 > /proc/sys/vm/drop_caches');
  });

  it('tells no kernel to update to what it is', () => {
    const kernel = { ...seedReport.kernel, release: '3.10.0', version: [3, 10, 0] as const };
    expect(actions({ ...seedReport, kernel }).join()).not.toContain('Update the kernel');
  });

  it('names each action once', () => {
    const all = actions(seedReport);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([
    ['5.10.0', 'systemctl set-property UNIT MemoryMax=SIZE'],
    ['4.18.0-553.el8_10.x86_64', 'systemctl set-property UNIT MemoryMax=SIZE'],
    ['3.10.0-1160.el7.x86_64', 'systemctl set-property UNIT MemoryLimit=SIZE'],
    ['2.6.32-754.el6.x86_64', undefined],
  ])('names settings that a host with %s has', (release, command) => {
    const memcg = { usageKb: 1000, limitKb: 1000, line: 0 };
    const { advice } = analyse(report(release, { scope: 'memcg', memcg }));
    expect(advice[0]?.action).toMatch(/^Raise the memory limit/);
    expect(advice[0]?.command).toBe(command);
    expect(advice.some(({ action }) => action.startsWith('Set a throttling limit'))).toBe(
      command?.includes('MemoryMax') === true,
    );
  });

  it('looks at slab first where low memory is full of it and the page cache is not the reason', () => {
    const lowmem = (inactiveFilePages: number) =>
      report('3.2.59', {
        trigger: trigger('0xd0'),
        highmem32: true,
        zones: [
          zone('Normal', { free: 900, min: 1000 }, [0, 0, 8000, 8000], {
            presentKb: 880_000,
            managedKb: 880_000,
            slabReclaimableKb: 600_000,
          }),
          zone('HighMem', { free: 90_000, min: 128, low: 500, high: 900 }),
        ],
        memInfo: { activeFilePages: 0, inactiveFilePages, slabReclaimablePages: 150_000, line: 0 },
      });
    expect(actions(lowmem(20_000))[0]).toMatch(/^See which caches are large/);
    expect(actions(lowmem(9_000_000))[0]).toMatch(/^Run a 64-bit kernel/);
  });
});
