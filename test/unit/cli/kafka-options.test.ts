import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kafkaOptionsOf } from '../../../src/cli/kafka-options.ts';
import { loadConfig } from '../../../src/ops/index.ts';
import { makeCertificates } from '../../support/certificates.ts';
import { findOnPath } from '../../support/services/java.ts';

const of = (environment: Readonly<Record<string, string>>) =>
  kafkaOptionsOf(loadConfig('worker', { flags: {}, environment }).values);

const folder = mkdtempSync(join(tmpdir(), 'oomscope-kafka-options-'));

function fileWith(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('kafkaOptionsOf', () => {
  it('gives neither TLS nor SASL unless told to', () => {
    expect(of({})).toEqual({ brokers: ['localhost:9092'], clientId: 'oomscope' });
  });

  it.each([
    [{ OOMSCOPE_KAFKA_TLS_CA: '/ca.pem' }, 'kafka.tls.ca is given, but kafka.tls is not true'],
    [{ OOMSCOPE_KAFKA_TLS_CERT: '/c.pem' }, 'kafka.tls.cert is given, but kafka.tls is not true'],
    [{ OOMSCOPE_KAFKA_TLS: 'true', OOMSCOPE_KAFKA_TLS_CA: '/no/ca.pem' }, 'kafka.tls.ca: cannot read /no/ca.pem'],
    [{ OOMSCOPE_KAFKA_SASL_MECHANISM: 'plain' }, 'kafka.sasl.username is not given, but kafka.sasl.mechanism plain'],
    [{ OOMSCOPE_KAFKA_SASL_MECHANISM: 'oauthbearer' }, 'kafka.sasl.oauth.url is not given'],
    [
      { OOMSCOPE_KAFKA_SASL_MECHANISM: 'oauthbearer', OOMSCOPE_KAFKA_SASL_OAUTH_URL: 'https://u:hunter2@id.example/t' },
      'kafka.sasl.oauth.url holds a user',
    ],
    [
      { OOMSCOPE_KAFKA_SASL_MECHANISM: 'oauthbearer', OOMSCOPE_KAFKA_SASL_OAUTH_URL: 'https://:hunter2@id.example/t' },
      'holds a user or a password',
    ],
  ])('%j is refused', (environment, text) => {
    expect(() => of(environment as Record<string, string>)).toThrow(text);
    expect(() => of(environment as Record<string, string>)).not.toThrow('hunter2');
  });

  it('has a source of tokens for oauthbearer, and asks nobody yet', () => {
    const { sasl } = of({
      OOMSCOPE_KAFKA_SASL_MECHANISM: 'oauthbearer',
      OOMSCOPE_KAFKA_SASL_OAUTH_URL: 'https://id.example/token',
      OOMSCOPE_KAFKA_SASL_OAUTH_CLIENT: 'oomscope',
      OOMSCOPE_KAFKA_SASL_OAUTH_SECRET: 'hunter2',
    });
    expect(sasl).toEqual({ mechanism: 'oauthbearer', token: expect.any(Function) });
  });
});

describe.skipIf((await findOnPath('openssl')) === undefined)('the certificate of the worker', async () => {
  const { ca, client, server } = await makeCertificates('worker');
  const cert = fileWith('client.pem', client.cert);
  const key = fileWith('client.key', client.key);
  const tls = { OOMSCOPE_KAFKA_TLS: 'true', OOMSCOPE_KAFKA_TLS_CA: fileWith('ca.pem', ca) };

  it('is read with its key', () => {
    expect(of({ ...tls, OOMSCOPE_KAFKA_TLS_CERT: cert, OOMSCOPE_KAFKA_TLS_KEY: key }).tls).toEqual({ ca, ...client });
  });

  it('may have an encrypted key', () => {
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'hunter2', format: 'pem', type: 'pkcs8' } as const;
    const encrypted = fileWith('encrypted.key', createPrivateKey(client.key).export(cipher).toString());
    const files = { ...tls, OOMSCOPE_KAFKA_TLS_CERT: cert, OOMSCOPE_KAFKA_TLS_KEY: encrypted };
    expect(of({ ...files, OOMSCOPE_KAFKA_TLS_KEY_PASSPHRASE: 'hunter2' }).tls).toMatchObject({ passphrase: 'hunter2' });
    for (const environment of [files, { ...files, OOMSCOPE_KAFKA_TLS_KEY_PASSPHRASE: 'hunter3' }]) {
      expect(() => of(environment)).toThrow('kafka.tls.key.passphrase that of the key');
      expect(() => of(environment)).not.toThrow('hunter3');
    }
  });

  it.each([
    ['a certificate alone', { OOMSCOPE_KAFKA_TLS_CERT: cert }, 'kafka.tls.key is not given, but kafka.tls.cert is'],
    ['a key alone', { OOMSCOPE_KAFKA_TLS_KEY: key }, 'kafka.tls.cert is not given, but kafka.tls.key is'],
    [
      "another's key",
      { OOMSCOPE_KAFKA_TLS_CERT: cert, OOMSCOPE_KAFKA_TLS_KEY: fileWith('other.key', server.key) },
      'the key being that of the certificate',
    ],
    [
      'a file that is no certificate',
      { OOMSCOPE_KAFKA_TLS_CERT: fileWith('no.pem', 'x'), OOMSCOPE_KAFKA_TLS_KEY: key },
      'kafka.tls.cert, kafka.tls.key: not usable',
    ],
  ])('%s is refused', (_name, environment, text) => {
    expect(() => of({ ...tls, ...(environment as Record<string, string>) })).toThrow(text);
  });
});
