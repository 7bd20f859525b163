/** A dead letter as JSON: the one shape that every kind of dead letters stores. */
import type { DeadLetter } from '../ports.ts';

/**
 * One line of JSON without its newline: reason, error, positions, and the refused document with id, index and version,
 * or the bytes of an undecodable record in base64.
 */
export function letterJson(letter: DeadLetter): string {
  const { reason, error, positions, write, bytes } = letter;
  return JSON.stringify({
    reason,
    error,
    positions,
    ...(write && { id: write.id, index: write.index, version: write.version, document: write.document }),
    ...(bytes && { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }),
  });
}
