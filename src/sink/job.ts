/** One write on its way to Elasticsearch, and what can become of it. */
import type { DocumentWrite } from '../ports.ts';

/** A write without its document, which waits as bytes: its objects would take several times as much. */
export type WriteHead = Omit<DocumentWrite, 'document'>;

/** One write on its way. `stage` says what it needs next. */
export interface Job {
  readonly write: WriteHead;
  /** The document, serialised once. */
  readonly body: Buffer;
  readonly bytes: number;
  readonly stage: 'index' | 'delete';
}

/** How one job of a batch fared. `reason` is a metric label, `detail` is for people. */
export type JobVerdict =
  | { readonly outcome: 'stored'; readonly result: 'created' | 'updated' | 'duplicate' }
  | {
      readonly outcome: 'retry' | 'dead-letter' | 'stop';
      readonly reason: string;
      readonly detail: string;
      /** Too much came at once: batches are to be smaller for a while. */
      readonly crowded?: boolean;
    };

/** How a batch fared: a verdict per job in their order, or one for all. */
export type Delivery =
  | { readonly kind: 'items'; readonly verdicts: readonly JobVerdict[] }
  | {
      readonly kind: 'whole';
      readonly outcome: 'retry' | 'split' | 'stop';
      readonly reason: string;
      readonly detail: string;
      /** What a stop ends the sink with; SINK_FORBIDDEN where it is absent. */
      readonly code?: 'SINK_TEMPLATE_MISSING';
      readonly crowded?: boolean;
      /** The request was too large: later batches are to be smaller for good. */
      readonly tooLarge?: boolean;
    };
