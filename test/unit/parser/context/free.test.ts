import { describe, expect, it } from 'vitest';
import { readContext } from '../../../../src/parser/index.ts';

const free = (text: string) => readContext(text, 'f').free;

const OLD = `             total       used       free     shared    buffers     cached
Mem:      33204440   32688600     515840          0     108124   31648080
Low:        563620     555100       8520
High:     32640820   32133500     507320
-/+ buffers/cache:     932396   32272044
Swap:      1959892          0    1959892`;

describe('free', () => {
  it('-l of procps 3.2', () => {
    const place = { path: 'f', exact: true };
    expect(free(OLD)).toEqual({
      memory: {
        ...place,
        line: 1,
        totalKb: 33204440,
        usedKb: 32688600,
        freeKb: 515840,
        sharedKb: 0,
        buffersKb: 108124,
        cachedKb: 31648080,
      },
      low: { ...place, line: 2, totalKb: 563620, usedKb: 555100, freeKb: 8520 },
      high: { ...place, line: 3, totalKb: 32640820, usedKb: 32133500, freeKb: 507320 },
      swap: { ...place, line: 5, totalKb: 1959892, usedKb: 0, freeKb: 1959892 },
    });
  });

  it('of procps 3.3 and 4', () => {
    const text = `               total        used        free      shared  buff/cache   available
Mem:         8167848     1409696     1961452       24120     4796700     6433360
Swap:        2097148           0     2097148`;
    expect(free(text).memory).toMatchObject({
      totalKb: 8167848,
      sharedKb: 24120,
      buffersAndCacheKb: 4796700,
      availableKb: 6433360,
      exact: true,
    });
    expect(free(text).swap).toMatchObject({ totalKb: 2097148, freeKb: 2097148 });
  });

  it('-w tells buffers and cache apart', () => {
    const text = `              total        used        free      shared     buffers       cache   available
Mem:        8167848     1409696     1961452       24120       70000     4726700     6433360
Swap:       2097148           0     2097148`;
    expect(free(text).memory).toMatchObject({ buffersKb: 70000, cachedKb: 4726700 });
  });

  it.each([
    [
      '-h of 3.3',
      'Mem:            31G        12G       1.5G',
      { totalKb: 31 * 1024 ** 2, freeKb: 1572864, exact: false },
    ],
    [
      '-h of 4',
      'Mem:            15Gi       3.2Gi       512Mi',
      { totalKb: 15 * 1024 ** 2, freeKb: 524288, exact: false },
    ],
    ['-h with a comma', 'Mem:            1,5G       1,0G         0B', { totalKb: 1572864, freeKb: 0, exact: false }],
  ])('%s', (_option, row, memory) => {
    expect(free(`      total   used   free\n${row}`).memory).toMatchObject(memory);
  });

  it.each([
    ['$ free -m', { totalKb: 3022 * 1024, exact: false }],
    ['root@relay07:~# free -ml', { totalKb: 3022 * 1024, exact: false }],
    ['$ free -b', { totalKb: 2, exact: true }],
    ['$ free -g', { totalKb: 3022 * 1024 ** 2, exact: false }],
    ['$ free -l', { totalKb: 3022, exact: true }],
    ['so much is free', { totalKb: 3022, exact: true }],
  ])('takes the unit from %s', (command, memory) => {
    expect(free(`${command}\n   total   used   free\nMem:  3022  2116  905`).memory).toMatchObject(memory);
  });

  it('keeps the first of two tables and ends at foreign lines', () => {
    const text = `${OLD}\n\n   total used free\nMem: 1 1 0\n`;
    expect(free(text).memory?.totalKb).toBe(33204440);
    expect(free('  total used free\nSwap cache stats: add 0, delete 0\nMem: 1 1 0')).toEqual({});
  });
});
