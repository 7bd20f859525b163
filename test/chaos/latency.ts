/** From the kill line to the searchable document, under load, with the refresh interval of the template. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadKill } from '../../src/simulate/index.ts';
import { startFeeder } from './feeder.ts';
import { cpuSeconds, peakMb } from './proc.ts';
import type { Stage } from './stage.ts';
import { askSearch } from './tally.ts';
import { openTrial } from './trial.ts';

export interface LatencyOptions {
  readonly seconds: number;
  /** Lines per second. */
  readonly rate: number;
  /** Percent of the lines that belong to reports. */
  readonly reportShare: number;
}

export interface LatencyFigures extends LatencyOptions {
  readonly linesPerSecond: number;
  readonly reportsPerSecond: number;
  /** Reports that were watched, and those among them that were not found in time. */
  readonly watched: number;
  readonly missing: number;
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly maxSeconds: number;
  /** Processor time in cores. */
  readonly workerCores: number;
  readonly feederCores: number;
  readonly workerPeakMb: number;
  /** Records that were not read at the end of the time: the worker keeps up when they are those of an instant. */
  readonly unread: number;
}

const PARTITIONS = 4;
const HOSTS = 10_000;
const WARM_UP_MS = 8_000;
const LOOK_MS = 50;
/** After the last report that is watched the fleet goes on so long: what its hosts say next closes their reports. */
const GRACE_SECONDS = 20;
/** More would make the looking a load of its own. */
const MOST_WATCHED = 100;

export async function runLatency(stage: Stage, options: LatencyOptions): Promise<LatencyFigures> {
  const trial = await openTrial(stage, PARTITIONS);
  const feeder = startFeeder(stage, { ...options, topic: trial.topic, hosts: HOSTS, seconds: 0 });
  try {
    const worker = await trial.startUnderLoad();
    await sleep(WARM_UP_MS);
    feeder.newKills();
    const cpu = { worker: cpuSeconds(worker.pid), feeder: cpuSeconds(feeder.pid) };
    const [startedMs, records] = [performance.now(), await trial.topics.count(trial.topic)];
    const watch = new Watch(stage.elasticsearch.url);
    let reports = 0;
    const endMs = startedMs + options.seconds * 1_000;
    while (performance.now() < endMs) {
      const kills = feeder.newKills();
      reports += kills.length;
      watch.add(kills);
      await watch.look();
      await sleep(LOOK_MS);
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    // What is read between the two looks counts as read before it was there.
    const unread = Math.max(0, await trial.unread(worker));
    const linesPerSecond = ((await trial.topics.count(trial.topic)) - records) / seconds;
    const cores = {
      worker: (cpuSeconds(worker.pid) - cpu.worker) / seconds,
      feeder: (cpuSeconds(feeder.pid) - cpu.feeder) / seconds,
    };
    for (const graceMs = performance.now() + GRACE_SECONDS * 1_000; watch.left > 0 && performance.now() < graceMs; ) {
      await watch.look();
      await sleep(LOOK_MS);
    }
    feeder.stop();
    await feeder.ended;
    const sorted = watch.latenciesMs.toSorted((a, b) => a - b);
    const quantile = (share: number): number => inSeconds(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
    return {
      ...options,
      linesPerSecond: Math.round(linesPerSecond),
      reportsPerSecond: Math.round((reports / seconds) * 10) / 10,
      watched: sorted.length + watch.left,
      missing: watch.left,
      p50Seconds: quantile(0.5),
      p99Seconds: quantile(0.99),
      maxSeconds: quantile(1),
      workerCores: Math.round(cores.worker * 100) / 100,
      feederCores: Math.round(cores.feeder * 100) / 100,
      workerPeakMb: peakMb(worker.pid),
      unread,
    };
  } finally {
    feeder.remove();
    await trial.close();
  }
}

const inSeconds = (ms: number): number => Math.round(ms) / 1_000;

/** Some log shapes state whole seconds. */
const STAMP_TOLERANCE_MS = 1_100;

/** Reports that were produced and are not found yet. */
class Watch {
  readonly #url: string;
  #waiting: LoadKill[] = [];
  readonly latenciesMs: number[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  get left(): number {
    return this.#waiting.length;
  }

  add(kills: readonly LoadKill[]): void {
    this.#waiting.push(...kills.slice(0, Math.max(0, MOST_WATCHED - this.#waiting.length)));
  }

  /** One search for all that is missing; what it finds counts as found when the search was sent. */
  async look(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const askedMs = Date.now();
    const hosts = [...new Set(this.#waiting.map(({ host }) => host))];
    const sinceMs = Math.min(...this.#waiting.map(({ atMs }) => atMs)) - STAMP_TOLERANCE_MS;
    const hits = await askSearch(this.#url, {
      size: 10 * MOST_WATCHED,
      query: {
        bool: {
          filter: [
            { terms: { 'host.name': hosts } },
            { term: { 'oom.complete': true } },
            { range: { '@timestamp': { gte: sinceMs, format: 'epoch_millis' } } },
          ],
        },
      },
      _source: false,
      docvalue_fields: ['host.name', { field: '@timestamp', format: 'epoch_millis' }],
    });
    this.#waiting = this.#waiting.filter(({ host, atMs }) => {
      const isFound = hits.some((hit) => hit.host === host && Math.abs(hit.atMs - atMs) <= STAMP_TOLERANCE_MS);
      if (isFound) this.latenciesMs.push(askedMs - atMs);
      return !isFound;
    });
  }
}
