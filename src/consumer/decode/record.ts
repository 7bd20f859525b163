/** What the decoder takes: one record as Kafka holds it, and what it makes of one before it becomes lines. */

/** One record of a topic. Bytes are views into a larger buffer; whoever keeps them longer than the batch copies them. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Kafka's stamp, ms since the epoch; absent when the record carries none. */
  readonly timestampMs?: number;
  readonly key?: Uint8Array;
  /** Null for a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, Uint8Array>>;
}

/** What one record says, whatever its shape. Absent means that the record does not state it. */
export interface Envelope {
  /** Name of the shape, for the counter of records. */
  readonly shape: string;
  /** The message; a log line may still stand in it with its own prefix. */
  readonly text: string;
  readonly host?: string;
  /** Stated by the shipper, in ms since the epoch. */
  readonly timeMs?: number;
  /** A stamp without a full date that the shipper took from the message's own header ("Nov 23 04:01:02"). */
  readonly headerStamp?: string;
  readonly program?: string;
  readonly facility?: number;
  readonly severity?: number;
  readonly bootUs?: number;
  readonly bootId?: string;
  readonly hostId?: string;
  readonly callerId?: string;
  /** `_TRANSPORT` of the journal: kernel, syslog, journal, stdout, ... */
  readonly transport?: string;
  /** True when the text is the output of a container or process, in which every header is that process's own claim. */
  readonly processOutput?: boolean;
}
