/** Reads the last records of each partition of a topic, within bounds of records, bytes and time. */
import { CODECS } from '../clients/codecs.ts';
import type { FetchedBlock } from '../clients/kafka-fetch.ts';
import type { PartitionSpan, TopicReader } from '../clients/kafka-read.ts';
import { kafkaTroubleOf } from '../clients/kafka-trouble.ts';
import { openBlock, RecordCursor, readRecord } from '../clients/record-batch.ts';
import type { Decoder } from '../consumer/decode/index.ts';
import type { Clock } from '../ports.ts';
import { createTally, type Tally, type TopicFacts } from './checks/index.ts';

export interface SampleSource {
  readonly reader: TopicReader;
  readonly decoder: Decoder;
  readonly anySpeaker: Decoder;
  readonly recordMaxBytes: number;
}

/** Of a topic, shared among its partitions. */
const TOPIC_RECORDS = 40_000;
const FEWEST_RECORDS = 50;
const MOST_RECORDS = 4_000;

/** Of one partition; the last record batch may go beyond. */
const MOST_BYTES = 4_194_304;
const FETCH_BYTES = 1_048_576;

/** What the end of each partition holds. Ends at `endsAtMs` of the monotonic clock with what was read until then. */
export async function sampleTopic(
  source: SampleSource,
  topic: string,
  spans: readonly PartitionSpan[],
  clock: Clock,
  endsAtMs: number,
): Promise<Pick<TopicFacts, 'sample' | 'trouble'>> {
  const filled = spans.filter(({ firstOffset, endOffset }) => endOffset > firstOffset);
  const wanted = Math.max(
    FEWEST_RECORDS,
    Math.min(MOST_RECORDS, Math.floor(TOPIC_RECORDS / Math.max(1, filled.length))),
  );
  const tally = createTally(source.recordMaxBytes);
  const unread = new Set(filled.map(({ partition }) => partition));
  const isOver = (): boolean => clock.elapsedMs() >= endsAtMs;
  // One after another, as the reader wants it.
  const readAll = async (): Promise<void> => {
    for (const span of filled) {
      const tail = { ...span, firstOffset: Math.max(span.firstOffset, span.endOffset - wanted) };
      let bytes = 0;
      for await (const block of source.reader.blocks(topic, tail, FETCH_BYTES)) {
        if (isOver()) return;
        addBlock(block, tail, source, tally);
        unread.delete(span.partition);
        bytes += block.payload.length;
        if (bytes >= MOST_BYTES) break;
      }
      if (isOver()) return;
    }
  };
  try {
    const reading = readAll();
    // A fetch that hangs may outlive the limit; what it brings is not waited for.
    reading.catch(() => {});
    await Promise.race([reading, clock.sleep(Math.max(0, endsAtMs - clock.elapsedMs()), reading)]);
  } catch (error) {
    const { trouble, message } = kafkaTroubleOf(error);
    return { trouble: { kind: trouble, message } };
  }
  return { sample: tally.facts([...unread]) };
}

function addBlock(block: FetchedBlock, span: PartitionSpan, source: SampleSource, tally: Tally): void {
  const { topic, partition } = block;
  const codec = block.codec === 0 ? 'none' : (CODECS[block.codec]?.name ?? `number ${block.codec}`);
  tally.addBlock({ codec, inTransaction: block.inTransaction, records: block.recordCount });
  try {
    const records = openBlock(block);
    const cursor = new RecordCursor(records, block.recordCount);
    while (cursor.advance()) {
      const record = readRecord(records, cursor.start, cursor.end, block);
      const { offset, timestampMs, key, value } = record;
      if (offset < span.firstOffset || offset >= span.endOffset) continue;
      const raw = { topic, partition, ...record };
      tally.add({
        position: { topic, partition, offset },
        timestampMs,
        hasKey: key !== undefined && key.length > 0,
        valueBytes: value?.length ?? 0,
        decoded: source.decoder.decode(raw),
        anySpeaker: source.anySpeaker.decode(raw),
      });
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    tally.addUnopened({ topic, partition, offset: block.baseOffset }, text);
  }
}
