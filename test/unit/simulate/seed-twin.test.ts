import { describe, expect, test } from 'vitest';
import { printReport, seedTwin, seedTwinLog } from '../../../src/simulate/index.ts';

describe('seed twin', () => {
  const lines = printReport(seedTwin());

  test('prints the well-known numbers', () => {
    expect(lines).toContain('mailscand invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0');
    expect(lines).toContain(
      'DMA free:3624kB min:140kB low:172kB high:208kB active_anon:0kB inactive_anon:0kB active_file:0kB inactive_file:0kB unevictable:0kB isolated(anon):0kB isolated(file):0kB present:15808kB mlocked:0kB dirty:0kB writeback:0kB mapped:0kB shmem:0kB slab_reclaimable:240kB slab_unreclaimable:0kB kernel_stack:0kB pagetables:0kB unstable:0kB bounce:0kB writeback_tmp:0kB pages_scanned:0 all_unreclaimable? yes',
    );
    expect(lines).toContain('lowmem_reserve[]: 0 869 32487 32487');
    expect(lines).toContain(
      'Normal: 830*4kB 80*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 1*4096kB = 8056kB',
    );
    expect(lines).toContain(' free:143494 slab_reclaimable:128312 slab_unreclaimable:4089');
    expect(lines).toContain('Killed process 21832 (mailscand) total-vm:169876kB, anon-rss:146900kB, file-rss:2712kB');
  });

  test('its HighMem zone is the one that the reserves determine', () => {
    const [, normal, highmem] = seedTwin().zones;
    const highmemPages = (highmem?.presentKb ?? 0) / 4;
    const normalPages = (normal?.presentKb ?? 0) / 4;
    expect(Math.trunc(highmemPages / 32)).toBe(252949);
    expect(Math.trunc((normalPages + highmemPages) / 256)).toBe(32487);
  });

  test('its zones add up to the global counters, but for the drift of the free counter', () => {
    const { zones, memInfo } = seedTwin();
    const sum = (key: 'activeAnonKb' | 'inactiveFileKb' | 'slabReclaimableKb' | 'freeKb'): number =>
      zones.reduce((total, zone) => total + (zone[key] ?? 0), 0) / 4;
    expect(sum('activeAnonKb')).toBe(memInfo.activeAnonPages);
    expect(sum('inactiveFileKb')).toBe(memInfo.inactiveFilePages);
    expect(sum('slabReclaimableKb')).toBe(memInfo.slabReclaimablePages);
    expect((memInfo.freePages ?? 0) - sum('freeKb')).toBe(93);
  });

  test('the damaged log loses the HighMem zone line and one processor, and wraps at 199 columns', () => {
    const log = seedTwinLog({ lost: true, wrapColumns: 199 });
    expect(log.some((line) => line.includes('HighMem free:'))).toBe(false);
    expect(log.filter((line) => line.includes('CPU    6:'))).toHaveLength(2);
    expect(Math.max(...log.map((line) => line.length))).toBe(199);
    expect(log[0]).toBe(
      'Sep 23 02:04:16 [kernel] [1772321.850644] mailscand invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0',
    );
    expect(log).toContain(
      'd(file):0kB present:15808kB mlocked:0kB dirty:0kB writeback:0kB mapped:0kB shmem:0kB slab_reclaimable:240kB slab_unreclaimable:0kB kernel_stack:0kB pagetables:0kB unstable:0kB bounce:0kB writeback_tm',
    );
  });
});
