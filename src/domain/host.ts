/** What is known of one boot of a host: the noun of the inventory. */
import type { Position, TimeSource, Trust } from './line.ts';

export const HOST_SOURCES = ['boot', 'report'] as const;
/** Where the facts were printed: in the lines of the boot itself, or in an OOM report of that boot. */
export type HostSource = (typeof HOST_SOURCES)[number];

/** Facts of one boot. Absent means that nothing printed told. */
export interface HostFacts {
  /** Lower case. */
  readonly host: string;
  readonly source: HostSource;
  /** False where the line is lost that it begins with: the banner, or the trigger line. */
  readonly isWhole: boolean;
  /** Event time of the first line that belongs to it. */
  readonly seenAtMs?: number;
  readonly timeSource?: TimeSource;
  /** The lines of the boot were read long after it: all that `seenAtMs` says is that the boot was before. */
  readonly isLate?: true;
  /** Time since boot at `seenAtMs`; of reports alone, as the stamps of the first lines of old kernels are no time. */
  readonly uptimeUs?: number;
  readonly trust: Trust;
  readonly hostId?: string;
  readonly bootId?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Kernel release. */
  readonly release?: string;
  readonly addressBits?: 32 | 64;
  readonly pae?: boolean;
  readonly pageSizeKb?: number;
  /** Memory that the kernel knows of. */
  readonly totalKb?: number;
  /** Memory that the firmware reports as usable: more than the kernel knows of, where its addresses are too short. */
  readonly firmwareKb?: number;
  /** Whether a 32-bit kernel has memory in HighMem; undefined where nothing told. */
  readonly highmem?: boolean;
  readonly highmemKb?: number;
  /** Low memory of a 32-bit kernel. */
  readonly lowmemKb?: number;
  readonly positions: { readonly first: Position; readonly last: Position };
}
