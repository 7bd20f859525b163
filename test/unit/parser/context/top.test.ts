import { describe, expect, it } from 'vitest';
import { readContext } from '../../../../src/parser/index.ts';

const top = (text: string) => readContext(text, 't').top;

describe('top', () => {
  it('of procps 3.2', () => {
    const text = `top - 03:05:55 up  8:43,  2 users,  load average: 0.04, 0.08, 0.09
Tasks: 224 total,   1 running, 223 sleeping,   0 stopped,   0 zombie
Cpu(s):  0.0% us,  0.0% sy,  0.0% ni, 99.9% id,  0.0% wa,  0.0% hi,  0.0% si
Mem:  33204440k total, 32688600k used,   515840k free,   108124k buffers
Swap:  1959892k total,        0k used,  1959892k free, 31648080k cached

  PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  COMMAND
21832 scan      20   0  165m 146m 2712 S  0.0  0.5   0:10.00 avscan
  812 root      RT   0  2.1g 1,5g  560 S  0.0  0.0   0:01.20 queue manager`;
    const place = { path: 't', exact: true };
    expect(top(text)).toEqual({
      uptime: { ms: (8 * 60 + 43) * 60_000, path: 't', line: 0 },
      memory: {
        ...place,
        line: 3,
        totalKb: 33204440,
        usedKb: 32688600,
        freeKb: 515840,
        buffersKb: 108124,
        cachedKb: 31648080,
      },
      swap: { ...place, line: 4, totalKb: 1959892, usedKb: 0, freeKb: 1959892 },
      processes: [
        {
          pid: 21832,
          user: 'scan',
          comm: 'avscan',
          virtualKb: 165 * 1024,
          residentKb: 146 * 1024,
          sharedKb: 2712,
          path: 't',
          line: 7,
        },
        {
          pid: 812,
          user: 'root',
          comm: 'queue manager',
          virtualKb: Math.trunc(2.1 * 1024 ** 2),
          residentKb: 1572864,
          sharedKb: 560,
          path: 't',
          line: 8,
        },
      ],
    });
  });

  it('of procps 3.3 in KiB', () => {
    const text = `top - 11:20:01 up 20 days, 12:18,  1 user,  load average: 9.10, 8.00, 7.00
KiB Mem : 16333772 total,   423292 free, 14910480 used,  1000000 buff/cache
KiB Swap:  2097148 total,        0 free,  2097148 used.   610000 avail Mem`;
    expect(top(text).uptime?.ms).toBe(((20 * 24 + 12) * 60 + 18) * 60_000);
    expect(top(text).memory).toMatchObject({
      totalKb: 16333772,
      freeKb: 423292,
      usedKb: 14910480,
      buffersAndCacheKb: 1000000,
      availableKb: 610000,
      exact: true,
    });
    expect(top(text).swap).toEqual({ path: 't', line: 2, totalKb: 2097148, freeKb: 0, usedKb: 2097148, exact: true });
  });

  it('of procps 3.3 before the cache moved', () => {
    const text = `KiB Mem:  16333772 total, 15910480 used,   423292 free,   200000 buffers
KiB Swap:  2097148 total,        0 used,  2097148 free.  9000000 cached Mem`;
    expect(top(text).memory).toMatchObject({ buffersKb: 200000, cachedKb: 9000000 });
  });

  it('of procps 4 in MiB is rounded', () => {
    const text = `MiB Mem :   7822.9 total,    191.5 free,   4216.9 used,   3414.5 buff/cache
MiB Swap:   2048.0 total,   2048.0 free,      0.0 used.   3606.0 avail Mem`;
    expect(top(text).memory).toMatchObject({ totalKb: Math.trunc(7822.9 * 1024), exact: false });
  });

  it('of procps 2 and of busybox', () => {
    expect(top('Mem:   513488k av,  507220k used,    6268k free,       0k shrd,   31700k buff').memory).toMatchObject({
      totalKb: 513488,
      freeKb: 6268,
      buffersKb: 31700,
    });
    expect(top('Mem: 26888K used, 3564K free, 0K shrd, 512K buff, 10400K cached').memory).toMatchObject({
      usedKb: 26888,
      cachedKb: 10400,
    });
  });

  it.each([
    ['up 3 min,', 3],
    ['up 1 day,  2:05,', 24 * 60 + 125],
    ['up 2 days, 7 min,', 2 * 24 * 60 + 7],
  ])('says %s', (up, minutes) => {
    expect(top(`top - 03:05:55 ${up}  2 users,  load average: 0.04\nMem: 1k total`).uptime?.ms).toBe(minutes * 60_000);
  });

  it('keeps the first screen of top -b', () => {
    const screen = (pid: number) => `top - 03:05:5${pid} up  8:4${pid},  2 users,  load average: 0
Mem:  ${pid}000k total
  PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  COMMAND
    ${pid} root      20   0   900  800  700 S  0.0  0.0   0:01.20 init`;
    expect(top(`${screen(1)}\n\n${screen(2)}`)).toMatchObject({
      uptime: { ms: (8 * 60 + 41) * 60_000 },
      memory: { totalKb: 1000 },
      processes: [{ pid: 1 }],
    });
  });

  it('takes no ps and no OOM table for its own', () => {
    const text = `USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root         1  0.0  0.0   2096   656 ?        Ss   May01   0:01 init
[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name
[21832]   113 21832    42469    37403   0       0             0 avscan
Mem-Info:`;
    expect(top(text).processes).toEqual([]);
  });
});
