/** One trial on a stage: its own topic, group and empty index, workers, and reports whose number is known. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Message, messagesOf, printRecords, renderMessage, seedTwin } from '../../src/simulate/index.ts';
import { connectTopics, type TestRecord, type Topics } from '../support/topics.ts';
import { ONE_REQUEST, startWorker, until, type WorkerProcess } from '../support/worker.ts';
import { at, type Documents, drained, readIndex } from './compare.ts';
import type { Stage } from './stage.ts';

export interface Trial {
  readonly topic: string;
  readonly group: string;
  readonly letters: string;
  readonly topics: Topics;
  start(options?: Readonly<Record<string, string>>): Promise<WorkerProcess>;
  /**
   * A worker with the defaults of a worker, ready, that reaches the servers without proxies: those would take part in the
   * figures.
   */
  startUnderLoad(options?: Readonly<Record<string, string>>): Promise<WorkerProcess>;
  /** Lines of much later times, which close all reports of such a worker. */
  closeReports(): Promise<void>;
  /** Records that the only worker of the trial has not read. What it has read is committed when its reports are closed. */
  unread(worker: WorkerProcess): Promise<number>;
  /** As `drained`, looking once in a second, and telling every 20 looks. */
  caughtUp(limitMs: number, log: (text: string) => void): Promise<void>;
  drained(limitMs?: number): Promise<boolean>;
  documents(): Promise<Documents>;
  /** Hosts of the documents, sorted. */
  hosts(): Promise<string[]>;
  /** Ends the workers that still run; resolves with their exit codes. */
  close(): Promise<(number | string)[]>;
}

/** parser.age unless given. */
const DEFAULT_AGE_MS = 600_000;

/** One batch moves the clock of a partition by so much at most, and its median lags 15 batches behind. */
const CLOCK_STEP_MS = 15_000;
const CLOSING_BATCHES = DEFAULT_AGE_MS / CLOCK_STEP_MS + 30;

export async function openTrial(stage: Stage, partitions = 1): Promise<Trial> {
  const topics = await connectTopics(stage.kafka.brokers);
  const topic = `syslog-${randomUUID().slice(0, 8)}`;
  const [group, letters] = [`${topic}-group`, `${topic}-dead`];
  const workers: WorkerProcess[] = [];
  await topics.create(topic, partitions);
  await topics.create(letters, 1);
  await fetch(`${stage.elasticsearch.url}/oom-report-*?expand_wildcards=all`, {
    method: 'DELETE',
    headers: ONE_REQUEST,
  });
  const documents = async (): Promise<Documents> => {
    const url = stage.elasticsearch.url;
    const exists = await fetch(`${url}/oom-report`, { method: 'HEAD', headers: ONE_REQUEST });
    return exists.ok ? readIndex(url) : new Map();
  };
  const lag = async (): Promise<number> => {
    const [committed, ends] = await Promise.all([topics.committed(group, topic), topics.ends(topic)]);
    return ends.reduce((sum, end, partition) => sum + end - Math.max(0, committed[partition] ?? 0), 0);
  };
  return {
    topic,
    group,
    letters,
    topics,
    documents,
    async start(options = {}) {
      const worker = await startWorker({
        ...stage.environment,
        OOMSCOPE_KAFKA_TOPICS: topic,
        OOMSCOPE_KAFKA_GROUP: group,
        OOMSCOPE_KAFKA_SESSION_TIMEOUT: '4000',
        OOMSCOPE_KAFKA_COMMIT_INTERVAL: '100',
        OOMSCOPE_DEAD_LETTERS_TOPIC: letters,
        OOMSCOPE_PARSER_IDLE: '500',
        OOMSCOPE_PARSER_AGE: '2000',
        OOMSCOPE_SINK_BATCH_AGE: '50',
        OOMSCOPE_ELASTICSEARCH_TIMEOUT: '3000',
        ...options,
      });
      workers.push(worker);
      return worker;
    },
    async startUnderLoad(options = {}) {
      const worker = await startWorker({
        ...stage.environment,
        OOMSCOPE_KAFKA_BROKERS: stage.kafka.brokers.join(','),
        OOMSCOPE_ELASTICSEARCH_URL: stage.elasticsearch.url,
        OOMSCOPE_KAFKA_TOPICS: topic,
        OOMSCOPE_KAFKA_GROUP: group,
        OOMSCOPE_DEAD_LETTERS_TOPIC: letters,
        ...options,
      });
      workers.push(worker);
      const isReady = until('the worker is ready', async () => (await worker.ready()) === 200);
      const ended = worker.ended.then((code) => {
        throw new Error(`the worker ended with ${code}: ${JSON.stringify(worker.events.slice(-5))}`);
      });
      await Promise.race([isReady, ended]);
      return worker;
    },
    async closeReports() {
      // A line that waits for its continuation opens its report in the first round, which the second one closes.
      const startMs = Date.now();
      for (const round of [0, 1]) {
        for (let batch = 0; batch < CLOSING_BATCHES; batch += 1) {
          const atMs = startMs + (round * CLOSING_BATCHES + batch + 1) * CLOCK_STEP_MS;
          const lines = Array.from({ length: partitions }, (_, partition) => {
            const value = '<6>1 - closing kernel - - - tick';
            return { key: 'closing', value, atMs, partition };
          });
          await topics.produce(topic, lines);
        }
      }
    },
    async unread(worker) {
      return (await topics.count(topic)) - ((await worker.metric('oomscope_records_read_total')) ?? 0);
    },
    async caughtUp(limitMs, log) {
      const endMs = performance.now() + limitMs;
      for (let look = 1; ; look += 1) {
        const left = await lag();
        if (left === 0) return;
        if (look % 20 === 0) log(`${left} records are behind`);
        if (performance.now() > endMs) throw new Error(`${left} records are behind after ${limitMs} ms`);
        await sleep(1_000);
      }
    },
    drained: (limitMs = 60_000) => drained(topics, topic, group, limitMs),
    async hosts() {
      return [...(await documents()).values()].map((document) => String(at(document, 'host.name'))).sort();
    },
    async close() {
      for (const worker of workers) {
        worker.kill('SIGCONT');
        worker.kill('SIGTERM');
      }
      const codes = await Promise.all(workers.map(({ ended }) => ended));
      await topics.close();
      return codes;
    },
  };
}

/** One whole report of a host, one record per line. */
export function reportOf(host: string, startMs = Date.now() - 3_600_000, partition = 0): TestRecord[] {
  const messages = messagesOf(printRecords(seedTwin()), { host, startMs, bootUs: 5_000_000_000 });
  return messages.flatMap((message) => recordsOf(message, partition));
}

export const recordsOf = (message: Message, partition: number): TestRecord[] =>
  renderMessage(message, 'rfc5424').map((value) => ({ key: message.host, value, atMs: message.atMs, partition }));
