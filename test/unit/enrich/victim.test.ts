import { describe, expect, it } from 'vitest';
import type { OomReport } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { kill, report, task } from './build.ts';

const totals: OomReport['totals'] = {
  ramPages: 900_000,
  reservedPages: 0,
  totalSwapKb: 400_000,
  freeSwapKb: 0,
  line: 0,
};
const select = (pid: number, comm: string, score: number) => [{ pid, comm, score, reason: 'Out of memory', line: 0 }];
const victim = (release: string, parts: Partial<OomReport>) => analyse(report(release, { totals, ...parts })).victim;

describe('the badness', () => {
  const row = task(7, 'db', 400_000, { nrPtes: 1000, swapentsPages: 50_000, oomScoreAdj: 0 });
  const parts = (score: number, more = {}): Partial<OomReport> => ({
    tasks: [{ ...row, ...more }],
    selections: select(7, 'db', score),
    kills: [kill(7, 'db', 1_600_000)],
  });

  it('counts rss, page tables and swap in thousandths of memory and swap', () => {
    expect(victim('4.4.0', parts(451))?.score).toEqual({
      computed: 451,
      exact: 451,
      totalPages: 1_000_000,
      printed: 451,
      agrees: true,
    });
  });

  it.each([
    ['3.2.59', { oomScoreAdj: 200 }, 651],
    ['3.10.0', { oomScoreAdj: -300 }, 151],
    ['3.2.59', { uid: 0 }, 421],
    ['3.10.0', { uid: 0 }, 421],
    ['3.16.0', { uid: 0 }, 437],
    ['3.10.0-1160.el7.x86_64', { uid: 0 }, 437],
    ['4.19.0', { uid: 0 }, 451],
  ] as const)('on %s with %o is %d', (release, more, printed) => {
    expect(victim(release, parts(printed, more))?.score?.agrees).toBe(true);
  });

  it('shows a score that the sizes do not give', () => {
    const analysis = analyse(report('4.4.0', { totals, ...parts(600) }));
    expect(analysis.victim?.score).toMatchObject({ computed: 451, printed: 600, agrees: false });
    expect(analysis.findings.map((finding) => finding.code)).toContain('score-disagrees');
  });

  it('stays open where the table lacks page tables and the score is higher', () => {
    const { nrPtes: _ptes, ...bare } = row;
    const score = victim('4.4.0', { ...parts(455), tasks: [bare] })?.score;
    expect(score).toMatchObject({ computed: 450, printed: 455 });
    expect(score).not.toHaveProperty('agrees');
  });

  it('is not recomputed before 2.6.36, when it rested on CPU time', () => {
    expect(victim('2.6.32', parts(100))?.score).toBeUndefined();
    expect(victim('2.6.18-398.el5', parts(100))?.score).toBeUndefined();
  });

  it("is measured against a cgroup's limits", () => {
    const memcg = {
      usageKb: 400_000,
      limitKb: 400_000,
      memoryAndSwap: { usageKb: 0, limitKb: 800_000, failcnt: 0, line: 0 },
      line: 0,
    };
    expect(victim('4.4.0', { ...parts(2255), scope: 'memcg', memcg })?.score).toMatchObject({
      totalPages: 200_000,
      agrees: true,
    });
  });
});

describe('why this one', () => {
  const small = task(8, 'web', 10_000, { oomScoreAdj: 500 });
  const large = task(9, 'db', 500_000, { oomScoreAdj: 0 });

  it('says that it is the largest', () => {
    expect(victim('4.4.0', { tasks: [small, large], kills: [kill(9, 'db', 2_000_000)] })).toMatchObject({
      isLargest: true,
      why: 'db has the most resident and swapped-out memory of the 2 listed tasks.',
    });
  });

  it('says that its oom_score_adj raised it, and that it is innocent', () => {
    const analysis = analyse(report('4.4.0', { totals, tasks: [small, large], kills: [kill(8, 'web', 40_000)] }));
    expect(analysis.victim).toMatchObject({ isLargest: false, largest: { pid: 9, comm: 'db', rssKb: 2_000_000 } });
    expect(analysis.victim?.why).toBe(
      'web is not the largest task; its oom_score_adj of 500 raised its score above that of db (9), whose is 0.',
    );
    expect(analysis.findings.map((finding) => finding.code)).toContain('innocent-victim');
  });

  it('says nothing where the report does not show it', () => {
    const even = { ...small, oomScoreAdj: 0 };
    expect(victim('4.4.0', { tasks: [even, large], kills: [kill(8, 'web', 40_000)] })?.why).toBeUndefined();
    expect(victim('4.4.0', { kills: [kill(8, 'web', 40_000)] })).not.toHaveProperty('isLargest');
  });

  it('knows a child that died for its parent, and a thread that did not', () => {
    const child = { selections: select(9, 'master', 3), kills: [kill(8, 'web', 40_000)], tasks: [small, large] };
    expect(analyse(report('3.2.59', { totals, ...child })).findings.map((finding) => finding.code)).toContain(
      'child-sacrificed',
    );
    const thread = {
      selections: select(5456, 'java', 0),
      kills: [kill(5450, 'java', 40_000)],
      tasks: [task(5450, 'java', 10_000)],
    };
    expect(analyse(report('3.2.59', { totals, ...thread })).findings.map((finding) => finding.code)).not.toContain(
      'child-sacrificed',
    );
  });

  it('knows the task that asked', () => {
    const asked = [{ ...kill(8, 'web', 40_000), reason: 'Out of memory (oom_kill_allocating_task)' }];
    const analysis = analyse(report('5.10.0', { totals, kills: asked, tasks: [small, large] }));
    expect(analysis.victim?.why).toContain('vm.oom_kill_allocating_task');
    expect(analysis.findings.map((finding) => finding.code)).toContain('oom-kill-allocating-task');
  });

  it('is absent when nothing was killed or selected', () => {
    expect(victim('4.4.0', { tasks: [small] })).toBeUndefined();
  });
});
