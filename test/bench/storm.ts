/** Record batches to reports while many hosts print reports at once: bytes in, as Kafka hands them over, reports out. */
import type { FetchedBlock } from '../../src/clients/kafka.ts';
import { readBlocks } from '../../src/clients/record-batch.ts';
import { createDecoder } from '../../src/consumer/index.ts';
import { lineBatchOf } from '../../src/consumer/record-batches.ts';
import { createParser } from '../../src/parser/index.ts';
import { random } from '../../src/simulate/index.ts';
import { DECODER_OPTIONS, PARSER_OPTIONS } from '../support/decoder.ts';
import { encodeBatch, type TestRecord } from '../support/record-batch.ts';
import type { Benchmark } from './index.ts';
import { noiseLines, reportTexts } from './lines.ts';

const HOSTS = 2_000;
const LINES = 100_000;
const BATCH_LINES = 500;

const decoder = createDecoder(DECODER_OPTIONS);

/**
 * A fifth of the lines are of reports, of so many hosts at a time; the rest is noise of the other hosts. A host begins
 * anew when its report has ended.
 */
function storm(open: number): FetchedBlock[] {
  const report = reportTexts(40);
  const noise = noiseLines(20_000, HOSTS);
  const generator = random(7);
  const places = Array.from({ length: open }, (_, i) => Math.floor((i * report.length) / open));
  const records: TestRecord[] = Array.from({ length: LINES }, (_, i) => {
    const atMs = i / 50;
    if (open === 0 || generator.next() >= 0.2) {
      const { host, text } = noise[i % noise.length] ?? { host: '', text: '' };
      return { value: `<4>Sep 23 02:04:16 ${host} kernel: [${(1_000 + atMs).toFixed(6)}] ${text}` };
    }
    const at = Math.floor(generator.next() * open);
    const line = places[at] ?? 0;
    places[at] = (line + 1) % report.length;
    return { value: `<4>Sep 23 02:04:16 storm${at} kernel: [${(1_000 + atMs).toFixed(6)}] ${report[line]}` };
  });
  return Array.from({ length: LINES / BATCH_LINES }, (_, n) => {
    const baseOffset = n * BATCH_LINES;
    const batch = { baseOffset, firstAtMs: n * 10, records: records.slice(baseOffset, baseOffset + BATCH_LINES) };
    const [block] = readBlocks(encodeBatch(batch));
    if (block === undefined) throw new Error('no block');
    return { ...block, topic: 'bench', partition: 0, fromOffset: 0, epoch: 1 };
  });
}

const benchmark = (name: string, open: number): Benchmark => {
  let blocks: FetchedBlock[] | undefined;
  return {
    name,
    unit: 'lines/s',
    aim: '50,000',
    run: () => {
      blocks ??= storm(open);
      const parser = createParser(PARSER_OPTIONS);
      const started = performance.now();
      for (const block of blocks) {
        for (const decoded of lineBatchOf(block, decoder).lines(parser.openHosts('bench', 0))) {
          if (decoded.kind === 'line') parser.push(decoded.line);
        }
      }
      return (LINES * 1_000) / (performance.now() - started);
    },
  };
};

export const stormBenchmarks: readonly Benchmark[] = [
  benchmark('storm: no report is open', 0),
  benchmark('storm: 30 hosts with open reports of 2,000', 30),
  benchmark('storm: 400 hosts with open reports of 2,000', 400),
];
