/** `npm run chaos -- --faults 1000 --seed 1`: a long run; ends with 1 when anything was lost, doubled or changed. */
import { parseArgs } from 'node:util';
import { runChaos } from './run.ts';

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    pause: { type: 'string', default: '2000' },
    'hosts-per-fault': { type: 'string', default: '10' },
  },
});

// An ending by exit takes servers and workers along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const startedMs = performance.now();
const report = await runChaos({
  faults: Number(values.faults),
  seed: Number(values.seed),
  pauseMs: Number(values.pause),
  hostsPerFault: Number(values['hosts-per-fault']),
  log: (text) => console.log(`${Math.round((performance.now() - startedMs) / 1000)} s: ${text}`),
});
const shown = ({ lost, doubled, changed }: typeof report.againstTruth) => ({
  lost: lost.length,
  doubled: doubled.length,
  changed: changed.length,
  first: [...lost.slice(0, 5), ...doubled.slice(0, 5), ...changed.slice(0, 5)],
});
console.log(
  JSON.stringify(
    { ...report, againstReading: shown(report.againstReading), againstTruth: shown(report.againstTruth) },
    null,
    2,
  ),
);
const isWhole = [report.againstReading, report.againstTruth].every(
  ({ lost, doubled, changed }) => lost.length + doubled.length + changed.length === 0,
);
process.exitCode = isWhole && report.letters.found === report.letters.expected ? 0 : 1;
