/** What an operator asks of the flow through a pipeline: what it holds, what holds a commit back, how late documents are. */
import type { OomReport } from '../domain.ts';
import type { Clock, LineBatch, Metrics, ParserStats, TopicPartition, WriteOutcome } from '../ports.ts';
import { PartitionTimes } from './record-times.ts';

/** The first record that is still needed, and how many were read from it on. */
interface Pin {
  readonly offset: number;
  readonly records: number;
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

const labelsOf = ({ topic, partition }: TopicPartition) => ({ topic, partition: String(partition) });

export class FlowMetrics {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  #times = new Map<string, PartitionTimes>();
  #partitions: readonly TopicPartition[] = [];
  /** What of the parser's counts is in the metrics already. */
  #shed: Readonly<Record<string, number>> = {};

  constructor(metrics: Metrics, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** A new assignment: what was said of the partitions of the last one is void. */
  assigned(partitions: readonly TopicPartition[]): void {
    for (const place of this.#partitions) {
      const labels = labelsOf(place);
      this.#metrics.remove('oomscope_commit_held_records', labels);
      this.#metrics.remove('oomscope_commit_held_seconds', labels);
      this.#metrics.remove('oomscope_commit_offset', labels);
    }
    this.#partitions = partitions;
    this.#times = new Map(partitions.map((place) => [keyOf(place), new PartitionTimes()]));
    this.#metrics.increment('oomscope_rebalances_total');
    this.#metrics.set('oomscope_partitions_assigned', partitions.length);
  }

  /** A batch is about to be pushed. */
  reading(batch: LineBatch): void {
    this.#times.get(keyOf(batch))?.read(batch.lastOffset, this.#clock.elapsedMs(), batch.lastAtMs);
  }

  /** All of a batch was pushed. */
  read(batch: LineBatch): void {
    this.#metrics.increment('oomscope_records_read_total', {}, batch.recordCount);
  }

  /** A report leaves; the answer is to be called with what became of its document. */
  leaving({ action, provisional, truncated, kills, lastPosition }: OomReport): (outcome: WriteOutcome) => void {
    const metrics = this.#metrics;
    metrics.increment('oomscope_reports_total', { action });
    if (provisional) metrics.increment('oomscope_reports_provisional_total');
    if (truncated) metrics.increment('oomscope_reports_truncated_total');
    const hasKill = kills.length > 0;
    const stampMs = this.#times.get(keyOf(lastPosition))?.of(lastPosition.offset)?.stampMs;
    return (outcome) => {
      metrics.increment('oomscope_documents_total', { outcome });
      if (!hasKill || stampMs === undefined || (outcome !== 'created' && outcome !== 'updated')) return;
      // The clocks of this machine and of the broker or producer may differ.
      metrics.observe('oomscope_report_delay_seconds', Math.max(0, this.#clock.nowMs() - stampMs) / 1_000);
    };
  }

  /** What parser and sink hold, and what the parser shed since the last call. */
  holding(stats: ParserStats, sinkBytes: number): void {
    const metrics = this.#metrics;
    metrics.set('oomscope_reports_open', stats.openReports);
    metrics.set('oomscope_reports_open_bytes', stats.heldBytes);
    metrics.set('oomscope_sink_held_bytes', sinkBytes);
    const shed: Readonly<Record<string, number>> = { ...stats.shedReports, report: stats.evictedReports };
    for (const [part, count] of Object.entries(shed)) {
      const more = count - (this.#shed[part] ?? 0);
      if (more > 0) metrics.increment('oomscope_reports_shed_total', { part }, more);
    }
    this.#shed = shed;
  }

  /** Shows what holds a partition's commit back; nothing before it and before `pushed` is asked for any more. */
  held(place: TopicPartition, pin: Pin | undefined, pushed: number): void {
    const labels = labelsOf(place);
    const times = this.#times.get(keyOf(place));
    times?.forgetBefore(pin?.offset ?? pushed);
    const readAtMs = pin && times?.of(pin.offset)?.readAtMs;
    const heldMs = readAtMs === undefined ? 0 : this.#clock.elapsedMs() - readAtMs;
    this.#metrics.set('oomscope_commit_held_records', pin?.records ?? 0, labels);
    this.#metrics.set('oomscope_commit_held_seconds', heldMs / 1_000, labels);
  }
}
