import { createParser, parseText } from '../../src/parser/index.ts';
import { PARSER_OPTIONS } from '../support/decoder.ts';
import type { Benchmark } from './index.ts';
import { noiseLines, reportTexts, toLine } from './lines.ts';

const OPTIONS = PARSER_OPTIONS;

const NOISE = 1_000_000;
const noise = noiseLines(NOISE, 2_000);

const report = reportTexts(100);
const REPORTS = 400;
const reports = Array.from({ length: REPORTS }, (_, n) =>
  report.map((text, i) => toLine(`host${n}`, text, n * report.length + i)),
).flat();

const file = Array.from({ length: 100 }, (_, n) =>
  report.map((text) => `Sep 23 02:04:16 host${n} kernel: [${n + 1000}.123456] ${text}`).join('\n'),
).join('\n');

const perSecond = (count: number, work: () => void): number => {
  const started = performance.now();
  work();
  return (count * 1000) / (performance.now() - started);
};

export const parseBenchmarks: readonly Benchmark[] = [
  {
    name: 'parse: kernel lines without a report',
    unit: 'lines/s',
    aim: '1,000,000',
    run: () =>
      perSecond(NOISE, () => {
        const parser = createParser(OPTIONS);
        for (const line of noise) parser.push(line);
      }),
  },
  {
    name: 'parse: lines of reports',
    unit: 'lines/s',
    aim: '150,000',
    run: () =>
      perSecond(reports.length, () => {
        const parser = createParser(OPTIONS);
        let found = 0;
        for (const line of reports) found += parser.push(line).length;
        found += parser.end().length;
        if (found !== REPORTS) throw new Error(`${found} reports of ${REPORTS}`);
      }),
  },
  {
    name: 'parse: a file of reports, prefixes included',
    unit: 'lines/s',
    run: () =>
      perSecond(100 * report.length, () => {
        const found = parseText(file).length;
        if (found !== 100) throw new Error(`${found} reports of 100`);
      }),
  },
];
