import { describe, expect, it } from 'vitest';
import { readContext } from '../../../../src/parser/index.ts';

const values = (text: string) =>
  Object.fromEntries(Object.entries(readContext(text).meminfo).map(([name, { value }]) => [name, value]));

describe('/proc/meminfo', () => {
  it('of 2.6 with 32 bits', () => {
    const text = `MemTotal:      3107480 kB
MemFree:         51212 kB
Buffers:         10812 kB
Cached:        2210112 kB
SwapCached:          0 kB
Active:         910000 kB
Inactive:      1420000 kB
HighTotal:     2228168 kB
HighFree:         1204 kB
LowTotal:       879312 kB
LowFree:         50008 kB
SwapTotal:     1048568 kB
SwapFree:      1048568 kB
Committed_AS:   312000 kB
VmallocTotal:   114680 kB
HugePages_Total:     4
HugePages_Free:      1
Hugepagesize:     4096 kB`;
    expect(values(text)).toEqual({
      memTotalKb: 3107480,
      memFreeKb: 51212,
      buffersKb: 10812,
      cachedKb: 2210112,
      swapCachedKb: 0,
      activeKb: 910000,
      inactiveKb: 1420000,
      highTotalKb: 2228168,
      highFreeKb: 1204,
      lowTotalKb: 879312,
      lowFreeKb: 50008,
      swapTotalKb: 1048568,
      swapFreeKb: 1048568,
      committedKb: 312000,
      hugePagesTotal: 4,
      hugePagesFree: 1,
      hugePageSizeKb: 4096,
    });
  });

  it('of 6.x with 64 bits', () => {
    const text = `MemTotal:       65729424 kB
MemFree:          412340 kB
MemAvailable:     810224 kB
Active(anon):   58112004 kB
Inactive(file):   120004 kB
Zswap:                 0 kB
KReclaimable:     310044 kB
SReclaimable:     310044 kB
SUnreclaim:      1200120 kB
SecPageTables:      2044 kB
Percpu:            41024 kB`;
    expect(values(text)).toEqual({
      memTotalKb: 65729424,
      memFreeKb: 412340,
      memAvailableKb: 810224,
      activeAnonKb: 58112004,
      inactiveFileKb: 120004,
      slabReclaimableKb: 310044,
      slabUnreclaimableKb: 1200120,
      percpuKb: 41024,
    });
  });

  it('of 2.4 leaves the table in bytes to nobody', () => {
    const text = `        total:    used:    free:  shared: buffers:  cached:
Mem:  525815808 519393280  6422528        0 32460800 291487744
Swap: 1077469184  1024000 1076445184
MemTotal:       513492 kB
MemFree:          6272 kB`;
    const context = readContext(text);
    expect(context.meminfo.memTotalKb).toMatchObject({ value: 513492, line: 3 });
    expect(context.free).toEqual({});
    expect(context.top).toEqual({ processes: [] });
  });

  it('keeps the first of two', () => {
    expect(values('MemFree:   10 kB\nMemFree:   20 kB')).toEqual({ memFreeKb: 10 });
  });

  it.each([
    'MemTotal: 12',
    'MemTotal: 12 MB',
    'HugePages_Total: 4 kB',
    'The MemTotal: 12 kB',
    'constructor: 12 kB',
    '[ 12.345678] MemTotal:  12 kB',
  ])('does not read %s', (line) => {
    expect(values(line)).toEqual({});
  });
});
