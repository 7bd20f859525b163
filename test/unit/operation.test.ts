/** One run of pipeline and sink, in which everything that an operator may watch happens at least once. */
import { expect, it } from 'vitest';
import type { LogLine } from '../../src/domain.ts';
import { analyse } from '../../src/enrich/index.ts';
import { createParser } from '../../src/parser/index.ts';
import { createPipeline } from '../../src/pipeline.ts';
import type { Decoded, LineSource, Metrics, TopicPartition } from '../../src/ports.ts';
import { createElasticsearchSink } from '../../src/sink/index.ts';
import { LOG_EVENTS } from '../../src/tables/log-events.ts';
import { METRICS, type MetricDefinition, type MetricName } from '../../src/tables/metrics.ts';
import { FakeElasticsearch } from '../support/elasticsearch.ts';
import { batchOf, ManualClock, ManualSource, MemoryDeadLetters, MemoryLogger, settle } from '../support/fakes.ts';
import { HIGHMEM_32 } from './parser/fixtures.ts';

const START_MS = Date.UTC(2026, 8, 23, 12);
const place = { topic: 'syslog', partition: 0 };

/** Remembers what was set, and takes no label too many or too few. */
class StrictMetrics implements Metrics {
  readonly values = new Map<string, number>();

  increment(name: MetricName, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    this.#note('counter', name, (before) => before + by, labels);
  }

  set(name: MetricName, value: number, labels: Readonly<Record<string, string>> = {}): void {
    this.#note('gauge', name, () => value, labels);
  }

  observe(name: MetricName, value: number, labels: Readonly<Record<string, string>> = {}): void {
    expect(value).toBeGreaterThanOrEqual(0);
    this.#note('histogram', name, (before) => before + 1, labels);
  }

  remove(): void {}

  #note(
    kind: MetricDefinition['kind'],
    name: MetricName,
    next: (before: number) => number,
    labels: Readonly<Record<string, string>>,
  ): void {
    expect(METRICS[name].kind, name).toBe(kind);
    expect(Object.keys(labels).sort(), name).toEqual([...METRICS[name].labels].sort());
    const key = [name, ...Object.values(labels)].join(' ');
    this.values.set(key, next(this.values.get(key) ?? 0));
  }
}

/** A source whose broker refuses a commit once. */
class RefusingSource extends ManualSource implements LineSource {
  refusals = 1;

  override async commit(epoch: number, at: TopicPartition, offset: number): Promise<void> {
    this.refusals -= 1;
    if (this.refusals >= 0) throw new Error('not the coordinator');
    return super.commit(epoch, at, offset);
  }
}

/** Set by the parts that this run has not: the Kafka source, the worker and the inventory of hosts. */
const ELSEWHERE = new Set<string>([
  'oomscope_build_info',
  'oomscope_lag_records',
  'oomscope_partitions_added_total',
  'oomscope_hosts_total',
  'oomscope_boots_open',
]);

it('shows and logs all of it, with the labels of the tables', async () => {
  const metrics = new StrictMetrics();
  const logger = new MemoryLogger();
  const clock = new ManualClock(START_MS);
  const source = new RefusingSource();
  const server = new FakeElasticsearch();
  const letters = new MemoryDeadLetters();
  const limits = { maxDocuments: 100, maxBytes: 10_000_000, maxAgeMs: 50, retentionDays: 400 };
  const parts = { client: server, clock, logger, metrics, deadLetters: letters, random: () => 0 };
  const pipeline = createPipeline(
    {
      source,
      parser: createParser({ idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: 90_000 }),
      analyse,
      sink: createElasticsearchSink(limits, parts),
      deadLetters: letters,
      clock,
      logger,
      metrics,
    },
    { commitIntervalMs: 1_000, heldBytes: 2_000 },
  );
  const running = pipeline.run();
  source.handler?.onAssigned(1, [place]);

  let offset = 0;
  const say = async (decoded: readonly ((offset: number) => Decoded)[]) => {
    const batch = batchOf(
      place,
      offset,
      decoded.map((make, index) => make(offset + index)),
      clock.nowMs(),
    );
    offset += decoded.length;
    const done = source.handler?.onBatch(batch, { epoch: 1, heartbeat: async () => {} });
    // What waits for room in the sink goes on as the clock does.
    for (let i = 0; i < 30; i += 1) await clock.advance(100);
    await done;
  };
  const line = (host: string, text: string) => (at: number) => {
    const said: LogLine = {
      host,
      text,
      position: { ...place, offset: at },
      trust: 'facility',
      observedAtMs: clock.nowMs(),
    };
    return { kind: 'line', line: said, shape: 'syslog' } as const;
  };
  const reboot = (host: string) => [line(host, 'Linux version 3.2.61'), line(host, 'Command line: quiet')];
  const reportOf = (host: string) => HIGHMEM_32.split('\n').map((text) => line(host, text));
  const undecodable = (at: number) =>
    ({
      kind: 'undecodable',
      position: { ...place, offset: at },
      reason: 'json',
      shape: 'json',
      detail: 'cut',
      bytes: new Uint8Array([1]),
      holdsOpener: true,
    }) as const;
  const foreign = (at: number) =>
    ({ kind: 'foreign', position: { ...place, offset: at }, spoof: true, shape: 'syslog' }) as const;

  // A whole report, while Elasticsearch is away: documents wait, fetching pauses; then it comes back.
  server.answers.push({ kind: 'failure', reason: 'unreachable', message: 'gone' });
  server.answers.push({ kind: 'answer', status: 413, body: {} });
  await say([undecodable, foreign, ...reportOf('web01'), ...reportOf('web02'), ...reboot('web01')]);
  await say(reboot('web02'));
  for (let i = 0; i < 100; i += 1) await clock.advance(100);
  // One is refused for good.
  server.refuseItem = () => ({ status: 400, type: 'document_parsing_exception' });
  await say([...reportOf('web03'), ...reboot('web03')]);
  server.refuseItem = () => undefined;
  // A head whose host falls silent.
  await say(reportOf('web04').slice(0, 30));
  source.handler?.onIdle(place, 1_000);
  source.handler?.onIdle(place, 40_000);
  // More than the parser may hold: raw lines and table rows of a large report, then whole ones.
  const row = (pid: number) => `[${5_000 + pid}]     0  ${pid}      579      171   0       0             0 loaf`;
  await say([...reportOf('web05').slice(0, -3), ...Array.from({ length: 150 }, (_, pid) => line('web05', row(pid)))]);
  for (let host = 10; host < 60; host += 1) await say(reportOf(`web${host}`).slice(0, 40));
  await clock.advance(2_000);
  source.end();
  for (let i = 0; i < 40; i += 1) {
    await clock.advance(500);
    await settle();
  }
  await running;

  const seen = new Set([...metrics.values.keys()].map((key) => key.split(' ')[0]));
  expect(Object.keys(METRICS).filter((name) => !seen.has(name) && !ELSEWHERE.has(name))).toEqual([]);
  const value = (key: string) => metrics.values.get(key) ?? 0;
  expect(value('oomscope_records_total syslog')).toBeGreaterThan(100);
  expect(value('oomscope_records_undecodable_total json json')).toBe(1);
  expect(value('oomscope_spoofed_lines_total')).toBe(1);
  expect(value('oomscope_dead_letters_total record json')).toBe(1);
  expect(value('oomscope_dead_letters_total document document_parsing_exception')).toBe(1);
  expect(value('oomscope_dead_letters_total document status-413')).toBe(1);
  expect(value('oomscope_documents_total dead-letter')).toBe(2);
  expect(value('oomscope_reports_provisional_total')).toBeGreaterThan(0);
  for (const part of ['lines', 'tasks', 'report'])
    expect(value(`oomscope_reports_shed_total ${part}`)).toBeGreaterThan(0);
  expect(value('oomscope_sink_retries_total unreachable')).toBeGreaterThan(0);
  for (const outcome of ['retry', 'stored', 'partial']) {
    expect(value(`oomscope_sink_requests_total ${outcome}`)).toBeGreaterThan(0);
  }
  expect(value('oomscope_sink_batch_bytes')).toBe(value('oomscope_sink_batch_documents'));
  expect(value('oomscope_sink_batch_seconds')).toBe(value('oomscope_sink_batch_documents'));
  expect(value('oomscope_sink_held_bytes')).toBe(0);
  expect(value('oomscope_report_delay_seconds')).toBeGreaterThan(0);
  expect(value('oomscope_commit_offset syslog 0')).toBe(offset);

  const logged = new Set(logger.events.map(({ name }) => name));
  for (const name of [
    ...['partitions-assigned', 'partitions-paused', 'partitions-resumed', 'commit-failed', 'report-emitted'],
    ...['report-truncated', 'record-undecodable', 'sink-retry', 'sink-recovered', 'dead-letter'],
  ]) {
    expect(logged, name).toContain(name);
  }
  for (const name of logged) expect(Object.keys(LOG_EVENTS)).toContain(name);
});
