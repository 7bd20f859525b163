/** Every metric: name, kind, unit, labels, meaning. The reference and the exporter come from this table. */

export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly meaning: string;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

const define = <Name extends string>(table: Record<Name, MetricDefinition>): Readonly<Record<Name, MetricDefinition>> =>
  table;

export const METRICS = define({
  oomscope_records_read_total: {
    kind: 'counter',
    labels: [],
    meaning: 'Records read from the topics, those included that hold no opener and are of no host with an open report.',
  },
  oomscope_records_total: { kind: 'counter', labels: ['shape'], meaning: 'Lines decoded, by record shape.' },
  oomscope_records_undecodable_total: {
    kind: 'counter',
    labels: ['reason'],
    meaning: 'Records that could not be decoded, by reason.',
  },
  oomscope_spoofed_lines_total: {
    kind: 'counter',
    labels: [],
    meaning: "Lines that hold an opener and are not the kernel's. They make no report.",
  },
  oomscope_reports_total: {
    kind: 'counter',
    labels: ['action'],
    meaning: 'Reports emitted, by event.action. A report emitted early and again when full counts twice.',
  },
  oomscope_reports_provisional_total: {
    kind: 'counter',
    labels: [],
    meaning: 'Reports emitted early because their host fell silent.',
  },
  oomscope_reports_truncated_total: { kind: 'counter', labels: [], meaning: 'Reports that a limit cut.' },
  oomscope_reports_open: { kind: 'gauge', labels: [], meaning: 'Reports that are open: begun and not closed.' },
  oomscope_reports_open_bytes: { kind: 'gauge', labels: [], meaning: 'Bytes held by open reports.' },
  oomscope_documents_total: {
    kind: 'counter',
    labels: ['outcome'],
    meaning: 'Documents by outcome: created, updated, duplicate, dead-letter, expired.',
  },
  oomscope_sink_retries_total: { kind: 'counter', labels: ['reason'], meaning: 'Documents sent again, by reason.' },
  oomscope_sink_held_bytes: { kind: 'gauge', labels: [], meaning: 'Bytes of documents that wait or are in flight.' },
  oomscope_sink_batch_documents: {
    kind: 'histogram',
    labels: [],
    meaning: 'Documents per bulk request.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
  },
  oomscope_sink_batch_seconds: {
    kind: 'histogram',
    labels: [],
    meaning: 'Duration of a bulk request.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  oomscope_commit_offset: {
    kind: 'gauge',
    labels: ['topic', 'partition'],
    meaning: 'Offset last committed.',
  },
  oomscope_partitions_assigned: { kind: 'gauge', labels: [], meaning: 'Partitions assigned to this worker.' },
  oomscope_partitions_paused: { kind: 'gauge', labels: [], meaning: 'Partitions paused by back-pressure.' },
  oomscope_rebalances_total: { kind: 'counter', labels: [], meaning: 'Assignments received.' },
});

export type MetricName = keyof typeof METRICS;
