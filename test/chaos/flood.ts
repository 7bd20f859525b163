/** Very many hosts that each open a report and never go on, on the partitions of a few honest ones. */
import { type FeedRecord, openFeed } from '../../src/clients/index.ts';
import { silentLogger } from '../../src/ops/index.ts';
import { cpuSeconds, peakMb } from './proc.ts';
import type { Stage } from './stage.ts';
import { askIndex, askSearch } from './tally.ts';
import { openTrial, reportOf } from './trial.ts';

export interface FloodFigures {
  readonly hosts: number;
  readonly limitBytes: number;
  /** Most that the worker said it held. */
  readonly heldBytes: number;
  readonly peakMb: number;
  /** Reports that were evicted, each written as truncated. */
  readonly evicted: number;
  readonly honest: number;
  /** Honest hosts whose one document is complete and not truncated. */
  readonly whole: number;
  readonly documents: number;
  readonly seconds: number;
  readonly documentsPerSecond: number;
  readonly workerCores: number;
  readonly exitCode: number | string | undefined;
}

const PARTITIONS = 2;
const LIMIT_BYTES = 33_554_432;
const HONEST = 100;
/** Records of the flood between two pieces of the honest reports. */
const PIECE = 2_000;
/** Pieces over which an honest report is spread: 8,000 hosts open a report between its first line and its last. */
const SPAN_PIECES = 4;
const LOOK_MS = 500;

export async function runFlood(stage: Stage, hosts: number, log: (text: string) => void): Promise<FloodFigures> {
  const trial = await openTrial(stage, PARTITIONS);
  const feed = await openFeed({ brokers: stage.kafka.brokers, clientId: 'flood' }, trial.topic, silentLogger);
  const startedMs = performance.now();
  try {
    const startMs = Date.now() - 3_600_000;
    const worker = await trial.startUnderLoad({
      OOMSCOPE_PARSER_MAX_BYTES: String(LIMIT_BYTES),
      OOMSCOPE_SINK_HELD_BYTES: '16777216',
      NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=8',
    });
    let heldBytes = 0;
    const watching = setInterval(async () => {
      heldBytes = Math.max(heldBytes, (await worker.metric('oomscope_reports_open_bytes').catch(() => 0)) ?? 0);
    }, LOOK_MS);
    try {
      const honest = Array.from({ length: HONEST }, (_, index) =>
        reportOf(`honest${index}`, startMs, index % PARTITIONS).map((record) => ({
          ...record,
          value: record.value ?? '',
          partition: index % PARTITIONS,
        })),
      );
      const pieces = Math.ceil(hosts / PIECE);
      for (let piece = 0; piece < pieces; piece += 1) {
        const count = Math.min(PIECE, hosts - piece * PIECE);
        const lines = honest.flatMap((records, index) => {
          // Honest hosts follow one another through the flood; each says some of its lines in every piece of its time.
          const at = piece - Math.floor((index * Math.max(0, pieces - SPAN_PIECES)) / HONEST);
          const [from = 0, to = 0] = [at, at + 1].map((part) => Math.floor((part * records.length) / SPAN_PIECES));
          return at < 0 ? [] : records.slice(from, to);
        });
        await feed.send(mixed(floodOf(piece * PIECE, count, startMs), lines));
      }
      await trial.closeReports();
      await trial.caughtUp(120_000 + 2 * hosts, log);
    } finally {
      clearInterval(watching);
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    const { elasticsearch } = stage;
    await askIndex(elasticsearch.url, '/_refresh');
    const { count: documents = 0 } = await askIndex(elasticsearch.url, '/_count');
    const figures = {
      peakMb: peakMb(worker.pid),
      evicted: (await worker.metric('oomscope_reports_truncated_total')) ?? 0,
      workerCores: Math.round((cpuSeconds(worker.pid) / seconds) * 100) / 100,
    };
    worker.kill('SIGTERM');
    return {
      hosts,
      limitBytes: LIMIT_BYTES,
      heldBytes,
      ...figures,
      honest: HONEST,
      whole: await countWhole(elasticsearch.url),
      documents,
      seconds: Math.round(seconds),
      documentsPerSecond: Math.round(documents / seconds),
      exitCode: await worker.ended,
    };
  } finally {
    await feed.close();
    await trial.close();
  }
}

/** Honest hosts of which there is one document alone, which is complete and not truncated. */
async function countWhole(url: string): Promise<number> {
  const fields = { _source: false, docvalue_fields: ['host.name', { field: '@timestamp', format: 'epoch_millis' }] };
  const ofHonest = { prefix: { 'host.name': 'honest' } };
  const all = await askSearch(url, { size: 10_000, query: ofHonest, ...fields });
  const isWhole = { bool: { filter: [ofHonest, { term: { 'oom.complete': true } }], must_not: TRUNCATED } };
  const whole = await askSearch(url, { size: 10_000, query: isWhole, ...fields });
  const counts = new Map<string, number>();
  for (const { host } of all) counts.set(host, (counts.get(host) ?? 0) + 1);
  return whole.filter(({ host }) => counts.get(host) === 1).length;
}

const TRUNCATED = [{ term: { 'oom.truncated': true } }];

const floodOf = (first: number, count: number, startMs: number) =>
  Array.from({ length: count }, (_, index) => {
    const host = `flood${first + index}`;
    const time = new Date(startMs).toISOString();
    const text = `[ 1772.850644] liar invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`;
    const value = `<4>1 ${time} ${host} kernel - - - ${text}`;
    return { key: host, value, atMs: startMs, partition: index % PARTITIONS };
  });

/** The lines of the honest between those of the flood, at even distances. */
function mixed(flood: readonly FeedRecord[], lines: readonly FeedRecord[]): FeedRecord[] {
  const every = Math.max(1, Math.floor(flood.length / (lines.length + 1)));
  const rest = [...lines];
  const found = flood.flatMap((record, index) =>
    index % every === every - 1 && rest.length > 0 ? [record, ...rest.splice(0, 1)] : [record],
  );
  return [...found, ...rest];
}
