import { describe, expect, it } from 'vitest';
import { isEmptyContext, joinContexts, parseText, readContext } from '../../../../src/parser/index.ts';
import { KERNELS, printReport, SCENARIO_NAMES, SCENARIOS, scenarioState } from '../../../../src/simulate/index.ts';

const TOOLS = `# sysctl -a | grep '^vm'
vm.min_free_kbytes = 67584
vm.lowmem_reserve_ratio = 256\t256\t32
MemTotal:        3107480 kB
Active(anon):     204800 kB
Node 0, zone   Normal
  per-node stats
      nr_inactive_anon 1234
  pages free     21474
        min      2012
        low      2515
        high     3018
        protection: (0, 0, 252949, 252949)
  pagesets
Node 0, zone   Normal    830     80      0      0      0      0      0      0      0      0      1
             total       used       free     shared    buffers     cached
Mem:      33204440   32688600     515840          0     108124   31648080
-/+ buffers/cache:     932396   32272044
Swap:      1959892          0    1959892
top - 03:05:55 up  8:43,  2 users,  load average: 0.04, 0.08, 0.09
Tasks: 224 total,   1 running, 223 sleeping,   0 stopped,   0 zombie
Mem:  33204440k total, 32688600k used,   515840k free,   108124k buffers
  PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  COMMAND
21832 scan      20   0  165m 146m 2712 S  0.0  0.5   0:10.00 avscan`;

/** Every report that the simulator prints, without a prefix and behind syslog's. */
const REPORTS = SCENARIO_NAMES.flatMap((name) =>
  SCENARIOS[name].kernels.map((kernel) => {
    const lines = printReport(scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed: 3 }));
    return [`${name} on ${kernel}`, lines] as const;
  }),
);

/** What a report says, without where its lines stand. */
const readings = (text: string) =>
  parseText(text).map(({ firstPosition: _first, lastPosition: _last, ...report }) => ({
    ...report,
    lines: report.lines.map(({ text: line, block }) => [line, block]),
  }));

describe('context and reports', () => {
  it.each(REPORTS)('%s holds no context and is read the same with tools around it', (_name, lines) => {
    const logged = lines.map((line) => `Sep 23 02:04:16 relay07 kernel: ${line}`);
    for (const text of [lines.join('\n'), logged.join('\n')]) {
      expect(isEmptyContext(readContext(text))).toBe(true);
      const alone = readings(text);
      expect(readings(`${TOOLS}\n${text}`)).toEqual(alone);
      expect(readings(`${text}\n${TOOLS}\n`)).toEqual(alone);
    }
  });

  it('tools do not continue a line that was cut', () => {
    const cut = `<4>[   10.000001] worker invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
<4>[   10.000002] CPU: 3 PID: 1413 Comm: worker`;
    expect(readings(`${cut}\n${TOOLS}`)).toEqual(readings(cut));
  });

  it('is found on both sides of a report, with the lines of the text', () => {
    const lines = REPORTS[0]?.[1] ?? [];
    const context = readContext(['vm.swappiness = 60', '', ...lines, '', TOOLS].join('\n'), 'host.log');
    expect(context.vm.swappiness).toEqual({ value: 60, path: 'host.log', line: 0 });
    expect(context.vm.minFreeKbytes).toEqual({ value: 67584, path: 'host.log', line: lines.length + 4 });
    expect(context.zones).toHaveLength(1);
    expect(context.buddy).toHaveLength(1);
    expect(context.free.memory?.totalKb).toBe(33204440);
    expect(context.top.processes).toHaveLength(1);
  });
});

describe('readContext', () => {
  it.each(['', '\n\n', 'vm.', 'Mem:', 'MemTotal: kB', 'top - ', 'Node 0, zone', '\0vm.x = \ud800', '{"dmsg": ['])(
    'reads nothing from %j',
    (text) => {
      expect(isEmptyContext(readContext(text))).toBe(true);
    },
  );

  it('takes linear time on hostile lines', () => {
    const long = [
      `vm.swappiness =${' '.repeat(900)}x`,
      `Mem: ${'1'.repeat(900)}`,
      `Mem: ${'1 '.repeat(450)}`,
      `Node 0, zone Normal ${'1 '.repeat(450)}x`,
      `protection: (${'1,'.repeat(400)}`,
    ];
    const text = Array.from({ length: 20_000 }, (_, index) => long[index % long.length]).join('\n');
    const start = performance.now();
    readContext(text);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('joinContexts', () => {
  it('takes each setting and each kind of output from the first text that has it', () => {
    const [a, b] = [
      readContext('vm.swappiness = 1\nMemTotal:  10 kB\n', 'a'),
      readContext('vm.swappiness = 2\nvm.panic_on_oom = 1\nMemTotal:  20 kB\nMemFree:  5 kB\nMem:  7k total', 'b'),
    ];
    const both = joinContexts([a, b]);
    expect(both.vm).toEqual({
      swappiness: { value: 1, path: 'a', line: 0 },
      panicOnOom: { value: 1, path: 'b', line: 1 },
    });
    expect(both.meminfo).toEqual({ memTotalKb: { value: 10, path: 'a', line: 1 } });
    expect(both.top.memory?.totalKb).toBe(7);
    expect(isEmptyContext(joinContexts([]))).toBe(true);
  });
});
