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
    labels: ['reason', 'shape'],
    meaning: 'Records that could not be decoded, by reason and, where the first bytes show it, record shape.',
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
  oomscope_reports_shed_total: {
    kind: 'counter',
    labels: ['part'],
    meaning:
      'Open reports that the bound parser.max.bytes made shed a part: lines (raw), tasks (table rows), sections; report: the whole, emitted as it was.',
  },
  oomscope_report_delay_seconds: {
    kind: 'histogram',
    labels: [],
    meaning:
      "From Kafka's stamp of the last record of a report with a kill line to the acknowledgement of its document; a backlog shows here.",
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400],
  },
  oomscope_reports_open: { kind: 'gauge', labels: [], meaning: 'Reports that are open: begun and not closed.' },
  oomscope_reports_open_bytes: { kind: 'gauge', labels: [], meaning: 'Bytes held by open reports.' },
  oomscope_documents_total: {
    kind: 'counter',
    labels: ['outcome'],
    meaning: 'Documents by outcome: created, updated, duplicate, dead-letter, expired.',
  },
  oomscope_hosts_total: {
    kind: 'counter',
    labels: ['source', 'outcome'],
    meaning:
      'Facts of hosts, by where they were printed (boot, report) and by the outcome of their document; untold: they do not tell whether the host has HighMem, or of which host they are (localhost), and no document is written.',
  },
  oomscope_boots_open: { kind: 'gauge', labels: [], meaning: 'Boots whose lines are being gathered.' },
  oomscope_dead_letters_total: {
    kind: 'counter',
    labels: ['kind', 'reason'],
    meaning:
      'Letters that the dead letters took: kind document with the error type of Elasticsearch, kind record with the reason why it could not be decoded.',
  },
  oomscope_sink_retries_total: { kind: 'counter', labels: ['reason'], meaning: 'Documents sent again, by reason.' },
  oomscope_sink_held_bytes: { kind: 'gauge', labels: [], meaning: 'Bytes of documents that wait or are in flight.' },
  oomscope_sink_batch_documents: {
    kind: 'histogram',
    labels: [],
    meaning: 'Documents per bulk request.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
  },
  oomscope_sink_batch_bytes: {
    kind: 'histogram',
    labels: [],
    meaning: 'Bytes of the documents of a bulk request.',
    buckets: [4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
  },
  oomscope_sink_requests_total: {
    kind: 'counter',
    labels: ['outcome'],
    meaning:
      'Bulk requests by outcome: stored, partial (some documents were refused or are sent again), retry (the whole is sent again), split (sent again in halves), stop.',
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
  oomscope_commit_held_records: {
    kind: 'gauge',
    labels: ['topic', 'partition'],
    meaning:
      'Records read from the oldest one on that an open report or a document on its way still needs; 0 when none.',
  },
  oomscope_commit_held_seconds: {
    kind: 'gauge',
    labels: ['topic', 'partition'],
    meaning: 'Time since this worker read that oldest record; 0 when none.',
  },
  oomscope_partitions_assigned: { kind: 'gauge', labels: [], meaning: 'Partitions assigned to this worker.' },
  oomscope_partitions_added_total: {
    kind: 'counter',
    labels: ['topic'],
    meaning: 'Partitions that were added to topics while this worker read them.',
  },
  oomscope_lag_records: {
    kind: 'gauge',
    labels: ['topic', 'partition'],
    meaning:
      'Offsets between what is committed and the end of an assigned partition. 0 when all is read and nothing is needed any more, also where a transaction ends with a mark that is never committed.',
  },
  oomscope_partitions_paused: { kind: 'gauge', labels: [], meaning: 'Partitions paused by back-pressure.' },
  oomscope_rebalances_total: { kind: 'counter', labels: [], meaning: 'Assignments received.' },
  oomscope_build_info: {
    kind: 'gauge',
    labels: ['version', 'node', 'analyzer', 'schema'],
    meaning: 'Always 1. Version of oomscope and of Node, revision of the analyzer, version of the index schema.',
  },
});

export type MetricName = keyof typeof METRICS;
