import { findOpenerOrBlindSpot } from '../../src/consumer/decode/opener-search.ts';
import { createBootReader, createParser } from '../../src/parser/index.ts';
import { simulateFleet } from '../../src/simulate/index.ts';
import { PARSER_OPTIONS } from '../support/decoder.ts';
import type { Benchmark } from './index.ts';
import { noiseLines } from './lines.ts';

/** What a fleet says all day, as the bytes of its records. */
const noise = new TextEncoder().encode(
  [...simulateFleet({ hosts: 300, seed: 3, startMs: 1_700_000_000_000, noisePerHost: 400 })]
    .map(({ text }) => text)
    .filter((text) => findOpenerOrBlindSpot(new TextEncoder().encode(text), 0, text.length) < 0)
    .join('\n'),
);
const lines = noiseLines(1_000_000, 2_000);

export const searchBenchmarks: readonly Benchmark[] = [
  {
    name: 'search: bytes without an opener',
    unit: 'MB/s',
    run: () => {
      const started = performance.now();
      if (findOpenerOrBlindSpot(noise, 0, noise.length) >= 0) throw new Error('the noise holds an opener');
      return noise.length / 1000 / (performance.now() - started);
    },
  },
  {
    name: 'search: decoded lines past parser and boot reader',
    unit: 'lines/s',
    aim: '1,000,000',
    run: () => {
      const parser = createParser(PARSER_OPTIONS);
      const boots = createBootReader({ idleMs: 30_000, ageMs: 600_000 });
      const started = performance.now();
      for (const line of lines) {
        parser.push(line);
        boots.push(line);
      }
      return (lines.length * 1000) / (performance.now() - started);
    },
  },
];
