import { describe, expect, test } from 'vitest';
import type { Task } from '../../../../src/domain.ts';
import type { KernelName, ReportState, Unprinted } from '../../../../src/simulate/index.ts';
import { printKills, printNoVictim, printPanicOnOom } from '../../../../src/simulate/print/kill.ts';
import { printMemcg, printProtection, RECORD_LIMIT } from '../../../../src/simulate/print/memcg.ts';
import { printSummary } from '../../../../src/simulate/print/summary.ts';
import { printSlabTable, printTasks } from '../../../../src/simulate/print/tasks.ts';
import { stateOn } from './support.ts';

describe('task table', () => {
  const rows = (kernel: KernelName, task: Unprinted<Task>): string[] => {
    const { state, dialect } = stateOn(kernel, { tasks: [task] });
    return printTasks(state, dialect);
  };
  const web: Unprinted<Task> = {
    pid: 900,
    uid: 33,
    tgid: 900,
    comm: '(sd-pam)',
    totalVmPages: 60000,
    rssPages: 20000,
    nrPtes: 90,
    nrPmds: 4,
    pgtablesBytes: 491520,
  };
  test.each<[KernelName, Unprinted<Task>, string[]]>([
    [
      '2.6.28',
      { pid: 1234, uid: 0, tgid: 1234, comm: 'sshd', totalVmPages: 5000, rssPages: 1200, cpu: 1, oomAdj: -17 },
      [
        '[ pid ]   uid  tgid total_vm      rss cpu oom_adj name',
        '[ 1234]     0  1234     5000     1200   1     -17 sshd',
      ],
    ],
    [
      '3.2',
      { pid: 21832, uid: 113, tgid: 21832, comm: 'mailscand', totalVmPages: 42469, rssPages: 37403 },
      [
        '[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name',
        '[21832]   113 21832    42469    37403   0       0             0 mailscand',
      ],
    ],
    [
      'rhel7',
      {
        pid: 28438,
        uid: 0,
        tgid: 28438,
        comm: 'java',
        totalVmPages: 5063909,
        rssPages: 119961,
        nrPtes: 1661,
        swapentsPages: 136409,
        oomScoreAdj: -998,
      },
      [
        '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
        '[28438]     0 28438  5063909   119961    1661   136409          -998 java',
      ],
    ],
    [
      '4.14',
      web,
      [
        '[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name',
        '[  900]    33   900    60000    20000      90       4        0             0 (sd-pam)',
      ],
    ],
    [
      'rhel8-147',
      web,
      [
        '[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
        '[  900]    33   900    60000    20000   491520        0             0 (sd-pam)',
      ],
    ],
    [
      '5.15',
      web,
      [
        'Tasks state (memory values in pages):',
        '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
        '[    900]    33   900    60000    20000   491520        0             0 (sd-pam)',
      ],
    ],
    [
      '6.8',
      {
        pid: 43056,
        uid: 1000,
        tgid: 43056,
        comm: 'mapper',
        totalVmPages: 7511161,
        rssPages: 3403343,
        rssAnonPages: 3388364,
        rssFilePages: 14371,
        rssShmemPages: 608,
        pgtablesBytes: 32583680,
        swapentsPages: 518157,
        oomScoreAdj: 200,
      },
      [
        'Tasks state (memory values in pages):',
        '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name',
        '[  43056]  1000 43056  7511161  3403343  3388364    14371       608 32583680   518157           200 mapper',
      ],
    ],
  ])('%s', (kernel, task, lines) => {
    expect(rows(kernel, task)).toEqual(lines);
  });
  test('none before 2.6.28 and none without vm.oom_dump_tasks', () => {
    expect(rows('2.6.24', web)).toEqual([]);
    const { state, dialect } = stateOn('6.8', { dumpTasks: false });
    expect(printTasks(state, dialect)).toEqual([]);
  });
});

describe('slab table', () => {
  const slabCaches = [{ name: 'kmalloc-512', usedKb: 61000, totalKb: 61440 }];
  test('is printed when unreclaimable slab exceeds all LRU pages', () => {
    const print = (slabUnreclaimablePages: number): string[] => {
      const { state, dialect } = stateOn('5.15', {
        slabCaches,
        memInfo: { slabUnreclaimablePages, activeAnonPages: 9 },
      });
      return printSlabTable(state, dialect);
    };
    expect(print(10)).toEqual([
      'Unreclaimable slab info:',
      'Name                      Used          Total',
      'kmalloc-512            61000KB      61440KB',
    ]);
    expect(print(9)).toEqual([]);
  });
});

describe('kill lines', () => {
  const kill = {
    pid: 2345,
    comm: 'httpd',
    uid: 48,
    totalVmKb: 340000,
    anonRssKb: 120000,
    fileRssKb: 300,
    shmemRssKb: 0,
    pgtablesKb: 180,
    oomScoreAdj: 0,
    reason: 'Out of memory',
  };
  const print = (kernel: KernelName): string[] => {
    const selection = { pid: 2345, comm: 'httpd', score: 4, reason: 'Out of memory' };
    const { state, dialect } = stateOn(kernel, { kills: [kill], selection, reaped: false });
    return printKills(state, dialect);
  };
  const sacrifice = 'Out of memory: Kill process 2345 (httpd) score 4 or sacrifice child';
  const sizes = 'total-vm:340000kB, anon-rss:120000kB, file-rss:300kB';
  test.each<[KernelName, string[]]>([
    ['rhel4', ['Out of Memory: Killed process 2345 (httpd).']],
    [
      '2.6.18',
      ['Out of Memory: Kill process 2345 (httpd) score 4 and children.', 'Out of memory: Killed process 2345 (httpd).'],
    ],
    ['rhel5', ['Out of memory: Killed process 2345, UID 48, (httpd).']],
    ['2.6.24', ['Out of memory: kill process 2345 (httpd) score 4 or a child', 'Killed process 2345 (httpd)']],
    [
      '2.6.33',
      [
        'Out of memory: kill process 2345 (httpd) score 4 or a child',
        'Killed process 2345 (httpd) vsz:340000kB, anon-rss:120000kB, file-rss:300kB',
      ],
    ],
    ['3.2', [sacrifice, `Killed process 2345 (httpd) ${sizes}`]],
    ['rhel6', [sacrifice, `Killed process 2345, UID 48, (httpd) ${sizes}`]],
    ['rhel7-514', [sacrifice, `Killed process 2345 (httpd) ${sizes}, shmem-rss:0kB`]],
    ['rhel7', [sacrifice, `Killed process 2345 (httpd), UID 48, ${sizes}, shmem-rss:0kB`]],
    ['4.9', [sacrifice, `Killed process 2345 (httpd) ${sizes}, shmem-rss:0kB`]],
    ['rhel8-147', [`Out of memory: Killed process 2345 (httpd) ${sizes}, shmem-rss:0kB`]],
    [
      '7.1',
      [`Out of memory: Killed process 2345 (httpd) ${sizes}, shmem-rss:0kB, UID:48 pgtables:180kB oom_score_adj:0`],
    ],
  ])('%s', (kernel, lines) => {
    expect(print(kernel)).toEqual(lines);
  });
  test('a group kill names the cgroup, and the reaper follows since 4.6', () => {
    const memcg = { path: '/a', groupKill: true };
    const { state, dialect } = stateOn('5.15', { kills: [kill, { ...kill, pid: 2346 }], memcg, reaped: true });
    const lines = printKills(state, dialect);
    expect(lines[1]).toBe('Tasks in /a are going to be killed due to memory.oom.group set');
    expect(lines[2]).toContain('Killed process 2346 (httpd)');
    expect(lines[3]).toBe('oom_reaper: reaped process 2345 (httpd), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB');
  });
});

describe('ends without a kill', () => {
  const on = (kernel: KernelName, sysrq = false): string[] => {
    const { state, dialect } = stateOn(kernel, { sysrq });
    return printNoVictim(state, dialect);
  };
  test('no killable process', () => {
    expect(on('3.10')).toEqual(['Kernel panic - not syncing: Out of memory and no killable processes...']);
    expect(on('5.15')).toEqual([
      'Out of memory and no killable processes...',
      'Kernel panic - not syncing: System is deadlocked on memory',
    ]);
    expect(on('5.15', true)).toEqual(['Out of memory and no killable processes...']);
  });
  test('panic_on_oom', () => {
    expect(printPanicOnOom(stateOn('3.2').dialect)).toEqual([
      'Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled',
    ]);
    expect(printPanicOnOom(stateOn('2.6.32').dialect)).toEqual([
      'Kernel panic - not syncing: out of memory. panic_on_oom is selected',
    ]);
  });
});

describe('summary', () => {
  const kills: ReportState['kills'] = [{ pid: 10233, comm: 'stress', uid: 0 }];
  test('of a limit and of the machine', () => {
    const memcg = { constraint: 'CONSTRAINT_MEMCG', cpuset: 'liz', oomMemcg: '/liz', taskMemcg: '/liz' };
    const victim = { task: 'stress', pid: 10233, uid: 0, memsAllowed: '0' };
    const limit = stateOn('5.15', { kills, summary: { ...memcg, ...victim } });
    expect(printSummary(limit.state, limit.dialect)).toEqual([
      'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=liz,mems_allowed=0,oom_memcg=/liz,task_memcg=/liz,task=stress,pid=10233,uid=0',
    ]);
    const machine = stateOn('5.15', { kills, summary: { ...victim, taskMemcg: '/user.slice' } });
    expect(printSummary(machine.state, machine.dialect)).toEqual([
      'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice,task=stress,pid=10233,uid=0',
    ]);
    expect(printSummary(stateOn('4.19').state, stateOn('4.19').dialect)).toEqual([]);
  });
});

describe('memory-cgroup block', () => {
  const memcg: ReportState['memcg'] = {
    path: '/a',
    taskPath: '/a/b',
    usageKb: 524288,
    limitKb: 524288,
    failcnt: 83,
    memoryAndSwap: { usageKb: 524288, limitKb: null, failcnt: 0 },
    swap: { usageKb: 0, limitKb: 0, failcnt: 0 },
    stats: { anon: 42897408, file: 0 },
  };
  const print = (kernel: KernelName, changes: Partial<NonNullable<ReportState['memcg']>> = {}): string[] => {
    const { state, dialect } = stateOn(kernel, { memcg: { ...memcg, ...changes } });
    return printMemcg(state, dialect).flatMap((record) => record.split('\n'));
  };
  test('v1 up to 4.20', () => {
    expect(print('4.19', { stats: { cache: 32, rss: 524188 } })).toEqual([
      'Task in /a/b killed as a result of limit of /a',
      'memory: usage 524288kB, limit 524288kB, failcnt 83',
      'memory+swap: usage 524288kB, limit 9007199254740988kB, failcnt 0',
      'kmem: usage 0kB, limit 9007199254740988kB, failcnt 0',
      'Memory cgroup stats for /a: cache:32KB rss:524188KB',
    ]);
  });
  test('3.16 sends the first line in three pieces, and unlimited is another number', () => {
    expect(print('3.16').slice(0, 3)).toEqual(['Task in /a/b', ' killed as a result of limit of /a', '']);
    expect(print('3.16')[4]).toContain('limit 18014398509481983kB');
    expect(print('3.10')[2]).toContain('limit 9007199254740991kB');
  });
  test('v2 since 5.3', () => {
    expect(print('6.1')).toEqual([
      'memory: usage 524288kB, limit 524288kB, failcnt 83',
      'swap: usage 0kB, limit 0kB, failcnt 0',
      'Memory cgroup stats for /a:',
      'anon 42897408',
      'file 0',
    ]);
  });
  test('one record holds the statistics up to 6.4 and cuts them', () => {
    const stats = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`counter_number_${index}`, index]));
    const { state, dialect } = stateOn('5.15', { memcg: { ...memcg, stats } });
    const records = printMemcg(state, dialect);
    expect(records.at(-1)).toHaveLength(RECORD_LIMIT);
    expect(print('6.8', { stats })).toHaveLength(93);
  });
  test('protection since 6.19', () => {
    const { state, dialect } = stateOn('6.19', { memcg });
    expect(printProtection(state, dialect)).toEqual(['Memory cgroup min protection 0kB -- low protection 0kB']);
    const older = stateOn('6.18', { memcg });
    expect(printProtection(older.state, older.dialect)).toEqual([]);
  });
});
