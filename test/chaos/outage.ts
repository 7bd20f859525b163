/** Elasticsearch is gone while the fleet goes on: what a worker does meanwhile and after. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/worker.ts';
import { at } from './compare.ts';
import type { Stage } from './stage.ts';
import { openTrial, reportOf, residentMb } from './trial.ts';

export interface OutageFigures {
  readonly seconds: number;
  readonly reports: number;
  /** Reports without a document, or with more than one. */
  readonly lost: number;
  readonly doubled: number;
  readonly rebalances: number;
  readonly partitionsPaused: number;
  readonly ready: number;
  readonly health: number;
  /** Most bytes of documents that waited. */
  readonly heldBytes: number;
  /** Most resident memory in the first and in the second half. */
  readonly firstHalfMb: number;
  readonly secondHalfMb: number;
  /** From the return of Elasticsearch until the group had read everything. */
  readonly recoverySeconds: number;
}

const PARTITIONS = 4;
const HELD_BYTES = 1_048_576;
const REPORTS_PER_SECOND = 5;

export async function runOutage(stage: Stage, seconds: number): Promise<OutageFigures> {
  const trial = await openTrial(stage, PARTITIONS);
  try {
    const worker = await trial.start({ OOMSCOPE_SINK_HELD_BYTES: String(HELD_BYTES) });
    await until('the worker is ready', async () => (await worker.ready()) === 200);
    await stage.elasticsearch.kill();
    const before = (await worker.metric('oomscope_rebalances_total')) ?? 0;
    const samples: { mb: number; held: number; paused: number }[] = [];
    const endMs = performance.now() + seconds * 1_000;
    let reports = 0;
    while (performance.now() < endMs) {
      const some = Array.from({ length: REPORTS_PER_SECOND }, (_, index) => {
        const number = reports + index;
        return reportOf(`web${number}`, Date.now() - 3_600_000, number % PARTITIONS);
      });
      reports += some.length;
      await trial.topics.produce(trial.topic, some.flat());
      await sleep(1_000);
      samples.push({
        mb: residentMb(worker.pid) ?? 0,
        held: (await worker.metric('oomscope_sink_held_bytes')) ?? 0,
        paused: (await worker.metric('oomscope_partitions_paused')) ?? 0,
      });
    }
    const [ready, health] = [await worker.ready(), await worker.health()];
    const rebalances = ((await worker.metric('oomscope_rebalances_total')) ?? 0) - before;
    await stage.elasticsearch.restart();
    const backMs = performance.now();
    await trial.drained(120_000);
    const recoverySeconds = Math.round((performance.now() - backMs) / 1_000);
    const counts = new Map<string, number>();
    for (const document of (await trial.documents()).values()) {
      const host = String(at(document, 'host.name'));
      counts.set(host, (counts.get(host) ?? 0) + 1);
    }
    const half = Math.floor(samples.length / 2);
    const most = (parts: typeof samples, key: 'mb' | 'held' | 'paused') => Math.max(...parts.map((each) => each[key]));
    return {
      seconds,
      reports,
      lost: reports - counts.size,
      doubled: [...counts.values()].filter((count) => count > 1).length,
      rebalances,
      partitionsPaused: most(samples, 'paused'),
      ready,
      health,
      heldBytes: most(samples, 'held'),
      firstHalfMb: most(samples.slice(0, half), 'mb'),
      secondHalfMb: most(samples.slice(half), 'mb'),
      recoverySeconds,
    };
  } finally {
    await trial.close();
  }
}
