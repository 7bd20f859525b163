/** Dead letters read back from their Kafka topic, without a consumer group: nothing is joined, nothing committed. */
import {
  createKafka,
  createProducer,
  failureOf,
  type KafkaFailure,
  messageOf,
  type Producer,
  rootCause,
} from '../clients/kafka.ts';
import type { FetchedBlock } from '../clients/kafka-fetch.ts';
import { openTopicReader, type PartitionSpan } from '../clients/kafka-read.ts';
import { openBlock, RecordCursor, type RecordFields, readRecord } from '../clients/record-batch.ts';
import type { Logger } from '../ports.ts';
import { type ErrorCode, OomscopeError } from '../tables/errors.ts';
import type { DeadLetterTopicOptions } from './dead-letter-kafka.ts';
import { readLetter } from './letter.ts';
import type { LetterArchive, LetterEntry, LetterPlace } from './letter-archive.ts';

/** kafkajs tries again so often before a command gives up: some seconds. */
const RETRIES = 3;

/** Bytes of one fetch; one letter may be larger. */
const FETCH_BYTES = 4_194_304;

/** A header of the record without value that resolves letters: the offset of the last letter that it is about. */
const THROUGH_HEADER = 'oomscope-resolves';

/**
 * Opens the topic for reading. A letter is dealt with when a record with its key and without a value follows on its
 * partition; such a record may come from any producer, those written here say in a header up to which letter they count.
 * Rejects with KAFKA_UNREACHABLE and KAFKA_TOPIC_MISSING, `resolve` with DEAD_LETTER_FAILED.
 */
export async function openDeadLetterTopic(options: DeadLetterTopicOptions, logger: Logger): Promise<LetterArchive> {
  const { topic } = options;
  const reader = await openTopicReader(options, logger, RETRIES).catch((error: unknown) => {
    throw failed(error, options);
  });
  let producer: Producer | undefined;

  async function* entriesOf(span: PartitionSpan, maxBytes: number): AsyncGenerator<LetterEntry> {
    for await (const block of reader.blocks(topic, span, maxBytes)) {
      for (const entry of openEntries(block)) {
        const { offset } = entry.place;
        if (offset >= span.firstOffset && offset < span.endOffset) yield entry;
      }
    }
  }

  /** The retention of the topic may delete the beginning under the reader; what is left is read then. */
  async function* partitionEntries(span: PartitionSpan): AsyncGenerator<LetterEntry> {
    try {
      yield* entriesOf(span, FETCH_BYTES);
    } catch (error) {
      if (!isGone(error)) throw error;
      const left = (await reader.spans(topic)).find(({ partition }) => partition === span.partition);
      if (left) yield* entriesOf({ ...span, firstOffset: left.firstOffset }, FETCH_BYTES);
    }
  }

  return {
    name: `topic ${topic}`,
    async *entries() {
      try {
        for (const span of await reader.spans(topic)) yield* partitionEntries(span);
      } catch (error) {
        throw failed(error, options);
      }
    },
    async entryAt({ partition, offset }) {
      try {
        // The broker sends one record batch at least, however few bytes are asked for.
        const span = { partition, firstOffset: offset, endOffset: offset + 1 };
        for await (const entry of entriesOf(span, 1)) return entry;
        return undefined;
      } catch (error) {
        if (isGone(error)) return undefined;
        throw failed(error, options);
      }
    },
    async resolve(ranges) {
      const messages = ranges.map(({ key, partition, offset }) => ({
        key,
        partition,
        value: null,
        headers: { [THROUGH_HEADER]: String(offset) },
      }));
      try {
        if (!producer) {
          const made = createProducer(createKafka(options, logger, RETRIES));
          await made.connect();
          producer = made;
        }
        await producer.send({ topic, acks: -1, messages });
      } catch (error) {
        const text = `${topic} cannot take a note of what is dealt with: ${messageOf(error)}. Check the right to write to the topic; what was written stays written, and to write it again changes nothing.`;
        throw new OomscopeError('DEAD_LETTER_FAILED', text, error);
      }
    },
    async close() {
      await Promise.all([reader.close(), producer?.disconnect()]);
    },
  };
}

const isGone = (error: unknown): boolean => {
  const { type } = rootCause(error) as { type?: string };
  return type === 'OFFSET_OUT_OF_RANGE';
};

/** The entries of a record batch; one that is damaged or of an unknown codec is one entry. */
function openEntries(block: FetchedBlock): LetterEntry[] {
  const { partition, baseOffset, payload } = block;
  try {
    const records = openBlock(block);
    const cursor = new RecordCursor(records, block.recordCount);
    const entries: LetterEntry[] = [];
    while (cursor.advance()) {
      const record = readRecord(records, cursor.start, cursor.end, block);
      entries.push(...entryOf(record, { partition, offset: record.offset }));
    }
    return entries;
  } catch (error) {
    const detail = `its record batch cannot be read: ${messageOf(error)}`;
    return [{ kind: 'foreign', place: { partition, offset: baseOffset }, detail, bytes: payload }];
  }
}

const NO_BYTES = new Uint8Array();

const textIn = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

function entryOf({ key, value, headers, timestampMs }: RecordFields, place: LetterPlace): LetterEntry[] {
  // A producer may state any 64-bit number.
  const isTime = timestampMs !== undefined && !Number.isNaN(new Date(timestampMs).getTime());
  const base = { place, ...(isTime && { atMs: timestampMs }) };
  const keyText = key && textIn(key);
  if (value === null) {
    // Without key and value it says nothing at all.
    if (keyText === undefined) return [];
    const through = Number(textIn(headers?.[THROUGH_HEADER] ?? NO_BYTES) || place.offset);
    return [{ ...base, kind: 'resolved', key: keyText, through }];
  }
  const letter = readLetter(textIn(value));
  if (typeof letter === 'string') return [{ ...base, kind: 'foreign', detail: letter, bytes: value }];
  return [{ ...base, kind: 'letter', key: keyText ?? letter.id, letter }];
}

const CODES: Partial<Record<KafkaFailure, ErrorCode>> = { 'topic-missing': 'KAFKA_TOPIC_MISSING' };

function failed(error: unknown, { topic, brokers }: DeadLetterTopicOptions): unknown {
  // What is no failure of the client is a defect and keeps its stack.
  if (error instanceof OomscopeError || error instanceof TypeError) return error;
  const kind = failureOf(error);
  const what = `the dead letters on topic ${topic} cannot be read: ${messageOf(error)}`;
  const advice = {
    'topic-missing': 'Create the topic, or name the one that the worker has in dead.letters.topic.',
    refused: 'Check kafka.sasl.* and the rights to describe and read the topic.',
    unreachable: `Check kafka.brokers (${brokers.join(', ')}) and kafka.tls.`,
    retriable: 'Try again.',
    fatal: `Check kafka.brokers (${brokers.join(', ')}).`,
  }[kind];
  return new OomscopeError(CODES[kind] ?? 'KAFKA_UNREACHABLE', `${what}. ${advice}`, error);
}
