import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConfigSources, loadConfig } from '../../../src/ops/index.ts';
import { OomscopeError } from '../../../src/tables/errors.ts';
import { OPTIONS, type OptionDefinition, variableOf } from '../../../src/tables/options.ts';

const folder = mkdtempSync(join(tmpdir(), 'oomscope-config-'));

function fileWith(text: string, name = 'oomscope.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const load = (sources: Partial<ConfigSources>) =>
  loadConfig('worker', { flags: {}, environment: {}, ...sources }).values;

function refusal(sources: Partial<ConfigSources>): string {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof OomscopeError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('loadConfig', () => {
  it('has the defaults of the table', () => {
    const values = load({});
    expect(values['kafka.brokers']).toEqual(['localhost:9092']);
    expect(values['kafka.commit.interval']).toBe(1000);
    expect(values['kafka.sasl.password']).toBeUndefined();
  });

  it('prefers the command line to the environment, that to the file, that to the default', () => {
    const file = fileWith('kafka:\n  group: from-file\n  topics: [a, b]\n  client: from-file\n');
    const environment = { OOMSCOPE_KAFKA_GROUP: 'from-environment', OOMSCOPE_KAFKA_CLIENT: 'from-environment' };
    const values = load({ file, environment, flags: { 'kafka-client': 'from-flag' } });
    expect(values['kafka.topics']).toEqual(['a', 'b']);
    expect(values['kafka.group']).toBe('from-environment');
    expect(values['kafka.client']).toBe('from-flag');
  });

  it('reads dotted names and an option that is a prefix of others', () => {
    const values = load({ file: fileWith('kafka.tls: true\nkafka.tls.ca: /etc/ca.pem\n') });
    expect(values['kafka.tls']).toBe(true);
    expect(values['kafka.tls.ca']).toBe('/etc/ca.pem');
  });

  it('reads a secret from a file of its own', () => {
    const path = fileWith('hunter2\n', 'secret');
    expect(load({ environment: { OOMSCOPE_KAFKA_SASL_PASSWORD_FILE: path } })['kafka.sasl.password']).toBe('hunter2');
  });

  it('names the option, the value and what is allowed', () => {
    expect(refusal({ flags: { 'kafka-commit-interval': 'soon' } })).toBe(
      '--kafka-commit-interval: "soon" is not allowed; expected a whole number from 50 to 60000 (ms).',
    );
    expect(refusal({ environment: { OOMSCOPE_LOG_LEVEL: 'loud' } })).toContain(
      'expected one of debug, info, warn, error',
    );
    expect(refusal({ environment: { OOMSCOPE_ELASTICSEARCH_URL: 'es:9200' } })).toContain('http://');
    expect(refusal({ flags: { 'kafka-brokers': ' , ' } })).toContain('--kafka-brokers');
    expect(refusal({ file: fileWith('sink:\n  batch:\n    age: -1\n') })).toContain('sink.batch.age in ');
  });

  it('refuses a name in the file that is no option, and suggests one', () => {
    expect(refusal({ file: fileWith('kafka:\n  broker: a:9092\n') })).toContain('there is no option "kafka.broker"');
    expect(refusal({ file: fileWith('group: x\n') })).toContain('Did you mean kafka.group?');
  });

  it('never shows a secret', () => {
    const message = refusal({ environment: { OOMSCOPE_KAFKA_SASL_PASSWORD: '' } });
    expect(message).toContain('the value given');
    const url = { OOMSCOPE_ELASTICSEARCH_URL: 'https//user:hunter2@es:9200' };
    expect(refusal({ environment: url })).not.toContain('hunter2');
    for (const text of ['"hunter2', '*hunter2', '!hunter2 "', '{hunter2', '&hunter2 &hunter2 x']) {
      const file = fileWith(`log.level: warn\nkafka.sasl.password: ${text}\n`, 'quoted.yaml');
      expect(refusal({ file })).toContain('quoted.yaml is not YAML');
      expect(refusal({ file })).not.toContain('hunter2');
    }
  });

  it('says which file it could not read', () => {
    expect(refusal({ file: join(folder, 'missing.yaml') })).toContain('missing.yaml');
    expect(refusal({ file: fileWith('a: [', 'broken.yaml') })).toContain('broken.yaml');
  });

  it('reports variables that name no option', () => {
    const { unknownVariables } = loadConfig('worker', {
      flags: {},
      environment: { OOMSCOPE_KAFKA_BROKER: 'x', PATH: '' },
    });
    expect(unknownVariables).toEqual(['OOMSCOPE_KAFKA_BROKER']);
  });
});

describe('the table of options', () => {
  const table = OPTIONS as readonly OptionDefinition[];

  it('has each name once, and no two names with one variable', () => {
    expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
    expect(new Set(table.map(({ name }) => variableOf(name))).size).toBe(table.length);
  });

  it('has defaults that its own checks accept', () => {
    for (const option of table) {
      if (!('default' in option) || option.default === undefined) continue;
      const value = Array.isArray(option.default) ? option.default.join(',') : String(option.default);
      for (const command of option.commands) {
        const { values } = loadConfig(command, { flags: {}, environment: { [variableOf(option.name)]: value } });
        expect(values[option.name as keyof typeof values]).toEqual(option.default);
      }
    }
  });
});
