/**
 * An OOM report in the domain's own types: 3.2.59, 32 bits with PAE, 33 GiB, a page-table page that lowmem cannot give. The
 * HighMem zone line and one per-cpu row are lost, as in a wrapped log. Host and process names are invented.
 */
import type { Frame, OomReport, PerCpu, ReportLine, Task } from '../../src/domain.ts';

/** Lines of the report; only those that nouns refer to. */
const TEXTS = [
  'avscan invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0',
  'Pid: 21832, comm: avscan Tainted: G         C   3.2.59 #21',
  'Call Trace:',
  ' [<c0176438>] ? __alloc_pages_nodemask+0x446/0x4f4',
  ' [<c0126525>] ? pte_alloc_one+0x14/0x2f',
  ' [<c0185578>] ? __pte_alloc+0x16/0xc0',
  ' [<c01856fa>] ? handle_mm_fault+0xd8/0x15d',
  'Mem-Info:',
  'Normal per-cpu:',
  'active_anon:117913 inactive_anon:9942 isolated_anon:0',
  'DMA free:3624kB min:140kB low:172kB high:208kB ...',
  'lowmem_reserve[]: 0 869 32487 32487',
  'Normal free:8056kB min:8048kB low:10060kB high:12072kB ...',
  'lowmem_reserve[]: 0 0 252949 252949',
  'lowmem_reserve[]: 0 0 0 0',
  'DMA: 0*4kB 7*8kB 3*16kB 6*32kB 4*64kB 6*128kB 5*256kB 2*512kB 0*1024kB 0*2048kB 0*4096kB = 3624kB',
  'Normal: 830*4kB 80*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 1*4096kB = 8056kB',
  'HighMem: 13*4kB 14*8kB 2*16kB 2*32kB 0*64kB 0*128kB 2*256kB 2*512kB 3*1024kB 0*2048kB 136*4096kB = 561924kB',
  '7891360 total pagecache pages',
  '8650736 pages RAM',
  '[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name',
  '[14579]     0 14579      579      171   5       0             0 mirror',
  '[14580]     0 14580      677      215   5       0             0 mirror',
  '[21832]   113 21832    42469    37403   0       0             0 avscan',
  'Out of memory: Kill process 21832 (avscan) score 4 or sacrifice child',
  'Killed process 21832 (avscan) total-vm:169876kB, anon-rss:146900kB, file-rss:2712kB',
];

/** Index of the first line that begins so. */
const at = (start: string): number => TEXTS.findIndex((text) => text.trimStart().startsWith(start));

const BOOT_US = 1_772_321_850_644;
/** 23 September 2014, 02:04:16 UTC. */
const AT_MS = Date.UTC(2014, 8, 23, 2, 4, 16);

const position = (index: number) => ({ topic: 'syslog', partition: 0, offset: 1000 + index });

const lines: ReportLine[] = TEXTS.map((text, index) => ({
  text,
  position: position(index),
  bootUs: BOOT_US + 2 * index,
}));

const frame = (symbol: string, address: string, line: number): Frame => ({ symbol, address, reliable: false, line });

const NORMAL_USED = [70, 116, 131, 76, 29, 61, undefined, 17];
const HIGHMEM_USED = [2, 69, 25, 27, 7, 188, 25, 158];

const perCpu = (zone: string, used: readonly (number | undefined)[], highPages: number, batchPages: number): PerCpu[] =>
  used.flatMap((usedPages, cpu) =>
    usedPages === undefined ? [] : [{ zone, cpu, highPages, batchPages, usedPages, line: at('Normal per-cpu') }],
  );

const task = (pid: number, uid: number, totalVmPages: number, rssPages: number, comm: string): Task => ({
  pid,
  uid,
  tgid: pid,
  totalVmPages,
  rssPages,
  cpu: uid === 0 ? 5 : 0,
  oomAdj: 0,
  oomScoreAdj: 0,
  comm,
  line: at(`[${pid}]`),
});

const zeroes = {
  activeAnonKb: 0,
  inactiveAnonKb: 0,
  unevictableKb: 0,
  isolatedAnonKb: 0,
  isolatedFileKb: 0,
  mlockedKb: 0,
  dirtyKb: 0,
  writebackKb: 0,
  mappedKb: 0,
  shmemKb: 0,
  unstableKb: 0,
  bounceKb: 0,
  writebackTmpKb: 0,
};

export const seedReport: OomReport = {
  action: 'oom-kill',
  scope: 'global',
  host: 'backup-03',
  trust: 'facility',
  kernel: { release: '3.2.59', version: [3, 2, 59], addressBits: 32, pae: true, pageSizeKb: 4, evidence: [] },
  highmem32: true,
  trigger: {
    name: 'avscan',
    pid: 21832,
    gfpMask: '0x84d0',
    order: 0,
    oomAdj: 0,
    oomScoreAdj: 0,
    line: at('avscan invoked'),
  },
  taskHeader: { pid: 21832, comm: 'avscan', release: '3.2.59', build: '#21', taint: 'GC', line: at('Pid:') },
  callTrace: [
    frame('__alloc_pages_nodemask', 'c0176438', 3),
    frame('pte_alloc_one', 'c0126525', 4),
    frame('__pte_alloc', 'c0185578', 5),
    frame('handle_mm_fault', 'c01856fa', 6),
  ],
  memInfo: {
    activeAnonPages: 117_913,
    inactiveAnonPages: 9942,
    isolatedAnonPages: 0,
    activeFilePages: 106_466,
    inactiveFilePages: 7_784_521,
    isolatedFilePages: 0,
    unevictablePages: 40,
    dirtyPages: 0,
    writebackPages: 61,
    unstablePages: 0,
    freePages: 143_494,
    slabReclaimablePages: 128_312,
    slabUnreclaimablePages: 4089,
    mappedPages: 6706,
    shmemPages: 308,
    pagetablesPages: 915,
    bouncePages: 0,
    line: at('active_anon'),
  },
  perCpu: [
    ...perCpu('DMA', [0, 0, 0, 0, 0, 0, 0, 0], 0, 1),
    ...perCpu('Normal', NORMAL_USED, 186, 31),
    ...perCpu('HighMem', HIGHMEM_USED, 186, 31),
  ],
  nodes: [],
  zones: [
    {
      name: 'DMA',
      freeKb: 3624,
      minKb: 140,
      lowKb: 172,
      highKb: 208,
      ...zeroes,
      activeFileKb: 0,
      inactiveFileKb: 0,
      presentKb: 15_808,
      slabReclaimableKb: 240,
      slabUnreclaimableKb: 0,
      kernelStackKb: 0,
      pagetablesKb: 0,
      pagesScanned: 0,
      allUnreclaimable: true,
      lowmemReservePages: [0, 869, 32_487, 32_487],
      reserveLine: 11,
      buddyCounts: [0, 7, 3, 6, 4, 6, 5, 2, 0, 0, 0],
      buddyUnitKb: 4,
      buddyTotalKb: 3624,
      buddyLine: at('DMA: 0*4kB'),
      line: at('DMA free'),
    },
    {
      name: 'Normal',
      freeKb: 8056,
      minKb: 8048,
      lowKb: 10_060,
      highKb: 12_072,
      ...zeroes,
      activeFileKb: 248,
      inactiveFileKb: 388,
      presentKb: 890_008,
      slabReclaimableKb: 513_008,
      slabUnreclaimableKb: 16_356,
      kernelStackKb: 1888,
      pagetablesKb: 3660,
      pagesScanned: 1015,
      allUnreclaimable: true,
      lowmemReservePages: [0, 0, 252_949, 252_949],
      reserveLine: 13,
      buddyCounts: [830, 80, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      buddyUnitKb: 4,
      buddyTotalKb: 8056,
      buddyLine: at('Normal: 830'),
      line: at('Normal free'),
    },
    {
      name: 'HighMem',
      buddyCounts: [13, 14, 2, 2, 0, 0, 2, 2, 3, 0, 136],
      buddyUnitKb: 4,
      buddyTotalKb: 561_924,
      buddyLine: at('HighMem: 13'),
      line: at('HighMem: 13'),
    },
  ],
  hugePages: [],
  totals: {
    pagecachePages: 7_891_360,
    swapCachePages: 0,
    freeSwapKb: 1_959_892,
    totalSwapKb: 1_959_892,
    ramPages: 8_650_736,
    highmemPages: 8_422_402,
    reservedPages: 349_626,
    sharedPages: 7_885_006,
    nonSharedPages: 316_864,
    line: at('8650736 pages RAM'),
  },
  slabCaches: [],
  allocationSites: [],
  tasks: [
    task(14_579, 0, 579, 171, 'mirror'),
    task(14_580, 0, 677, 215, 'mirror'),
    task(21_832, 113, 42_469, 37_403, 'avscan'),
  ],
  taskCount: 3,
  taskColumns: ['pid', 'uid', 'tgid', 'total_vm', 'rss', 'cpu', 'oom_adj', 'oom_score_adj', 'name'],
  selections: [{ pid: 21_832, comm: 'avscan', score: 4, reason: 'Out of memory', line: at('Out of memory') }],
  kills: [
    {
      pid: 21_832,
      comm: 'avscan',
      totalVmKb: 169_876,
      anonRssKb: 146_900,
      fileRssKb: 2712,
      line: at('Killed process'),
    },
  ],
  reaped: [],
  notes: [],
  orphanReserves: [{ reservePages: [0, 0, 0, 0], line: 14 }],
  complete: false,
  missing: ['zones'],
  issues: [{ code: 'orphan-reserve', line: 14 }],
  lines,
  recognisedLines: TEXTS.length,
  anchor: {
    kind: 'kill',
    pid: 21_832,
    comm: 'avscan',
    bootUs: BOOT_US + 2 * at('Killed process'),
    observedAtMs: AT_MS,
    timeSource: 'header',
    line: at('Killed process'),
  },
  triggerAnchor: {
    kind: 'trigger',
    pid: 21_832,
    comm: 'avscan',
    bootUs: BOOT_US,
    observedAtMs: AT_MS,
    timeSource: 'header',
    line: 0,
  },
  firstPosition: position(0),
  lastPosition: position(TEXTS.length - 1),
  provisional: false,
  truncated: false,
};
