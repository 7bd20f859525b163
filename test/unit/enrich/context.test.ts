import { describe, expect, it } from 'vitest';
import type { HostContext, OomReport } from '../../../src/domain.ts';
import { defaultMinFreeKb, marksOf } from '../../../src/enrich/context/marks.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { readContext } from '../../../src/parser/index.ts';
import { seedReport } from '../../support/seed-report.ts';
import { kill, report, task, trigger, zone } from './build.ts';

/** The sentences that a text beside the report adds, by their codes. */
function added(given: OomReport, text: string): Record<string, string> {
  const alone = analyse(given);
  const both = analyse(given, readContext(text, 'host.txt'));
  expect(both.findings.slice(0, alone.findings.length)).toEqual(alone.findings);
  expect({ ...both, findings: alone.findings }).toEqual(alone);
  return Object.fromEntries(
    both.findings.slice(alone.findings.length).map(({ code, sentence }) => [code, sentence] as const),
  );
}

describe('the marks of vm.min_free_kbytes', () => {
  const lowmem = 3952 + 222_502;

  it.each([
    ['Normal', 222_502, false, { min: 2012, low: 2515, high: 3018 }],
    ['DMA', 3952, false, { min: 35, low: 43, high: 52 }],
    ['HighMem', 8_094_380, true, { min: 128, low: 18_428, high: 36_729 }],
  ] as const)('of %s on 3.2', (_name, pages, aboveLowmem, marks) => {
    expect(marksOf(pages, lowmem, 2048, { scaleFactor: undefined, aboveLowmem })).toEqual(marks);
  });

  it('grow with the scale factor', () => {
    const rule = { aboveLowmem: false };
    expect(marksOf(1_000_000, 1_000_000, 16_896, { ...rule, scaleFactor: 10 })).toEqual({
      min: 16_896,
      low: 21_120,
      high: 25_344,
    });
    expect(marksOf(1_000_000, 1_000_000, 16_896, { ...rule, scaleFactor: 200 })).toEqual({
      min: 16_896,
      low: 36_896,
      high: 56_896,
    });
  });

  it.each([
    [905_816, [3, 2, 0], 3806],
    [1, [3, 2, 0], 128],
    [2 ** 34, [5, 4, 0], 65_536],
    [2 ** 34, [5, 10, 0], 262_144],
  ] as const)('the default for %i kB on %j', (kb, version, own) => {
    expect(defaultMinFreeKb(kb, version)).toBe(own);
  });
});

describe('settings beside the 32-bit report', () => {
  it('the setting gives the printed marks', () => {
    const found = analyse(seedReport, readContext('\nvm.min_free_kbytes = 8192', 'host.txt')).findings.at(-1);
    expect(found).toMatchObject({
      code: 'setting-explains-marks',
      sentence:
        'vm.min_free_kbytes 8192 gives exactly the printed marks: DMA 35/43/52, Normal 2012/2515/3018 pages; the default at boot for 905816 kB would be 3806.',
    });
    expect(found?.evidence[0]).toEqual({
      field: 'vm.min_free_kbytes',
      value: 8192,
      context: { path: 'host.txt', line: 1 },
    });
    expect(found?.evidence[1]).toMatchObject({ field: 'zones[DMA].minKb', value: 140 });
  });

  it('another setting gives other marks', () => {
    expect(added(seedReport, 'vm.min_free_kbytes = 65536')).toEqual({
      'setting-other-marks':
        'vm.min_free_kbytes 65536 gives another MIN than the printed (DMA 285 pages, not 35; Normal 16098 pages, not 2012): it was another when memory ran out.',
    });
  });

  it('claims nothing where one zone agrees and the other does not, nor without a release', () => {
    const damaged = seedReport.zones.map((each) => (each.name === 'DMA' ? { ...each, minKb: 144 } : each));
    expect(added({ ...seedReport, zones: damaged }, 'vm.min_free_kbytes = 8192')).toEqual({});
    const { release: _release, version: _version, ...kernel } = seedReport.kernel;
    expect(added({ ...seedReport, kernel }, 'vm.min_free_kbytes = 65536')).toEqual({});
  });

  it('gives MIN alone where something else lies between the marks', () => {
    const zones = seedReport.zones.map((each) => ({ ...each, lowKb: (each.lowKb ?? 0) + 400 }));
    expect(added({ ...seedReport, zones }, 'vm.min_free_kbytes = 8192')['setting-explains-marks']).toMatch(
      /^vm\.min_free_kbytes 8192 gives exactly the printed MIN: DMA 35, Normal 2012 pages;/,
    );
  });

  it('the ratios give the printed reserves', () => {
    expect(added(seedReport, 'vm.lowmem_reserve_ratio = 256\t32\t32')).toEqual({
      'setting-explains-reserves':
        'vm.lowmem_reserve_ratio 256 32 32 gives exactly the printed reserves: DMA keeps 222502 / 256 = 869 pages from requests for Normal.',
    });
    expect(added(seedReport, 'vm.lowmem_reserve_ratio = 128\t32\t32')).toEqual({});
  });

  it.each([
    [
      'vm.oom_kill_allocating_task = 0',
      'vm.oom_kill_allocating_task is 0: avscan was chosen by badness, not because it asked for the page.',
    ],
    [
      'vm.oom_kill_allocating_task = 1',
      'vm.oom_kill_allocating_task is 1, but the report does not give it as the reason: avscan was chosen by badness.',
    ],
    [
      'vm.panic_on_oom = 1',
      'vm.panic_on_oom is 1; it was 0 when avscan was killed, else the kernel would have panicked.',
    ],
  ])('%s', (text, sentence) => {
    expect(added(seedReport, text)).toEqual({ 'setting-victim': sentence });
  });

  it('swappiness does not keep swap empty', () => {
    expect(added(seedReport, 'vm.swappiness = 60')).toEqual({
      'setting-swap':
        'vm.swappiness is 60, so it does not keep swap empty: lowmem held 0 kB of anonymous memory to swap out.',
    });
    expect(added(seedReport, 'vm.swappiness = 0')).toEqual({});
  });

  it('strict overcommit does not bound slab', () => {
    expect(added(seedReport, 'vm.overcommit_memory = 2')['setting-overcommit']).toContain("the kernel's own");
    expect(added(seedReport, 'vm.overcommit_memory = 1')).toEqual({});
  });

  it('slab that the kernel was told to keep', () => {
    expect(added(seedReport, 'vm.vfs_cache_pressure = 0')['setting-cache-kept']).toContain('dentries');
    expect(added(seedReport, 'vm.vfs_cache_pressure = 100')).toEqual({});
  });
});

describe('counters beside the 32-bit report', () => {
  it('top shows the same memory, at another uptime, filled again', () => {
    const text = `top - 03:05:55 up  8:43,  2 users,  load average: 0.04, 0.08, 0.09
Mem:  33204440k total, 32688600k used,   515840k free,   108124k buffers
Swap:  1959892k total,        0k used,  1959892k free, 31648080k cached`;
    expect(added(seedReport, text)).toEqual({
      'host-same-memory': "top shows exactly the report's 33204440 kB of memory and 1959892 kB of swap.",
      'host-other-uptime':
        'top was taken 8 h 43 min after a boot, the report 20 d 12 h after one: 20 d 3 h before the report, or after a restart.',
      'host-buffers':
        'top shows 108124 kB of buffers, cache of block devices that lies in lowmem; in the report all file cache of lowmem was 636 kB.',
      'host-buffer-heads': 'top shows 31648080 kB of file cache, which need up to 433536 kB of buffer heads in lowmem.',
    });
  });

  it('an uptime near the report says nothing', () => {
    expect(added(seedReport, 'top - 02:10:00 up 20 days, 12:19,  2 users,  load average: 0\nMem: 1k used')).toEqual({});
    expect(added(seedReport, 'top - 04:10:00 up 20 days, 14:19,  2 users,  load average: 0\nMem: 1k used')).toEqual({
      'host-other-uptime':
        'top was taken 20 d 14 h after a boot, the report 20 d 12 h after one: 2 h 0 min after the report.',
    });
  });

  it('another amount of memory silences all but exact agreement', () => {
    const text = `MemTotal:  16602220 kB
Buffers:    108124 kB
LowTotal:   563620 kB
LowFree:     18520 kB
vm.swappiness = 60
vm.min_free_kbytes = 8192`;
    const found = added(seedReport, text);
    expect(Object.keys(found)).toEqual(['host-other-memory', 'setting-explains-marks']);
    expect(found['host-other-memory']).toBe(
      '/proc/meminfo shows 15.8 GiB of memory, the report 31.7 GiB: another machine, or its memory was changed.',
    );
  });

  it('free -l shows lowmem', () => {
    const table = `             total       used       free
Mem:      33204440   32688600     515840
Low:        563620     555100       8520`;
    expect(added(seedReport, table)['host-lowmem']).toBe(
      'free shows 563620 kB of lowmem, 8520 kB of it free; in the report 11680 kB were.',
    );
  });

  it('free -m without its command is read in MiB, and is no other machine', () => {
    const table = `             total       used       free     shared    buffers     cached
Mem:         32426      31922        503          0        105      30906
Low:           550        542          8`;
    const found = added(seedReport, table);
    expect(Object.keys(found)).toEqual(['host-lowmem', 'host-buffers', 'host-buffer-heads']);
    expect(found['host-lowmem']).toContain('563200 kB of lowmem, 8192 kB of it free');
  });

  it('zoneinfo confirms the marks and the zone whose line is lost', () => {
    const text = `Node 0, zone      DMA
  pages free     906
        min      35
        low      43
        high     52
        present  3952
        protection: (0, 869, 32487, 32487)
Node 0, zone   Normal
  pages free     21474
        min      2012
        low      2515
        high     3018
        present  222502
        protection: (0, 0, 252949, 252949)
Node 0, zone  HighMem
  pages free     140481
        min      128
        low      18428
        high     36729
        present  8094380
        protection: (0, 0, 0, 0)`;
    expect(added(seedReport, text)).toEqual({
      'host-zones-same': '/proc/zoneinfo shows the printed marks and reserves of DMA, Normal.',
      'host-zone-lost':
        'The report has no line of HighMem; /proc/zoneinfo shows it with 8094380 pages and the marks 128/18428/36729, as the reserves give them.',
    });
    expect(added(seedReport, text.replace('8094380', '8000000'))['host-zone-lost']).toMatch(/36729\.$/);
    expect(added(seedReport, text.replace('2012', '4024'))['host-zones-other']).toBe(
      '/proc/zoneinfo shows the marks 4024/2515/3018 for Normal, the report 2012/2515/3018 pages: the settings, or the boost, were others.',
    );
  });
});

describe('settings beside a 64-bit report', () => {
  const zones = [
    zone('DMA', { free: 3840, min: 14, low: 17, high: 20 }, [0, 0, 18_007, 18_007], {
      node: 0,
      presentKb: 15_992,
      managedKb: 15_360,
    }),
    zone('Normal', { free: 16_000, min: 16_881, low: 21_491, high: 26_101 }, [0, 0, 0, 0], {
      node: 0,
      presentKb: 18_874_368,
      managedKb: 18_440_000,
    }),
  ];
  const whole = (release: string, parts: Partial<OomReport> = {}) =>
    report(release, {
      trigger: trigger('0xcc0', 0, 'GFP_KERNEL'),
      zones,
      memInfo: { line: 0, freePages: 20_000, activeAnonPages: 4_400_000, inactiveAnonPages: 1000 },
      totals: { line: 0, ramPages: 4_722_590, reservedPages: 108_750, freeSwapKb: 4_000_000, totalSwapKb: 4_000_000 },
      kills: [kill(77, 'quotefeed', 17_000_000, { reason: 'Out of memory' })],
      tasks: [task(77, 'quotefeed', 4_250_000)],
      taskCount: 1,
      ...parts,
    });

  it('the scale factor is the default where none is told', () => {
    const found = added(whole('4.19.60'), 'vm.min_free_kbytes = 67584');
    expect(found['setting-explains-marks']).toContain('node 0 DMA 14/17/20, node 0 Normal 16881/21491/26101 pages');
  });

  it('a told scale factor that does not fit leaves MIN', () => {
    const found = added(whole('4.19.60'), 'vm.min_free_kbytes = 67584\nvm.watermark_scale_factor = 200');
    expect(found['setting-explains-marks']).toContain('the printed MIN: node 0 DMA 14, node 0 Normal 16881 pages');
  });

  it('a boost that is not printed forbids to speak of another setting', () => {
    expect(added(whole('4.19.60'), 'vm.min_free_kbytes = 90112')).toHaveProperty('setting-other-marks');
    expect(added(whole('5.4.0'), 'vm.min_free_kbytes = 90112')).toEqual({});
  });

  it('swappiness 0 leaves swap unused since 3.5', () => {
    expect(added(whole('4.19.60'), 'vm.swappiness = 0')['setting-swap']).toContain('vm.swappiness is 0: since 3.5');
    expect(added(whole('2.6.32'), 'vm.swappiness = 0')).toEqual({});
    expect(added(whole('4.19.60'), 'vm.swappiness = 60')).toEqual({});
  });

  it('overcommit 1 lets one task take all', () => {
    expect(added(whole('4.19.60'), 'vm.overcommit_memory = 1')['setting-overcommit']).toContain('grants every mapping');
  });

  it('a report without a table', () => {
    const bare = whole('4.19.60', { tasks: [], taskCount: 0 });
    const text = `vm.oom_dump_tasks = 0
  PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  COMMAND
    1 root      20   0  2096  656  560 S  0.0  0.0   0:01.20 init
   77 feed      20   0 18.1g 16.2g 560 S  0.0  0.0   0:01.20 quotefeed
Swap: 1k total`;
    expect(added(bare, text)).toEqual({
      'setting-no-table': 'vm.oom_dump_tasks is 0: this kernel prints no process table.',
      'host-largest': 'The report has no process table; the largest in top is quotefeed (77) with 16.2 GiB resident.',
    });
    expect(added(whole('4.19.60'), text)).toEqual({});
  });

  it('the kernel says that the setting chose', () => {
    const kills = [kill(77, 'quotefeed', 17_000_000, { reason: 'Out of memory (oom_kill_allocating_task)' })];
    expect(added(whole('4.19.60', { kills }), 'vm.oom_kill_allocating_task = 0')['setting-victim']).toBe(
      'vm.oom_kill_allocating_task is 0; it was set when quotefeed was killed.',
    );
  });

  it('a panic that would not come any more', () => {
    const panicked = whole('4.19.60', {
      action: 'oom-panic',
      kills: [],
      panic: { line: 0, text: 'Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled' },
    });
    expect(added(panicked, 'vm.panic_on_oom = 0')['setting-victim']).toContain('it was set when the kernel panicked');
    expect(added(panicked, 'vm.panic_on_oom = 1')).toEqual({});
  });

  it('settings of the machine say nothing about the victim of a memory cgroup', () => {
    const memcg = whole('4.19.60', { scope: 'memcg' });
    expect(added(memcg, 'vm.oom_kill_allocating_task = 1\nvm.panic_on_oom = 1\nvm.swappiness = 0')).toEqual({});
  });

  it('blocks of the order asked for', () => {
    const fragmented = whole('4.19.60', {
      trigger: trigger('0xcc0', 3, 'GFP_KERNEL'),
      zones: [
        zone('Normal', { free: 60_000, min: 16_881, low: 21_491, high: 26_101 }, [0, 0], {
          node: 0,
          managedKb: 18_440_000,
          buddyCounts: [40_000, 10_000, 0, 0, 0, 0, 0, 0, 0, 0, 0],
          buddyTypes: ['UME', 'UME', '', '', '', '', '', '', '', '', ''],
        }),
      ],
    });
    expect(analyse(fragmented).verdict).toBe('fragmented');
    const text = 'Node 0, zone   Normal  38000   9000     10      0      1      0      0      0      0      0      0';
    expect(added(fragmented, text)).toEqual({
      'host-blocks': '/proc/buddyinfo shows 1 free block of order 3 and above in node 0 Normal at its time.',
    });
  });
});

it('an empty context adds nothing', () => {
  const none: HostContext = readContext('');
  expect(analyse(seedReport, none)).toEqual(analyse(seedReport));
});
