import { describe, expect, it } from 'vitest';
import { createParser, type ParserOptions } from '../../../src/parser/index.ts';
import { PARSER_OPTIONS } from '../../support/decoder.ts';
import { HIGHMEM_32, MEMCG_V2, streamOf } from './fixtures.ts';

const OPTIONS: ParserOptions = PARSER_OPTIONS;
const parser = (options: Partial<ParserOptions> = {}) => createParser({ ...OPTIONS, ...options });
const noise = (count: number, from: number, bootUs: number) =>
  streamOf(Array.from({ length: count }, (_, index) => `oven ${index}: door open`).join('\n'), 'web01', from, {
    bootUs,
  });

describe('the parser on a stream', () => {
  it('keeps nothing of hosts without a report', () => {
    const subject = parser();
    for (const line of noise(100, 0, 1)) expect(subject.push(line)).toEqual([]);
    expect(subject.openHosts('logs', 0).size).toBe(0);
    expect(subject.firstNeeded('logs', 0)).toBeUndefined();
    expect(subject.stats).toMatchObject({ openReports: 0, heldBytes: 0 });
  });

  it('pins the first line of an open report and names its host', () => {
    const subject = parser();
    for (const line of streamOf(HIGHMEM_32, 'web01', 500).slice(0, 20)) subject.push(line);
    expect([...subject.openHosts('logs', 0)]).toEqual(['web01']);
    expect(subject.firstNeeded('logs', 0)).toBe(500);
    expect(subject.firstNeeded('logs', 1)).toBeUndefined();
    expect(subject.stats.openReports).toBe(1);
  });

  it('closes a report when its tail is over, and unpins it', () => {
    const subject = parser();
    const lines = streamOf(HIGHMEM_32);
    const reports = [...lines, ...noise(2, 900, 1_009_000_000)].flatMap((line) => subject.push(line));
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({ complete: true, provisional: false });
    expect(subject.openHosts('logs', 0).size).toBe(0);
  });

  it('emits a silent report early, keeps it open, and again when it has grown', () => {
    const subject = parser();
    const lines = streamOf(HIGHMEM_32);
    subject.advance('logs', 0, 1_000_000);
    for (const line of lines.slice(0, 40)) expect(subject.push(line)).toEqual([]);
    expect(subject.advance('logs', 0, 1_029_000)).toEqual([]);
    const early = subject.advance('logs', 0, 1_031_000);
    expect(early).toMatchObject([{ provisional: true, complete: false }]);
    expect(subject.advance('logs', 0, 1_099_000)).toEqual([]);
    expect(subject.firstNeeded('logs', 0)).toBe(0);
    for (const line of lines.slice(40)) subject.push(line);
    expect(subject.end()).toMatchObject([{ provisional: false, complete: true }]);
    expect(early[0]?.kills).toEqual([]);
  });

  it('emits a report that has ended after a second of silence, where the stream is read in real time', () => {
    const subject = parser();
    subject.advance('logs', 0, 1_000_000, 50_000);
    for (const line of streamOf(HIGHMEM_32)) expect(subject.push(line)).toEqual([]);
    expect(subject.advance('logs', 0, 1_000_300, 50_300)).toEqual([]);
    expect(subject.advance('logs', 0, 1_001_000, 51_000)).toEqual([]);
    expect(subject.advance('logs', 0, 1_001_400, 51_400)).toMatchObject([{ provisional: true, complete: true }]);
    expect(subject.firstNeeded('logs', 0)).toBe(0);
    expect(subject.end()).toEqual([]);
  });

  it.each([
    ['a backlog that is read at full speed', 1_020_000, 50_700],
    ['a worker that stood still', 1_000_700, 90_000],
  ])('waits for more in %s', (_, atMs, elapsedMs) => {
    const subject = parser();
    subject.advance('logs', 0, 1_000_000, 50_000);
    for (const line of streamOf(HIGHMEM_32)) subject.push(line);
    expect(subject.advance('logs', 0, 1_000_300, 50_300)).toEqual([]);
    expect(subject.advance('logs', 0, atMs, elapsedMs)).toEqual([]);
  });

  it('emits a report without trigger and kill line when it is of age, also after silence', () => {
    const subject = parser();
    const lines = streamOf(HIGHMEM_32).filter(
      ({ text }) => !/invoked oom-killer|Out of memory|Killed process/.test(text),
    );
    subject.advance('logs', 0, 1_000_000, 50_000);
    for (const line of lines) expect(subject.push(line)).toEqual([]);
    for (const seconds of [1, 20, 40, 60]) {
      expect(subject.advance('logs', 0, 1_000_000 + seconds * 1000, 50_000 + seconds * 1000)).toEqual([]);
    }
    expect(subject.advance('logs', 0, 1_700_000, 750_000)).toMatchObject([{ provisional: false, kills: [] }]);
  });

  it('does not replace a whole report by what memory left of it', () => {
    const lines = streamOf(HIGHMEM_32);
    const [tail] = streamOf(
      'oom_reaper: reaped process 4711 (bakery), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
      'web01',
      900,
      {
        bootUs: 1_001_500_000,
      },
    );
    if (tail === undefined) throw new Error('no line');
    const read = (maxBytes: number, hosts: number) => {
      const subject = parser({ maxBytes });
      subject.advance('logs', 0, 1_000_000, 50_000);
      for (const line of lines) subject.push(line);
      const early = [1_000_300, 1_001_400].flatMap((atMs) => subject.advance('logs', 0, atMs, atMs));
      expect(early).toMatchObject([{ provisional: true, complete: true, truncated: false }]);
      for (let host = 0; host < hosts; host += 1) {
        for (const line of streamOf(HIGHMEM_32, `other${host}`)) subject.push(line);
      }
      const shed = subject.stats.shedReports.lines;
      const later = [...subject.push(tail), ...subject.end()].filter(({ host }) => host === 'web01');
      return { shed, later };
    };
    expect(read(2 ** 27, 0).later).toMatchObject([{ truncated: false, provisional: false }]);
    const pressed = read(60_000, 4);
    expect(pressed.shed).toBeGreaterThan(0);
    expect(pressed.later).toEqual([]);
  });

  it('waits for the kill line as before', () => {
    const subject = parser();
    const lines = streamOf(HIGHMEM_32);
    const kill = lines.findIndex(({ text }) => text.includes('Kill'));
    subject.advance('logs', 0, 1_000_000, 50_000);
    for (const line of lines.slice(0, kill)) subject.push(line);
    subject.advance('logs', 0, 1_000_300, 50_300);
    expect(subject.advance('logs', 0, 1_009_000, 59_000)).toEqual([]);
  });

  it('says nothing twice: a report emitted early that did not grow ends in silence', () => {
    const subject = parser();
    subject.advance('logs', 0, 0);
    for (const line of streamOf(HIGHMEM_32)) subject.push(line);
    expect(subject.advance('logs', 0, 31_000).length + subject.advance('logs', 0, 65_000).length).toBe(1);
    expect(subject.advance('logs', 0, 700_000)).toEqual([]);
    expect(subject.stats.openReports).toBe(0);
  });

  it('closes by age; a tail that still comes is a report of its own', () => {
    const subject = parser();
    const lines = streamOf(HIGHMEM_32);
    subject.advance('logs', 0, 0);
    for (const line of lines.slice(0, -2)) subject.push(line);
    subject.advance('logs', 0, 40_000);
    const aged = subject.advance('logs', 0, 600_001);
    expect(aged.every(({ kills }) => kills.length === 0)).toBe(true);
    for (const line of lines.slice(-2)) subject.push(line);
    expect(subject.end()).toMatchObject([{ kills: [{ pid: 4711 }], tasks: [] }]);
  });

  it('keeps hosts and partitions apart', () => {
    const subject = parser();
    const a = streamOf(HIGHMEM_32, 'web01');
    const b = streamOf(MEMCG_V2, 'web02', 1000);
    const c = streamOf(MEMCG_V2, 'web01').map((line) => ({ ...line, position: { ...line.position, partition: 1 } }));
    for (let at = 0; at < a.length; at += 1) {
      for (const line of [a[at], b[at], c[at]]) if (line) subject.push(line);
    }
    const reports = subject.end();
    expect(reports.map(({ host, scope, complete }) => `${host} ${scope} ${complete}`).sort()).toEqual([
      'web01 global true',
      'web01 memcg true',
      'web02 memcg true',
    ]);
  });

  it('forgets a partition on reset', () => {
    const subject = parser();
    for (const line of streamOf(HIGHMEM_32)) subject.push(line);
    subject.reset('logs', 0);
    expect(subject.end()).toEqual([]);
    expect(subject.stats).toMatchObject({ openReports: 0, heldBytes: 0 });
  });

  it('reads a replay the same, and lazy reading like eager reading', () => {
    const lines = [...noise(50, 0, 1), ...streamOf(HIGHMEM_32, 'web01', 50), ...noise(50, 200, 1_009_000_000)];
    const run = (lazy: boolean) => {
      const subject = parser();
      const open = subject.openHosts('logs', 0);
      const reports = lines.flatMap((line) =>
        lazy && !open.has(line.host) && !line.text.includes('oom-killer: gfp_mask=') ? [] : subject.push(line),
      );
      return [...reports, ...subject.end()];
    };
    expect(run(true)).toEqual(run(false));
    expect(run(false)).toEqual(run(false));
  });

  it('joins the pieces that an old kernel prints of one line', () => {
    const text = HIGHMEM_32.replace(
      'lowmem_reserve[]: 0 869 3248 3248',
      'lowmem_reserve[]:\n 0\n 869\n 3248\n 3248',
    ).replace('DMA: 0*4kB 7*8kB', 'DMA: \n0*4kB \n7*8kB');
    const subject = parser();
    for (const line of streamOf(text)) subject.push(line);
    const [report] = subject.end();
    expect(report?.zones[0]).toMatchObject({ lowmemReservePages: [0, 869, 3248, 3248], buddyTotalKb: 3624 });
    expect(report?.complete).toBe(true);
  });

  it('joins the reserve line of the first zone, of which printk sent the rest alone', () => {
    const torn = HIGHMEM_32.replace('lowmem_reserve[]: 0 869 3248 3248', 'lowmem_reserve[]: 0\n 869 3248 3248');
    const subject = parser();
    const [report] = [...streamOf(torn).flatMap((line) => subject.push(line)), ...subject.end()];
    expect(report?.zones[0]?.lowmemReservePages).toEqual([0, 869, 3248, 3248]);
    expect(report?.issues.map(({ code }) => code)).toEqual(['line-rejoined']);
  });

  it('takes the three records in which 3.16 names the cgroups', () => {
    const text = MEMCG_V2.replace('5.15.0-77-generic', '3.16.0')
      .replace('memory: usage', 'Task in /mill/stone\n killed as a result of limit of /mill\n\nmemory: usage')
      .replace('swap: usage', 'memory+swap: usage');
    const subject = parser();
    const [report] = [...streamOf(text).flatMap((line) => subject.push(line)), ...subject.end()];
    expect(report?.memcg).toMatchObject({ taskPath: '/mill/stone', path: '/mill' });
    const codes = report?.issues.map(({ code }) => code);
    for (const code of ['line-cut', 'foreign-line', 'orphan-continuation']) expect(codes).not.toContain(code);
  });

  it('ends a report at a reboot', () => {
    const subject = parser();
    for (const line of streamOf(HIGHMEM_32).slice(0, 30)) subject.push(line);
    const reboot = streamOf('Linux version 3.2.60 (baker@oven)\nCommand line: quiet', 'web01', 900);
    expect(reboot.flatMap((line) => subject.push(line))).toMatchObject([{ complete: false }]);
  });
});

describe('bounds', () => {
  it('sheds raw lines beyond the limit of a report and keeps its nouns', () => {
    const subject = parser({ maxLines: 10 });
    for (const line of streamOf(HIGHMEM_32)) subject.push(line);
    const [report] = subject.end();
    expect(report).toMatchObject({ truncated: true, complete: true, taskCount: 2 });
    expect(report?.lines).toHaveLength(10);
    expect(report?.issues.map(({ code }) => code)).toContain('limit-lines');
  });

  it('sheds lines, then rows, and counts the rows still', () => {
    const rows = Array.from(
      { length: 500 },
      (_, pid) => `[${5000 + pid}]     0  ${pid}      579      171   0       0             0 loaf`,
    );
    const text = HIGHMEM_32.replace(/^\[ 1457\].*$/m, rows.join('\n'));
    const subject = parser({ maxBytes: 40_000 });
    for (const line of streamOf(text)) subject.push(line);
    expect(subject.stats.heldBytes).toBeLessThanOrEqual(40_000);
    expect(subject.stats).toMatchObject({ shedReports: { lines: 1, tasks: 1 }, evictedReports: 0 });
    const [report] = subject.end();
    expect(report).toMatchObject({ taskCount: 501, truncated: true });
    expect(report?.tasks.length).toBeLessThan(501);
    expect(report?.kills).toMatchObject([{ pid: 4711 }]);
  });

  it('evicts the emptiest reports when stubs do not fit, as truncated', () => {
    const subject = parser({ maxBytes: 30_000 });
    const evicted = Array.from({ length: 400 }, (_, index) =>
      streamOf(
        'bakery invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0\nMem-Info:',
        `web${index}`,
        index * 2,
      ),
    ).flatMap((lines) => lines.flatMap((line) => subject.push(line)));
    expect(evicted.length).toBeGreaterThan(0);
    expect(evicted[0]).toMatchObject({ truncated: true, provisional: false });
    expect(subject.stats.evictedReports).toBe(evicted.length);
    expect(subject.stats.heldBytes).toBeLessThanOrEqual(30_000);
  });
});
