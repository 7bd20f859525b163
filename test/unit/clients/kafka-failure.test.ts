import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../src/clients/kafka.ts';

/** The admin of kafkajs on a cluster whose connection has gone: its metadata is null by the time that it looks. */
async function slipOfKafkajs(): Promise<unknown> {
  const createAdmin: unknown = createRequire(import.meta.url)('kafkajs/src/admin');
  if (typeof createAdmin !== 'function') throw new Error('kafkajs has no admin here any more');
  const logger = { namespace: () => logger, error: () => {}, debug: () => {} };
  const cluster = { metadata: async () => null };
  const admin = createAdmin({ logger, instrumentationEmitter: { addListener: () => {} }, retry: {}, cluster });
  try {
    return await admin.fetchTopicMetadata({ topics: ['syslog'] });
  } catch (error) {
    return error;
  }
}

describe('failureOf', () => {
  it('tries again what kafkajs trips over when its connection is gone', async () => {
    const error = await slipOfKafkajs();
    expect(String(error)).toMatch(/^TypeError: .*null/);
    expect(failureOf(error)).toBe('retriable');
    expect(failureOf(new Error('looking at the topics', { cause: error }))).toBe('retriable');
  });

  it('takes a slip of our own for what it is', () => {
    expect(failureOf(new TypeError('Cannot read properties of null'))).toBe('fatal');
  });
});
