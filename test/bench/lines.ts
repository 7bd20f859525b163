/** Lines for benchmarks, as the decoder hands them to the parser. */
import type { LogLine } from '../../src/domain.ts';
import { KERNELS, printReport, random, SCENARIOS, scenarioState, simulateFleet } from '../../src/simulate/index.ts';

const TOPIC = 'bench';

export const toLine = (host: string, text: string, offset: number): LogLine => ({
  host,
  text,
  position: { topic: TOPIC, partition: 0, offset },
  trust: 'facility',
  observedAtMs: 1_700_000_000_000 + offset,
  timeSource: 'header',
  bootUs: offset * 1000,
});

/** Kernel noise of many hosts, without any opener. */
export function noiseLines(count: number, hosts: number): LogLine[] {
  const texts = [...simulateFleet({ hosts: 50, seed: 3, startMs: 1_700_000_000_000, noisePerHost: 40 })]
    .map(({ text }) => text.replace(/^.*?kernel: ?(\[[\d. ]+\] ?)?/, ''))
    .filter((text) => !/oom|Killed|total_vm|Mem-|memory: usage|ill process|allocation fail/i.test(text));
  const generator = random(5);
  return Array.from({ length: count }, (_, i) =>
    toLine(`host${Math.floor(generator.next() * hosts)}`, texts[i % texts.length] ?? '', i),
  );
}

/** A whole report with a process table of so many rows, as lines of kernel text. */
export function reportTexts(rows: number): string[] {
  const state = scenarioState(SCENARIOS['exhausted-swap-full'], { kernel: KERNELS['5.15'], seed: 2 });
  const lines = printReport(state);
  const header = lines.findIndex((line) => line.includes('tgid total_vm'));
  const row = lines[header + 1] ?? '';
  const more = Array.from({ length: rows }, (_, i) =>
    row.replace(/\[\s*\d+\]/, `[${String(100_000 + i).padStart(7)}]`),
  );
  return [...lines.slice(0, header + 1), ...more, ...lines.slice(header + 1)];
}
