/** Where a line comes from. */

/** Where a record lies: a Kafka offset, or for a file its path, partition 0 and the 0-based number of the line. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export const TIME_SOURCES = ['header', 'envelope', 'broker'] as const;
/** What stated the time: the message's own header, the shipper's envelope, or Kafka's record time stamp. */
export type TimeSource = (typeof TIME_SOURCES)[number];

export const TRUST_LEVELS = ['facility', 'program', 'topic', 'file'] as const;
/**
 * Why a line counts as the kernel's: its facility is kern (or its journal transport is kernel); no priority travelled
 * and its program is `kernel` (the weaker case); its topic is configured as kernel-only; it stands in a file given to
 * `explain`.
 */
export type Trust = (typeof TRUST_LEVELS)[number];

/** One line of kernel text with what its record says about it. */
export interface LogLine {
  /** As the record states it, lower case; empty when nothing names a host. */
  readonly host: string;
  /** Kernel text without transport prefix; leading blanks kept. */
  readonly text: string;
  readonly position: Position;
  readonly trust: Trust;
  /** Event time in ms since the epoch, taken from the record and never from this machine's clock. */
  readonly observedAtMs?: number;
  readonly timeSource?: TimeSource;
  /**
   * The stamp of the message's own header exactly as written ("Sep 23 02:04:16"), kept when it states no full date, so
   * that an identity can rest on its second.
   */
  readonly headerStamp?: string;
  /** Microseconds since boot, from `[12345.678901]`, /dev/kmsg or the journal. */
  readonly bootUs?: number;
  readonly facility?: number;
  readonly severity?: number;
  /** `T123` or `C0` of CONFIG_PRINTK_CALLER. */
  readonly callerId?: string;
  readonly bootId?: string;
  /** `host.id` of the envelope (machine id), when it travelled. */
  readonly hostId?: string;
  /** Fleet labels taken from configured record fields (cluster, region, role). */
  readonly labels?: Readonly<Record<string, string>>;
  /** True when no prefix stood before the text, although the lines around it carry one: a candidate for re-joining. */
  readonly bare?: boolean;
}
