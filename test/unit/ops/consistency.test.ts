import { describe, expect, it } from 'vitest';
import { checkTogether, loadConfig } from '../../../src/ops/index.ts';
import { OomscopeError } from '../../../src/tables/errors.ts';

/** What is said of flags that are each allowed; empty when nothing is. */
function said(flags: Readonly<Record<string, string>>): string {
  try {
    checkTogether(loadConfig('worker', { flags, environment: {} }).values);
    return '';
  } catch (error) {
    if (error instanceof OomscopeError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
}

describe('checkTogether', () => {
  it('has nothing to say of the defaults', () => {
    expect(said({})).toBe('');
  });

  it.each([
    [{ 'kafka-brokers': 'k1.example:9092,k2.example' }, '"k2.example" is no broker'],
    [{ 'kafka-brokers': 'k1.example:99999' }, 'no broker'],
    [{ 'kafka-brokers': 'http://k1.example:9092' }, 'no broker'],
    [{ 'dead-letters-topic': 'dead letters' }, '"dead letters" can be no topic'],
    [{ 'dead-letters-topic': 'syslog' }, 'would read its own letters'],
    [{ 'kafka-max-bytes': '65536' }, 'kafka.max.bytes.partition 1048576 is more than kafka.max.bytes 65536'],
    [{ 'sink-held-bytes': '65536' }, 'sink.batch.bytes 5242880 is more than sink.held.bytes 65536'],
    [{ 'parser-idle': '600000' }, 'parser.idle 600000 is not below parser.age 600000'],
    [{ 'kafka-sasl-username': 'oomscope' }, 'kafka.sasl.mechanism is none'],
    [{ 'elasticsearch-username': 'oomscope' }, 'without elasticsearch.password'],
    [{ 'elasticsearch-ca': '/etc/ca.pem' }, 'elasticsearch.url is not https'],
    [{ 'http-listen': '0.0.0.0:70000' }, 'there is no port 70000'],
  ])('%j: %s', (flags, text) => {
    expect(said(flags)).toContain(text);
    expect(said(flags).split('\n')).toHaveLength(1);
  });

  it.each<Record<string, string>>([
    { 'kafka-brokers': '[::1]:9092,broker-1:9093' },
    { 'elasticsearch-username': 'a', 'elasticsearch-password': 'b' },
    { 'elasticsearch-ca': '/etc/ca.pem', 'elasticsearch-url': 'https://es.example:9200' },
    { 'http-listen': 'off' },
    { 'parser-idle': '599999' },
  ])('%j is fine', (flags) => {
    expect(said(flags)).toBe('');
  });

  it('names every contradiction at once', () => {
    expect(said({ 'kafka-brokers': 'k1', 'parser-idle': '600000' }).split('\n')).toHaveLength(2);
  });
});
