import { describe, expect, it } from 'vitest';
import { parseText } from '../../../../src/parser/index.ts';
import { learnDresses, withoutDress } from '../../../../src/parser/text/template.ts';

const REPORT = [
  'billingd invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0',
  'CPU: 2 PID: 4711 Comm: billingd Not tainted 6.6.30-fleet #1',
  'Hardware name: ACME Blade 9, BIOS 1.02 03/04/2023',
  'Call Trace:',
  ' <TASK>',
  ' dump_stack_lvl+0x44/0x5c',
  ' dump_header+0x4a/0x211',
  ' </TASK>',
  'Mem-Info:',
  'active_anon:1200 inactive_anon:240100 isolated_anon:0',
  ' active_file:31 inactive_file:12 isolated_file:0',
  ' unevictable:0 dirty:0 writeback:0',
  ' slab_reclaimable:4100 slab_unreclaimable:7200',
  ' mapped:310 shmem:900 pagetables:1800',
  ' sec_pagetables:0 bounce:0',
  ' kernel_misc_reclaimable:0',
  ' free:9100 free_pcp:60 free_cma:0',
  'Node 0 DMA32 free:36400kB boost:0kB min:36900kB low:46100kB high:55300kB present:1048576kB managed:999000kB mlocked:0kB free_cma:0kB',
  'lowmem_reserve[]: 0 0 0 0',
  'Node 0 DMA32: 4100*4kB (UME) 2500*8kB (UM) 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 0*4096kB = 36400kB',
  '1040 total pagecache pages',
  '0 pages in swap cache',
  'Free swap  = 0kB',
  'Total swap = 0kB',
  '262144 pages RAM',
  '0 pages HighMem/MovableOnly',
  '12394 pages reserved',
  'Tasks state (memory values in pages):',
  '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  '[   4711]   900  4711   412000   239800  2150400        0             0 billingd',
  'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=billingd,pid=4711,uid=900',
  'Out of memory: Killed process 4711 (billingd) total-vm:1648000kB, anon-rss:959200kB, file-rss:0kB, shmem-rss:0kB, UID:900 pgtables:2100kB oom_score_adj:0',
];

const stamped = REPORT.map((text, index) => `[ 1234.5678${String(index).padStart(2, '0')}] ${text}`);
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const values = (text: string) =>
  parseText(text).map(({ trigger, taskHeader, memInfo, zones, totals, taskCount, summary, kills, complete }) => ({
    trigger: [trigger?.name, trigger?.gfpMask, trigger?.oomScoreAdj],
    header: [taskHeader?.release, taskHeader?.hardware],
    free: memInfo?.freePages,
    zones: zones.map(({ name, freeKb, minKb, buddyCounts, lowmemReservePages }) => [
      name,
      freeKb,
      minKb,
      buddyCounts?.slice(0, 2),
      lowmemReservePages,
    ]),
    ram: totals?.ramPages,
    taskCount,
    task: summary?.task,
    kills: kills.map(({ pid, comm, anonRssKb, oomScoreAdj }) => [pid, comm, anonRssKb, oomScoreAdj]),
    complete,
  }));

const WANTED = values(stamped.join('\n'));

it('reads the undressed report whole', () => {
  expect(WANTED).toMatchObject([{ taskCount: 1, complete: true, kills: [[4711, 'billingd', 959200, 0]] }]);
});

const each = (dress: (line: string, index: number) => string) => stamped.map(dress).join('\n');

describe('a report in the dress of', () => {
  it.each<[string, string]>([
    ['a log query', each((line, n) => `2024-05-07T03:04:${10 + n}Z {app="klog", host="n1"} ${line}`)],
    ['logfmt', each((line, n) => `ts=2024-05-07T03:04:${10 + n}.5Z level=warn msg="${line}"`)],
    ['logfmt without stamps', REPORT.map((line) => `level=warn host=n1 msg="${line}"`).join('\n')],
    [
      'a spreadsheet',
      `Date,Host,Message\n${each((line, n) => `"2024-05-07T03:04:${10 + n}.1Z","n1",${quoted(line)}`)}`,
    ],
    [
      'a spreadsheet with the text in front',
      `"_raw","_time",host\n${each((line, n) => `${quoted(line)},"2024-05-07T03:04:${10 + n}.1+0000",n1`)}`,
    ],
    [
      'YAML',
      each((line, n) => `- {dt: '2024-05-07T03:04:${10 + n}.100', lvl: target, msg: '${line.replaceAll("'", "''")}'}`),
    ],
    [
      'a list of Ansible',
      `    "stdout_lines": [\n${each((line) => `        "${line}"`).replaceAll('\n', ',\n')}\n    ]`,
    ],
    ['a Ruby hash', each((line, n) => `[${n}] kmsg.0: [[17150510.12, {}], {"priority"=>4, "msg"=>"${line}"}]`)],
    ['a Markdown table', each((line) => `| 03:04:05 | ${line} |`)],
    ['code spans', each((line) => `\`${line}\`  `)],
    ['a shell script', each((line) => `${line}\\`)],
    ['line numbers, flush right', each((line, n) => `${String(n + 92).padStart(4)}\t${line}`)],
    ['a debugger', each((line) => `E     ${line}`)],
    ['a pipeline step', each((line, n) => `2024-05-07T03:04:${10 + n}.1234567Z ##[debug]${line}`)],
    ['a job of a hosted runner', each((line, n) => `build\tlogs\t2024-05-07T03:04:${10 + n}.1234567Z ${line}`)],
    [
      'a job without stamps of the kernel',
      REPORT.map((line, n) => `2024-05-07T03:04:${10 + n}.1234567Z ${line}`).join('\n'),
    ],
    ['grep with context', each((line, n) => `kern.log${n % 5 === 0 ? ':' : '-'}${n + 800}-${line}`)],
    ['a forum', `[CODE]${stamped.join('\n')}[/CODE]`],
    ['an issue tracker', `{code:java}${stamped.join('\n')}{code}`],
    ['a terminal that fills its lines', each((line) => line.padEnd(240))],
    ['a serial console', stamped.join('\r\r\n')],
    ['colours without their escape', each((line) => `[32m${line.slice(0, 14)}[0m[33m${line.slice(14)}[0m`)],
    ['colours with a visible escape', each((line) => `^[[32m${line.slice(0, 14)}^[[0m${line.slice(14)}`)],
  ])('%s reads the same', (_, text) => {
    expect(values(text)).toEqual(WANTED);
  });
});

describe('learnDresses', () => {
  it('takes the source that prints the lines for no log', () => {
    const source = ['pr_info("Mem-Info:\\n");', 'pr_info("Call Trace:\\n");', 'pr_info("memory: usage %llukB");'];
    expect(learnDresses(source)).toEqual([]);
  });

  it('takes nothing that stands in front of one line alone, and no words of the kernel', () => {
    expect(learnDresses(['node7| Mem-Info:', 'node8> Call Trace:'])).toEqual([]);
    expect(learnDresses(['Memory cgroup out of memory: Killed process 1 (a)', 'Node 0 Free swap  = 0kB'])).toEqual([]);
    expect(learnDresses(['---[ end Kernel panic - not syncing: a', '---[ end Kernel panic - not syncing: b'])).toEqual(
      [],
    );
  });

  it('takes numbers for a dress only when nearly all lines have one', () => {
    expect(learnDresses(['1 Mem-Info:', '2 Call Trace:', '3 x'])).toEqual([{ prefix: '0 ', suffix: '' }]);
    expect(learnDresses(['1 Mem-Info:', '2 Call Trace:', 'x', 'y', 'z'])).toEqual([]);
  });
});

describe('withoutDress', () => {
  it('reads the quotes that a dress in quotes escapes, and leaves lines of another shape', () => {
    const dress = { prefix: 't=0 msg="', suffix: '"' };
    expect(withoutDress('t=12 msg="a \\"b\\" c"', dress)).toBe('a "b" c');
    expect(withoutDress('t=x msg="a"', dress)).toBeUndefined();
  });

  it('takes linear time on hostile lines', () => {
    const dress = { prefix: '0 0 0 |', suffix: '0"0"0"' };
    const started = performance.now();
    withoutDress(`${'1 '.repeat(500_000)}|${'1"'.repeat(500_000)}`, dress);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
