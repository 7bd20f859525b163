/** `oomscope doctor` against real servers: a topic as it should be, and topics made badly on purpose. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installTemplates } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../../src/clients/elasticsearch.ts';
import { until } from '../support/worker.ts';

const kafka = inject('kafka');
const elasticsearch = inject('elasticsearch');
const launcher = join(import.meta.dirname, '..', '..', 'bin', 'oomscope.js');

interface Verdict {
  readonly check: string;
  readonly state: string;
  readonly subject?: string;
  readonly found: string;
}

interface Answer {
  readonly exitCode: number;
  readonly output: string;
  readonly verdicts: readonly Verdict[];
  readonly notChecked: readonly string[];
}

interface Message {
  readonly key?: string;
  readonly value: string;
  readonly partition?: number;
  readonly timestamp?: string;
}

describe.skipIf(!kafka || !elasticsearch)('doctor', () => {
  const brokers = kafka?.brokers ?? [];
  const url = elasticsearch?.url ?? '';
  let admin: Admin;
  let producer: Producer;
  let client: ElasticsearchClient;
  let topic: string;

  const request = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: Record<string, unknown>) =>
    client.request({ method, path, ...(body && { body }) });

  const wipe = async (): Promise<void> => {
    for (const path of [
      '/oom-report-*',
      '/_index_template/oom-report',
      '/_index_template/rival',
      '/_index_template/oom-host',
      '/_component_template/oom-report@*',
      '/_component_template/oom-host@*',
      '/oom-host-*',
    ])
      await request('DELETE', path);
  };

  const makeTopic = async (name: string, partitions: number, configuration: Readonly<Record<string, string>> = {}) => {
    const configEntries = Object.entries(configuration).map(([key, value]) => ({ name: key, value }));
    await admin.createTopics({
      topics: [{ topic: name, numPartitions: partitions, configEntries }],
      waitForLeaders: false,
    });
    await until(`topic ${name} has its leaders`, async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
      return topics[0]?.partitions.length === partitions && topics[0].partitions.every(({ leader }) => leader >= 0);
    });
  };

  const produce = (messages: readonly Message[]) =>
    producer.send({ topic, messages: messages.map((message) => ({ key: null, ...message })) });

  /** The command as an operator runs it. */
  const doctor = (options: Readonly<Record<string, string>> = {}, ...args: string[]): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const env = {
        ...process.env,
        OOMSCOPE_KAFKA_BROKERS: brokers.join(','),
        OOMSCOPE_KAFKA_TOPICS: topic,
        OOMSCOPE_KAFKA_GROUP: `${topic}-group`,
        OOMSCOPE_DEAD_LETTERS_TOPIC: `${topic}-letters`,
        OOMSCOPE_ELASTICSEARCH_URL: url,
        ...options,
      };
      execFile(process.execPath, [launcher, 'doctor', ...args], { env, encoding: 'utf8' }, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : Number(error.code);
        if (stdout === '') reject(new Error(`no output, exit code ${exitCode}: ${stderr}`));
        else if (args.includes('--json')) resolve({ ...JSON.parse(stdout), output: stdout, exitCode });
        else resolve({ exitCode, output: stdout, verdicts: [], notChecked: [] });
      });
    });

  const ask = (options: Readonly<Record<string, string>> = {}) => doctor(options, '--json');

  const states = ({ verdicts }: Answer): Record<string, string> => {
    const worst: Record<string, string> = {};
    for (const { check, state } of verdicts) if (state !== 'ok' || worst[check] === undefined) worst[check] = state;
    return worst;
  };

  const foundBy = ({ verdicts }: Answer, name: string): string =>
    verdicts.flatMap(({ check, found }) => (check === name ? [found] : [])).join('\n');

  /** A line as rsyslog writes it with RSYSLOG_SyslogProtocol23Format. */
  const line = (host: string, index: number, atMs: number): string =>
    `<6>1 ${new Date(atMs).toISOString()} ${host} kernel - - - [${1000 + index}.000000] eth0: link up`;

  beforeAll(async () => {
    const connection = new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING });
    admin = connection.admin();
    producer = connection.producer();
    client = createElasticsearchClient({ url, timeoutMs: 60_000 });
    await Promise.all([admin.connect(), producer.connect()]);
  });
  beforeEach(async () => {
    topic = `doctor-${randomUUID()}`;
    await wipe();
    await installTemplates(client);
  });
  afterAll(async () => {
    await wipe();
    await Promise.all([admin.disconnect(), producer.disconnect(), client.close()]);
  });

  it('finds nothing wrong with a topic as it should be, and leaves no trace', async () => {
    await makeTopic(topic, 3);
    await makeTopic(`${topic}-letters`, 1);
    const nowMs = Date.now() - 60_000;
    const hosts = Array.from({ length: 9 }, (_, index) => `web0${index}`);
    const messages = Array.from({ length: 900 }, (_, index) => {
      const number = index % hosts.length;
      const host = hosts[number] ?? '';
      const atMs = nowMs + index * 10;
      return { key: host, partition: number % 3, value: line(host, index, atMs), timestamp: String(atMs) };
    });
    await produce(messages);
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort();
    const answer = await ask();
    expect(answer.verdicts.filter(({ state }) => state === 'failure')).toEqual([]);
    expect(answer.exitCode).toBe(0);
    const warned = answer.verdicts.filter(({ state }) => state === 'warning').map(({ check }) => check);
    // No worker runs. The disk is the machine's.
    expect(warned.filter((check) => check !== 'writable')).toEqual(['group', 'commits']);
    expect(foundBy(answer, 'topic-read')).toContain('900 records');
    expect(foundBy(answer, 'kernel-lines')).toBe('900 lines of 900 (100 %)');
    expect(foundBy(answer, 'spread')).toBe('9 hosts, each on one partition');
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId).sort()).toEqual(groups);
    expect((await doctor()).output).toContain('ok       one partition per host');
  });

  it('names what is wrong with a topic made badly on purpose', async () => {
    await makeTopic(topic, 3, { 'retention.ms': '3600000', 'compression.type': 'gzip' });
    await makeTopic(`${topic}-letters`, 1, { 'max.message.bytes': '100000' });
    const nowMs = Date.now();
    const messages: Message[] = Array.from({ length: 300 }, (_, index) => ({
      partition: index % 3,
      value: line('db01', index, nowMs),
    }));
    const add = (value: string, timestamp = nowMs) =>
      messages.push({ partition: 0, value, timestamp: String(timestamp) });
    add(
      `<13>1 ${new Date(nowMs).toISOString()} app01 mallory - - - mysqld invoked oom-killer: gfp_mask=0xcc0, order=0`,
    );
    add('{"message":"cut in the mid');
    add(line('localhost', 1, nowMs));
    add(line('192.0.2.7', 1, nowMs));
    add(line('db01.example', 1, nowMs));
    add(line('late01', 1, nowMs - 3 * 86_400_000));
    add(line('bent01', 5000, nowMs));
    add(line('bent01', 4000, nowMs));
    add('<6>Nov 23 04:01:02 old01 kernel: no stamp since boot\u001b[31m');
    await produce(messages);
    const answer = await ask();
    expect(states(answer)).toMatchObject({
      compaction: 'warning',
      'dead-letters': 'warning',
      keys: 'warning',
      spread: 'failure',
      decodable: 'warning',
      spoofs: 'warning',
      'host-names': 'warning',
      clocks: 'warning',
      order: 'warning',
      stamps: 'warning',
    });
    expect(answer.exitCode).toBe(2);
    expect(foundBy(answer, 'spread')).toContain('db01 on 0, 1, 2');
    expect(foundBy(answer, 'decodable')).toContain('json');
    expect(foundBy(answer, 'spoofs')).toContain('mysqld invoked oom-killer');
    expect(foundBy(answer, 'host-names')).toMatch(/localhost[\s\S]*192\.0\.2\.7[\s\S]*db01 and db01\.example/);
    expect(foundBy(answer, 'clocks')).toContain('late01 3 days behind');
    expect(foundBy(answer, 'order')).toContain('bent01 1 time, by up to');
    expect(foundBy(answer, 'codec')).toBe('codec gzip');
    expect((await doctor()).output).not.toContain('\u001b');
  });

  it('fails on compaction, missing topics and a missing dead-letter topic, and says so by its exit code', async () => {
    await makeTopic(topic, 1, { 'cleanup.policy': 'compact' });
    const compacted = await ask();
    expect(states(compacted)).toMatchObject({ compaction: 'failure', 'dead-letters': 'failure', arriving: 'warning' });
    expect(compacted.exitCode).toBe(2);
    const missing = await ask({ OOMSCOPE_KAFKA_TOPICS: `${topic},/^nothing-/,nowhere` });
    expect(missing.verdicts.filter(({ check, state }) => check === 'topics' && state === 'failure')).toHaveLength(2);
    expect(missing.exitCode).toBe(4);
    expect(states(await ask({ OOMSCOPE_KAFKA_TOPICS: `/^${topic}$/` }))['topics']).toBe('ok');
  });

  it('compares what the group has committed with what there is', async () => {
    await makeTopic(topic, 3);
    await makeTopic(`${topic}-letters`, 1);
    const nowMs = Date.now();
    await produce([0, 0, 0, 0, 1, 1, 2, 2].map((partition, index) => ({ partition, value: line('a1', index, nowMs) })));
    const groupId = `${topic}-group`;
    const commit = (partitions: readonly [number, string][]) =>
      admin.setOffsets({
        groupId,
        topic,
        partitions: partitions.map(([partition, offset]) => ({ partition, offset })),
      });
    await commit([
      [0, '1'],
      [1, '9'],
    ]);
    const before = await ask();
    expect(foundBy(before, 'commits')).toMatch(/beyond the end on partition 1\n.*partition 2 of 3 hold records/);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    const after = await ask();
    expect(foundBy(after, 'commits')).toContain('2 records on partition 0 were deleted');
    expect(after.verdicts.find(({ check, state }) => check === 'commits' && state === 'failure')).toBeDefined();
  });

  it('finds what is wrong with templates, mappings and months', async () => {
    await makeTopic(topic, 1);
    await makeTopic(`${topic}-letters`, 1);
    await request('PUT', '/_index_template/rival', { index_patterns: ['oom-*'], priority: 900 });
    await request('PUT', '/oom-report-2026.09.01', { mappings: { properties: { host: { type: 'keyword' } } } });
    const rival = await ask();
    expect(foundBy(rival, 'templates')).toContain('goes before ours with priority 900');
    expect(rival.exitCode).toBe(6);
    await request('DELETE', '/_index_template/rival');
    await request('DELETE', '/oom-report-2026.09.01');
    await request('PUT', '/oom-report-2026.10.01');
    await request('POST', '/oom-report-2026.10.01/_doc?refresh=true', {
      '@timestamp': new Date(Date.now() - 7_200_000).toISOString(),
    });
    await request('PUT', '/oom-report-2026.10.01/_settings', { 'index.blocks.read_only_allow_delete': true });
    const blocked = await ask();
    expect(foundBy(blocked, 'writable')).toContain('read_only_allow_delete');
    expect(foundBy(blocked, 'newest-report')).toBe('2 hours old');
    expect(blocked.exitCode).toBe(4);
    await wipe();
    const bare = await ask();
    expect(states(bare)['templates']).toBe('failure');
    expect(bare.exitCode).toBe(6);
  });
});
