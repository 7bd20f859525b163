/** A simulated month of a fleet, through the whole pipeline into a sink, with the truth about it. */
import { createDecoder, createLinesSource, decodeUtf8, type RawRecord } from '../../src/consumer/index.ts';
import { analyse } from '../../src/enrich/index.ts';
import { silentLogger, silentMetrics, systemClock } from '../../src/ops/index.ts';
import { createParser } from '../../src/parser/index.ts';
import { createPipeline } from '../../src/pipeline.ts';
import type { DocumentWrite, ReportSink } from '../../src/ports.ts';
import { type FleetTruth, simulateFleet } from '../../src/simulate/index.ts';
import { MemoryDeadLetters } from './fakes.ts';

const DAY_MS = 86_400_000;

/** The month: 3 August to 3 September 2026, so that it lies in two indices. */
export const MONTH = { fromMs: Date.UTC(2026, 7, 3), toMs: Date.UTC(2026, 8, 3) } as const;

export interface MonthOptions {
  readonly hosts: number;
  readonly noisePerHost?: number;
  readonly seed?: number;
}

export interface Month {
  readonly truth: readonly FleetTruth[];
  /** What the pipeline wrote, in its order. */
  readonly writes: readonly DocumentWrite[];
}

/** Sends the month through decoder, parser and analysis into the sink; resolves when every document is acknowledged. */
export async function writeMonth(
  { hosts, noisePerHost = 10, seed = 7 }: MonthOptions,
  sink: ReportSink,
): Promise<Month> {
  const fleet = simulateFleet({ hosts, seed, startMs: MONTH.fromMs, spanMs: 31 * DAY_MS, noisePerHost });
  const decoder = createDecoder({
    format: 'auto',
    maxBytes: 1_048_576,
    kernelOnly: false,
    trustProgram: true,
    labels: {},
    decodeUtf8,
  });
  const writes: DocumentWrite[] = [];
  const pipeline = createPipeline(
    {
      source: createLinesSource(recordsOf(fleet), decoder, [{ topic: 'month', partition: 0 }]),
      parser: createParser({ idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: 134_217_728 }),
      analyse,
      sink: {
        write(write) {
          writes.push(write);
          return sink.write(write);
        },
        get heldBytes() {
          return sink.heldBytes;
        },
        flush: () => sink.flush(),
        close: (limitMs) => sink.close(limitMs),
      },
      deadLetters: new MemoryDeadLetters(),
      clock: systemClock,
      logger: silentLogger,
      metrics: silentMetrics,
    },
    { commitIntervalMs: 1_000, heldBytes: 67_108_864 },
  );
  await pipeline.run();
  return { truth: fleet.truth, writes };
}

function* recordsOf(fleet: Iterable<{ host: string; atMs: number; text: string }>): Generator<RawRecord> {
  const encoder = new TextEncoder();
  let offset = 0;
  for (const { host, atMs, text } of fleet) {
    yield {
      topic: 'month',
      partition: 0,
      offset,
      timestampMs: atMs,
      key: encoder.encode(host),
      value: encoder.encode(text),
    };
    offset += 1;
  }
}
