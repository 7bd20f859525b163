/**
 * Benchmarks, run by hand: `npm run bench` for all, `npm run bench -- parse` for those whose name holds the word.
 *
 * Each runs once to warm up and then several times; the median counts. Figures and the machine stand in docs/performance.md.
 */
import { arch, cpus, totalmem } from 'node:os';
import { analysisBenchmarks } from './analyse.ts';
import { memoryBenchmarks } from './memory.ts';
import { parseBenchmarks } from './parse.ts';
import { searchBenchmarks } from './search.ts';
import { stormBenchmarks } from './storm.ts';

/** A measurement: what one run does, and how its seconds become a figure. */
export interface Benchmark {
  readonly name: string;
  /** One run; returns the figure of that run. */
  readonly run: () => number;
  readonly unit: string;
  readonly aim?: string;
}

const RUNS = 5;

const wanted = process.argv[2] ?? '';
const all: readonly Benchmark[] = [
  ...parseBenchmarks,
  ...searchBenchmarks,
  ...stormBenchmarks,
  ...analysisBenchmarks,
  ...memoryBenchmarks,
];

console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, Node ${process.version}\n`,
);
for (const { name, run, unit, aim } of all) {
  if (!name.includes(wanted)) continue;
  run();
  const figures = Array.from({ length: RUNS }, run).sort((a, b) => a - b);
  const median = figures[RUNS >> 1] ?? Number.NaN;
  const shown = (figure: number): string => figure.toLocaleString('en', { maximumSignificantDigits: 3 });
  const spread = `${shown(figures[0] ?? 0)} to ${shown(figures[RUNS - 1] ?? 0)}`;
  console.log(
    `${name.padEnd(52)} ${shown(median).padStart(12)} ${unit.padEnd(10)} (${spread})${aim ? `  aim: ${aim}` : ''}`,
  );
}
