/** `oomscope worker --check-config` as an operator runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/ops/index.ts';

const launcher = join(import.meta.dirname, '..', '..', '..', 'bin', 'oomscope.js');
const folder = mkdtempSync(join(tmpdir(), 'oomscope-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function check(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'worker', '--check-config', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env['PATH'], ...environment },
  });
  const lineOf = (option: string) => stdout.split('\n').find((line) => line.includes(`${option}:`)) ?? '';
  return { status, stdout, stderr, lineOf };
}

describe('worker --check-config', () => {
  it('prints every value with its origin, no secret, and connects to nothing', () => {
    const config = fileWith('oomscope.yaml', 'kafka:\n  group: from-file\n  topics: [a, b]\n');
    const secret = fileWith('secret', 'hunter3\n');
    const { status, stdout, stderr, lineOf } = check(
      [
        ...['--config', config, '--parser-idle', '5000', '--kafka-sasl-mechanism', 'plain'],
        // Nobody listens there.
        ...['--kafka-brokers', '127.0.0.1:1', '--elasticsearch-url', 'http://me:hunter4@127.0.0.1:1'],
      ],
      {
        OOMSCOPE_KAFKA_GROUP: 'from-environment',
        OOMSCOPE_KAFKA_SASL_USERNAME: 'me',
        OOMSCOPE_KAFKA_SASL_PASSWORD: 'hunter2',
        OOMSCOPE_ELASTICSEARCH_API_KEY_FILE: secret,
      },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(lineOf('kafka.topics')).toMatch(/^kafka\.topics: \["a","b"\] +# kafka\.topics in .*oomscope\.yaml$/);
    expect(lineOf('kafka.group')).toMatch(/^kafka\.group: "from-environment" +# OOMSCOPE_KAFKA_GROUP$/);
    expect(lineOf('parser.idle')).toMatch(/^parser\.idle: 5000 +# --parser-idle$/);
    expect(lineOf('parser.age')).toMatch(/^parser\.age: 600000 +# default$/);
    expect(lineOf('elasticsearch.ca')).toMatch(/^# elasticsearch\.ca: +# not given$/);
    expect(lineOf('elasticsearch.api.key')).toMatch(/"\*{8}" +# OOMSCOPE_ELASTICSEARCH_API_KEY_FILE$/);
    expect(stdout).not.toMatch(/hunter/);
    expect(stdout).toContain('valid');
  });

  it('prints a configuration that can be read again', () => {
    const { stdout } = check(['--kafka-group', 'a: b # c', '--records-labels', 'cluster=fields.cluster']);
    const file = fileWith('again.yaml', stdout);
    const flags = { 'kafka-group': 'a: b # c', 'records-labels': 'cluster=fields.cluster' };
    const given = loadConfig('worker', { flags, environment: {} }).values;
    expect(loadConfig('worker', { flags: {}, environment: {}, file }).values).toEqual(given);
  });

  it.each([
    ['a value that is not allowed', ['--parser-idle', 'soon'], '--parser-idle'],
    ['values that exclude one another', ['--parser-idle', '600000'], 'parser.idle 600000 is not below'],
    ['a schema file that is not there', ['--records-avro-schema', '/nonexistent.avsc'], '/nonexistent.avsc'],
    ['a format without its schema', ['--records-format', 'avro'], 'records.avro.schema'],
    ['a pattern of topics that nobody can read', ['--kafka-topics', '/sys[/'], 'kafka.topics'],
    ['a beginning that nobody can read', ['--start', 'yesterday'], 'start'],
    ['a label without a field', ['--records-labels', 'cluster'], 'records.labels'],
    ['a password that is missing', ['--kafka-sasl-mechanism', 'plain', '--kafka-sasl-username', 'a'], 'sasl.password'],
    ['a certificate that is not there', ['--kafka-tls', '--kafka-tls-ca', '/nonexistent.pem'], '/nonexistent.pem'],
    [
      'a certificate that is none',
      ['--elasticsearch-url', 'https://es.example:9200', '--elasticsearch-ca', fileWith('bad.pem', 'no certificate')],
      'elasticsearch.ca',
    ],
  ])('ends with 2 and names %s', (_, args, text) => {
    const { status, stdout, stderr } = check(args);
    expect(stderr).toContain(text);
    expect(status).toBe(2);
    expect(stdout).not.toContain('valid');
  });
});
