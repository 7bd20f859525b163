/**
 * The words of the oracle: an allocator's state as the kernel holds it, in pages, and a request as a caller makes it.
 *
 * The oracle is a second, deliberately literal reading of mm/page_alloc.c. It shares nothing with src: no types, no tables,
 * no decoder of masks.
 */

export interface ZoneState {
  readonly node: number;
  readonly name: string;
  /** Index of the zone among the configured ones. */
  readonly index: number;
  readonly isPopulated: boolean;
  readonly freePages: number;
  /** As printed: boost included. */
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly boost: number;
  /** lowmem_reserve[] by zone index of the request. */
  readonly reserve: readonly number[];
  readonly freeCma: number;
  readonly reservedHighatomic: number;
  readonly freeHighatomic: number;
  /** Free blocks by order. */
  readonly blocks: readonly number[];
  /** Letters of the migrate types with a free block, by order; no list where the kernel prints none. */
  readonly letters?: readonly string[];
}

/** What a caller asks for. */
export interface RequestState {
  readonly order: number;
  readonly zoneFlag: 'none' | 'dma' | 'dma32' | 'highmem';
  readonly movable: boolean;
  readonly high: boolean;
  readonly canSleep: boolean;
  /** `__GFP_ATOMIC` of 4.4 to 6.2. */
  readonly atomicFlag: boolean;
  readonly noKswapd: boolean;
  readonly noMemalloc: boolean;
}

/** alloc_flags of one attempt, by the kernel's names. */
export interface AllocFlags {
  readonly high: boolean;
  readonly harder: boolean;
  readonly cma: boolean;
  /** `gfp_mask & __GFP_ATOMIC`, looked at directly by 5.9 to 6.2. */
  readonly atomicMask: boolean;
  /** 6.3: ALLOC_NON_BLOCK. */
  readonly nonBlock: boolean;
  /** 6.3: ALLOC_HIGHATOMIC. */
  readonly highatomic: boolean;
}

/** What a check says: passes, and by how many pages usable memory lies above what it has to exceed. */
export interface Answer {
  readonly passes: boolean;
  readonly margin: number;
}

export const MARKS = ['low', 'min', 'high'] as const;
export type Mark = (typeof MARKS)[number];
