/**
 * The twin of a well-known report: a 3.2.59 i386 kernel with PAE and 33 GiB, whose Normal and DMA zones fail their
 * watermarks by equality while HighMem has 549 MiB free. All numbers are that report's; host and process names are
 * invented. The HighMem zone line and one per-cpu row, lost in the original paste, are filled in with the values that the
 * reserves determine; `seedTwinLog` can lose them again.
 */
import type { PerCpu, Task, Zone } from '../domain.ts';
import { KERNELS } from './machine/kernels.ts';
import { printRecords } from './print/report.ts';
import type { FrameState, ReportState, Unprinted } from './state.ts';

export const SEED_TWIN_HOST = 'relay07';
export const SEED_TWIN_VICTIM = { pid: 21832, comm: 'mailscand', uid: 113 } as const;
/** Stamp of the trigger line, microseconds since boot. */
export const SEED_TWIN_BOOT_US = 1772321850644;
/** The header's own stamp, which states no year. */
export const SEED_TWIN_STAMP = 'Sep 23 02:04:16';

const frame = (address: string, symbol: string, offset: number, size: number): FrameState => ({
  address,
  symbol,
  offset,
  size,
  reliable: false,
});

const FRAMES: readonly FrameState[] = [
  frame('c01739ac', 'dump_header', 0x4d, 0x160),
  frame('c0173bf3', 'oom_kill_process', 0x2e, 0x20e),
  frame('c0173ff8', 'out_of_memory', 0x225, 0x283),
  frame('c0176438', '__alloc_pages_nodemask', 0x446, 0x4f4),
  frame('c0126525', 'pte_alloc_one', 0x14, 0x2f),
  frame('c0185578', '__pte_alloc', 0x16, 0xc0),
  frame('c0189e74', 'vma_merge', 0x18d, 0x1cc),
  frame('c01856fa', 'handle_mm_fault', 0xd8, 0x15d),
  frame('c012305a', 'do_page_fault', 0x20e, 0x361),
  frame('c018a9c4', 'sys_mmap_pgoff', 0xa2, 0xc9),
  frame('c0122e4c', 'vmalloc_fault', 0x237, 0x237),
  frame('c08ba7e6', 'error_code', 0x5a, 0x60),
  frame('c08b0000', 'cpuid4_cache_lookup_regs', 0x372, 0x3b2),
  frame('c0122e4c', 'vmalloc_fault', 0x237, 0x237),
];

/** Used pages of each processor's list; processor 6 of Normal was lost and is empty here. */
const USED: Readonly<Record<string, readonly number[]>> = {
  DMA: [0, 0, 0, 0, 0, 0, 0, 0],
  Normal: [70, 116, 131, 76, 29, 61, 0, 17],
  HighMem: [2, 69, 25, 27, 7, 188, 25, 158],
};

const PER_CPU: readonly Unprinted<PerCpu>[] = Object.entries(USED).flatMap(([zone, used]) =>
  used.map((usedPages, cpu) => ({
    zone,
    cpu,
    highPages: zone === 'DMA' ? 0 : 186,
    batchPages: zone === 'DMA' ? 1 : 31,
    usedPages,
  })),
);

const ZONES: readonly Unprinted<Zone>[] = [
  {
    name: 'DMA',
    freeKb: 3624,
    minKb: 140,
    lowKb: 172,
    highKb: 208,
    presentKb: 15808,
    slabReclaimableKb: 240,
    pagesScanned: 0,
    allUnreclaimable: true,
    lowmemReservePages: [0, 869, 32487, 32487],
    buddyCounts: [0, 7, 3, 6, 4, 6, 5, 2, 0, 0, 0],
    buddyUnitKb: 4,
    buddyTotalKb: 3624,
  },
  {
    name: 'Normal',
    freeKb: 8056,
    minKb: 8048,
    lowKb: 10060,
    highKb: 12072,
    activeFileKb: 248,
    inactiveFileKb: 388,
    presentKb: 890008,
    slabReclaimableKb: 513008,
    slabUnreclaimableKb: 16356,
    kernelStackKb: 1888,
    pagetablesKb: 3660,
    pagesScanned: 1015,
    allUnreclaimable: true,
    lowmemReservePages: [0, 0, 252949, 252949],
    buddyCounts: [830, 80, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    buddyUnitKb: 4,
    buddyTotalKb: 8056,
  },
  {
    name: 'HighMem',
    freeKb: 561924,
    minKb: 512,
    lowKb: 73712,
    highKb: 146916,
    activeAnonKb: 471652,
    inactiveAnonKb: 39768,
    activeFileKb: 425616,
    inactiveFileKb: 31137696,
    unevictableKb: 160,
    presentKb: 32377520,
    mlockedKb: 160,
    writebackKb: 244,
    mappedKb: 26824,
    shmemKb: 1232,
    pagesScanned: 0,
    allUnreclaimable: false,
    lowmemReservePages: [0, 0, 0, 0],
    buddyCounts: [13, 14, 2, 2, 0, 0, 2, 2, 3, 0, 136],
    buddyUnitKb: 4,
    buddyTotalKb: 561924,
  },
];

const task = (pid: number, uid: number, totalVmPages: number, rssPages: number, cpu: number, comm: string) => ({
  pid,
  uid,
  tgid: pid,
  totalVmPages,
  rssPages,
  cpu,
  oomAdj: 0,
  oomScoreAdj: 0,
  comm,
});

const TASKS: readonly Unprinted<Task>[] = [
  task(14579, 0, 579, 171, 5, 'mirrorpull'),
  task(14580, 0, 677, 215, 5, 'mirrorpull'),
  task(21832, 113, 42469, 37403, 0, 'mailscand'),
];

/** The state of the twin, complete: nothing of its report is missing. */
export function seedTwin(): ReportState {
  const { pid, comm, uid } = SEED_TWIN_VICTIM;
  return {
    kernel: KERNELS['3.2'],
    ending: 'kill',
    sysrq: false,
    trigger: {
      name: comm,
      pid,
      uid,
      cpu: 0,
      gfpMask: '0x84d0',
      gfpText: '',
      order: 0,
      oomScoreAdj: 0,
      oomAdj: 0,
      nodemask: '(null)',
    },
    taint: 'C',
    frames: FRAMES,
    userRegisters: false,
    cpusetName: '/',
    memsAllowed: '0',
    memInfo: {
      activeAnonPages: 117913,
      inactiveAnonPages: 9942,
      isolatedAnonPages: 0,
      activeFilePages: 106466,
      inactiveFilePages: 7784521,
      isolatedFilePages: 0,
      unevictablePages: 40,
      dirtyPages: 0,
      writebackPages: 61,
      unstablePages: 0,
      freePages: 143494,
      slabReclaimablePages: 128312,
      slabUnreclaimablePages: 4089,
      mappedPages: 6706,
      shmemPages: 308,
      pagetablesPages: 915,
      bouncePages: 0,
    },
    perCpu: PER_CPU,
    nodes: [],
    zones: ZONES,
    requestZone: 'Normal',
    hugePages: [],
    totals: {
      pagecachePages: 7891360,
      swapCachePages: 0,
      swapCacheAdd: 0,
      swapCacheDelete: 0,
      swapCacheFind: 0,
      swapCacheFindTotal: 0,
      freeSwapKb: 1959892,
      totalSwapKb: 1959892,
      ramPages: 8650736,
      highmemPages: 8422402,
      reservedPages: 349626,
      sharedPages: 7885006,
      nonSharedPages: 316864,
    },
    slabCaches: [],
    allocationSites: [],
    dumpTasks: true,
    tasks: TASKS,
    summary: {},
    selection: { pid, comm, score: 4, reason: 'Out of memory' },
    kills: [{ pid, comm, uid, totalVmKb: 169876, anonRssKb: 146900, fileRssKb: 2712 }],
    reaped: false,
  };
}

/** Lines that the original paste had lost. */
export const SEED_TWIN_LOST = ['HighMem free:', 'CPU    6: hi:  186, btch:  31 usd:   0'] as const;

/** Lines hard-wrapped at `columns`, inside words too, as a terminal does. */
export function wrapAt(lines: readonly string[], columns: number): string[] {
  return lines.flatMap((line) => {
    const pieces: string[] = [];
    for (let from = 0; from === 0 || from < line.length; from += columns) {
      pieces.push(line.slice(from, from + columns));
    }
    return pieces;
  });
}

/**
 * The twin as a log file of the syslog daemon metalog: `Sep 23 02:04:16 [kernel] [1772321.850644] ...`.
 *
 * `lost` leaves out the HighMem zone line and one per-cpu row, `wrapColumns` wraps hard; the original was wrapped at 199.
 */
export function seedTwinLog(damage: { lost?: boolean; wrapColumns?: number } = {}): string[] {
  const lost = (text: string): boolean => SEED_TWIN_LOST.some((start) => text.startsWith(start));
  let bootUs = SEED_TWIN_BOOT_US;
  const lines = printRecords(seedTwin()).flatMap((record) =>
    record.split('\n').map((text) => {
      const stamp = `${Math.trunc(bootUs / 1e6)}.${String(bootUs % 1e6).padStart(6, '0')}`;
      // Printing the swap state takes the kernel 2 us a line; walking all page frames for the totals takes 98 ms.
      bootUs += text.startsWith('Total swap') ? 98266 : 2;
      return { text, line: `${SEED_TWIN_STAMP} [kernel] [${stamp}] ${text}` };
    }),
  );
  const kept = damage.lost ? lines.filter(({ text }) => !lost(text)) : lines;
  const printed = kept.map(({ line }) => line);
  return damage.wrapColumns === undefined ? printed : wrapAt(printed, damage.wrapColumns);
}
