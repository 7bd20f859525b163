/** Elasticsearch is gone while the fleet goes on: what a worker does meanwhile and after. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startFeeder } from './feeder.ts';
import { cpuSeconds, peakMb, residentMb } from './proc.ts';
import type { Stage } from './stage.ts';
import { type Tally, tallyOf } from './tally.ts';
import { openTrial } from './trial.ts';

export interface OutageOptions {
  readonly seconds: number;
  /** Lines per second. */
  readonly rate: number;
  /** Percent of the lines that belong to reports. */
  readonly reportShare: number;
  /** sink.held.bytes. */
  readonly heldBytes: number;
  readonly recoveryLimitSeconds: number;
  readonly log: (text: string) => void;
}

export interface OutageFigures extends Tally {
  readonly seconds: number;
  readonly records: number;
  readonly rebalances: number;
  readonly evicted: number;
  readonly partitionsPaused: number;
  readonly ready: number;
  readonly health: number;
  /** Most bytes of documents that waited. */
  readonly heldBytes: number;
  /** Most resident memory in the first and in the second half of the outage, and at any time. */
  readonly firstHalfMb: number;
  readonly secondHalfMb: number;
  readonly peakMb: number;
  /** Records that were not read when Elasticsearch answered again. */
  readonly unread: number;
  /** From then until the group had committed everything. */
  readonly recoverySeconds: number;
  readonly recoveryReportsPerSecond: number;
  /** Processor time of the worker during the recovery, in cores. */
  readonly recoveryCores: number;
}

const PARTITIONS = 4;
const HOSTS = 10_000;
/** sink.batch.bytes unless given; the limit of held bytes is higher. */
const DEFAULT_BATCH_BYTES = 5_242_880;
/** All is well for so long before. */
const BEFORE_SECONDS = 5;

export async function runOutage(stage: Stage, options: OutageOptions): Promise<OutageFigures> {
  const { seconds, rate, reportShare, log } = options;
  const trial = await openTrial(stage, PARTITIONS);
  const feeding = { topic: trial.topic, hosts: HOSTS, rate, reportShare };
  const feeder = startFeeder(stage, { ...feeding, seconds: 0 });
  try {
    const worker = await trial.startUnderLoad({
      OOMSCOPE_SINK_HELD_BYTES: String(options.heldBytes),
      OOMSCOPE_SINK_BATCH_BYTES: String(Math.min(DEFAULT_BATCH_BYTES, options.heldBytes / 4)),
    });
    await sleep(BEFORE_SECONDS * 1_000);
    const before = (await worker.metric('oomscope_rebalances_total')) ?? 0;
    await stage.elasticsearch.kill();
    const samples: { mb: number; held: number; paused: number }[] = [];
    for (const endMs = performance.now() + seconds * 1_000; performance.now() < endMs; ) {
      await sleep(1_000);
      samples.push({
        mb: residentMb(worker.pid),
        held: (await worker.metric('oomscope_sink_held_bytes')) ?? 0,
        paused: (await worker.metric('oomscope_partitions_paused')) ?? 0,
      });
    }
    const [ready, health] = [await worker.ready(), await worker.health()];
    log(`the fleet ends; the worker has ${residentMb(worker.pid)} MB, at most ${peakMb(worker.pid)}`);
    feeder.stop();
    await feeder.ended;
    await trial.closeReports();
    log('Elasticsearch starts again');
    await stage.elasticsearch.restart();
    const [backMs, backCpu] = [performance.now(), cpuSeconds(worker.pid)];
    const [unread, stored] = [await trial.unread(worker), (await worker.metric('oomscope_documents_total')) ?? 0];
    log(`${unread} records are unread`);
    await trial.caughtUp(options.recoveryLimitSeconds * 1_000, log);
    const recoverySeconds = (performance.now() - backMs) / 1_000;
    const rebalances = ((await worker.metric('oomscope_rebalances_total')) ?? 0) - before;
    const written = ((await worker.metric('oomscope_documents_total')) ?? 0) - stored;
    const half = Math.floor(samples.length / 2);
    const most = (parts: typeof samples, key: 'mb' | 'held' | 'paused') => Math.max(...parts.map((each) => each[key]));
    return {
      seconds,
      records: await trial.topics.count(trial.topic),
      ...(await tallyOf(stage.elasticsearch.url, feeder.newKills(), HOSTS)),
      rebalances,
      evicted: (await worker.metric('oomscope_reports_truncated_total')) ?? 0,
      partitionsPaused: most(samples, 'paused'),
      ready,
      health,
      heldBytes: most(samples, 'held'),
      firstHalfMb: most(samples.slice(0, half), 'mb'),
      secondHalfMb: most(samples.slice(half), 'mb'),
      peakMb: peakMb(worker.pid),
      unread,
      recoverySeconds: Math.round(recoverySeconds),
      recoveryReportsPerSecond: Math.round(written / recoverySeconds),
      recoveryCores: round((cpuSeconds(worker.pid) - backCpu) / recoverySeconds),
    };
  } finally {
    feeder.remove();
    await trial.close();
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;
