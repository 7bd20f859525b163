/** `oomscope worker --check-config`: reads and checks all that the worker would, and connects to nothing. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createDecoder, createKafkaSource } from '../consumer/index.ts';
import { checkTogether, type LoadedConfig, silentLogger, silentMetrics, systemClock } from '../ops/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import { OPTIONS, type OptionDefinition, type OptionValues } from '../tables/options.ts';
import { elasticsearchClientOf } from './setup.ts';
import { decoderOptionsOf, sourceOptionsOf } from './worker.ts';

const MASK = '********';

/** Column of the comments that say where a value is from. */
const ORIGIN_COLUMN = 56;

/**
 * Prints the effective configuration as a configuration file, secrets masked, each value with its origin. Resolves with 0;
 * rejects with CONFIG_INVALID or SCHEMA_INVALID when the worker would not start with it.
 */
export async function runCheckConfig({ values, origins }: LoadedConfig): Promise<number> {
  const options = (OPTIONS as readonly OptionDefinition[]).filter(({ commands }) => commands.includes('worker'));
  for (const option of options) console.log(lineOf(option, values, origins.get(option.name)));
  checkTogether(values);
  const parts = { clock: systemClock, logger: silentLogger, metrics: silentMetrics };
  createKafkaSource(sourceOptionsOf(values), { decoder: createDecoder(decoderOptionsOf(values)), ...parts });
  checkCa(values, 'kafka.tls.ca');
  checkCa(values, 'elasticsearch.ca');
  await elasticsearchClientOf(values).close();
  console.log('# This configuration is valid. Nothing was connected to.');
  return 0;
}

/** `kafka.group: "oomscope"    # default`, an option without a value as a comment. */
function lineOf(option: OptionDefinition, values: OptionValues, origin: string | undefined): string {
  const value: unknown = values[option.name as keyof OptionValues];
  if (value === undefined) return `${`# ${option.name}:`.padEnd(ORIGIN_COLUMN)} # not given`;
  return `${`${option.name}: ${JSON.stringify(shown(option, value))}`.padEnd(ORIGIN_COLUMN)} # ${origin ?? 'default'}`;
}

function shown(option: OptionDefinition, value: unknown): unknown {
  if (option.secret) return MASK;
  // https://user:password@es.example:9200
  return option.type === 'url' && typeof value === 'string' ? value.replace(/\/\/[^/]*@/, `//${MASK}@`) : value;
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** A client trusts nobody without a word when such a file holds no certificate. */
function checkCa(values: OptionValues, name: 'kafka.tls.ca' | 'elasticsearch.ca'): void {
  const path = values[name];
  if (path === undefined) return;
  try {
    const certificates = readFileSync(path, 'utf8').match(CERTIFICATE) ?? [];
    if (certificates.length === 0) throw new Error('no certificate in it');
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new OomscopeError('CONFIG_INVALID', `${name}: ${path} is not usable (${found}); expected PEM.`, cause);
  }
}
