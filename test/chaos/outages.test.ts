/** What a worker does while a server is gone, while it is frozen, and when it is asked to end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/worker.ts';
import { runFlood } from './flood.ts';
import { runLatency } from './latency.ts';
import { runOutage } from './outage.ts';
import { openStageOrSkip, type Stage } from './stage.ts';
import { openTrial, reportOf, type Trial } from './trial.ts';

const opened = await openStageOrSkip();

describe.skipIf(!opened)('a worker', () => {
  const stage = opened as Stage;
  let trial: Trial;

  afterAll(() => stage?.close());

  it('holds still while Elasticsearch is gone, and goes on by itself', async () => {
    const load = { rate: 2_000, reportShare: 20 };
    const figures = await runOutage(stage, {
      seconds: 20,
      ...load,
      heldBytes: 1_048_576,
      log: () => {},
      recoveryLimitSeconds: 120,
    });
    console.log(JSON.stringify(figures));
    expect(figures).toMatchObject({ lost: 0, doubled: 0, incomplete: 0, rebalances: 0, evicted: 0 });
    expect(figures).toMatchObject({ ready: 503, health: 200, partitionsPaused: 4 });
    expect(figures.reports).toBeGreaterThan(50);
    // One batch beyond the limit may be in hand.
    expect(figures.heldBytes).toBeLessThan(2_097_152);
    expect(figures.secondHalfMb).toBeLessThan(figures.firstHalfMb * 1.25 + 20);
    expect(figures.peakMb).toBeLessThan(400);
  });

  it('makes a kill searchable within seconds', async () => {
    const figures = await runLatency(stage, { seconds: 15, rate: 2_000, reportShare: 20 });
    console.log(JSON.stringify(figures));
    expect(figures).toMatchObject({ missing: 0 });
    expect(figures.watched).toBeGreaterThan(20);
    expect(figures.linesPerSecond).toBeGreaterThan(1_500);
    expect(figures.p50Seconds).toBeGreaterThan(0);
    expect(figures.p99Seconds).toBeLessThan(30);
  });

  it('reads honest reports whole among thousands of hosts that only open one', async () => {
    const figures = await runFlood(stage, 8_000, () => {});
    console.log(JSON.stringify(figures));
    expect(figures).toMatchObject({ whole: figures.honest, documents: 8_000 + figures.honest, exitCode: 0 });
    expect(figures.heldBytes).toBeLessThanOrEqual(figures.limitBytes * 1.1);
  });

  describe('of one partition', () => {
    beforeEach(async () => {
      trial = await openTrial(stage);
    });

    afterEach(async () => {
      stage.http.fault = undefined;
      stage.kafkaWire.hold(false);
      await trial.close();
    });

    it('waits for its documents when it is asked to end, and ends with 0', async () => {
      const worker = await trial.start({ OOMSCOPE_SINK_BATCH_AGE: '5000' });
      await trial.topics.produce(trial.topic, [...reportOf('web01'), ...reportOf('web02')]);
      await until('a document waits', async () => ((await worker.metric('oomscope_sink_held_bytes')) ?? 0) > 0);
      worker.kill('SIGTERM');
      expect(await worker.ended).toBe(0);
      expect(await trial.hosts()).toContain('web01');
    });

    it('ends with 8 when the time to drain is over, and the next one writes what is missing', async () => {
      stage.http.fault = { kind: 'refuse', status: 503 };
      const worker = await trial.start({ OOMSCOPE_WORKER_DRAIN: '1000' });
      await trial.topics.produce(trial.topic, reportOf('web01'));
      await until('a write was refused', async () => worker.events.some(({ event }) => event === 'sink-retry'));
      const askedMs = performance.now();
      worker.kill('SIGTERM');
      expect(await worker.ended).toBe(8);
      expect(performance.now() - askedMs).toBeLessThan(15_000);
      expect(await trial.hosts()).toEqual([]);
      stage.http.fault = undefined;
      await trial.start();
      await trial.drained();
      expect(await trial.hosts()).toEqual(['web01']);
    });

    it('says that it is not ready while it is in no group or its sink takes nothing, and is healthy all the while', async () => {
      const worker = await trial.start();
      await until('it is ready', async () => (await worker.ready()) === 200);
      stage.http.fault = { kind: 'refuse', status: 503 };
      await trial.topics.produce(trial.topic, reportOf('web01'));
      await until('the sink shows', async () => (await worker.ready()) === 503);
      stage.http.fault = undefined;
      await until('the sink is back', async () => (await worker.ready()) === 200);
      stage.kafkaWire.hold(true);
      await until('the group shows', async () => (await worker.ready()) === 503, 90_000);
      expect(await worker.health()).toBe(200);
      stage.kafkaWire.cut();
      stage.kafkaWire.hold(false);
      await until('the group is back', async () => (await worker.ready()) === 200, 90_000);
    });

    it('commits nothing for others when it wakes after its session has ended', async () => {
      const frozen = await trial.start({ OOMSCOPE_PARSER_AGE: '600000' });
      const report = reportOf('web01');
      await trial.topics.produce(trial.topic, report.slice(0, 40));
      await until('the report is open', async () => (await frozen.metric('oomscope_reports_open')) === 1);
      frozen.kill('SIGSTOP');
      const other = await trial.start();
      await until(
        'the other has the partition',
        async () => (await other.metric('oomscope_reports_open')) === 1,
        90_000,
      );
      await trial.topics.produce(trial.topic, report.slice(40));
      await trial.drained();
      const [before] = await trial.topics.committed(trial.group, trial.topic);
      frozen.kill('SIGCONT');
      for (let look = 0; look < 30; look += 1) {
        const [committed] = await trial.topics.committed(trial.group, trial.topic);
        expect(committed).toBe(before);
        await sleep(100);
      }
      await until(
        'the frozen one is in the group again',
        async () => frozen.events.filter(({ event }) => event === 'partitions-assigned').length > 1,
      );
      await trial.drained();
      const documents = [...(await trial.documents()).values()];
      expect(documents).toHaveLength(1);
      expect(documents[0]).toMatchObject({ oom: { complete: true }, host: { name: 'web01' } });
    });
  });
});
