import { toDocument } from '../../src/document/index.ts';
import { analyse } from '../../src/enrich/index.ts';
import { parseText } from '../../src/parser/index.ts';
import { seedTwinLog } from '../../src/simulate/index.ts';
import type { Benchmark } from './index.ts';
import { reportTexts } from './lines.ts';

const TIMES = 200;

const [large] = parseText(reportTexts(285).join('\n'));
const [seed] = parseText(seedTwinLog({ lost: true, wrapColumns: 199 }).join('\n'));
if (!large || !seed) throw new Error('the simulated reports were not read');
if (large.taskCount < 285) throw new Error(`${large.taskCount} rows of at least 285 were read`);

const msEach = (work: () => void): number => {
  const started = performance.now();
  for (let i = 0; i < TIMES; i++) work();
  return (performance.now() - started) / TIMES;
};

export const analysisBenchmarks: readonly Benchmark[] = [
  {
    name: 'analyse: one report with 300 processes',
    unit: 'ms',
    aim: 'under 2',
    run: () => msEach(() => analyse(large)),
  },
  { name: 'analyse: the 32-bit highmem report', unit: 'ms', run: () => msEach(() => analyse(seed)) },
  {
    name: 'analyse and document: one report with 300 processes',
    unit: 'ms',
    run: () => msEach(() => JSON.stringify(toDocument(large, analyse(large)))),
  },
];
