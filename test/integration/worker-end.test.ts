/** How a worker ends: by a signal while its target hangs, by a second signal, and by a Kafka client that hangs. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createDecoder, createKafkaSource } from '../../src/consumer/index.ts';
import { silentMetrics } from '../../src/ops/index.ts';
import { DECODER_OPTIONS } from '../support/decoder.ts';
import { ManualClock, MemoryLogger } from '../support/fakes.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { connectTopics, type Topics } from '../support/topics.ts';
import { startWorker, until, type WorkerProcess } from '../support/worker.ts';

const kafka = inject('kafka');
const elasticsearch = inject('elasticsearch');

describe.skipIf(!kafka || !elasticsearch)('the end of a worker', () => {
  const brokers = kafka?.brokers ?? [];
  const url = elasticsearch?.url ?? '';
  let topics: Topics;
  let topic: string;
  let proxy: TcpProxy;
  let worker: WorkerProcess | undefined;

  beforeAll(async () => {
    topics = await connectTopics(brokers);
  });
  afterAll(async () => {
    await topics?.close();
  });
  beforeEach(async () => {
    topic = `syslog-${randomUUID().slice(0, 8)}`;
    await topics.create(topic, 1);
    proxy = await startTcpProxy(new URL(url).host);
  });
  afterEach(async () => {
    worker?.kill('SIGKILL');
    await worker?.ended;
    worker = undefined;
    await proxy.close();
  });

  const start = (options: Readonly<Record<string, string>>): Promise<WorkerProcess> =>
    startWorker({
      OOMSCOPE_KAFKA_BROKERS: brokers.join(','),
      OOMSCOPE_KAFKA_TOPICS: topic,
      OOMSCOPE_KAFKA_GROUP: `${topic}-group`,
      OOMSCOPE_KAFKA_COMMIT_INTERVAL: '100',
      OOMSCOPE_ELASTICSEARCH_URL: `http://127.0.0.1:${proxy.port}`,
      OOMSCOPE_SINK_SETUP: 'true',
      OOMSCOPE_SINK_BATCH_AGE: '50',
      OOMSCOPE_PARSER_IDLE: '500',
      ...options,
    });

  /** A worker with a document in its hands that Elasticsearch does not take. */
  const startHolding = async (drainMs: number): Promise<WorkerProcess> => {
    const started = await start({ OOMSCOPE_WORKER_DRAIN: String(drainMs) });
    worker = started;
    await until('it is ready', async () => (await started.ready()) === 200);
    proxy.hold(true);
    const value = `<4>1 ${new Date().toISOString()} web01 kernel - - - [ 77.000001] Out of memory: Killed process 7 (oven) total-vm:16984kB, anon-rss:14690kB, file-rss:270kB`;
    await topics.produce(topic, [{ key: 'web01', value, atMs: Date.now() }]);
    await until('a document waits', async () => (await started.metric('oomscope_sink_held_bytes')) !== 0);
    return started;
  };

  const countOf = async (): Promise<unknown> => {
    await fetch(`${url}/oom-report/_refresh`, { method: 'POST' });
    const query = { query: { term: { 'host.name': 'web01' } } };
    const answer = await fetch(`${url}/oom-report/_count`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(query),
    });
    return ((await answer.json()) as { count?: unknown }).count;
  };

  it('comes at the drain limit while Elasticsearch hangs, with 8, and the next worker writes what was left', async () => {
    await fetch(`${url}/oom-report-*?expand_wildcards=all`, { method: 'DELETE' });
    const first = await startHolding(2_000);
    expect(first.events.find(({ event }) => event === 'worker-started')).toMatchObject({ topics: [topic], brokers });
    for (const name of ['oomscope_build_info', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']) {
      expect(await first.metric(name), name).toBeGreaterThan(0);
    }
    const fromMs = performance.now();
    first.kill('SIGTERM');
    expect(await first.ended).toBe(8);
    const tookMs = performance.now() - fromMs;
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(10_000);
    expect(JSON.stringify(first.events)).toContain('worker.drain');
    proxy.hold(false);
    proxy.cut();

    worker = await start({});
    await until('the document is there', async () => (await countOf()) === 1);
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  });

  it('comes at once with a second signal; two at the same time are one', async () => {
    const held = await startHolding(600_000);
    held.kill('SIGTERM');
    held.kill('SIGINT');
    await until('it drains', async () => held.events.some(({ event }) => event === 'worker-stopping'));
    const early = await Promise.race([held.ended, new Promise((resolve) => setTimeout(resolve, 1_000, 'waits'))]);
    expect(early).toBe('waits');
    const fromMs = performance.now();
    held.kill('SIGTERM');
    expect(await held.ended).toBe(8);
    expect(performance.now() - fromMs).toBeLessThan(1_000);
    expect(held.events.at(-1)).toMatchObject({ event: 'worker-stopped', exitCode: 8, reason: 'a second SIGTERM' });
  });

  it('comes with 5 when the Kafka client shows no sign of life for two minutes', async () => {
    const clock = new ManualClock();
    const decoder = createDecoder(DECODER_OPTIONS);
    const logger = new MemoryLogger();
    const source = createKafkaSource(
      {
        brokers,
        clientId: 'test',
        topics: [topic],
        excludedTopics: [],
        start: 'earliest',
        metadataIntervalMs: 3_600_000,
        group: `${topic}-group`,
        sessionTimeoutMs: 30_000,
        maxBytes: 1_000_000,
        maxBytesPerPartition: 1_000_000,
      },
      { decoder, clock, logger, metrics: silentMetrics },
    );
    const stuck = Promise.withResolvers<void>();
    let hangs = false;
    const running = source.run({
      onAssigned() {},
      onIdle() {},
      onBatch() {
        hangs = true;
        return stuck.promise;
      },
    });
    const ended = running.then(
      () => 'done',
      (error: unknown) => error,
    );
    await topics.produce(topic, [{ key: 'web01', value: 'noise', atMs: Date.now() }]);
    await until('the client hangs in a batch', async () => hangs);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const silences: number[] = [];
    for (let look = 0; look < 22; look += 1) {
      await clock.advance(6_000);
      silences.push(source.silentMs);
    }
    expect(silences).toContain(60_000);
    stuck.resolve();
    for (let i = 0; i < 5; i += 1) await clock.advance(10_000);
    expect(await ended).toMatchObject({ code: 'KAFKA_CRASHED', exitCode: 5 });
    expect(logger.events.map(({ name }) => name)).toContain('kafka-crashed');
    await source.close();
  });
});
