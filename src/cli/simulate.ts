/** `oomscope simulate`: the lines of a simulated fleet into a topic, in real time. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { openFeed } from '../clients/index.ts';
import { silentLogger, systemClock } from '../ops/index.ts';
import { FleetLoad, type LoadKill, type LoadLine } from '../simulate/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';
import { feedTopicOf } from './feed-topic.ts';
import { kafkaOptionsOf } from './kafka-options.ts';

/** Lines are sent in batches of so long, as shippers do. */
const TICK_MS = 50;

/** What fell behind by more than this is not made up for. */
const MOST_BEHIND_MS = 2_000;

const PROGRESS_MS = 10_000;

/**
 * Produces until a signal or the end of `duration`; exit code 0. Ends with whole reports. Rejects with CONFIG_INVALID,
 * KAFKA_UNREACHABLE and KAFKA_TOPIC_MISSING.
 */
export async function runSimulate(options: OptionValues): Promise<number> {
  const [topic, rate] = [feedTopicOf(options), options['rate']];
  const note = truthFile(options['truth']);
  const stop = Promise.withResolvers<void>();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop.resolve);
  const feed = await openFeed(kafkaOptionsOf(options), topic, silentLogger);
  const load = new FleetLoad({
    hosts: options['hosts'],
    seed: options['seed'],
    reportShare: options['report.share'] / 100,
    startMs: systemClock.nowMs(),
  });
  const startedMs = systemClock.elapsedMs();
  const elapsedMs = (): number => systemClock.elapsedMs() - startedMs;
  const endMs = options['duration'] === 0 ? Number.POSITIVE_INFINITY : options['duration'] * 1_000;
  let [sent, passedOver, reports, shownMs] = [0, 0, 0, 0];
  let kills: LoadKill[] = [];
  const onKill = (kill: LoadKill): void => void kills.push(kill);
  const send = async (lines: readonly LoadLine[]): Promise<void> => {
    await feed.send(
      lines.map(({ host, text, atMs }) => ({ key: host, value: text, atMs, partition: feed.partitionOf(host) })),
    );
    sent += lines.length;
    reports += kills.length;
    note(kills);
    kills = [];
  };
  const summary = (): string => {
    const perSecond = Math.round((sent * 1_000) / Math.max(1, elapsedMs()));
    const behind = passedOver > 0 ? `; ${passedOver} lines were not sent, for the brokers were too slow` : '';
    return `${sent} lines of ${options['hosts']} hosts with ${reports} reports to ${topic}, ${perSecond} lines/s${behind}`;
  };
  let isStopped = false;
  void stop.promise.then(() => {
    isStopped = true;
  });
  try {
    while (!isStopped && elapsedMs() < endMs) {
      const owed = Math.floor((elapsedMs() * rate) / 1_000) - sent - passedOver;
      const most = Math.ceil((MOST_BEHIND_MS * rate) / 1_000);
      passedOver += Math.max(0, owed - most);
      const count = Math.min(owed, most);
      const beganMs = elapsedMs();
      if (count > 0) await send(load.take(count, systemClock.nowMs(), onKill));
      if (elapsedMs() - shownMs >= PROGRESS_MS) {
        shownMs = elapsedMs();
        console.log(summary());
      }
      await systemClock.sleep(Math.max(1, TICK_MS - (elapsedMs() - beganMs)), stop.promise);
    }
    if (load.unfinished > 0) await send(load.finish(systemClock.nowMs(), onKill));
    console.log(summary());
    return 0;
  } finally {
    for (const signal of signals) process.off(signal, stop.resolve);
    await feed.close();
  }
}

/** Writes the file anew; does nothing without one. Throws CONFIG_INVALID when it cannot be written. */
function truthFile(path: string | undefined): (kills: readonly LoadKill[]) => void {
  if (path === undefined) return () => {};
  try {
    writeFileSync(path, '');
  } catch (cause) {
    throw new OomscopeError(
      'CONFIG_INVALID',
      `truth: cannot write ${path}; expected a file in a folder that is there.`,
      cause,
    );
  }
  return (kills) => {
    if (kills.length > 0) appendFileSync(path, kills.map((kill) => `${JSON.stringify(kill)}\n`).join(''));
  };
}
