import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/ops/index.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}

const compose = parse(read('docker-compose.yml')) as { services: Record<string, Service> };

describe('docker-compose.yml', () => {
  const schema: unknown = JSON.parse(read('test/support/vendor/compose-spec/compose-spec.json'));
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { duration: true, 'uri-reference': true } });
  ajv.addMetaSchema({
    ...(ajv.getSchema('http://json-schema.org/draft-07/schema')?.schema as object),
    $id: 'https://json-schema.org/draft-07/schema',
  });
  const validate = ajv.compile(schema as object);

  it('keeps to the compose specification', () => {
    expect(validate(compose), JSON.stringify(validate.errors)).toBe(true);
  });

  it('is checked by a schema that refuses what compose does not know', () => {
    expect(validate({ services: { worker: { imagee: 'x' } } })).toBe(false);
  });

  it('has every part of the data path', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      ['elasticsearch', 'kafka', 'kibana', 'rsyslog', 'setup', 'simulator', 'topics', 'worker'].sort(),
    );
  });

  it('pins every image', () => {
    for (const { image, build } of Object.values(compose.services)) {
      if (build === undefined) expect(image).toMatch(/^[a-z/]+:\d+\.\d+\.\d+$/);
    }
  });

  it('gives the worker only options that exist, with values that are allowed', () => {
    const { environment = {} } = compose.services['worker'] ?? {};
    const { values, unknownVariables } = loadConfig('worker', { flags: {}, environment });
    expect(unknownVariables).toEqual([]);
    expect(values['kafka.brokers']).toEqual(['kafka:9092']);
    expect(values['sink.setup']).toBe(true);
    expect(Object.keys(environment).length).toBeGreaterThan(3);
  });

  it('gives setup only options that exist, and lets it wait for both servers', () => {
    const { environment = {}, command, depends_on = {} } = compose.services['setup'] ?? {};
    const { values, unknownVariables } = loadConfig('setup', { flags: {}, environment });
    expect(command).toEqual(['setup']);
    expect(unknownVariables).toEqual([]);
    expect(values['kibana']).toBe('http://kibana:5601');
    for (const server of ['elasticsearch', 'kibana']) {
      expect(depends_on[server]).toEqual({ condition: 'service_healthy' });
      expect(compose.services[server]?.healthcheck).toBeDefined();
    }
  });

  it('gives the simulator only options that exist, and the topic that the worker reads', () => {
    const { environment = {}, command } = compose.services['simulator'] ?? {};
    const { values, unknownVariables } = loadConfig('simulate', { flags: {}, environment });
    expect(command).toEqual(['simulate']);
    expect(unknownVariables).toEqual([]);
    expect(values['kafka.brokers']).toEqual(['kafka:9092']);
    const worker = loadConfig('worker', { flags: {}, environment: compose.services['worker']?.environment ?? {} });
    expect(worker.values['kafka.topics']).toEqual([values['topic']]);
  });

  it('lets Kibana run rules', () => {
    const key = compose.services['kibana']?.environment?.['XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY'] ?? '';
    expect(key.length).toBeGreaterThanOrEqual(32);
  });

  it('opens ports on this machine only', () => {
    for (const { ports = [] } of Object.values(compose.services)) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('runs the worker as a user without rights and with a health check', () => {
    const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(final).toMatch(/^USER node$/m);
    expect(final).toMatch(/^HEALTHCHECK /m);
    expect(final).toMatch(/^ENTRYPOINT \["node"/m);
  });

  it('sets only options that exist', () => {
    const environment = Object.fromEntries(
      [...dockerfile.matchAll(/\b(OOMSCOPE_[A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name ?? '', value ?? '']),
    );
    expect(Object.keys(environment)).not.toHaveLength(0);
    expect(loadConfig('worker', { flags: {}, environment }).unknownVariables).toEqual([]);
  });
});
