/**
 * `npm run chaos -- --faults 1000 --seed 1`: a long run; `--outage 600`, `--flood 1000000` and `--latency 60` run those trials
 * instead, the first and the last under `--rate` lines per second of which `--report-share` percent belong to reports.
 * Ends with 1 when anything was lost, doubled or changed, or a limit was exceeded.
 */
import { parseArgs } from 'node:util';
import type { Differences } from './compare.ts';
import { runFlood } from './flood.ts';
import { runLatency } from './latency.ts';
import { runOutage } from './outage.ts';
import { runChaos } from './run.ts';
import { openStage, type Stage } from './stage.ts';

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    pause: { type: 'string', default: '1600' },
    'hosts-per-fault': { type: 'string', default: '10' },
    outage: { type: 'string' },
    flood: { type: 'string' },
    latency: { type: 'string' },
    rate: { type: 'string', default: '50000' },
    'report-share': { type: 'string', default: '20' },
  },
});

// An ending by exit takes servers and workers along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const startedMs = performance.now();
const log = (text: string): void => console.log(`${Math.round((performance.now() - startedMs) / 1_000)} s: ${text}`);

async function faults(stage: Stage): Promise<boolean> {
  const report = await runChaos(stage, {
    faults: Number(values.faults),
    seed: Number(values.seed),
    pauseMs: Number(values.pause),
    hostsPerFault: Number(values['hosts-per-fault']),
    log,
  });
  const { againstReading, againstTruth, letters } = report;
  const shown = { ...report, againstReading: counted(againstReading), againstTruth: counted(againstTruth) };
  console.log(JSON.stringify(shown, null, 2));
  const found = [againstReading, againstTruth].flatMap(({ lost, doubled, changed }) => [
    ...lost,
    ...doubled,
    ...changed,
  ]);
  return found.length === 0 && letters.found === letters.expected;
}

const counted = ({ lost, doubled, changed, fragments = [] }: Differences) => ({
  lost: lost.length,
  doubled: doubled.length,
  changed: changed.length,
  fragments: fragments.length,
  first: [...lost.slice(0, 5), ...doubled.slice(0, 5), ...changed.slice(0, 5)],
});

/** The aim for the worker's resident memory. */
const MOST_MB = 400;

const RECOVERY_LIMIT_SECONDS = 3_600;

const load = { rate: Number(values.rate), reportShare: Number(values['report-share']) };
const loadText = `${thousands(load.rate)} lines/s, ${load.reportShare} % of them lines of reports`;

async function outage(stage: Stage, seconds: number): Promise<boolean> {
  const limits = { heldBytes: 33_554_432, recoveryLimitSeconds: RECOVERY_LIMIT_SECONDS };
  const figures = await runOutage(stage, { seconds, ...load, ...limits, log });
  console.log(JSON.stringify({ ...load, ...figures }, null, 2));
  const { reports, lost, doubled, rebalances, evicted, partitionsPaused } = figures;
  paste(
    `Without Elasticsearch for ${seconds} s under ${loadText}: ${thousands(reports)} reports, ${lost} lost, ${doubled} doubled, ${rebalances} rebalances, ${evicted} evicted, ${partitionsPaused} partitions paused, ${megabytes(figures.heldBytes)} MB of documents held, peak memory ${figures.peakMb} MB. ${thousands(figures.unread)} records were unread at its return; the lag was 0 after ${thousands(figures.recoverySeconds)} s, ${figures.recoveryReportsPerSecond} reports/s with ${figures.recoveryCores} cores for the worker.`,
  );
  return lost + doubled + rebalances + evicted === 0 && partitionsPaused > 0 && figures.peakMb < MOST_MB;
}

async function flood(stage: Stage, hosts: number): Promise<boolean> {
  const figures = await runFlood(stage, hosts, log);
  console.log(JSON.stringify(figures, null, 2));
  const { honest, whole, evicted, seconds, documentsPerSecond } = figures;
  paste(
    `${thousands(hosts)} hosts that only open a report beside ${honest} honest ones: ${whole} of the honest whole, ${thousands(evicted)} of the others evicted and written as truncated, at most ${megabytes(figures.heldBytes)} of ${megabytes(figures.limitBytes)} MB held, peak memory ${figures.peakMb} MB, ${thousands(seconds)} s, ${thousands(documentsPerSecond)} documents/s.`,
  );
  return whole === honest && figures.documents === hosts + honest && figures.peakMb < MOST_MB;
}

async function latency(stage: Stage, seconds: number): Promise<boolean> {
  const figures = await runLatency(stage, { seconds, ...load });
  console.log(JSON.stringify(figures, null, 2));
  const { watched, missing, p50Seconds, p99Seconds, maxSeconds, workerCores, workerPeakMb, unread } = figures;
  paste(
    `From the kill line to the searchable document under ${loadText}: median ${p50Seconds} s, p99 ${p99Seconds} s, at most ${maxSeconds} s over ${thousands(watched)} reports (${missing} not found); worker ${workerCores} cores and ${workerPeakMb} MB, ${thousands(unread)} records unread at the end.`,
  );
  return missing === 0 && workerPeakMb < MOST_MB;
}

function thousands(value: number): string {
  return value.toLocaleString('en');
}

const megabytes = (bytes: number): number => Math.round(bytes / 100_000) / 10;

const paste = (text: string): void => console.log(`\nFor docs/reliability.md:\n${text}`);

/** The trial that was asked for. */
function run(stage: Stage): Promise<boolean> {
  if (values.outage !== undefined) return outage(stage, Number(values.outage));
  if (values.flood !== undefined) return flood(stage, Number(values.flood));
  if (values.latency !== undefined) return latency(stage, Number(values.latency));
  return faults(stage);
}

const stage = await openStage();
try {
  process.exitCode = (await run(stage)) ? 0 : 1;
} finally {
  await stage.close();
}
