/** One Kafka record batch as a LineBatch: opened, searched and decoded only when its lines are asked for. */
import { type FetchedBlock, openBlock, RecordCursor, readRecord } from '../clients/kafka.ts';
import type { Decoded, LineBatch, OpenHosts } from '../ports.ts';
import type { Decoder } from './decode/index.ts';
import { findOpenerOrBlindSpot } from './decode/opener-search.ts';

/** Above so many open hosts decoding everything is cheaper than searching for each. */
const MOST_HOSTS = 32;

/** Host names of these characters stand in a record as they are, whatever the record's shape. */
const PLAIN_HOST = /^[a-z0-9._-]+$/;

/** The lines of a block. Records without an opener and not of an open host are passed over without being decoded. */
export function lineBatchOf(block: FetchedBlock, decoder: Decoder): LineBatch {
  const { topic, partition, lastOffset, firstAtMs, lastAtMs } = block;
  const firstOffset = Math.max(block.baseOffset, block.fromOffset);
  return {
    topic,
    partition,
    firstOffset,
    lastOffset,
    recordCount: Math.min(block.recordCount, lastOffset - firstOffset + 1),
    byteLength: block.payload.length,
    firstAtMs,
    lastAtMs,
    lines: (openHosts) => linesOf(block, decoder, openHosts),
  };
}

function* linesOf(block: FetchedBlock, decoder: Decoder, openHosts: OpenHosts): Generator<Decoded> {
  const { topic, partition, fromOffset } = block;
  let reached = Math.max(block.baseOffset, fromOffset);
  try {
    const records = openBlock(block);
    const search = new BlockSearch(records);
    const cursor = new RecordCursor(records, block.recordCount);
    // Where the next byte lies that may matter; the open hosts change only while the caller has the turn.
    let next = search.nextFrom(0, openHosts);
    while (next < Number.POSITIVE_INFINITY && cursor.advance()) {
      const { start, end } = cursor;
      if (next < start) next = search.nextFrom(start, openHosts);
      if (next >= end) continue;
      const record = readRecord(records, start, end, block);
      if (record.offset >= fromOffset) {
        reached = record.offset;
        yield* decoder.decode({ topic, partition, ...record });
      }
      next = search.nextFrom(end, openHosts);
    }
  } catch (error) {
    // Damage of the batch itself. Nobody can tell what stood in it, so it is kept as if it had held an opener.
    const detail = `record batch ${block.baseOffset} to ${block.lastOffset}: ${String(error)}`;
    const position = { topic, partition, offset: reached };
    yield { kind: 'undecodable', position, reason: 'encoding', detail, bytes: block.payload, holdsOpener: true };
  }
}

/** Where the next opener and the next mention of each open host lie, each looked for once per stretch of bytes. */
class BlockSearch {
  readonly #records: Buffer;
  #nextOpener = -1;
  #nextOfHost = new Map<string, number>();
  #lowerCase: string | undefined;

  constructor(records: Buffer) {
    this.#records = records;
  }

  /** The first byte from `start` on that belongs to an opener or may name an open host; infinite when there is none. */
  nextFrom(start: number, openHosts: OpenHosts): number {
    if (openHosts.size > MOST_HOSTS) return start;
    let next = this.#openerFrom(start);
    for (const host of openHosts) {
      if (!PLAIN_HOST.test(host)) return start;
      next = Math.min(next, this.#hostFrom(host, start));
    }
    return next;
  }

  #openerFrom(start: number): number {
    if (this.#nextOpener < start) {
      const found = findOpenerOrBlindSpot(this.#records, start, this.#records.length);
      this.#nextOpener = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#nextOpener;
  }

  #hostFrom(host: string, start: number): number {
    const known = this.#nextOfHost.get(host) ?? -1;
    if (known >= start) return known;
    // One character per byte, so that indices are offsets; lower case as the open hosts are.
    this.#lowerCase ??= this.#records.toString('latin1').toLowerCase();
    const found = this.#lowerCase.indexOf(host, start);
    const next = found < 0 ? Number.POSITIVE_INFINITY : found;
    this.#nextOfHost.set(host, next);
    return next;
  }
}
