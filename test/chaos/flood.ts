/** Very many hosts that each open a report and never go on, on the partitions of a few honest ones. */
import type { TestRecord } from '../support/topics.ts';
import { at } from './compare.ts';
import type { Stage } from './stage.ts';
import { openTrial, reportOf, residentMb } from './trial.ts';

export interface FloodFigures {
  readonly hosts: number;
  readonly limitBytes: number;
  /** Most that the worker said it held. */
  readonly heldBytes: number;
  readonly peakMb: number;
  readonly honest: number;
  /** Honest hosts whose one document is complete and not truncated. */
  readonly whole: number;
  readonly documents: number;
  readonly seconds: number;
  readonly exitCode: number | string | undefined;
}

const PARTITIONS = 2;
const LIMIT_BYTES = 33_554_432;
const HONEST = 20;
/** Records of the flood for every one of an honest host. */
const PIECE = 2_000;

export async function runFlood(stage: Stage, hosts: number): Promise<FloodFigures> {
  const trial = await openTrial(stage, PARTITIONS);
  const startedMs = performance.now();
  try {
    const startMs = Date.now() - 3_600_000;
    const worker = await trial.start({
      OOMSCOPE_PARSER_MAX_BYTES: String(LIMIT_BYTES),
      OOMSCOPE_SINK_HELD_BYTES: '16777216',
      OOMSCOPE_SINK_BATCH_AGE: '500',
      OOMSCOPE_PARSER_IDLE: '10000',
      OOMSCOPE_PARSER_AGE: '20000',
      OOMSCOPE_ELASTICSEARCH_TIMEOUT: '30000',
      NODE_OPTIONS: '--max-old-space-size=256',
    });
    const honest = Array.from({ length: HONEST }, (_, index) =>
      reportOf(`honest${index}`, startMs, index % PARTITIONS),
    );
    const longest = Math.max(...honest.map(({ length }) => length));
    let [heldBytes, peakMb] = [0, 0];
    const pieces = Math.ceil(hosts / PIECE);
    for (let piece = 0; piece < pieces; piece += 1) {
      // Some of the lines of each honest host stand behind every piece of the flood.
      const [from, to] = [piece, piece + 1].map((at) => Math.floor((at * longest) / pieces));
      await trial.topics.produce(trial.topic, floodOf(piece, startMs));
      await trial.topics.produce(
        trial.topic,
        honest.flatMap((records) => records.slice(from, to)),
      );
      heldBytes = Math.max(heldBytes, (await worker.metric('oomscope_reports_open_bytes')) ?? 0);
      peakMb = Math.max(peakMb, residentMb(worker.pid) ?? 0);
    }
    for (let batch = 0; batch < 40; batch += 1) await trial.topics.produce(trial.topic, closing(startMs + batch));
    const watching = setInterval(() => {
      peakMb = Math.max(peakMb, residentMb(worker.pid) ?? 0);
    }, 250);
    await trial.drained(60_000 + hosts).finally(() => clearInterval(watching));
    const documents = [...(await trial.documents()).values()];
    const whole = new Map<unknown, number>();
    for (const document of documents) {
      const host = String(at(document, 'host.name'));
      if (!host.startsWith('honest')) continue;
      const isWhole = at(document, 'oom.complete') === true && at(document, 'oom.truncated') !== true;
      whole.set(host, (whole.get(host) ?? 0) + (isWhole ? 1 : 2));
    }
    worker.kill('SIGTERM');
    return {
      hosts,
      limitBytes: LIMIT_BYTES,
      heldBytes,
      peakMb,
      honest: HONEST,
      whole: [...whole.values()].filter((count) => count === 1).length,
      documents: documents.length,
      seconds: Math.round((performance.now() - startedMs) / 1_000),
      exitCode: await worker.ended,
    };
  } finally {
    await trial.close();
  }
}

const floodOf = (piece: number, startMs: number): TestRecord[] =>
  Array.from({ length: PIECE }, (_, index) => {
    const host = `flood${piece * PIECE + index}`;
    const time = new Date(startMs).toISOString();
    const text = `[ 1772.850644] liar invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`;
    const value = `<4>1 ${time} ${host} kernel - - - ${text}`;
    return { key: host, value, atMs: startMs, partition: index % PARTITIONS };
  });

const closing = (startMs: number): TestRecord[] =>
  Array.from({ length: PARTITIONS }, (_, partition) => {
    const value = '<6>1 - closing kernel - - - tick';
    return { key: 'closing', value, atMs: startMs + 600_000, partition };
  });
