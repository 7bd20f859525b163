import { describe, expect, it } from 'vitest';
import type { OomReport } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import type { FindingCode } from '../../../src/tables/findings.ts';
import { kill, report, task, trigger, zone } from './build.ts';

const totals = { ramPages: 1_000_000, reservedPages: 0, freeSwapKb: 0, totalSwapKb: 0, line: 0 };
const short = zone('Normal', { free: 500, min: 600, low: 700, high: 800 }, [0, 0, 0, 0, 0]);
const request = { trigger: trigger('0xcc0', 0, 'GFP_KERNEL'), zones: [short], totals };
const base = (parts: Partial<OomReport> = {}, release = '5.10.0') => report(release, { ...request, ...parts });

const find = (code: FindingCode, input: OomReport) => analyse(input).findings.find((finding) => finding.code === code);

/** Each finding: a report that has it, what its sentence says, and one that just misses it. */
const CASES: [FindingCode, OomReport, string, OomReport][] = [
  [
    'small-machine',
    base({ totals: { ...totals, ramPages: 131_071 } }),
    '512 MiB of memory',
    base({ totals: { ...totals, ramPages: 131_072 } }),
  ],
  [
    'fork-bomb',
    base({ tasks: Array.from({ length: 1000 }, (_item, pid) => task(pid, 'sh', 10)) }),
    '1000 of 1000 listed tasks are named sh',
    base({ tasks: Array.from({ length: 999 }, (_item, pid) => task(pid, 'sh', 10)) }),
  ],
  [
    'panic-on-oom',
    base({
      panic: { text: 'Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled', line: 0 },
    }),
    'panicked instead of killing',
    base({ panic: { text: 'Kernel panic - not syncing: Out of memory and no killable processes...', line: 0 } }),
  ],
  [
    'group-kill',
    base({ scope: 'memcg', memcg: { groupKill: true, line: 0 }, kills: [kill(1, 'a', 1)] }),
    'the whole cgroup was killed',
    base({ scope: 'memcg', memcg: { line: 0 } }),
  ],
  [
    'stats-truncated',
    base({ scope: 'memcg', memcg: { statsTruncated: true, line: 0 } }),
    'cut the cgroup statistics',
    base({ scope: 'memcg', memcg: { statsTruncated: false, line: 0 } }),
  ],
  [
    'highatomic-reserved',
    base({ zones: [{ ...short, reservedHighatomicKb: 8192 }] }),
    'Normal holds 8192 kB for high-order atomic requests',
    base({ zones: [{ ...short, reservedHighatomicKb: 0 }] }),
  ],
  [
    'boost-active',
    base({ zones: [{ ...short, boostKb: 400 }] }, '6.6.9'),
    "Normal's MIN of 2400 kB holds 400 kB of watermark boost",
    base({ zones: [{ ...short, boostKb: 0 }] }, '6.6.9'),
  ],
  [
    'cma-free',
    base({ zones: [{ ...short, freeCmaKb: 1000 }] }),
    "1000 of Normal's 2000 free kB belong to CMA",
    base({ zones: [{ ...short, freeCmaKb: 1000 }], trigger: trigger('0x100cca', 0, 'GFP_HIGHUSER_MOVABLE') }),
  ],
  [
    'counter-rotated',
    base({ nodes: [{ node: 0, shmemKb: 1, shmemThpKb: 0, line: 0 }] }, '4.8.15'),
    "stand in each other's places",
    base({ nodes: [{ node: 0, shmemKb: 1, shmemThpKb: 0, line: 0 }] }, '4.9.88'),
  ],
  ['reserved-misprinted', base({}, '3.16.0'), "the last zone's reserved pages", base({}, '3.18.20')],
  [
    'per-cpu-free',
    base({ zones: [{ ...short, freePcpKb: 404 }] }),
    '101 free pages (404 kB) lie on per-cpu lists',
    base({ zones: [{ ...short, freePcpKb: 400 }] }),
  ],
  [
    'swap-unusable',
    base({
      memInfo: { activeAnonPages: 800_000, freePages: 500, line: 0 },
      totals: { ...totals, totalSwapKb: 1000, freeSwapKb: 900 },
    }),
    'anonymous memory fills RAM and was not swapped out',
    base({
      memInfo: { activeAnonPages: 800_000, freePages: 500, line: 0 },
      totals: { ...totals, totalSwapKb: 1000, freeSwapKb: 20 },
    }),
  ],
  [
    'swap-unusable',
    base({
      scope: 'memcg',
      memcg: {
        usageKb: 1000,
        limitKb: 1000,
        stats: { anon: 102_400, file: 900_000 },
        statsUnit: 'Bytes',
        swap: { usageKb: 100, limitKb: 500, failcnt: 0, line: 0 },
        line: 0,
      },
    }),
    'The cgroup may use 400 kB of swap more: only 100 kB of the cgroup is anonymous',
    base({ scope: 'memcg', memcg: { usageKb: 1000, limitKb: 1000, stats: { anon: 1 }, statsUnit: 'Bytes', line: 0 } }),
  ],
  [
    'other-nodes-free',
    base(
      {
        zones: [
          { ...short, node: 0 },
          { ...short, node: 1, freeKb: 900_000 },
        ],
        cpuset: { memsAllowed: '0', line: 0 },
      },
      '2.6.32',
    ),
    'node 1 Normal has 900000 kB free and was not allowed',
    base(
      {
        zones: [
          { ...short, node: 0 },
          { ...short, node: 1 },
        ],
        cpuset: { memsAllowed: '0', line: 0 },
      },
      '2.6.32',
    ),
  ],
  [
    'innocent-victim',
    base({ tasks: [task(1, 'cron', 100), task(2, 'db', 800_000)], kills: [kill(1, 'cron', 400)] }),
    'cron held less than 0.1 % of memory and swap; db (2) holds 3.1 GiB.',
    base({ tasks: [task(1, 'cron', 100), task(2, 'db', 290)], kills: [kill(1, 'cron', 400)] }),
  ],
];

describe('findings', () => {
  it.each(CASES)('%s', (code, having, words, missing) => {
    const found = find(code, having);
    expect(found?.sentence).toContain(words);
    expect(found?.evidence.length).toBeGreaterThan(0);
    expect(find(code, missing)).toBeUndefined();
  });
});
