import { beforeEach, describe, expect, it } from 'vitest';
import { createMetrics, FlowMetrics, type MetricsRegistry } from '../../../src/ops/index.ts';
import { batchOf, ManualClock } from '../../support/fakes.ts';
import { fullReport, killOnlyReport } from '../../support/reports.ts';

const START_MS = Date.UTC(2026, 8, 23, 12);
const place = { topic: 'syslog', partition: 3 };
const LABELS = '{topic="syslog",partition="3"}';

describe('FlowMetrics', () => {
  let clock: ManualClock;
  let metrics: MetricsRegistry;
  let flow: FlowMetrics;

  /** Value of one exposed line. */
  const shown = async (line: string): Promise<number | undefined> => {
    const { body } = await metrics.expose();
    const found = body.split('\n').find((text) => text.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length));
  };

  const batch = (firstOffset: number, count: number, stampMs: number) =>
    batchOf(
      place,
      firstOffset,
      Array.from({ length: count }, (_, i) => ({
        kind: 'foreign' as const,
        position: { ...place, offset: firstOffset + i },
        spoof: false,
        shape: 'text',
      })),
      stampMs,
    );

  beforeEach(() => {
    clock = new ManualClock(START_MS);
    metrics = createMetrics();
    flow = new FlowMetrics(metrics, clock);
    flow.assigned([place]);
  });

  it('shows how many records and how long the oldest one that is needed holds the commit back', async () => {
    flow.reading(batch(0, 10, START_MS));
    await clock.advance(60_000);
    flow.reading(batch(10, 10, START_MS + 60_000));
    await clock.advance(5_000);
    flow.held(place, { offset: 4, records: 16 }, 19);
    expect(await shown(`oomscope_commit_held_records${LABELS}`)).toBe(16);
    expect(await shown(`oomscope_commit_held_seconds${LABELS}`)).toBe(65);
    flow.held(place, { offset: 12, records: 8 }, 19);
    expect(await shown(`oomscope_commit_held_seconds${LABELS}`)).toBe(5);
    flow.held(place, undefined, 19);
    expect(await shown(`oomscope_commit_held_records${LABELS}`)).toBe(0);
    expect(await shown(`oomscope_commit_held_seconds${LABELS}`)).toBe(0);
  });

  it('shows nothing of a partition that another worker has now', async () => {
    flow.reading(batch(0, 10, START_MS));
    flow.held(place, { offset: 4, records: 6 }, 9);
    metrics.set('oomscope_commit_offset', 4, { topic: 'syslog', partition: '3' });
    flow.assigned([]);
    for (const name of ['oomscope_commit_held_records', 'oomscope_commit_held_seconds', 'oomscope_commit_offset']) {
      expect(await shown(`${name}${LABELS}`)).toBeUndefined();
    }
    expect(await shown('oomscope_partitions_assigned')).toBe(0);
  });

  it("measures from Kafka's stamp of the last record to the acknowledgement, of reports with a kill line only", async () => {
    flow.reading(batch(0, 10, START_MS - 3_000));
    const positions = { firstPosition: { ...place, offset: 2 }, lastPosition: { ...place, offset: 7 } };
    const ended = flow.leaving(killOnlyReport(positions));
    const headOnly = flow.leaving(fullReport({ ...positions, kills: [] }));
    const again = flow.leaving(killOnlyReport(positions));
    await clock.advance(1_500);
    ended('created');
    headOnly('created');
    again('duplicate');
    expect(await shown('oomscope_report_delay_seconds_count')).toBe(1);
    expect(await shown('oomscope_report_delay_seconds_sum')).toBe(4.5);
    expect(await shown('oomscope_documents_total{outcome="created"}')).toBe(2);
    expect(await shown('oomscope_documents_total{outcome="duplicate"}')).toBe(1);
  });

  it('takes a stamp of the future for now', async () => {
    flow.reading(batch(0, 10, START_MS + 86_400_000));
    const positions = { firstPosition: { ...place, offset: 2 }, lastPosition: { ...place, offset: 7 } };
    flow.leaving(killOnlyReport(positions))('created');
    expect(await shown('oomscope_report_delay_seconds_sum')).toBe(0);
  });

  it('counts what the parser shed since the last look', async () => {
    const stats = {
      openReports: 2,
      heldBytes: 300,
      evictedReports: 1,
      shedReports: { lines: 3, tasks: 0, sections: 0 },
    };
    flow.holding(stats, 77);
    flow.holding({ ...stats, evictedReports: 4, shedReports: { lines: 3, tasks: 1, sections: 0 } }, 77);
    expect(await shown('oomscope_reports_shed_total{part="lines"}')).toBe(3);
    expect(await shown('oomscope_reports_shed_total{part="tasks"}')).toBe(1);
    expect(await shown('oomscope_reports_shed_total{part="sections"}')).toBeUndefined();
    expect(await shown('oomscope_reports_shed_total{part="report"}')).toBe(4);
    expect(await shown('oomscope_reports_open')).toBe(2);
    expect(await shown('oomscope_sink_held_bytes')).toBe(77);
  });
});
