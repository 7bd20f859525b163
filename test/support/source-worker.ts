/** The Kafka source of a worker, without the worker: everything that it hands over is kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDecoder, createKafkaSource, type KafkaSourceOptions } from '../../src/consumer/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { LineBatch, LineSource, SourceHandler, TopicPartition } from '../../src/ports.ts';
import { DECODER_OPTIONS } from './decoder.ts';
import { MemoryLogger } from './fakes.ts';
import { MemoryMetrics } from './memory-metrics.ts';

const LIMIT_MS = 40_000;

const decoder = createDecoder(DECODER_OPTIONS);

const TRIGGER = 'mailscand invoked oom-killer: gfp_mask=0x84d0, order=0';

export const kernelLine = (host: string, text: string): string =>
  `<4>Nov 23 04:01:02 ${host} kernel: [12.500000] ${text}`;

/** The text of a trigger line, told from others by `mark`. */
export const triggerOf = (mark: string | number): string => `${TRIGGER} ${mark}`;

let serial = 0;

/** A name that no other test uses. */
export function unique(name: string): string {
  serial += 1;
  return `${name}-${process.pid}-${Date.now()}-${serial}`;
}

export async function waitUntil(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${LIMIT_MS} ms for: ${what}`);
    await sleep(50);
  }
}

export interface SourceWorkerOptions extends Partial<Omit<KafkaSourceOptions, 'brokers' | 'topics' | 'group'>> {
  readonly brokers: readonly string[];
  readonly topics: readonly string[];
  readonly group: string;
}

/** A worker as far as the source sees one; everything it is told is kept. */
export class SourceWorker implements SourceHandler {
  readonly logger = new MemoryLogger();
  readonly metrics = new MemoryMetrics();
  readonly source: LineSource;
  readonly assignments: { epoch: number; partitions: readonly TopicPartition[] }[] = [];
  readonly batches: { epoch: number; batch: LineBatch; texts: string[] }[] = [];
  readonly undecodable: string[] = [];
  idleMs = 0;
  failWith: Error | undefined;
  /** Resolves or rejects as the source's run does. */
  readonly running: Promise<void>;

  constructor(options: SourceWorkerOptions) {
    this.source = createKafkaSource(
      {
        clientId: 'oomscope-test',
        excludedTopics: [],
        start: 'earliest',
        metadataIntervalMs: 60_000,
        sessionTimeoutMs: 6_000,
        maxBytes: 4_194_304,
        maxBytesPerPartition: 1_048_576,
        ...options,
      },
      { decoder, clock: systemClock, logger: this.logger, metrics: this.metrics },
    );
    this.running = this.source.run(this);
    this.running.catch(() => {});
  }

  get epoch(): number {
    return this.assignments.at(-1)?.epoch ?? -1;
  }

  /** Offsets seen in the present epoch, by partition. */
  seen(partition: number): number[] {
    return this.batches
      .filter(({ epoch, batch }) => epoch === this.epoch && batch.partition === partition)
      .flatMap(({ batch }) => Array.from({ length: batch.recordCount }, (_, index) => batch.firstOffset + index));
  }

  get texts(): string[] {
    return this.batches.flatMap(({ texts }) => texts);
  }

  onAssigned(epoch: number, partitions: readonly TopicPartition[]): void {
    this.assignments.push({ epoch, partitions });
  }

  async onBatch(batch: LineBatch, { epoch, heartbeat }: { epoch: number; heartbeat(): Promise<void> }): Promise<void> {
    if (this.failWith) throw this.failWith;
    const texts: string[] = [];
    for (const decoded of batch.lines(new Set())) {
      if (decoded.kind === 'line') texts.push(decoded.line.text);
      if (decoded.kind === 'undecodable') this.undecodable.push(decoded.reason);
    }
    this.batches.push({ epoch, batch, texts });
    await heartbeat();
  }

  onIdle(_partition: TopicPartition, idleMs: number): void {
    this.idleMs += idleMs;
  }

  events(name: string): Readonly<Record<string, unknown>>[] {
    return this.logger.events.filter((event) => event.name === name).map(({ fields }) => fields);
  }

  lag(topic: string, partition = 0): number | undefined {
    return this.metrics.value('oomscope_lag_records', { topic, partition: String(partition) });
  }
}
