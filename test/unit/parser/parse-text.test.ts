import { describe, expect, it } from 'vitest';
import { parseText } from '../../../src/parser/index.ts';
import { ALLOCATION_FAILURE, HIGHMEM_32, MEMCG_V2 } from './fixtures.ts';

const one = (text: string) => {
  const reports = parseText(text, { path: 'kern.log' });
  expect(reports).toHaveLength(1);
  const [report] = reports;
  if (!report) throw new Error('no report');
  return report;
};

const prefixed = (text: string, prefix: (index: number) => string): string =>
  text
    .split('\n')
    .map((line, index) => prefix(index) + line)
    .join('\n');

const wrapped = (text: string, width: number): string =>
  text
    .split('\n')
    .flatMap((line) => line.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''])
    .join('\n');

describe('a report of a 32-bit host', () => {
  const report = one(HIGHMEM_32);

  it('is complete, and counts every line', () => {
    expect(report).toMatchObject({ action: 'oom-kill', scope: 'global', complete: true, missing: [], issues: [] });
    expect(report.recognisedLines).toBe(HIGHMEM_32.split('\n').length);
    expect(report.lines).toHaveLength(report.recognisedLines);
  });

  it('reads trigger, header, zones, table and kill in the kernel’s units', () => {
    expect(report.trigger).toMatchObject({
      name: 'bakery',
      pid: 4711,
      gfpMask: '0x84d0',
      order: 0,
      oomAdj: 0,
      oomScoreAdj: 0,
    });
    expect(report.taskHeader).toMatchObject({ release: '3.2.60', build: '#7', taint: 'GC' });
    expect(
      report.zones.map(({ name, freeKb, minKb, lowmemReservePages }) => [name, freeKb, minKb, lowmemReservePages]),
    ).toEqual([
      ['DMA', 3624, 140, [0, 869, 3248, 3248]],
      ['Normal', 1144, 3740, [0, 0, 19032, 19032]],
      ['HighMem', 968, 512, [0, 0, 0, 0]],
    ]);
    expect(report.zones[1]?.buddyCounts).toEqual([110, 80, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(report.perCpu.map(({ zone, usedPages }) => [zone, usedPages])).toEqual([
      ['DMA', 0],
      ['Normal', 70],
      ['HighMem', 2],
    ]);
    expect(report.totals).toMatchObject({
      ramPages: 835584,
      highmemPages: 609026,
      reservedPages: 9626,
      freeSwapKb: 195988,
    });
    expect(report.tasks.map(({ comm }) => comm)).toEqual(['oven timer', 'bakery']);
    expect(report.kills).toMatchObject([
      { pid: 4711, comm: 'bakery', totalVmKb: 16984, anonRssKb: 14690, fileRssKb: 270 },
    ]);
    expect(report.kernel).toMatchObject({ version: [3, 2, 60], addressBits: 32, pageSizeKb: 4 });
    expect(report.highmem32).toBe(true);
  });

  it('points each noun at its line', () => {
    expect(report.lines[report.zones[1]?.line ?? -1]?.text).toMatch(/^Normal free:/);
    expect(report.lines[report.kills[0]?.line ?? -1]?.block).toBe('kill');
    expect(report.anchor).toMatchObject({ kind: 'kill', pid: 4711, comm: 'bakery' });
    expect(report.triggerAnchor).toMatchObject({ kind: 'trigger', comm: 'bakery' });
  });

  it.each([60, 72, 80, 128, 199])('reads the same wrapped at column %i', (width) => {
    const again = one(wrapped(HIGHMEM_32, width));
    expect({ ...again.trigger, line: 0 }).toEqual(report.trigger);
    expect(again.zones.map(({ line, reserveLine, buddyLine, ...zone }) => zone)).toEqual(
      report.zones.map(({ line, reserveLine, buddyLine, ...zone }) => zone),
    );
    expect(again.kills.map(({ line, ...kill }) => kill)).toEqual(report.kills.map(({ line, ...kill }) => kill));
    expect(again.complete).toBe(true);
  });

  it.each<[string, (text: string) => string]>([
    ['a syslog prefix', (text) => prefixed(text, () => 'Sep  3 02:04:16 web01 kernel: ')],
    ['a kernel stamp', (text) => prefixed(text, (index) => `[ 1772.85${String(index).padStart(4, '0')}] `)],
    ['a prefix of no known kind', (text) => prefixed(text, (index) => `rack7|${index}| `)],
    ['mail quoting', (text) => prefixed(text, () => '> > ')],
    ['an indent', (text) => prefixed(text, () => '      ')],
    ['HTML entities', (text) => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
    ['quoted-printable', (text) => text.replaceAll('=', '=3D').replaceAll('present', 'pre=\nsent')],
    ['CR LF', (text) => text.replaceAll('\n', '\r\n')],
    ['blank lines between', (text) => text.replaceAll('\n', '\n\n')],
    ['colours', (text) => prefixed(text, () => '\u001b[33m').replaceAll('\n', '\u001b[0m\n')],
    [
      'journal JSON',
      (text) =>
        text
          .split('\n')
          .map((line) => JSON.stringify({ MESSAGE: line, _TRANSPORT: 'kernel' }))
          .join('\n'),
    ],
    ['noise between', (text) => text.replaceAll('\n', '\nusb 1-1: new oven found\n')],
    [
      'embedded newlines',
      (text) => text.replaceAll('\n active_file', '#012 active_file').replaceAll('\n free:', '\\x0a free:'),
    ],
  ])('reads the same through %s', (_, dress) => {
    const again = one(dress(HIGHMEM_32));
    expect(again.complete).toBe(true);
    expect(again.tasks.map(({ line, ...task }) => task)).toEqual(report.tasks.map(({ line, ...task }) => task));
    expect(again.memInfo).toMatchObject({ freePages: 1434, activeAnonPages: 1179, slabReclaimablePages: 12831 });
    expect(again.zones.map(({ freeKb }) => freeKb)).toEqual([3624, 1144, 968]);
  });

  it('never throws, wherever the text is cut', () => {
    for (let end = 0; end < HIGHMEM_32.length; end += 37) {
      const reports = parseText(HIGHMEM_32.slice(0, end));
      expect(reports.length).toBeLessThanOrEqual(1);
      if (reports[0]) expect(reports[0].complete).toBe(false);
    }
  });
});

describe('what a log lacks', () => {
  it('is a zone whose line is lost; its reserve line belongs to no zone', () => {
    const report = one(HIGHMEM_32.replace(/^HighMem free.*\n/m, ''));
    expect(report.missing).toEqual(['zones']);
    expect(report.orphanReserves.map(({ reservePages }) => reservePages)).toEqual([[0, 0, 0, 0]]);
    expect(report.zones[2]).toMatchObject({ name: 'HighMem', buddyTotalKb: 968 });
    expect(report.zones[2]?.freeKb).toBeUndefined();
    expect(report.issues.map(({ code }) => code)).toContain('orphan-reserve');
  });

  it('is a zone with the reserve line above it; the row that follows is not the zone’s above', () => {
    const text = HIGHMEM_32.replace(/^lowmem_reserve\[\]: 0 869.*\nNormal free.*\n/m, '');
    const report = one(text);
    expect(report.zones[0]).toMatchObject({ name: 'DMA' });
    expect(report.zones[0]?.lowmemReservePages).toBeUndefined();
    expect(report.orphanReserves.map(({ reservePages }) => reservePages)).toEqual([[0, 0, 19032, 19032]]);
    const above = one(HIGHMEM_32.replace(/^lowmem_reserve\[\]: 0 0 19032.*\nHighMem free.*\n/m, ''));
    expect(above.zones[1]?.lowmemReservePages).toBeUndefined();
    expect(above.orphanReserves.map(({ reservePages }) => reservePages)).toEqual([[0, 0, 0, 0]]);
  });

  it('is no zone where Normal is as large as DMA32', () => {
    const text = `${HIGHMEM_32.slice(0, HIGHMEM_32.indexOf('DMA free:'))}DMA free:14336kB min:176kB present:15992kB managed:15360kB
lowmem_reserve[]: 0 2700 5600 5600 5600
DMA32 free:43760kB min:31812kB present:3129196kB managed:2764800kB
lowmem_reserve[]: 0 0 2900 2900 2900
Normal free:37372kB min:35588kB present:3145728kB managed:2800000kB
lowmem_reserve[]: 0 0 0 0 0
`;
    const report = one(`${text}Killed process 4711 (bakery) total-vm:16984kB, anon-rss:14690kB, file-rss:270kB`);
    expect(report.orphanReserves).toEqual([]);
    expect(report.zones.map(({ lowmemReservePages }) => lowmemReservePages?.[2])).toEqual([5600, 2900, 0]);
  });

  it.each([
    ['lowmem_reserve[]: 0 869 3248 3248', 'lowmem_reserve[]: of DMA'],
    [' active_file:1064 inactive_file:77845 isolated_file:0', 'active_file:'],
    [' unevictable:40 dirty:0 writeback:61 unstable:0', 'unevictable:'],
    ['78913 total pagecache pages', 'total pagecache pages'],
    ['Free swap  = 195988kB', 'Free swap'],
    ['Total swap = 195988kB', 'Total swap'],
  ])('is one line, `%s`, and an issue names it', (line, detail) => {
    const report = one(HIGHMEM_32.replace(`${line}\n`, ''));
    expect(report).toMatchObject({ complete: true, issues: [{ code: 'line-missing', detail }] });
  });

  it.each([
    ['memory: usage 524288kB, limit 524288kB, failcnt 83\n', 'memory: usage'],
    ['swap: usage 0kB, limit 9007199254740988kB, failcnt 0\n', 'swap: usage'],
    ['Memory cgroup stats for /mill:\nanon 42897408\nfile 0\nslab 22183\n', 'Memory cgroup stats for'],
  ])('is one line of a memory cgroup, %j', (lines, detail) => {
    const report = one(MEMCG_V2.replace(lines, ''));
    expect(report).toMatchObject({ complete: true, issues: [{ code: 'line-missing', detail }] });
  });

  it('is the node line of 4.8 and newer', () => {
    const report = one(HIGHMEM_32.replace('3.2.60', '4.19.60'));
    expect(report.issues).toContainEqual({ code: 'line-missing', detail: 'Node 0 active_anon:' });
  });

  it('is the head, when only the tail is there', () => {
    const tail = HIGHMEM_32.slice(HIGHMEM_32.indexOf('[ 1457]'));
    const report = one(tail);
    expect(report.taskCount).toBe(2);
    expect(report.missing).toContain('trigger');
    expect(report.missing).toContain('task-table');
  });

  it('is the kill line, when the log ends before it', () => {
    const report = one(HIGHMEM_32.slice(0, HIGHMEM_32.indexOf('Out of memory')));
    expect(report.missing).toEqual(['task-table', 'kill']);
    expect(report.anchor.kind).toBe('trigger');
  });
});

describe('a log without its beginning', () => {
  it.each([
    ['Mem-Info', ['trigger', 'task-header', 'call-trace']],
    ['Call Trace', ['trigger', 'task-header']],
    ['Normal free', ['trigger', 'task-header', 'call-trace', 'mem-info', 'zones']],
    ['[ pid ]', ['trigger', 'task-header', 'call-trace', 'mem-info', 'zones', 'buddy', 'totals']],
    ['Out of memory', ['trigger', 'task-header', 'call-trace', 'mem-info', 'zones', 'buddy', 'totals']],
  ])('that starts at %s is one report', (start, lacking) => {
    const report = one(HIGHMEM_32.slice(HIGHMEM_32.indexOf(start)));
    expect(report.kills).toMatchObject([{ pid: 4711 }]);
    expect(report.missing.filter((section) => section !== 'task-table')).toEqual(lacking);
  });

  it('gives each kill line of 2.4 a report, and each user of one memory map the same', () => {
    const kills = (text: string) => parseText(text).map((report) => report.kills.map(({ pid, comm }) => pid ?? comm));
    expect(kills('VM: killing process ovend\nVM: killing process loafd')).toEqual([['ovend'], ['loafd']]);
    expect(
      kills(
        'Out of Memory: Killed process 12 (ovend).\nOut of Memory: Killed process 13 (ovend).\nOut of Memory: Killed process 14 (loafd).',
      ),
    ).toEqual([[12, 13], [14]]);
  });

  it('keeps what lies hours apart apart, also where stamps have no year', () => {
    const [head = ''] = HIGHMEM_32.split('\n');
    const kill = HIGHMEM_32.split('\n').at(-1) ?? '';
    const text = `Sep  3 02:04:16 web01 kernel: ${head}\nSep  3 09:00:00 web01 kernel: ${kill}`;
    expect(parseText(text).map(({ trigger, kills }) => [trigger?.name, kills.length])).toEqual([
      ['bakery', 0],
      [undefined, 1],
    ]);
  });
});

describe('the end', () => {
  it.each([
    ['Out of memory and no killable processes...', 'oom-no-victim'],
    ['Kernel panic - not syncing: System is deadlocked on memory', 'oom-panic'],
    ['Memory cgroup out of memory: OOM victim 901 (miller) is already exiting. Skip killing the task', 'oom-no-victim'],
  ])('%s is %s, and lacks no kill line', (end, action) => {
    const report = one(`${MEMCG_V2.slice(0, MEMCG_V2.indexOf('oom-kill:'))}${end}`);
    expect(report).toMatchObject({ action, complete: true, kills: [] });
  });
});

describe('a memory cgroup', () => {
  const report = one(MEMCG_V2);

  it('is complete without a memory dump', () => {
    expect(report).toMatchObject({ scope: 'memcg', complete: true });
    expect(report.memcg).toMatchObject({ path: '/mill', taskPath: '/mill/stone', usageKb: 524288, limitKb: 524288 });
    expect(report.memcg?.stats).toEqual({ anon: 42897408, file: 0, slab: 22183 });
  });

  it('reads no limit as null', () => {
    expect(report.memcg?.swap).toMatchObject({ usageKb: 0, limitKb: null });
  });

  it('keeps every victim of a group kill in one report', () => {
    const group = `${MEMCG_V2}\nTasks in /mill are going to be killed due to memory.oom.group set\nMemory cgroup out of memory: Killed process 902 (grain) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0\noom_reaper: reaped process 902 (grain), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB`;
    const all = one(group);
    expect(all.kills.map(({ pid }) => pid)).toEqual([901, 902]);
    expect(all.memcg?.groupKill).toBe(true);
    expect(all.reaped).toMatchObject([{ pid: 902, done: true }]);
  });

  it('gives a later kill line a report of its own', () => {
    const storm = `${MEMCG_V2}\nMemory cgroup out of memory: Killed process 999 (bran) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0`;
    expect(parseText(storm).map(({ kills }) => kills.map(({ pid }) => pid))).toEqual([[901], [999]]);
  });
});

describe('what is no OOM report', () => {
  it('is a page allocation failure', () => {
    const report = one(ALLOCATION_FAILURE);
    expect(report.action).toBe('page-allocation-failure');
    expect(report.trigger).toMatchObject({ name: 'kworker/u2:1', order: 5, gfpMask: '0x40dc0', pid: 77 });
  });

  it('is a memory dump that a key was pressed for, a lone reaper, a request that found nobody', () => {
    const dump = HIGHMEM_32.slice(HIGHMEM_32.indexOf('Mem-Info'), HIGHMEM_32.indexOf('[ pid ]'));
    expect(parseText(`sysrq: Show Memory\n${dump}`)).toEqual([]);
    expect(parseText('oom_reaper: reaped process 1 (x), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB')).toEqual([]);
    expect(parseText('sysrq: Manual OOM execution')).toEqual([]);
  });

  it('is a line that another program wrote', () => {
    expect(parseText('Sep 23 02:04:16 web01 baker[1]: Out of memory: Killed process 1 (x)')).toEqual([]);
  });
});

describe('two at once', () => {
  it('keeps the trigger of one task out of the trace of another', () => {
    const [head = '', header = '', ...rest] = ALLOCATION_FAILURE.split('\n');
    const text = [
      head,
      header,
      'miller invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=7',
      ...rest,
    ];
    const [failure, oom] = parseText(text.join('\n'));
    expect(failure?.callTrace.length).toBeGreaterThan(0);
    expect(failure?.memInfo?.freePages).toBe(10);
    expect(oom?.trigger).toMatchObject({ name: 'miller', oomScoreAdj: 7 });
    expect(oom?.callTrace).toEqual([]);
    expect(oom?.missing).toContain('call-trace');
  });

  it('keeps callers apart line by line', () => {
    const other = MEMCG_V2.replaceAll('miller', 'grinder').replaceAll('901', '801').split('\n');
    const text = MEMCG_V2.split('\n').flatMap((line, index) => [
      `[ 1772.${String(100000 + index)}][  T901] ${line}`,
      `[ 1772.${String(100000 + index)}][  T801] ${other[index] ?? ''}`,
    ]);
    const reports = parseText(text.join('\n'));
    expect(reports.map(({ complete, kills }) => [complete, kills.map(({ comm }) => comm)])).toEqual([
      [true, ['miller']],
      [true, ['grinder']],
    ]);
  });

  it('counts a line that was delivered twice once', () => {
    const twice = HIGHMEM_32.split('\n').flatMap((line, index) => {
      const stamped = `[ 1772.${String(100000 + index)}] ${line}`;
      return [stamped, stamped];
    });
    const report = one(twice.join('\n'));
    expect(report).toMatchObject({ complete: true, taskCount: 2, recognisedLines: HIGHMEM_32.split('\n').length });
    expect(report.kills).toHaveLength(1);
  });
});
