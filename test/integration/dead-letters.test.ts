/** Dead letters as an operator meets them: the real worker puts them away, the command lists, shows and mends them. */
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installTemplates } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient, expectOk } from '../../src/clients/elasticsearch.ts';
import { indexOf, toWrite } from '../../src/document/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { DeadLetter, DocumentWrite } from '../../src/ports.ts';
import { seedTwin } from '../../src/simulate/index.ts';
import { messagesOf, renderMessage } from '../../src/simulate/prefix.ts';
import { printRecords } from '../../src/simulate/print/report.ts';
import { createDeadLetterTopic, openDeadLetterTopic } from '../../src/sink/index.ts';
import type { LetterPlace } from '../../src/sink/letter-archive.ts';
import { MemoryLogger } from '../support/fakes.ts';
import { fullAnalysis, fullReport } from '../support/reports.ts';
import { connectTopics, type Topics } from '../support/topics.ts';
import { startWorker, until, type WorkerProcess } from '../support/worker.ts';

const kafka = inject('kafka');
const elasticsearch = inject('elasticsearch');
const launcher = join(import.meta.dirname, '..', '..', 'bin', 'oomscope.js');
const place = { topic: 'syslog', partition: 0, offset: 7 };

describe.skipIf(!kafka || !elasticsearch)('dead letters', () => {
  const brokers = [...(kafka?.brokers ?? [])];
  const url = elasticsearch?.url ?? '';
  const raw = new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING });
  const admin = raw.admin();
  const producer = raw.producer();
  let topics: Topics;
  let client: ElasticsearchClient;
  let letters: string;
  let worker: WorkerProcess | undefined;

  const request = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: Record<string, unknown>) =>
    expectOk(client, `${method} ${path}`, { method, path, ...(body && { body }) });

  /** The command as an operator runs it. */
  const run = (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const all = [launcher, 'dead-letters', ...args, '--elasticsearch-url', url];
      if (!args.includes('--kafka-brokers')) all.push('--kafka-brokers', brokers.join(','));
      if (!args.includes('--dead-letters-topic')) all.push('--dead-letters-topic', letters);
      execFile(process.execPath, all, { encoding: 'utf8', maxBuffer: 1e8 }, (error, stdout, stderr) => {
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  const list = async (): Promise<Record<string, unknown>[]> => {
    const { stdout } = await run('list', '--json');
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  };

  const makeTopic = (name: string, configs: Readonly<Record<string, string>> = {}, numPartitions = 1) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic: name,
          numPartitions,
          configEntries: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        },
      ],
    });

  /** Puts letters away as the worker does; its log. */
  const put = async (...some: readonly DeadLetter[]): Promise<MemoryLogger> => {
    const logger = new MemoryLogger();
    const target = createDeadLetterTopic({ brokers, clientId: 'test', topic: letters }, logger, systemClock);
    try {
      for (const letter of some) await target.put(letter);
    } finally {
      await target.close();
    }
    return logger;
  };

  const nowMs = Date.now() - 3_600_000;
  const writeOf = (id: string, more: Partial<DocumentWrite> = {}): DocumentWrite => ({
    ...toWrite(fullReport(), fullAnalysis({ identity: { id, version: 1024, timestampMs: nowMs } }), nowMs),
    ...more,
  });
  const rejected = (write: DocumentWrite): DeadLetter => ({
    reason: 'rejected',
    error: 'mapping: no',
    write,
    positions: write.positions,
  });

  beforeAll(async () => {
    client = createElasticsearchClient({ url, timeoutMs: 60_000 });
    topics = await connectTopics(brokers);
    await Promise.all([admin.connect(), producer.connect()]);
  });
  beforeEach(async () => {
    await request('DELETE', '/oom-report-*');
    await installTemplates(client, { dynamic: 'strict' });
    letters = `letters-${randomUUID().slice(0, 8)}`;
  });
  afterEach(async () => {
    worker?.kill('SIGTERM');
    await worker?.ended;
    worker = undefined;
  });
  afterAll(async () => {
    await request('DELETE', '/oom-report-*');
    await Promise.all([admin.disconnect(), producer.disconnect(), topics?.close(), client.close()]);
  });

  it('of a mapping that does not fit are listed, and written once it is mended', async () => {
    const topic = `syslog-${letters}`;
    await Promise.all([topics.create(topic, 2), makeTopic(letters, {}, 3)]);
    // Somebody made the month by hand: the verdict is no number.
    const month = indexOf(nowMs);
    await request('PUT', `/${month}`, {
      mappings: { properties: { oom: { properties: { verdict: { type: 'long' } } } } },
    });
    const messages = messagesOf(printRecords(seedTwin()), { host: 'db07', startMs: nowMs, bootUs: 5_000_000_000 });
    const records = messages.flatMap((message) =>
      renderMessage(message, 'rfc5424').map((value) => ({ key: 'db07', value, atMs: message.atMs })),
    );
    const undecodable = { key: 'web01', value: '{"message": "x invoked oom-killer: gfp_mask=0xcc0', atMs: nowMs };
    await topics.produce(topic, [...records, undecodable]);
    worker = await startWorker({
      OOMSCOPE_KAFKA_BROKERS: brokers.join(','),
      OOMSCOPE_KAFKA_TOPICS: topic,
      OOMSCOPE_KAFKA_GROUP: `${topic}-group`,
      OOMSCOPE_KAFKA_SESSION_TIMEOUT: '6000',
      OOMSCOPE_ELASTICSEARCH_URL: url,
      OOMSCOPE_DEAD_LETTERS_TOPIC: letters,
      OOMSCOPE_PARSER_IDLE: '1000',
    });
    await until('both letters are there', async () => (await topics.count(letters)) >= 2);

    const open = await list();
    expect(open.map(({ reason }) => reason).sort()).toEqual(['rejected', 'undecodable']);
    const letter = open.find(({ reason }) => reason === 'rejected');
    const id = String(letter?.['id']);
    expect(letter).toMatchObject({ host: 'db07', isRetriable: true });
    expect(letter?.['error']).toMatch(/^document_parsing_exception: .*oom\.verdict/);
    expect(letter?.['positions']).toMatchObject({ first: { topic }, last: { topic } });
    const { stdout: shown } = await run('show', id);
    expect(shown).toContain(`index       ${month}, version `);
    expect(shown).toContain('"verdict": "lowmem-exhausted"');

    const refused = await run('retry', id);
    expect(refused.stdout).toContain(`${id}: refused again: document_parsing_exception: `);
    expect(refused.status).toBe(1);
    expect(await list()).toHaveLength(2);

    await request('DELETE', `/${month}`);
    const mended = await run('retry', id);
    expect(mended).toMatchObject({ status: 0, stdout: `${id}: done: created\n1 of 1 letters are done.\n` });
    const stored = JSON.stringify(await request('GET', `/${month}/_doc/${id}`));
    expect(stored).toContain('"verdict":"lowmem-exhausted"');
    expect((await list()).map(({ reason }) => reason)).toEqual(['undecodable']);

    const rest = await run('retry', '--all');
    expect(rest.stdout).toMatch(new RegExp(`not written\\..*${topic}/\\d again from offset \\d+`));
    expect(rest.status).toBe(1);
    expect(await run('dismiss', String((await list())[0]?.['id']))).toMatchObject({ status: 0 });
    expect(await run('list')).toEqual({ status: 0, stdout: `No dead letters: topic ${letters}.\n`, stderr: '' });
  });

  it('are read without a group, beside records of others and on a compacted topic', async () => {
    await makeTopic(letters, { 'cleanup.policy': 'compact' }, 2);
    const groups = async () => (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort();
    const before = await groups();
    await put(rejected(writeOf('a')), rejected(writeOf('b')), rejected(writeOf('a', { version: 2048 })));
    const messages = [
      { key: 'x', value: '\u001b[2Jhello' },
      {
        key: 'y',
        value: JSON.stringify({
          reason: 'rejected',
          error: 'e',
          positions: { first: place, last: place },
          id: 'evil',
          index: '.security',
          version: 1,
          document: {},
        }),
      },
      { key: 'b', value: null },
    ];
    await producer.send({ topic: letters, messages });
    const open = await list();
    expect(open.map(({ id, reason }) => (reason === 'unreadable' ? reason : id)).sort()).toEqual([
      'a',
      'unreadable',
      'unreadable',
    ]);
    const { stdout } = await run('list');
    expect(stdout).not.toContain('\u001b');
    const foreign = open.find(({ error }) => String(error).includes('not JSON'));
    expect((await run('show', String(foreign?.['id']))).stdout).toContain('\\x1b[2Jhello');

    expect(await run('retry', '--all')).toMatchObject({
      status: 0,
      stdout: 'a: done: created\n1 of 1 letters are done.\n',
    });
    expect(await request('GET', `/${indexOf(nowMs)}/_doc/a`)).toMatchObject({ _version: 2048 });
    expect(await groups()).toEqual(before);
    // The worker reads the report again and is refused again: a new letter.
    await put(rejected(writeOf('a')));
    expect((await list()).filter(({ id }) => id === 'a')).toHaveLength(1);
    expect((await run('retry', 'a')).stdout).toContain('a: done: an equal or fuller reading is there already\n');
  });

  it('are written with what they supersede, as the sink does', async () => {
    await makeTopic(letters);
    const early = writeOf('early', { version: 5 });
    const full = writeOf('full', { version: 9, supersedes: [{ id: 'early', index: early.index }] });
    await put(rejected(early));
    expect((await run('retry', 'early')).stdout).toContain('early: done: created');
    await put(rejected(full));
    expect((await run('retry', '--all')).stdout).toContain('full: done: created');
    await request('POST', '/oom-report-*/_refresh');
    expect(await request('GET', '/oom-report-*/_count')).toMatchObject({ count: 1 });
  });

  it('that are too large for their topic go without document or bytes, and say so', async () => {
    await makeTopic(letters, { 'max.message.bytes': '20000' });
    const noise = randomBytes(1_500_000);
    const write = writeOf('large', { document: { ...writeOf('large').document, noise: noise.toString('base64') } });
    const bytes = {
      reason: 'undecodable',
      error: 'too-long: 1500000 bytes',
      bytes: noise,
      positions: { first: place, last: place },
    } as const;
    const logger = await put(
      rejected(write),
      bytes,
      rejected(writeOf('small', { document: { '@timestamp': new Date(nowMs).toISOString() } })),
    );
    expect(logger.events.filter(({ name }) => name === 'dead-letter-cut').map(({ fields }) => fields['id'])).toEqual([
      'large',
      'syslog/0/7',
    ]);
    const open = await list();
    expect(open).toHaveLength(3);
    expect(open.find(({ id }) => id === 'large')).toMatchObject({
      host: 'build7',
      isRetriable: false,
      omitted: { what: 'document', bytes: Buffer.byteLength(JSON.stringify(write.document)) },
    });
    expect(open.find(({ id }) => id === 'syslog/0/7')).toMatchObject({ omitted: { what: 'bytes', bytes: 1_500_000 } });
    const retried = await run('retry', 'large', 'small');
    expect(retried.stdout).toMatch(
      /small: done: created\nlarge: not written\. The document \(\d+ bytes\) had no room.*syslog\/3 again/,
    );
    expect(retried.status).toBe(1);

    letters = `${letters}-tiny`;
    await makeTopic(letters, { 'max.message.bytes': '100' });
    await expect(put(bytes)).rejects.toMatchObject({
      code: 'DEAD_LETTER_FAILED',
      message: expect.stringContaining('Raise max.message.bytes of the topic.'),
    });
  });

  it('of many megabytes are listed to the end that the topic had', async () => {
    await makeTopic(letters, { 'max.message.bytes': '10000000' }, 2);
    const big = (id: string) =>
      rejected(
        writeOf(id, { document: { ...writeOf(id).document, noise: randomBytes(3_000_000).toString('base64') } }),
      );
    for (const id of ['a', 'b', 'c', 'd']) await put(big(id));
    const open = await list();
    expect(open.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c', 'd']);
    const shown = await run('show', 'c', '--json');
    expect(JSON.parse(shown.stdout).document.noise).toHaveLength(4_000_000);
  });

  it('that the retention deletes under the reader are gone, and the others are read', async () => {
    await makeTopic(letters);
    await put(rejected(writeOf('a')), rejected(writeOf('b')), rejected(writeOf('c')));
    const options = { brokers, clientId: 'test', topic: letters };
    const archive = await openDeadLetterTopic(options, new MemoryLogger());
    const places: LetterPlace[] = [];
    for await (const entry of archive.entries()) places.push(entry.place);
    expect(places).toHaveLength(3);
    // The client deletes records only of topics that it has looked at.
    await admin.fetchTopicOffsets(letters);
    await admin.deleteTopicRecords({ topic: letters, partitions: [{ partition: 0, offset: '2' }] });
    expect(await archive.entryAt({ partition: 0, offset: 0 })).toBeUndefined();
    expect(await archive.entryAt({ partition: 0, offset: 2 })).toMatchObject({ kind: 'letter', key: 'c' });
    await archive.close();
    expect((await list()).map(({ id }) => id)).toEqual(['c']);
  });

  it('say what is missing', async () => {
    const missing = await run('list', '--dead-letters-topic', `${letters}-nowhere`);
    expect(missing.stderr).toMatch(new RegExp(`topic ${letters}-nowhere cannot be read.*dead\\.letters\\.topic`));
    expect(missing.status).toBe(4);
    const absent = await run('list', '--kafka-brokers', '127.0.0.1:1');
    expect(absent.stderr).toMatch(/127\.0\.0\.1:1/);
    expect(absent.status).toBe(4);
  });
});
