import { createParser } from '../../src/parser/index.ts';
import type { Benchmark } from './index.ts';
import { noiseLines, reportTexts, toLine } from './lines.ts';

const OPTIONS = { idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: 1_073_741_824 };
const MIB = 2 ** 20;

const report = reportTexts(20);
const open = report.slice(
  0,
  report.findIndex((line) => line.includes('oom-kill:constraint')),
);

/** Growth of the heap in MiB while `work` holds what it returns. `node --expose-gc` makes it exact. */
function heapGrowth(work: () => unknown): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const held = work();
  globalThis.gc?.();
  const after = process.memoryUsage().heapUsed;
  if (held === undefined) throw new Error('nothing is held');
  return (after - before) / MIB;
}

export const memoryBenchmarks: readonly Benchmark[] = [
  {
    name: 'memory: 10,000 hosts with an open report each',
    unit: 'MiB',
    aim: 'under 300',
    run: () =>
      heapGrowth(() => {
        const parser = createParser(OPTIONS);
        for (let host = 0; host < 10_000; host++) {
          open.forEach((text, i) => {
            // A string of its own for each line, as decoding its record makes one.
            parser.push(toLine(`host${host}`, Buffer.from(text).toString(), host * open.length + i));
          });
        }
        if (parser.stats.openReports !== 10_000) throw new Error(`${parser.stats.openReports} reports are open`);
        return parser;
      }),
  },
  {
    name: 'memory: 100,000 quiet hosts',
    unit: 'MiB',
    aim: 'nothing',
    run: () => {
      const lines = noiseLines(200_000, 100_000);
      return heapGrowth(() => {
        const parser = createParser(OPTIONS);
        for (const line of lines) parser.push(line);
        return parser;
      });
    },
  },
];
