/**
 * `npm run chaos -- --faults 1000 --seed 1`: a long run; `--outage 600` and `--flood 1000000` run those trials instead.
 * Ends with 1 when anything was lost, doubled or changed.
 */
import { parseArgs } from 'node:util';
import type { Differences } from './compare.ts';
import { runFlood } from './flood.ts';
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

async function outage(stage: Stage, seconds: number): Promise<boolean> {
  const figures = await runOutage(stage, seconds);
  console.log(JSON.stringify(figures, null, 2));
  return figures.lost + figures.doubled + figures.rebalances === 0;
}

async function flood(stage: Stage, hosts: number): Promise<boolean> {
  const figures = await runFlood(stage, hosts);
  console.log(JSON.stringify(figures, null, 2));
  return figures.whole === figures.honest;
}

const stage = await openStage();
try {
  const isWell =
    values.outage !== undefined
      ? await outage(stage, Number(values.outage))
      : values.flood !== undefined
        ? await flood(stage, Number(values.flood))
        : await faults(stage);
  process.exitCode = isWell ? 0 : 1;
} finally {
  await stage.close();
}
