/** One trial on a stage: its own topic, group and empty index, workers, and reports whose number is known. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Message, messagesOf, printRecords, renderMessage, seedTwin } from '../../src/simulate/index.ts';
import { connectTopics, type TestRecord, type Topics } from '../support/topics.ts';
import { startWorker, type WorkerProcess } from '../support/worker.ts';
import { at, type Documents, drained, readIndex } from './compare.ts';
import type { Stage } from './stage.ts';

export interface Trial {
  readonly topic: string;
  readonly group: string;
  readonly letters: string;
  readonly topics: Topics;
  start(options?: Readonly<Record<string, string>>): Promise<WorkerProcess>;
  drained(limitMs?: number): Promise<boolean>;
  documents(): Promise<Documents>;
  /** Hosts of the documents, sorted. */
  hosts(): Promise<string[]>;
  /** Ends the workers that still run; resolves with their exit codes. */
  close(): Promise<(number | string)[]>;
}

export async function openTrial(stage: Stage, partitions = 1): Promise<Trial> {
  const topics = await connectTopics(stage.kafka.brokers);
  const topic = `syslog-${randomUUID().slice(0, 8)}`;
  const [group, letters] = [`${topic}-group`, `${topic}-dead`];
  const workers: WorkerProcess[] = [];
  await topics.create(topic, partitions);
  await topics.create(letters, 1);
  await fetch(`${stage.elasticsearch.url}/oom-report-*?expand_wildcards=all`, { method: 'DELETE' });
  const documents = async (): Promise<Documents> => {
    const url = stage.elasticsearch.url;
    const exists = await fetch(`${url}/oom-report`, { method: 'HEAD' });
    return exists.ok ? readIndex(url) : new Map();
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

/** Resident memory of a process in MB; undefined where the system does not tell. */
export function residentMb(pid: number): number | undefined {
  try {
    const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? undefined : Math.round(Number(kb) / 1024);
  } catch {
    return undefined;
  }
}
