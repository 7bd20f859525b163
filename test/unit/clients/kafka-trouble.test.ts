import { describe, expect, it } from 'vitest';
import { kafkaTroubleOf } from '../../../src/clients/kafka-trouble.ts';

/** An error as kafkajs makes them: with a name, a code or a type, wrapped in what it gave up on. */
const wrapped = (fields: Readonly<Record<string, unknown>>, message = 'text'): Error =>
  Object.assign(new Error('gave up', { cause: Object.assign(new Error(message), fields) }), {
    name: 'KafkaJSNumberOfRetriesExceeded',
  });

describe('the trouble with a broker', () => {
  it.each([
    ['name', { name: 'KafkaJSConnectionError', code: 'ENOTFOUND' }],
    ['refused', { name: 'KafkaJSConnectionError', code: 'ECONNREFUSED' }],
    ['timeout', { name: 'KafkaJSRequestTimeoutError' }],
    ['tls', { name: 'KafkaJSConnectionError', code: 'SELF_SIGNED_CERT_IN_CHAIN' }],
    ['tls', { name: 'KafkaJSConnectionError', code: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
    ['tls', { name: 'KafkaJSConnectionError', code: 'ERR_SSL_WRONG_VERSION_NUMBER' }],
    ['sasl', { name: 'KafkaJSSASLAuthenticationError' }],
    ['sasl', { name: 'KafkaJSProtocolError', type: 'ILLEGAL_SASL_STATE' }],
    ['sasl', { name: 'TokenError' }],
    ['closed', { name: 'KafkaJSConnectionClosedError' }],
    ['rights', { name: 'KafkaJSProtocolError', type: 'GROUP_AUTHORIZATION_FAILED' }],
    ['other', { name: 'KafkaJSNonRetriableError' }],
  ])('is %s for %j', (trouble, fields) => {
    expect(kafkaTroubleOf(wrapped(fields)).trouble).toBe(trouble);
  });

  it('is said in one line, with the broker where it is known', () => {
    const error = wrapped({ name: 'KafkaJSConnectionError', broker: 'k1.example:9092' }, 'SSL alert\nnumber 42\n');
    expect(kafkaTroubleOf(error)).toMatchObject({ trouble: 'tls', broker: 'k1.example:9092' });
    expect(kafkaTroubleOf(error).message).not.toContain('\n');
    expect(kafkaTroubleOf('odd')).toEqual({ trouble: 'other', message: 'odd' });
  });
});
