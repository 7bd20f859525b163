/** TLS and SASL against a real broker. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createKafka, type KafkaClientOptions } from '../../src/clients/kafka.ts';
import { createDecoder, createKafkaSource, decodeUtf8 } from '../../src/consumer/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { LineSource, SourceHandler } from '../../src/ports.ts';
import { MemoryLogger } from '../support/fakes.ts';
import { NoService, startSecureKafka } from '../support/services.ts';

const TOPIC = 'syslog';

const decoder = createDecoder({
  format: 'auto',
  maxBytes: 1_000_000,
  kernelOnly: false,
  trustProgram: true,
  labels: {},
  decodeUtf8,
});

/** undefined where no local broker can be started: the environment and containers offer no such listener. */
const service =
  inject('kafka') === undefined
    ? undefined
    : await startSecureKafka().catch((error: unknown) => {
        if (error instanceof NoService && process.env['REQUIRE_INTEGRATION'] !== '1') return undefined;
        throw error;
      });

let groups = 0;

describe.skipIf(service === undefined)('TLS and SASL', () => {
  const { address = '', ca = '', username = '', password = '' } = service?.secure ?? {};

  beforeAll(async () => {
    const kafka = createKafka({ brokers: service?.brokers ?? [], clientId: 'test' }, new MemoryLogger());
    const [admin, producer] = [kafka.admin(), kafka.producer()];
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: TOPIC }] });
    await producer.send({ topic: TOPIC, messages: [{ value: 'Killed process 7 (x)' }] });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  afterAll(() => service?.stop());

  function sourceOf(more: Partial<KafkaClientOptions>): { source: LineSource; logger: MemoryLogger } {
    const logger = new MemoryLogger();
    groups += 1;
    const options = {
      brokers: [address],
      clientId: 'test',
      topics: [TOPIC],
      group: `group-${groups}`,
      sessionTimeoutMs: 6_000,
      maxBytes: 1_000_000,
      maxBytesPerPartition: 1_000_000,
      ...more,
    };
    return { source: createKafkaSource(options, { decoder, clock: systemClock, logger }), logger };
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

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('reads over TLS with %s', async (mechanism) => {
    const { source } = sourceOf({ tls: { ca }, sasl: { mechanism, username, password } });
    const seen: number[] = [];
    await source.run(handlerFor(source, seen));
    expect(seen).toEqual([1]);
  });

  it('ends with a wrong password, and says what to check', async () => {
    const { source } = sourceOf({ tls: { ca }, sasl: { mechanism: 'plain', username, password: 'wrong' } });
    await expect(source.run(handlerFor(source, []))).rejects.toMatchObject({
      code: 'KAFKA_CRASHED',
      message: expect.stringContaining('kafka.sasl'),
    });
  });

  it('says that it does not trust the certificate, and keeps trying', async () => {
    const { source, logger } = sourceOf({ tls: {}, sasl: { mechanism: 'plain', username, password } });
    const running = source.run(handlerFor(source, []));
    await expect
      .poll(() => logger.events.find(({ name }) => name === 'kafka-retry')?.fields, { timeout: 20_000 })
      .toMatchObject({ code: 'KAFKA_UNREACHABLE', error: expect.stringMatching(/certificate/) });
    await source.close();
    await running;
  });
});
