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
});
