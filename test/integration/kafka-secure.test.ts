/** TLS, SASL and access control against a real broker. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AclEntry, AclOperationTypes, type Admin, type Producer } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createKafka, type KafkaClientOptions, type KafkaSasl } from '../../src/clients/kafka.ts';
import { createTokenSource } from '../../src/clients/oauth.ts';
import { createDecoder, createKafkaSource } from '../../src/consumer/index.ts';
import { silentMetrics, systemClock } from '../../src/ops/index.ts';
import type { LineSource, SourceHandler } from '../../src/ports.ts';
import { createDeadLetterTopic } from '../../src/sink/index.ts';
import { readAclCommands } from '../support/acl-commands.ts';
import { makeCertificates } from '../support/certificates.ts';
import { DECODER_OPTIONS } from '../support/decoder.ts';
import { MemoryLogger } from '../support/fakes.ts';
import { NoService, startSecureKafka } from '../support/services.ts';
import { startTokenServer } from '../support/token-server.ts';
import { until } from '../support/worker.ts';

const TOPIC = 'syslog';
const GROUP = 'oomscope';
const DEAD_LETTERS = 'oomscope-dead-letters';

const decoder = createDecoder(DECODER_OPTIONS);

const CLIENT = { id: 'oomscope worker', secret: 'a/secret+with:signs', subject: 'worker' };

/** RFC 6749 wants both form-encoded before they are joined. */
const tokens = await startTokenServer({ ...CLIENT, id: 'oomscope+worker', secret: 'a%2Fsecret%2Bwith%3Asigns' });

/** undefined where no local broker can be started: the environment and containers offer no such listener. */
const service =
  inject('kafka') === undefined
    ? undefined
    : await startSecureKafka(tokens.jwksUrl).catch((error: unknown) => {
        if (error instanceof NoService && process.env['REQUIRE_INTEGRATION'] !== '1') return undefined;
        throw error;
      });

let groups = 0;

afterAll(async () => {
  await service?.stop();
  await tokens.close();
});

describe.skipIf(service === undefined)('a broker that checks who connects', () => {
  const secure = service?.secure;
  if (secure === undefined) return;
  const { ca, client, worker, limited, address, mutualAddress, bearerAddress = '' } = secure;
  let admin: Admin;
  let producer: Producer;

  const produceOne = () => producer.send({ topic: TOPIC, messages: [{ value: 'Killed process 7 (x)' }] });

  beforeAll(async () => {
    const kafka = createKafka({ brokers: service?.brokers ?? [], clientId: 'test' }, new MemoryLogger());
    [admin, producer] = [kafka.admin(), kafka.producer()];
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: TOPIC }, { topic: DEAD_LETTERS }] });
    await produceOne();
  });

  afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]));

  function sourceOf(more: Partial<KafkaClientOptions>, group?: string): { source: LineSource; logger: MemoryLogger } {
    const logger = new MemoryLogger();
    groups += 1;
    const options = {
      brokers: [address],
      clientId: 'test',
      topics: [TOPIC],
      excludedTopics: [],
      start: 'earliest',
      metadataIntervalMs: 60_000,
      group: group ?? `group-${groups}`,
      sessionTimeoutMs: 6_000,
      maxBytes: 1_000_000,
      maxBytesPerPartition: 1_000_000,
      ...more,
    };
    return {
      source: createKafkaSource(options, { decoder, clock: systemClock, logger, metrics: silentMetrics }),
      logger,
    };
  }

  /** Ends the source at the first batch. */
  const handlerFor = (source: LineSource, seen: number[]): SourceHandler => ({
    onAssigned: () => {},
    onIdle: () => {},
    onBatch: async (batch) => {
      seen.push(batch.recordCount);
      void source.close();
    },
  });

  async function readsOne(more: Partial<KafkaClientOptions>): Promise<void> {
    const { source } = sourceOf(more);
    const seen: number[] = [];
    await source.run(handlerFor(source, seen));
    expect(seen).toEqual([1]);
  }

  /** What the source logs about its first attempt. */
  async function complaintOf(more: Partial<KafkaClientOptions>): Promise<Readonly<Record<string, unknown>>> {
    const { source, logger } = sourceOf(more);
    const running = source.run(handlerFor(source, []));
    const found = await until('the source complains', async () => logger.events.find((e) => e.name === 'kafka-retry'));
    await source.close();
    await running;
    return found.fields ?? {};
  }

  describe('TLS and SASL', () => {
    it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('lets in with %s', (mechanism) =>
      readsOne({ tls: { ca }, sasl: { mechanism, ...worker } }),
    );

    it('ends with a wrong password, and says what to check', async () => {
      const password = 'hush-wrong-7f3a';
      const { source, logger } = sourceOf({ tls: { ca }, sasl: { mechanism: 'plain', ...worker, password } });
      await expect(source.run(handlerFor(source, []))).rejects.toMatchObject({
        code: 'KAFKA_CRASHED',
        message: expect.stringContaining('kafka.sasl'),
      });
      expect(JSON.stringify(logger.events)).not.toContain(password);
    });

    it('a certificate that is not trusted is named with its option, and tried again', async () => {
      expect(await complaintOf({ tls: {}, sasl: { mechanism: 'plain', ...worker } })).toMatchObject({
        code: 'KAFKA_UNREACHABLE',
        error: expect.stringMatching(/certificate.*kafka\.tls\.ca/),
      });
    });
  });

  describe('a certificate of the client', () => {
    it('lets in', () => readsOne({ brokers: [mutualAddress], tls: { ca, ...client } }));

    it('that is missing is named by its option', async () => {
      const { error } = await complaintOf({ brokers: [mutualAddress], tls: { ca } });
      expect(error).toContain('kafka.tls.cert');
    });

    it('of another CA is refused, and named by its option', async () => {
      const stranger = await makeCertificates(worker.username);
      const { error } = await complaintOf({ brokers: [mutualAddress], tls: { ca, ...stranger.client } });
      expect(error).toContain('kafka.tls.cert');
    });
  });

  describe('a bearer token', () => {
    const bearer = (clientSecret = CLIENT.secret, url = tokens.tokenUrl): KafkaSasl => {
      const options = { url, clientId: CLIENT.id, clientSecret, scope: 'kafka' };
      return { mechanism: 'oauthbearer', token: createTokenSource(options) };
    };

    beforeEach(() => {
      tokens.lifeSeconds = 3_600;
      tokens.failure = undefined;
    });

    it('lets in, and one serves all connections', async () => {
      const before = tokens.requests.length;
      await readsOne({ brokers: [bearerAddress], tls: { ca }, sasl: bearer() });
      expect(tokens.requests.slice(before).map(({ form }) => form)).toEqual([
        { grant_type: 'client_credentials', scope: 'kafka' },
      ]);
    });

    it('is renewed before it ends, while reading goes on', async () => {
      tokens.lifeSeconds = 20;
      const before = tokens.requests.length;
      const { source, logger } = sourceOf({ brokers: [bearerAddress], tls: { ca }, sasl: bearer() });
      let assignments = 0;
      let records = 0;
      const running = source.run({
        onAssigned: (_epoch, partitions) => {
          if (partitions.length > 0) assignments += 1;
        },
        onIdle: () => {},
        onBatch: async (batch) => {
          records += batch.recordCount;
        },
      });
      await until('a record is read', async () => records === 1);
      const renewals = () => tokens.requests.length - before - 1;
      await until('the token was renewed twice', async () => renewals() >= 2);
      await produceOne();
      await until('another record is read', async () => records === 2);
      expect(renewals()).toBeLessThan(6);
      expect(assignments).toBe(1);
      expect(logger.events.filter(({ name }) => name === 'kafka-retry')).toEqual([]);
      await source.close();
      await running;
    });

    it('is waited for while its endpoint is down', async () => {
      tokens.failure = 503;
      const { source, logger } = sourceOf({ brokers: [bearerAddress], tls: { ca }, sasl: bearer() });
      const seen: number[] = [];
      const running = source.run(handlerFor(source, seen));
      const complaint = await until('the source complains', async () =>
        logger.events.find(({ name }) => name === 'kafka-retry'),
      );
      expect(complaint.fields?.['error']).toMatch(/kafka\.sasl\.oauth\.url.*answered 503/);
      tokens.failure = undefined;
      await running;
      expect(seen).not.toEqual([]);
    });

    it('that is not given ends the source, and says what to check', async () => {
      const { source, logger } = sourceOf({ brokers: [bearerAddress], tls: { ca }, sasl: bearer('hush-wrong-7f3a') });
      const error: unknown = await source.run(handlerFor(source, [])).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'KAFKA_CRASHED',
        message: expect.stringMatching(/answered 401 \(invalid_client.*kafka\.sasl\.oauth\.secret/),
      });
      expect(`${error} ${JSON.stringify(logger.events)}`).not.toContain('hush');
    });
  });

  describe('the access control entries of docs/security.md', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'security.md'), 'utf8');
    const [topicRead, groupRead, deadLetterWrite, ...others] = readAclCommands(page, `User:${limited.username}`);
    const entries = [topicRead, groupRead, deadLetterWrite].filter((entry) => entry !== undefined);
    const login = { tls: { ca }, sasl: { mechanism: 'plain', ...limited } } as const;

    const allow = async (acl: readonly AclEntry[]): Promise<void> => {
      const every = { principal: `User:${limited.username}`, host: '*', permissionType: 3, resourcePatternType: 3 };
      for (const resourceType of [2, 3]) {
        await admin.deleteAcls({ filters: [{ ...every, resourceType, operation: AclOperationTypes.ANY }] });
      }
      if (acl.length > 0) await admin.createAcls({ acl: [...acl] });
    };

    /** 'read', or why not: what the source ends with, or what it says before it tries again. */
    const readAndCommit = async (): Promise<string> => {
      const { source, logger } = sourceOf(login, GROUP);
      let isRead = false;
      let ending: unknown;
      const running = source
        .run({
          onAssigned: () => {},
          onIdle: () => {},
          onBatch: async (batch, { epoch }) => {
            await source.commit(epoch, batch, 1);
            isRead = true;
          },
        })
        .catch((error: unknown) => {
          ending = error;
        });
      const isDone = async () => isRead || ending !== undefined || logger.events.some((e) => e.name === 'kafka-retry');
      await until('the source reads or complains', isDone);
      await source.close();
      await running;
      if (isRead) return 'read';
      return ending === undefined ? JSON.stringify(logger.events) : String(ending);
    };

    const writeLetter = async (): Promise<string> => {
      const options = { brokers: [address], clientId: 'test', topic: DEAD_LETTERS, ...login };
      const deadLetters = createDeadLetterTopic(options, new MemoryLogger(), systemClock);
      const position = { topic: TOPIC, partition: 0, offset: 0 };
      const positions = { first: position, last: position };
      try {
        await deadLetters.put({ reason: 'undecodable', error: 'x', bytes: Buffer.from('x'), positions });
        return 'written';
      } catch (error) {
        return String(error);
      } finally {
        await deadLetters.close();
      }
    };

    it('are all that the worker needs', async () => {
      expect(entries).toHaveLength(3);
      expect(others).toEqual([]);
      await allow(entries);
      expect(await readAndCommit()).toBe('read');
      const [committed] = await admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] });
      expect(committed?.partitions).toMatchObject([{ offset: '1' }]);
      expect(await writeLetter()).toBe('written');
    });

    it.each([
      ['Read on the topic', () => [groupRead, deadLetterWrite], readAndCommit, /kafka\.topics.*syslog/],
      [
        'Read on the group',
        () => [topicRead, deadLetterWrite],
        readAndCommit,
        /lacks Read on the group of kafka\.group/,
      ],
      ['Write on the dead letters', () => [topicRead, groupRead], writeLetter, /oomscope-dead-letters.*Write/],
    ])('without %s the failure names it', async (_name, kept, act, expected) => {
      await allow(kept().filter((entry) => entry !== undefined));
      expect(await act()).toMatch(expected);
    });

    it('Describe in place of Read on the topic is not enough', async () => {
      if (topicRead === undefined) throw new Error('no entry');
      await allow([{ ...topicRead, operation: AclOperationTypes.DESCRIBE }, ...entries.slice(1)]);
      expect(await readAndCommit()).toMatch(/Read on a topic of kafka\.topics.*syslog/);
    });
  });
});
