/** `oomscope canary` and `oomscope simulate` against a real broker, a real worker and a real Elasticsearch. */
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openFeed } from '../../src/clients/index.ts';
import { silentLogger } from '../../src/ops/index.ts';
import { connectTopics, type Topics } from '../support/topics.ts';
import { startWorker, until, type WorkerProcess } from '../support/worker.ts';

const kafka = inject('kafka');
const elasticsearch = inject('elasticsearch');

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'oomscope.js');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(!kafka || !elasticsearch)('against real servers', () => {
  const brokers = kafka?.brokers ?? [];
  const url = elasticsearch?.url ?? '';
  const topic = `syslog-${randomUUID().slice(0, 8)}`;
  let topics: Topics;
  let worker: WorkerProcess | undefined;

  const run = (command: string, options: Readonly<Record<string, string>>, ...flags: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const given = Object.entries({ '--kafka-brokers': brokers.join(), ...options }).flat();
      execFile(process.execPath, [LAUNCHER, command, ...given, ...flags], (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });

  const canary = (options: Readonly<Record<string, string>>, ...flags: string[]): Promise<Ended> =>
    run(
      'canary',
      { '--kafka-topics': topic, '--kafka-group': `${topic}-group`, '--elasticsearch-url': url, ...options },
      ...flags,
    );

  const canaries = async (): Promise<{ _source: { event: object; oom: object } }[]> => {
    await fetch(`${url}/oom-report-*/_refresh?allow_no_indices=true`, { method: 'POST' });
    const query = encodeURIComponent('host.name:oomscope-canary-*');
    const response = await fetch(`${url}/oom-report-*/_search?allow_no_indices=true&q=${query}`);
    return ((await response.json()) as { hits: { hits: { _source: { event: object; oom: object } }[] } }).hits.hits;
  };

  beforeAll(async () => {
    topics = await connectTopics(brokers);
    await topics.create(topic, 4);
    await topics.create(`${topic}-dead`, 1);
    await fetch(`${url}/oom-report-*?expand_wildcards=all`, { method: 'DELETE' });
  });

  afterEach(async () => {
    worker?.kill('SIGTERM');
    await worker?.ended;
    worker = undefined;
  });

  afterAll(() => topics?.close());

  const start = async (): Promise<void> => {
    worker = await startWorker({
      OOMSCOPE_KAFKA_BROKERS: brokers.join(),
      OOMSCOPE_KAFKA_TOPICS: topic,
      OOMSCOPE_KAFKA_GROUP: `${topic}-group`,
      OOMSCOPE_DEAD_LETTERS_TOPIC: `${topic}-dead`,
      OOMSCOPE_ELASTICSEARCH_URL: url,
      OOMSCOPE_SINK_SETUP: 'true',
    });
  };

  it('the canary ends with 9 and says how far it came when no worker reads', async () => {
    const { code, stderr, stdout } = await canary({ '--timeout': '1500' });
    expect(code).toBe(9); // CANARY_MISSING
    expect(stdout).toBe('');
    expect(stderr).toMatch(/Produced: yes, syslog-\S+ partition [0-3], offsets \d+ to \d+\./);
    expect(stderr).toContain(`group ${topic}-group has committed nothing`);
    expect(stderr).toContain('Indexed: no');
  });

  it('the canary ends with 0 and the seconds when its document is found, and deletes it', async () => {
    await start();
    const { code, stdout, stderr } = await canary({ '--timeout': '60000' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d{3} s until oomscope-canary-[0-9a-f]{8} was found \(.*\); deleted\n$/);
    const host = /oomscope-canary-\w+/.exec(stdout)?.[0] ?? '';
    expect(JSON.stringify(await canaries())).not.toContain(host);
  });

  it('the canary that is kept is no OOM to alerts, dashboards and questions', async () => {
    await start();
    const { code, stdout } = await canary({}, '--keep');
    expect(code).toBe(0);
    expect(stdout).toContain('; kept');
    const host = /oomscope-canary-\w+/.exec(stdout)?.[0] ?? '';
    const kept = (await canaries()).find((hit) => JSON.stringify(hit).includes(host));
    expect(kept?._source).toMatchObject({
      event: { action: 'page-allocation-failure' },
      oom: { complete: true, highmem: { present: false } },
    });
    expect(kept?._source).not.toHaveProperty('process.name');
  });

  it('the canary asks which topic when there are several', async () => {
    const { code, stderr } = await canary({ '--kafka-topics': `${topic},other` });
    expect(code).toBe(2);
    expect(stderr).toContain('--topic');
  });

  it('the canary ends with 4 when the topic is missing', async () => {
    const { code, stderr } = await canary({ '--topic': `${topic}-nowhere` });
    expect(code).toBe(4);
    expect(stderr).toContain(`${topic}-nowhere`);
  });

  it('a feed sends more than a broker takes in one batch, in its order', async () => {
    const wide = `${topic}-wide`;
    await topics.create(wide, 2);
    const feed = await openFeed({ brokers, clientId: 'test' }, wide, silentLogger);
    try {
      // Hardly to be compressed, three batches of one partition and one of the other.
      const records = Array.from({ length: 200 }, (_, index) => ({
        key: `web${index % 10}`,
        value: `${index} ${randomBytes(6_000).toString('base64')}`,
        atMs: Date.now(),
        partition: index % 10 < 9 ? 0 : 1,
      }));
      expect(await feed.send(records)).toEqual(
        new Map([
          [0, 0],
          [1, 0],
        ]),
      );
    } finally {
      await feed.close();
    }
    const found = (await topics.values(wide)).map(({ value }) => Number(value.split(' ')[0]));
    for (const isFirst of [true, false]) {
      const some = found.filter((index) => index % 10 < 9 === isFirst);
      expect(some).toEqual([...some].sort((a, b) => a - b));
    }
    expect(found).toHaveLength(200);
  });

  it('a simulated fleet arrives at its rate, and every report of it is indexed once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oomscope-simulate-'));
    const fed = `${topic}-fed`;
    await topics.create(fed, 3);
    try {
      const truth = join(folder, 'truth.ndjson');
      const { code, stdout, stderr } = await run('simulate', {
        '--topic': fed,
        '--hosts': '200',
        '--rate': '2000',
        '--report-share': '30',
        '--duration': '4',
        '--truth': truth,
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^\d+ lines of 200 hosts with \d+ reports to /);
      const records = await topics.count(fed);
      expect(records).toBeGreaterThan(5_000);
      expect(records).toBeLessThan(10_000);
      const kills = readFileSync(truth, 'utf8').trim().split('\n');
      expect(kills.length).toBeGreaterThan(10);
      worker = await startWorker({
        OOMSCOPE_KAFKA_BROKERS: brokers.join(),
        OOMSCOPE_KAFKA_TOPICS: fed,
        OOMSCOPE_KAFKA_GROUP: `${fed}-group`,
        OOMSCOPE_DEAD_LETTERS_TOPIC: `${topic}-dead`,
        OOMSCOPE_ELASTICSEARCH_URL: url,
        OOMSCOPE_SINK_SETUP: 'true',
        OOMSCOPE_PARSER_IDLE: '1000',
        OOMSCOPE_PARSER_AGE: '3000',
      });
      await until('everything is committed', async () => {
        const [committed, ends] = await Promise.all([topics.committed(`${fed}-group`, fed), topics.ends(fed)]);
        return ends.every((end, partition) => committed[partition] === end);
      });
      const hosts = kills.map((line) => (JSON.parse(line) as { host: string }).host).sort();
      await fetch(`${url}/oom-report/_refresh`, { method: 'POST' });
      const response = await fetch(`${url}/oom-report/_search?size=1000&_source=host.name&q=event.action:oom-kill`);
      const { hits } = (await response.json()) as { hits: { hits: { _source: { host: { name: string } } }[] } };
      expect(hits.hits.map(({ _source }) => _source.host.name).sort()).toEqual(hosts);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
