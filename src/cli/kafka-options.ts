/** The options kafka.* as the Kafka client takes them. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { createTokenSource, type KafkaClientOptions, type KafkaSasl, type KafkaTls } from '../clients/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { OptionName, OptionValues } from '../tables/options.ts';

/** Brokers, TLS and SASL of the options. Reads the files that they name; throws CONFIG_INVALID. */
export function kafkaOptionsOf(options: OptionValues): KafkaClientOptions {
  const tls = tlsOf(options);
  const sasl = saslOf(options);
  return {
    brokers: options['kafka.brokers'],
    clientId: options['kafka.client'],
    ...(tls && { tls }),
    ...(sasl && { sasl }),
  };
}

const TLS_FILES = ['kafka.tls.ca', 'kafka.tls.cert', 'kafka.tls.key'] as const;

function tlsOf(options: OptionValues): KafkaTls | undefined {
  if (!options['kafka.tls']) {
    const given = TLS_FILES.find((name) => options[name] !== undefined);
    if (given === undefined) return undefined;
    throw invalid(`${given} is given, but kafka.tls is not true: nothing would be encrypted.`);
  }
  const ca = readPem(options, 'kafka.tls.ca');
  const cert = readPem(options, 'kafka.tls.cert');
  const key = readPem(options, 'kafka.tls.key');
  if (cert !== undefined && key === undefined) throw missing('kafka.tls.key', 'kafka.tls.cert');
  if (cert === undefined && key !== undefined) throw missing('kafka.tls.cert', 'kafka.tls.key');
  const passphrase = options['kafka.tls.key.passphrase'];
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(passphrase && { passphrase }) };
  try {
    createSecureContext(tls);
  } catch (cause) {
    // `key values mismatch`, `bad decrypt`, `no start line`
    const found = cause instanceof Error ? cause.message : String(cause);
    const names = TLS_FILES.filter((name) => options[name] !== undefined).join(', ');
    throw invalid(
      `${names}: not usable (${found}); expected PEM, the key being that of the certificate and kafka.tls.key.passphrase that of the key.`,
    );
  }
  return tls;
}

function saslOf(options: OptionValues): KafkaSasl | undefined {
  const mechanism = options['kafka.sasl.mechanism'];
  if (mechanism === 'none') return undefined;
  if (mechanism !== 'oauthbearer') {
    return {
      mechanism,
      username: needed(options, 'kafka.sasl.username', mechanism),
      password: needed(options, 'kafka.sasl.password', mechanism),
    };
  }
  const url = needed(options, 'kafka.sasl.oauth.url', mechanism);
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') {
    throw invalid(
      'kafka.sasl.oauth.url holds a user or a password; give kafka.sasl.oauth.client and kafka.sasl.oauth.secret instead.',
    );
  }
  const token = createTokenSource({
    url,
    clientId: needed(options, 'kafka.sasl.oauth.client', mechanism),
    clientSecret: needed(options, 'kafka.sasl.oauth.secret', mechanism),
    scope: options['kafka.sasl.oauth.scope'],
  });
  return { mechanism, token };
}

type SaslOption = Extract<OptionName, `kafka.sasl.${string}`>;

function needed(options: OptionValues, name: SaslOption, mechanism: string): string {
  const value = options[name];
  if (value !== undefined) return value;
  throw invalid(`${name} is not given, but kafka.sasl.mechanism ${mechanism} needs it.`);
}

function readPem(options: OptionValues, name: (typeof TLS_FILES)[number]): string | undefined {
  const path = options[name];
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OomscopeError('CONFIG_INVALID', `${name}: cannot read ${path}; expected a PEM file.`, cause);
  }
}

const missing = (name: OptionName, other: OptionName): OomscopeError =>
  invalid(`${name} is not given, but ${other} is: both are needed.`);

const invalid = (message: string): OomscopeError => new OomscopeError('CONFIG_INVALID', message);
