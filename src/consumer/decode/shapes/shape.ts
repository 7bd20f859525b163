/** What one shipper does differently from the common look-up order. */
import type { Fields } from '../fields.ts';
import type { Envelope } from '../record.ts';

export interface Shape {
  /** Name for the counter of records. */
  readonly name: string;
  /** A record as the shipper writes it. */
  readonly example: string;
  readonly recognises: (fields: Fields) => boolean;
  /** Corrects what the look-up order gets wrong for this shipper. */
  readonly correct?: (envelope: Envelope, fields: Fields) => Envelope;
}
