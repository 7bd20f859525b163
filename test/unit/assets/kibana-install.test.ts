/** What `oomscope setup --kibana` sends, against a server that checks it as Kibana's API documents it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildKibanaConnector, buildKibanaRules, installKibana, REPORT_ALERTS } from '../../../src/assets/index.ts';
import { createKibanaClient, type KibanaOptions } from '../../../src/clients/kibana.ts';
import { FakeKibana } from '../../support/kibana/fake-kibana.ts';

let kibana: FakeKibana;
let url: string;

const start = async (basePath = ''): Promise<void> => {
  kibana = new FakeKibana(basePath);
  url = await kibana.start();
};
const clientOf = (options: Partial<KibanaOptions> = {}) => createKibanaClient({ url, timeoutMs: 5000, ...options });
const install = (options: Partial<KibanaOptions> = {}) => installKibana(clientOf(options));
const wordsOf = (changes: Awaited<ReturnType<typeof installKibana>>) => new Set(changes.map(({ change }) => change));

beforeEach(() => start());
afterEach(() => kibana.stop());

const [anyRule] = buildKibanaRules();
const ruleId = anyRule?.id ?? '';

describe('installKibana', () => {
  it('imports the objects, creates the connector and the rules', async () => {
    const changes = await install();
    expect(kibana.objects.size).toBeGreaterThan(8);
    expect([...kibana.connectors.keys()]).toEqual([buildKibanaConnector().id]);
    expect([...kibana.rules.keys()]).toEqual(buildKibanaRules().map(({ id }) => id));
    expect(changes.filter(({ kind }) => kind === 'rule')).toHaveLength(REPORT_ALERTS.length);
    expect(kibana.writes[0]).toBe('POST /api/saved_objects/_import?overwrite=true');
  });

  it('changes no rule the second time', async () => {
    await install();
    const rules = structuredClone([...kibana.rules]);
    expect(wordsOf(await install())).toEqual(new Set(['imported', 'unchanged']));
    expect([...kibana.rules]).toEqual(rules);
  });

  it('brings a rule up to date and leaves what the operator made of it', async () => {
    await install();
    const own = { id: 'mail', group: 'query matched', params: { to: ['ops'] }, uuid: 'u', connector_type_id: '.email' };
    kibana.connectors.set('mail', {});
    kibana.rules.set(ruleId, {
      ...kibana.rules.get(ruleId),
      params: { old: true },
      actions: [own],
      schedule: { interval: '9m' },
      enabled: false,
    });
    const changes = await install();
    expect(changes.filter(({ change }) => change === 'updated').map(({ name }) => name)).toEqual([anyRule?.name]);
    expect(kibana.rules.get(ruleId)).toMatchObject({
      params: anyRule?.body['params'],
      actions: [{ id: 'mail', params: { to: ['ops'] } }],
      schedule: { interval: '9m' },
      enabled: false,
    });
  });

  it('only looks in a dry run', async () => {
    const changes = await installKibana(clientOf(), { dryRun: true });
    expect(wordsOf(changes)).toEqual(new Set(['imported', 'created']));
    expect(kibana.writes).toEqual([]);
  });

  it('says which objects were refused and why, though the answer was 200', async () => {
    kibana.refused.set('oomscope-fleet', {
      type: 'unknown',
      message: 'belongs to a more recent version of Kibana',
      statusCode: 422,
    });
    kibana.refused.set('oom-report', { type: 'ambiguous_conflict' });
    await expect(install()).rejects.toMatchObject({ code: 'KIBANA_REFUSED' });
    await expect(install()).rejects.toThrow(
      /imported \d+ of \d+.*index-pattern oom-report: ambiguous_conflict; dashboard oomscope-fleet: belongs to a more recent/,
    );
    expect(kibana.rules.size).toBe(0);
  });

  it.each([
    ['8.19.8', '8.19'],
    ['9.0.0', '9'],
    ['9.4.1-SNAPSHOT', '9'],
  ])('takes version %s for the file of %s', async (version, line) => {
    kibana.version = version;
    const [objects] = await install();
    expect(objects?.name).toContain(`kibana-${line}.ndjson`);
  });

  it.each(['7.17.28', '8.18.4', '10.0.0', ''])('refuses version %j before anything is written', async (version) => {
    kibana.version = version;
    await expect(install()).rejects.toThrow(/expected 8\.19 or 9\.x/);
    expect(kibana.writes).toEqual([]);
  });

  it('works behind a base path and in a space', async () => {
    await kibana.stop();
    await start('/kibana/s/ops');
    await install({ url: `${url}/` });
    expect(kibana.rules.size).toBe(REPORT_ALERTS.length);
  });
});

describe('the client', () => {
  it.each([
    ['an API key', { apiKey: 'a2V5' }, 'ApiKey a2V5'],
    ['user and password', { username: 'elastic', password: 'p:w' }, `Basic ${btoa('elastic:p:w')}`],
    ['the key before the user', { apiKey: 'a2V5', username: 'elastic' }, 'ApiKey a2V5'],
  ])('authenticates by %s', async (_name, options, expected) => {
    kibana.expects = expected;
    await install(options);
    expect(kibana.requests.every(({ authorization }) => authorization === expected)).toBe(true);
  });

  it('takes user and password out of the address and shows neither', async () => {
    kibana.expects = `Basic ${btoa('elastic:secret')}`;
    const given = url.replace('http://', 'http://elastic:secret@');
    await install({ url: given });
    kibana.expects = 'something else';
    const error: Error = await install({ url: given }).catch((error) => error);
    expect(error.message).toMatch(/answered 401 .*elasticsearch\.api\.key/);
    expect(error.message).not.toContain('secret');
  });

  it('says that nobody answers, and where', async () => {
    await kibana.stop();
    await expect(install()).rejects.toMatchObject({ code: 'KIBANA_UNREACHABLE' });
    await expect(install()).rejects.toThrow(/127\.0\.0\.1:\d+ \(kibana\): .*ECONNREFUSED/);
    await start();
  });

  it('says that Kibana is not ready', async () => {
    kibana.isReady = false;
    await expect(install()).rejects.toMatchObject({ code: 'KIBANA_UNREACHABLE', retryable: true });
    await expect(install()).rejects.toThrow(/503 \(Kibana server is not ready yet\)/);
  });

  it('refuses what is no address', () => {
    expect(() => createKibanaClient({ url: 'kibana', timeoutMs: 1 })).toThrow(/expected http/);
  });
});

describe('oomscope setup --kibana', () => {
  const root = join(import.meta.dirname, '..', '..', '..');
  /** Runs beside the fake server, which lives in this process. */
  const setup = (...args: string[]): Promise<{ status: number | null; output: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [join(root, 'bin', 'oomscope.js'), 'setup', '--kibana', url, ...args]);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      child.on('close', (status) => resolve({ status, output }));
    });

  it('asks Elasticsearch first: without it Kibana is not touched', async () => {
    const { status, output } = await setup('--elasticsearch-url', 'http://127.0.0.1:9');
    expect(output).toContain('does not answer');
    expect(status).toBe(4);
    expect(kibana.requests).toEqual([]);
  }, 30_000);
});
