/** Secrets reach the servers that they are for and nothing that people or log collectors read. */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTemplates } from '../../../src/assets/index.ts';
import { flagOf, OPTIONS, type OptionDefinition, variableOf } from '../../../src/tables/options.ts';
import { freePorts } from '../../support/services/server-process.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'oomscope-secrets-'));
const IN_ADDRESS = 'secret:in%address@';

/** Every secret option with a value that no text holds by chance. */
const SECRETS = (OPTIONS as readonly OptionDefinition[])
  .filter(({ secret }) => secret)
  .map((option) => ({ ...option, value: `hush-${option.name.replaceAll('.', '-')}-7f3a` }));

/** The ways in which a secret could be written. */
const traces = [...SECRETS.map(({ value }) => value), IN_ADDRESS].flatMap((value) => [
  value,
  encodeURIComponent(value),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
  Buffer.from(`elastic:${value}`).toString('base64').replace(/=+$/, ''),
]);

let unreachable = 0;
let elasticsearch = '';
const authorizations = new Set<string | undefined>();

/** Answers as an Elasticsearch whose templates are in place. */
const server = createServer((request, response) => {
  authorizations.add(request.headers.authorization);
  const template = buildTemplates().find(({ name }) => decodeURIComponent(request.url ?? '').endsWith(`/${name}`));
  const kind = template?.kind === 'component' ? 'component_template' : 'index_template';
  const body = { [`${kind}s`]: [{ name: template?.name, [kind]: template?.body }] };
  response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
});

beforeAll(async () => {
  [unreachable = 0] = await freePorts(1);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  elasticsearch = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Run {
  readonly code: number | null;
  /** Standard output and error. */
  readonly text: string;
}

/** Runs a command; one that says `ending` is asked to end, as a worker goes on for ever. */
async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  ending?: RegExp,
): Promise<Run> {
  const child = spawn(process.execPath, [join(root, 'bin', 'oomscope.js'), ...args], {
    env: { PATH: process.env['PATH'], OOMSCOPE_HTTP_LISTEN: '127.0.0.1:0', ...environment },
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), 25_000);
  let text = '';
  let isAsked = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      if (isAsked || !ending?.test(text)) return;
      isAsked = child.kill('SIGTERM');
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(limit);
  return { code, text };
}

function expectNoSecret(text: string): void {
  for (const trace of traces) expect(text).not.toContain(trace);
}

const WORKER = SECRETS.filter(({ commands }) => commands.includes('worker'));

/** The secrets of a worker, by each way in. */
const WAYS: Readonly<Record<string, () => { args: string[]; environment: Record<string, string> }>> = {
  variables: () => ({
    args: [],
    environment: Object.fromEntries(WORKER.map(({ name, value }) => [variableOf(name), value])),
  }),
  'files of their own': () => {
    const environment: Record<string, string> = {};
    for (const { name, value } of WORKER) {
      writeFileSync(join(folder, name), `${value}\n`);
      environment[`${variableOf(name)}_FILE`] = join(folder, name);
    }
    return { args: [], environment };
  },
  flags: () => ({ args: WORKER.flatMap(({ name, value }) => [flagOf(name), value]), environment: {} }),
  'the configuration file': () => {
    const path = join(folder, 'oomscope.yaml');
    writeFileSync(path, WORKER.map(({ name, value }) => `${name}: ${value}\n`).join(''));
    return { args: ['--config', path], environment: {} };
  },
};

const login = () => ({
  OOMSCOPE_KAFKA_BROKERS: `127.0.0.1:${unreachable}`,
  OOMSCOPE_KAFKA_SASL_MECHANISM: 'plain',
  OOMSCOPE_KAFKA_SASL_USERNAME: 'worker',
  OOMSCOPE_ELASTICSEARCH_URL: `http://${elasticsearch}`,
  OOMSCOPE_ELASTICSEARCH_USERNAME: 'elastic',
});

describe('secrets', () => {
  it('are options of the table', () => {
    expect(WORKER.length).toBeGreaterThanOrEqual(4);
    for (const { name } of OPTIONS) {
      const isSecret = SECRETS.some((each) => each.name === name);
      expect(isSecret, name).toBe(/password|passphrase|secret|api\.key|token/.test(name));
    }
  });

  it.each(Object.keys(WAYS))('that come by %s are used and not shown by a worker', { timeout: 30_000 }, async (way) => {
    const { args, environment } = WAYS[way]?.() ?? { args: [], environment: {} };
    authorizations.clear();
    const { code, text } = await run(
      ['worker', '--log-level', 'debug', ...args],
      { ...login(), ...environment },
      /"kafka-retry"/,
    );
    expect(text).toContain('"kafka-client"');
    expect([...authorizations]).toEqual([
      `ApiKey ${WORKER.find(({ name }) => name === 'elasticsearch.api.key')?.value}`,
    ]);
    expectNoSecret(text);
    expect(code).toBe(0);
  });

  it.each(Object.keys(WAYS))(
    'that come by %s are not shown by --check-config and --help',
    { timeout: 30_000 },
    async (way) => {
      const { args, environment } = WAYS[way]?.() ?? { args: [], environment: {} };
      for (const flag of ['--check-config', '--help']) {
        const { code, text } = await run(['worker', ...args, flag], { ...login(), ...environment });
        expectNoSecret(text);
        expect(text).toContain('kafka');
        expect(code).toBe(0);
      }
    },
  );

  it('in the address of Elasticsearch are used and not shown', { timeout: 60_000 }, async () => {
    const userInfo = `elastic:${encodeURIComponent(IN_ADDRESS)}`;
    const environment = { ...login(), OOMSCOPE_ELASTICSEARCH_USERNAME: '', OOMSCOPE_KAFKA_SASL_PASSWORD: 'x' };
    const { OOMSCOPE_ELASTICSEARCH_USERNAME: _, ...rest } = environment;
    authorizations.clear();
    const reached = { ...rest, OOMSCOPE_ELASTICSEARCH_URL: `http://${userInfo}@${elasticsearch}` };
    const worker = await run(['worker', '--log-level', 'debug'], reached, /"kafka-retry"/);
    expect([...authorizations]).toEqual([`Basic ${Buffer.from(`elastic:${IN_ADDRESS}`).toString('base64')}`]);
    const lost = { ...rest, OOMSCOPE_ELASTICSEARCH_URL: `http://${userInfo}@127.0.0.1:${unreachable}` };
    const texts = [worker.text, (await run(['worker', '--log-level', 'debug'], lost, /"sink-retry"/)).text];
    // The server has no index: the answer names it.
    texts.push((await run(['query', 'victims'], reached)).text);
    expect(texts.at(-1)).toContain('has no index oom-report-*');
    for (const args of [
      ['worker', '--check-config'],
      ['setup'],
      ['query', 'victims'],
      ['prune', '--older-than', '400d'],
      ['reanalyse'],
    ]) {
      texts.push((await run(args, lost)).text);
    }
    for (const text of texts) {
      expect(text).toContain('127.0.0.1');
      expectNoSecret(text);
    }
  });
});
