/** The answer: why memory ran out, and what each statement rests on. */

import type { FindingCode } from '../tables/findings.ts';
import type { TimeSource } from './line.ts';
import type { Evidence, SectionName } from './report.ts';

export const VERDICTS = [
  'memcg-limit',
  'cpuset-limit',
  'mempolicy-limit',
  'numa-imbalance',
  'manual',
  'page-fault',
  'lowmem-exhausted',
  'dma-zone-exhausted',
  'fragmented',
  'cma-withheld',
  'reserve-withheld',
  'movable-imbalance',
  'machine-exhausted',
  'unexplained',
  'insufficient-data',
] as const;
/** Why this allocation failed, in the kernel's arithmetic. */
export type Verdict = (typeof VERDICTS)[number];

export const HOLDERS = [
  'one-task',
  'many-tasks',
  'slab',
  'page-tables',
  'shmem',
  'kernel-stacks',
  'unevictable',
  'hugepages',
  'dirty-pages',
  'page-cache',
  'mem-map',
  'unaccounted',
  'unknown',
] as const;
/** Where the memory had gone. */
export type Holder = (typeof HOLDERS)[number];

export const SWAP_STATES = ['none', 'full', 'available', 'unknown'] as const;
export type SwapState = (typeof SWAP_STATES)[number];

export const CONFIDENCES = ['certain', 'high', 'medium', 'low'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const ATTEMPTS = ['low', 'min', 'high'] as const;
/** The marks of the allocator's three attempts: fast path, slow path, last try before the kill. */
export type Attempt = (typeof ATTEMPTS)[number];

/** A gfp mask in words. */
export interface GfpAnalysis {
  readonly mask: number;
  /** Numbering era of the table used, '2.6.39-3.2'. */
  readonly era: string;
  /** How the era was found: the printed flags, the kernel release, or the mask itself. */
  readonly eraSource: 'text' | 'release' | 'mask';
  /** Composite and single names, `GFP_KERNEL|__GFP_REPEAT|__GFP_ZERO`. */
  readonly text: string;
  readonly flags: readonly string[];
  /** Bits without a name in this era, as a number; 0 when all are known. */
  readonly unknownBits: number;
  /** Highest zone that the request may use (gfp_zone). */
  readonly zone: string;
  readonly movable: boolean;
  readonly reclaimable: boolean;
  readonly mayReclaim: boolean;
  readonly mayUseFs: boolean;
  readonly mayUseIo: boolean;
  readonly highPriority: boolean;
  readonly atomic: boolean;
  /** What the allocation was for, from the call trace: 'page table', 'anonymous memory', ... */
  readonly purpose?: string;
}

/** The kernel's check of one zone against one mark. All values in pages; the zone passes when usable > needed. */
export interface ZoneCheck {
  readonly node?: number;
  readonly zone: string;
  readonly attempt: Attempt;
  readonly freePages: number;
  /** What the kernel compares: free less the request's and the withheld pages. */
  readonly usablePages: number;
  readonly markPages: number;
  readonly reservePages: number;
  /** mark + reserve: usable has to exceed it. */
  readonly neededPages: number;
  readonly marginPages: number;
  readonly passes: boolean;
  /** Why a zone fails that passes the first comparison: 'order', 'empty-lists'. */
  readonly failedBy?: 'watermark' | 'order' | 'empty-lists';
  /** Order at which the loop before 4.4 failed, when it did. */
  readonly failedOrder?: number;
  readonly withheldPages: number;
}

/** Fragmentation of one zone, with the kernel's own indices (mm/vmstat.c), both times 1,000. */
export interface Fragmentation {
  readonly node?: number;
  readonly zone: string;
  readonly freePages: number;
  readonly freeBlocks: number;
  readonly fragmentationIndex: readonly number[];
  readonly unusableIndex: readonly number[];
  /** Order of the largest free block, -1 when there is none. */
  readonly largestOrder: number;
  /** Order of the largest block that this request could use; -1 when none. */
  readonly largestUsableOrder: number;
}

/** One class of memory in the books, in kB; classes do not overlap. */
export interface AccountEntry {
  readonly name: string;
  readonly kb: number;
}

/** Where memory went: non-overlapping classes, with the rest that nothing claims. */
export interface Account {
  /** 'machine', 'node 0', 'Normal', 'node 0 Normal', 'cgroup /a/b'. */
  readonly place: string;
  readonly totalKb: number;
  readonly entries: readonly AccountEntry[];
  readonly unattributedKb: number;
}

/** Facts of a 32-bit host with HighMem. */
export interface LowmemAnalysis {
  readonly addressBits: 32;
  readonly pae: boolean;
  readonly lowmemKb: number;
  readonly lowmemFreeKb: number;
  readonly highmemKb?: number;
  readonly highmemFreeKb?: number;
  /** Bytes of struct page: exact when the report determines it, else the known value for the kernel. */
  readonly structPageBytes?: number;
  readonly structPageExact?: boolean;
  /** Cost of mem_map in lowmem. */
  readonly memMapKb?: number;
  /** HighMem zone reconstructed from the reserves when its line is lost or hidden. */
  readonly reconstructed?: {
    presentMinKb: number;
    presentMaxKb: number;
    minKb?: number;
    lowKb?: number;
    highKb?: number;
  };
  readonly exhausted: boolean;
  /** What holds lowmem, largest first. */
  readonly pins: readonly { name: string; kb: number; note?: string }[];
  /** What the kill freed in lowmem at the least and at the most, in kB. */
  readonly killFreedLowmemKb?: { min: number; max: number };
}

/** The victim and the others. */
export interface VictimAnalysis {
  readonly pid?: number;
  readonly comm: string;
  readonly rssKb?: number;
  readonly isTrigger: boolean;
  readonly inTable: boolean;
  readonly isLargest?: boolean;
  readonly largest?: { pid: number; comm: string; rssKb: number };
  /** Badness recomputed for the kernel's version, in the printed unit; absent when it cannot be. */
  readonly score?: { computed: number; exact: number; printed?: number; totalPages: number; agrees?: boolean };
  readonly adj?: number;
  /** What the kill could free, by zone class. */
  readonly freed?: { anonKb: number; fileKb: number; shmemKb: number; usable: boolean };
  /** Why this one, in one sentence. */
  readonly why?: string;
}

export interface CgroupAnalysis {
  readonly path?: string;
  readonly taskPath?: string;
  readonly limitKind?: 'memory' | 'memory+swap' | 'swap' | 'kmem';
  readonly usageKb?: number;
  readonly limitKb?: number | null;
  readonly podUid?: string;
  readonly containerId?: string;
  readonly runtime?: string;
  readonly qos?: string;
  readonly unit?: string;
}

export interface Finding {
  readonly code: FindingCode;
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
}

export interface Advice {
  readonly rank: number;
  readonly action: string;
  /** Command or setting, when there is one. */
  readonly command?: string;
  readonly effect: string;
  readonly risk?: string;
  readonly since?: string;
}

/** The answer: why memory ran out, where it had gone, and what each statement rests on. */
export interface Analysis {
  readonly verdict: Verdict;
  readonly contributing: readonly Verdict[];
  readonly holder: Holder;
  readonly swapState: SwapState;
  readonly confidence: Confidence;
  /** Which rules set the confidence. */
  readonly confidenceReasons: readonly string[];
  /** One sentence. */
  readonly sentence: string;
  /** A paragraph that an operator can act on. */
  readonly paragraph: string;
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
  readonly advice: readonly Advice[];
  readonly gfp?: GfpAnalysis;
  /** Zones in the order in which the allocator tries them. */
  readonly zonelist: readonly { node?: number; zone: string }[];
  readonly checks: readonly ZoneCheck[];
  /** Name of the watermark rule used, '2.6.38-3.2'. */
  readonly watermarkRule?: string;
  readonly fragmentation: readonly Fragmentation[];
  readonly accounts: readonly Account[];
  readonly lowmem?: LowmemAnalysis;
  readonly cgroup?: CgroupAnalysis;
  readonly victim?: VictimAnalysis;
  readonly pageSizeKb: number;
  readonly identity: Identity;
  /** What could not be done, and for want of which section. */
  readonly limits: readonly { what: string; section: SectionName | 'kernel-version' }[];
}

/** Pure function of the event: where its document belongs and which reading wins. */
export interface Identity {
  readonly id: string;
  /** Id under which an early, kill-less reading may have been written. Present when the report has trigger and kill. */
  readonly triggerId?: string;
  /** ms since the epoch; absent when no line states a full time. */
  readonly timestampMs?: number;
  readonly timeSource?: TimeSource;
  /** Fullness x 1024 + analyzer revision. */
  readonly version: number;
}
