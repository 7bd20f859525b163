/** The whole path: records on a real Kafka, the real worker process, documents of a real Elasticsearch. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { buildTemplates, installTemplates } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../../src/clients/elasticsearch.ts';
import { type FleetTruth, seedTwin, simulateFleet } from '../../src/simulate/index.ts';
import { messagesOf, renderMessage } from '../../src/simulate/prefix.ts';
import { printRecords } from '../../src/simulate/print/report.ts';
import { connectTopics, type TestRecord, type Topics } from '../support/topics.ts';
import { startWorker, until, type WorkerProcess } from '../support/worker.ts';

const kafka = inject('kafka');
const elasticsearch = inject('elasticsearch');
const corpus = process.env['OOMSCOPE_CORPUS'];
if (!corpus) console.warn('OOMSCOPE_CORPUS is not set: no real log goes through the worker.');

interface Hit {
  readonly _id: string;
  readonly _index: string;
  readonly _version: number;
  readonly _seq_no: number;
  readonly _source: Readonly<Record<string, never>> & { readonly [key: string]: unknown };
}

/** Reads a value by its dotted path. */
const at = (hit: Hit | undefined, path: string): unknown =>
  path.split('.').reduce<unknown>((node, key) => {
    return typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined;
  }, hit?._source);

describe.skipIf(!kafka || !elasticsearch)('the worker', () => {
  const brokers = kafka?.brokers ?? [];
  const url = elasticsearch?.url ?? '';
  let topics: Topics;
  let client: ElasticsearchClient;
  let topic: string;
  let workers: WorkerProcess[] = [];

  const request = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, unknown>;
  };

  /** All documents with their versions, by a search as an operator would send it. */
  const documents = async (): Promise<Hit[]> => {
    await request('POST', '/oom-report/_refresh');
    const body = { size: 1000, version: true, seq_no_primary_term: true, sort: ['_doc'] };
    const answer = (await request('POST', '/oom-report/_search', body)) as { hits?: { hits: Hit[] } };
    return answer.hits?.hits ?? [];
  };

  const start = async (options: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> => {
    const worker = await startWorker({
      OOMSCOPE_KAFKA_BROKERS: brokers.join(','),
      OOMSCOPE_KAFKA_TOPICS: topic,
      OOMSCOPE_KAFKA_GROUP: `${topic}-group`,
      OOMSCOPE_KAFKA_COMMIT_INTERVAL: '100',
      OOMSCOPE_KAFKA_SESSION_TIMEOUT: '6000',
      OOMSCOPE_ELASTICSEARCH_URL: url,
      OOMSCOPE_SINK_SETUP: 'true',
      OOMSCOPE_SINK_BATCH_AGE: '50',
      OOMSCOPE_DEAD_LETTERS_TOPIC: `${topic}-dead`,
      ...options,
    });
    workers.push(worker);
    return worker;
  };

  const removeTemplate = () => request('DELETE', '/_index_template/oom-report');

  /** Waits until the group has committed everything that is on the topic. */
  const drained = (group = `${topic}-group`) =>
    until(`${group} has read ${topic} to its end`, async () => {
      const [committed, ends] = await Promise.all([topics.committed(group, topic), topics.ends(topic)]);
      return ends.every((end, partition) => end === 0 || committed[partition] === end);
    });

  beforeAll(async () => {
    topics = await connectTopics(brokers);
    client = createElasticsearchClient({ url, timeoutMs: 60_000 });
  });

  afterAll(async () => {
    await topics?.close();
    await client?.close();
  });

  beforeEach(async () => {
    topic = `syslog-${randomUUID().slice(0, 8)}`;
    await topics.create(topic, 4);
    await topics.create(`${topic}-dead`, 1);
    await request('DELETE', '/oom-report-*?expand_wildcards=all');
  });

  afterEach(async () => {
    for (const worker of workers) worker.kill('SIGTERM');
    const codes = await Promise.all(workers.map(({ ended }) => ended));
    workers = [];
    for (const code of codes) expect([0, 'SIGKILL']).toContain(code);
  });

  /** Fleet of a recent month, so that nothing counts as expired. */
  const fleetRecords = (hosts: number): { records: TestRecord[]; truth: readonly FleetTruth[] } => {
    const startMs = Date.now() - 86_400_000;
    const fleet = simulateFleet({ hosts, seed: 7, startMs, noisePerHost: 10 });
    return {
      records: [...fleet].map(({ host, text, atMs }) => ({ key: host, value: text, atMs })),
      truth: fleet.truth,
    };
  };

  const summary = (host: unknown, victim: unknown, action: unknown, verdict: unknown): string =>
    [host, victim ?? '-', action, verdict].join(' ');

  it('indexes every report of a fleet once, and a second reading changes nothing', async () => {
    const { records, truth } = fleetRecords(60);
    await topics.produce(topic, records);
    // Silence closes nothing, age does: a short one lets the last reports of the topic end within the test.
    const short = { OOMSCOPE_PARSER_IDLE: '1000', OOMSCOPE_PARSER_AGE: '5000' };
    const worker = await start(short);
    await drained();
    const found = await documents();
    expect(
      found
        .map((hit) =>
          summary(at(hit, 'host.name'), at(hit, 'process.name'), at(hit, 'event.action'), at(hit, 'oom.verdict')),
        )
        .sort(),
    ).toEqual(truth.map(({ host, victimComm, action, verdict }) => summary(host, victimComm, action, verdict)).sort());
    expect(await worker.metric('oomscope_spoofed_lines_total')).toBeGreaterThan(0);
    expect(await topics.count(`${topic}-dead`)).toBe(0);

    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    await start({ ...short, OOMSCOPE_KAFKA_GROUP: `${topic}-again` });
    await drained(`${topic}-again`);
    const versions = (hits: readonly Hit[]) =>
      hits.map(({ _id, _version, _seq_no }) => `${_id} ${_version} ${_seq_no}`).sort();
    expect(versions(await documents())).toEqual(versions(found));
  });

  it.skipIf(!corpus)('carries the seed report from Kafka to Elasticsearch', async () => {
    const log = readFileSync(join(corpus ?? '', '000-3.2.59-i386-highmem-pae-metalog-wrapped.log'), 'utf8');
    const atMs = Date.now() - 3_600_000;
    // The log names no host, as metalog does: the record's header does.
    const records = log
      .split('\n')
      .filter((line) => line !== '')
      .map((value) => ({ key: 'db07', value, atMs, headers: { host: 'db07' } }));
    await topics.produce(topic, records);
    const worker = await start({ OOMSCOPE_RECORDS_KERNEL_ONLY: 'true', OOMSCOPE_PARSER_IDLE: '1000' });
    const [hit] = await until('the document is there', async () => {
      const hits = await documents();
      return hits.length > 0 && hits;
    });
    expect(at(hit, 'host.name')).toBe('db07');
    expect(at(hit, 'host.os.kernel')).toBe('3.2.59');
    expect(at(hit, 'process.pid')).toBe(21832);
    expect(at(hit, 'oom.trigger.gfp_mask')).toBe('0x84d0');
    expect(at(hit, 'oom.verdict')).toBe('lowmem-exhausted');
    expect(at(hit, 'oom.holder')).toBe('slab');
    expect(at(hit, 'oom.highmem.present')).toBe(true);
    expect(at(hit, 'oom.kills')).toBe(1);
    expect(await worker.metric('oomscope_documents_total')).toBe(1);
  });

  it('loses and doubles nothing when it is killed in the middle of a report', async () => {
    const startMs = Date.now() - 7_200_000;
    const state = seedTwin();
    const messages = messagesOf(printRecords(state), { host: 'db07', startMs, bootUs: 5_000_000_000 });
    const records = messages
      .flatMap((message) => renderMessage(message, 'rfc5424').map((value) => ({ value, atMs: message.atMs })))
      .map((record) => ({ key: 'db07', ...record }));
    const half = Math.floor(records.length / 2);
    await topics.produce(topic, records.slice(0, half));
    const first = await start();
    await until('the report is open', async () => (await first.metric('oomscope_reports_open')) === 1);
    await until('offsets are committed', async () =>
      (await topics.committed(`${topic}-group`, topic)).some((offset) => offset >= 0),
    );
    first.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    expect(await documents()).toHaveLength(0);

    await topics.produce(topic, records.slice(half));
    await start({ OOMSCOPE_PARSER_IDLE: '1000' });
    const hits = await until('the document is there', async () => {
      const found = await documents();
      return found.length > 0 && found;
    });
    expect(hits).toHaveLength(1);
    expect(at(hits[0], 'oom.complete')).toBe(true);
    expect(at(hits[0], 'oom.verdict')).toBe('lowmem-exhausted');
    expect(at(hits[0], 'oom.report.zones')).toHaveLength(3);
  });

  it('counts what it cannot decode, sends what holds an opener to the dead letters, and goes on', async () => {
    const atMs = Date.now() - 3_600_000;
    const record = (value: string) => ({ key: 'web01', value, atMs });
    await topics.produce(topic, [
      record(''),
      record('\u0000\u0001\u0002\u0003'),
      record('{"message": "x invoked oom-killer: gfp_mask=0xcc0'),
      record(`{"message": "${'y'.repeat(600_000)}"}`),
      record(
        '<4>1 2026-11-22T00:00:00Z web01 kernel - - - Out of memory: Killed process 7 (\ufffd\u001b[2J) total-vm:1kB',
      ),
      record('<12>1 2026-11-22T00:00:00Z web01 app 1 - - Killed process 8 (liar) total-vm:1kB'),
    ]);
    const worker = await start({
      OOMSCOPE_SINK_RETENTION: '36500',
      OOMSCOPE_PARSER_IDLE: '500',
      OOMSCOPE_PARSER_AGE: '1000',
    });
    const [hit] = await until('the document is there', async () => {
      const hits = await documents();
      return hits.length > 0 && hits;
    });
    expect(at(hit, 'process.pid')).toBe(7);
    // Those without an opener are passed over as bytes: counted as read, not decoded.
    expect(await worker.metric('oomscope_records_read_total')).toBe(6);
    expect(await worker.metric('oomscope_records_undecodable_total')).toBe(1);
    expect(await worker.metric('oomscope_spoofed_lines_total')).toBe(1);
    await until('the dead letter is there', async () => (await topics.count(`${topic}-dead`)) === 1);
  });

  it('waits for a Kafka and an Elasticsearch that are not there, naming address and option', async () => {
    const worker = await start({ OOMSCOPE_KAFKA_BROKERS: '127.0.0.1:1', OOMSCOPE_SINK_SETUP: 'false' });
    const retry = await until('it says so', async () => worker.events.find(({ event }) => event === 'kafka-retry'));
    expect(JSON.stringify(retry)).toContain('127.0.0.1:1');
    expect(JSON.stringify(retry)).toContain('kafka.brokers');
    expect(await worker.ready()).toBe(503);

    const other = await start({ OOMSCOPE_ELASTICSEARCH_URL: 'http://127.0.0.1:1' });
    const sinkRetry = await until('it says so', async () => other.events.find(({ event }) => event === 'sink-retry'));
    expect(JSON.stringify(sinkRetry)).toContain('http://127.0.0.1:1');
    expect(JSON.stringify(sinkRetry)).toContain('elasticsearch.url');
  });

  it('stops with exit code 6 and says what to do when the templates are missing or older', async () => {
    await installTemplates(client);
    // Not what the server has: 9 answers with dates that it does not take.
    const template = buildTemplates().find(({ kind, name }) => kind === 'index' && name === 'oom-report');
    const older = { ...template?.body, _meta: { managed_by: 'oomscope', schema_version: 0 } };
    const makeOlder = async (): Promise<void> => {
      expect(await request('PUT', '/_index_template/oom-report', older)).toEqual({ acknowledged: true });
    };
    for (const change of [makeOlder, removeTemplate]) {
      await change();
      const worker = await start({ OOMSCOPE_SINK_SETUP: 'false' });
      expect(await worker.ended).toBe(6);
      workers = [];
      expect(JSON.stringify(worker.events)).toMatch(/template oom-report at .*oomscope setup/);
    }
  });

  it('stops with exit code 6 where a month that it may write has an older schema', async () => {
    await installTemplates(client);
    const old = { _meta: { managed_by: 'oomscope', schema_version: 0 } };
    await request('PUT', `/oom-report-${new Date().toISOString().slice(0, 7).replace('-', '.')}.01`, { mappings: old });
    const worker = await start({ OOMSCOPE_SINK_SETUP: 'false' });
    expect(await worker.ended).toBe(6);
    workers = [];
    expect(JSON.stringify(worker.events)).toMatch(/schema version 0, expected version 1/);
  });

  it('stops before it makes a month without its template, and loses nothing', async () => {
    const worker = await start();
    await until('it is ready', async () => (await worker.ready()) === 200);
    await removeTemplate();
    const { records, truth } = fleetRecords(6);
    await topics.produce(topic, records);
    expect(await worker.ended).toBe(6);
    workers = [];
    expect(JSON.stringify(worker.events)).toMatch(/oom-report-\d{4}\.\d\d\.01 would be made without it/);
    expect(await request('GET', '/oom-report-*/_mapping')).toEqual({});

    await start({ OOMSCOPE_PARSER_IDLE: '1000', OOMSCOPE_PARSER_AGE: '5000' });
    await drained();
    expect(await documents()).toHaveLength(truth.length);
  });
});
