import { describe, expect, test } from 'vitest';
import type { MemInfo, NodeInfo, PerCpu, Zone } from '../../../../src/domain.ts';
import type { KernelName, ReportState, Unprinted } from '../../../../src/simulate/index.ts';
import { printBuddy, printHugePages } from '../../../../src/simulate/print/buddy.ts';
import { printMemInfo } from '../../../../src/simulate/print/mem-info.ts';
import { printNodes } from '../../../../src/simulate/print/node.ts';
import { printRhel3Dump } from '../../../../src/simulate/print/rhel3.ts';
import { printAllocationSites, printTotals } from '../../../../src/simulate/print/totals.ts';
import { printZones } from '../../../../src/simulate/print/zone.ts';
import { stateOn } from './support.ts';

type Printer = (state: ReportState, dialect: ReturnType<typeof stateOn>['dialect']) => string[];

const on = (print: Printer, kernel: KernelName, changes: Partial<ReportState>): string[] => {
  const { state, dialect } = stateOn(kernel, changes);
  return print(state, dialect);
};

describe('global block', () => {
  const old: Unprinted<MemInfo> = {
    activePages: 98171,
    inactivePages: 25402,
    freePages: 1401,
    slabPages: 4433,
    mappedPages: 98000,
    mappedFilePages: 800,
    mappedAnonPages: 97000,
    pagetablesPages: 1500,
  };
  const block = (kernel: KernelName, memInfo: Unprinted<MemInfo>): string[] =>
    on(printMemInfo, kernel, { memInfo, perCpu: [], zones: [] })
      .slice(-1)
      .flatMap((record) => record.split('\n'));

  test('2.6.9 to 2.6.20', () => {
    const line =
      'Active:98171 inactive:25402 dirty:0 writeback:0 unstable:0 free:1401 slab:4433 mapped:98000 pagetables:1500';
    expect(block('2.6.9', old)).toEqual([line]);
    expect(block('2.6.20', old)).toEqual([line]);
  });
  test('RHEL5 splits mapped pages', () => {
    expect(block('rhel5', old)).toEqual([
      'Active:98171 inactive:25402 dirty:0 writeback:0 unstable:0 free:1401 slab:4433 mapped-file:800 mapped-anon:97000 pagetables:1500',
    ]);
  });
  test('2.6.22 to 2.6.24', () => {
    expect(block('2.6.22', old)).toEqual([
      'Active:98171 inactive:25402 dirty:0 writeback:0 unstable:0',
      ' free:1401 slab:4433 mapped:98000 pagetables:1500 bounce:0',
    ]);
  });
  test('2.6.28', () => {
    const memInfo = {
      activeAnonPages: 9,
      activeFilePages: 9,
      inactiveAnonPages: 9,
      inactiveFilePages: 1,
      unevictablePages: 2,
      dirtyPages: 3,
      writebackPages: 4,
      unstablePages: 5,
      freePages: 1,
      slabPages: 2,
      mappedPages: 3,
      pagetablesPages: 4,
      bouncePages: 5,
    };
    expect(block('2.6.28', memInfo)).toEqual([
      'Active_anon:9 active_file:9 inactive_anon:9',
      ' inactive_file:1 unevictable:2 dirty:3 writeback:4 unstable:5',
      ' free:1 slab:2 mapped:3 pagetables:4 bounce:5',
    ]);
  });
  test('6.1 to 7.1', () => {
    const memInfo = {
      activeAnonPages: 241,
      inactiveAnonPages: 7513,
      activeFilePages: 14844,
      inactiveFilePages: 16543,
      isolatedFilePages: 128,
      unevictablePages: 3569,
      dirtyPages: 17048,
      writebackPages: 2622,
      slabReclaimablePages: 3553,
      slabUnreclaimablePages: 8738,
      mappedPages: 7488,
      shmemPages: 2559,
      pagetablesPages: 393,
      freePages: 917894,
      freePcpPages: 8,
      freeCmaPages: 128398,
    };
    const lines = [
      'active_anon:241 inactive_anon:7513 isolated_anon:0',
      ' active_file:14844 inactive_file:16543 isolated_file:128',
      ' unevictable:3569 dirty:17048 writeback:2622',
      ' slab_reclaimable:3553 slab_unreclaimable:8738',
      ' mapped:7488 shmem:2559 pagetables:393',
      ' sec_pagetables:0 bounce:0',
      ' kernel_misc_reclaimable:0',
      ' free:917894 free_pcp:8 free_cma:128398',
    ];
    expect(block('6.1', memInfo)).toEqual(lines);
    expect(block('7.1', memInfo)).toEqual(lines);
  });
  test('the lines between: free_cma in 3.8, free_pcp in 4.1, no unstable in 5.8', () => {
    expect(block('3.10', {}).at(-1)).toBe(' free_cma:0');
    expect(block('4.1', {}).at(-1)).toBe(' free:0 free_pcp:0 free_cma:0');
    expect(block('5.4', {})[2]).toBe(' unevictable:0 dirty:0 writeback:0 unstable:0');
    expect(block('5.10', {})[2]).toBe(' unevictable:0 dirty:0 writeback:0');
    expect(block('5.15', {})[5]).toBe(' kernel_misc_reclaimable:0');
  });
});

describe('per-cpu lists', () => {
  const perCpu: Unprinted<PerCpu>[] = [{ zone: 'Normal', cpu: 0, highPages: 186, batchPages: 31, usedPages: 70 }];
  const zones: Unprinted<Zone>[] = [{ name: 'Normal', presentKb: 4 }];
  const rows = (kernel: KernelName): string[] => on(printMemInfo, kernel, { perCpu, zones }).slice(1, -1);
  test('one list per processor up to 4.0', () => {
    expect(rows('3.2')).toEqual(['Normal per-cpu:', 'CPU    0: hi:  186, btch:  31 usd:  70']);
    expect(rows('4.1')).toEqual([]);
    expect(rows('rhel7')).toEqual([]);
  });
  test('hot and cold lists before 2.6.28', () => {
    expect(rows('2.6.22')).toEqual([
      'Normal per-cpu:',
      'CPU    0: Hot: hi:  186, btch:  31 usd:  53   Cold: hi:   62, btch:  15 usd:  17',
    ]);
    expect(rows('2.6.18').slice(0, 3)).toEqual([
      'Normal per-cpu:',
      'cpu 0 hot: high 186, batch 31 used:53',
      'cpu 0 cold: high 62, batch 15 used:17',
    ]);
  });
});

describe('node line', () => {
  const node: Unprinted<NodeInfo> = {
    node: 0,
    activeAnonKb: 968,
    inactiveAnonKb: 32280,
    activeFileKb: 101656,
    inactiveFileKb: 27096,
    unevictableKb: 14276,
    isolatedFileKb: 768,
    mappedKb: 34324,
    dirtyKb: 68192,
    writebackKb: 10488,
    shmemKb: 10236,
    kernelStackKb: 1488,
    pagetablesKb: 1768,
    allUnreclaimable: false,
  };
  const head =
    'Node 0 active_anon:968kB inactive_anon:32280kB active_file:101656kB inactive_file:27096kB unevictable:14276kB isolated(anon):0kB isolated(file):768kB mapped:34324kB dirty:68192kB writeback:10488kB';
  test('4.9', () => {
    expect(on(printNodes, '4.9', { nodes: [node] })).toEqual([
      `${head} shmem:10236kB shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB writeback_tmp:0kB unstable:0kB pages_scanned:0 all_unreclaimable? no`,
    ]);
  });
  test('4.8 prints the shared and huge counters in each other’s places', () => {
    const line = on(printNodes, '4.8', { nodes: [{ ...node, anonThpKb: 4096 }] })[0];
    expect(line).toContain('shmem:0kB shmem_thp: 0kB shmem_pmdmapped: 4096kB anon_thp: 10236kB');
  });
  test('7.1', () => {
    expect(on(printNodes, '7.1', { nodes: [node] })).toEqual([
      `${head} shmem:10236kB shmem_thp:0kB shmem_pmdmapped:0kB anon_thp:0kB kernel_stack:1488kB pagetables:1768kB sec_pagetables:0kB all_unreclaimable? no Balloon:0kB gpu_active:0kB gpu_reclaim:0kB`,
    ]);
  });
  test('absent before 4.8', () => {
    expect(on(printNodes, '4.4', { nodes: [node] })).toEqual([]);
  });
});

describe('zone line', () => {
  test('4.1 to 4.7 and RHEL7', () => {
    const zone: Unprinted<Zone> = {
      node: 0,
      name: 'DMA32',
      freeKb: 64060,
      minKb: 12044,
      lowKb: 15052,
      highKb: 18064,
      inactiveAnonKb: 108,
      activeFileKb: 4,
      inactiveFileKb: 384,
      unevictableKb: 2805752,
      presentKb: 3129216,
      managedKb: 2898784,
      mlockedKb: 2805752,
      slabReclaimableKb: 4456,
      slabUnreclaimableKb: 4400,
      kernelStackKb: 576,
      pagetablesKb: 7712,
      pagesScanned: 6,
      allUnreclaimable: false,
      lowmemReservePages: [0, 0, 12468, 12468],
    };
    const lines = [
      'Node 0 DMA32 free:64060kB min:12044kB low:15052kB high:18064kB active_anon:0kB inactive_anon:108kB active_file:4kB inactive_file:384kB unevictable:2805752kB isolated(anon):0kB isolated(file):0kB present:3129216kB managed:2898784kB mlocked:2805752kB dirty:0kB writeback:0kB mapped:0kB shmem:0kB slab_reclaimable:4456kB slab_unreclaimable:4400kB kernel_stack:576kB pagetables:7712kB unstable:0kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB writeback_tmp:0kB pages_scanned:6 all_unreclaimable? no',
      'lowmem_reserve[]: 0 0 12468 12468',
    ];
    expect(on(printZones, '4.4', { zones: [zone] })).toEqual(lines);
    expect(on(printZones, 'rhel7', { zones: [zone] })).toEqual(lines);
  });

  const big: Unprinted<Zone> = {
    node: 0,
    name: 'Normal',
    freeKb: 65140,
    minKb: 65180,
    lowKb: 128456,
    highKb: 191732,
    activeAnonKb: 1304,
    inactiveAnonKb: 62771820,
    activeFileKb: 1360,
    inactiveFileKb: 1408,
    unevictableKb: 27744,
    presentKb: 64487424,
    managedKb: 63287848,
    mlockedKb: 27744,
  };
  const lru =
    'active_anon:1304kB inactive_anon:62771820kB active_file:1360kB inactive_file:1408kB unevictable:27744kB writepending:0kB';
  const sizes =
    'present:64487424kB managed:63287848kB mlocked:27744kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB';
  test('5.11 to 5.15', () => {
    expect(on(printZones, '5.15', { zones: [big] })[0]).toBe(
      `Node 0 Normal free:65140kB min:65180kB low:128456kB high:191732kB reserved_highatomic:0KB ${lru} ${sizes}`,
    );
  });
  test('RHEL8 leaves reserved_highatomic out', () => {
    expect(on(printZones, 'rhel8', { zones: [big] })[0]).toBe(
      `Node 0 Normal free:65140kB min:65180kB low:128456kB high:191732kB ${lru} ${sizes}`,
    );
  });
  test('6.18 to 7.1', () => {
    const line = `Node 0 Normal free:65140kB boost:0kB min:65180kB low:128456kB high:191732kB reserved_highatomic:0KB free_highatomic:0KB ${lru} zspages:0kB ${sizes}`;
    expect(on(printZones, '6.18', { zones: [big] })[0]).toBe(line);
    expect(on(printZones, '7.1', { zones: [big] })[0]).toBe(line);
  });
  test('between 4.8 and 5.10 the zone loses slab, then kernel_stack, then pagetables', () => {
    const labels = (kernel: KernelName): string => on(printZones, kernel, { zones: [big] })[0] ?? '';
    expect(labels('4.9')).toContain('slab_unreclaimable:0kB kernel_stack:0kB pagetables:0kB bounce:0kB');
    expect(labels('4.14')).toContain('mlocked:27744kB kernel_stack:0kB pagetables:0kB bounce:0kB');
    expect(labels('5.10')).toContain('mlocked:27744kB pagetables:0kB bounce:0kB');
  });
  test('6.1 and later hide zones above the request’s', () => {
    const zones: Unprinted<Zone>[] = [
      { name: 'Normal', presentKb: 4 },
      { name: 'HighMem', presentKb: 4 },
    ];
    const names = (kernel: KernelName): string[] =>
      on(printZones, kernel, { zones, requestZone: 'Normal' }).filter((line) => line.includes('free:'));
    expect(names('6.1-i386')).toHaveLength(1);
    expect(names('4.9-i386')).toHaveLength(2);
  });
  test('empty zones are printed up to 2.6.18 only', () => {
    const zones: Unprinted<Zone>[] = [{ name: 'HighMem', presentKb: 0 }];
    expect(on(printBuddy, '2.6.18', { zones })).toEqual(['HighMem: empty']);
    expect(on(printBuddy, '2.6.20', { zones })).toEqual([]);
  });
});

describe('buddy and hugepages lines', () => {
  test('letters since 3.8, for counts above zero', () => {
    const zone: Unprinted<Zone> = {
      node: 0,
      name: 'DMA32',
      presentKb: 4,
      buddyCounts: [213, 117, 232, 0, 0, 0, 0, 0, 0, 0, 1],
      buddyTypes: ['UEM', 'UEM', 'UEM', '', '', '', '', '', '', '', 'R'],
    };
    expect(on(printBuddy, '3.10', { zones: [zone] })).toEqual([
      'Node 0 DMA32: 213*4kB (UEM) 117*8kB (UEM) 232*16kB (UEM) 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 1*4096kB (R) = 9596kB',
    ]);
  });
  test('hugepages since 3.10', () => {
    const hugePages = [{ node: 0, total: 2, free: 2, surplus: 0, sizeKb: 1048576 }];
    expect(on(printHugePages, '5.15', { hugePages })).toEqual([
      'Node 0 hugepages_total=2 hugepages_free=2 hugepages_surp=0 hugepages_size=1048576kB',
    ]);
    expect(on(printHugePages, '3.2', { hugePages })).toEqual([]);
  });
});

describe('totals', () => {
  const totals = {
    pagecachePages: 11,
    swapCachePages: 1,
    freeSwapKb: 84,
    totalSwapKb: 25165820,
    ramPages: 4115400,
    reservedPages: 97082,
  };
  test('6.1 drops the swap cache statistics', () => {
    expect(on(printTotals, '6.1', { totals })).toEqual([
      '11 total pagecache pages',
      '1 pages in swap cache',
      'Free swap  = 84kB',
      'Total swap = 25165820kB',
      '4115400 pages RAM',
      '0 pages HighMem/MovableOnly',
      '97082 pages reserved',
      '0 pages cma reserved',
      '0 pages hwpoisoned',
    ]);
  });
  test('2.6.22 i386 has its own words', () => {
    expect(on(printTotals, '2.6.22', { totals }).slice(3, 9)).toEqual([
      'Free swap:           84kB',
      '4115400 pages of RAM',
      '0 pages of HIGHMEM',
      '97082 reserved pages',
      '0 pages shared',
      '1 pages swap cached',
    ]);
  });
  test('allocation sites: bytes in 6.10, human sizes later', () => {
    const allocationSites = [{ bytes: 1299227607, calls: 237476, site: 'mm/readahead.c:189 func:ractl_alloc_folio' }];
    expect(on(printAllocationSites, '6.18', { allocationSites })).toEqual([
      'Memory allocations (profiling is currently turned on):',
      '    1.21 GiB   237476 mm/readahead.c:189 func:ractl_alloc_folio',
    ]);
    expect(on(printAllocationSites, '6.8', { allocationSites })).toEqual([]);
  });
});

describe('RHEL3', () => {
  test('prints pages per zone, nameless free lists and totals of its own', () => {
    const { state } = stateOn('rhel3', {
      zones: [
        {
          name: 'DMA',
          freeKb: 11520,
          minKb: 0,
          lowKb: 0,
          highKb: 0,
          presentKb: 16384,
          buddyCounts: [0, 0, 0, 0, 0, 0, 1, 2, 4, 1, 1],
        },
      ],
      memInfo: { freePages: 2880, slabPages: 99 },
    });
    const lines = printRhel3Dump(state);
    expect(lines.slice(0, 4)).toEqual([
      'Mem-info:',
      'Zone:DMA freepages:  2880 min:     0 low:     0 high:     0',
      'Free pages:   2880 (     0 HighMem)',
      '( Active: 0/0, inactive_laundry: 0, inactive_clean: 0, free: 2880 )',
    ]);
    expect(lines).toContain(
      '0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 1*256kB 2*512kB 4*1024kB 1*2048kB 1*4096kB = 11520kB)',
    );
    expect(lines).toContain('99 pages of slabcache');
  });
});
