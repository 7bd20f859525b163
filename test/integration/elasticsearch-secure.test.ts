/** TLS, credentials and roles against a real Elasticsearch with security. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  checkTemplates,
  findTemplates,
  installTemplates,
  planInstallation,
  removeTemplate,
} from '../../src/assets/index.ts';
import {
  createElasticsearchClient,
  type ElasticsearchClient,
  errorOf,
  expectOk,
  readKey,
} from '../../src/clients/elasticsearch.ts';
import { toWrite } from '../../src/document/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import { createElasticsearchSink } from '../../src/sink/index.ts';
import {
  askElasticsearch,
  countOlder,
  createElasticsearchStore,
  deleteMonth,
  findMonths,
  QUESTIONS,
  rewriteReports,
  scanOlder,
} from '../../src/store/index.ts';
import { runOomscope } from '../support/command.ts';
import { documentedPrivileges } from '../support/documented-privileges.ts';
import { MemoryDeadLetters, MemoryLogger } from '../support/fakes.ts';
import { fullAnalysis, fullReport, SAMPLE_MS } from '../support/reports.ts';
import { NoService, startSecureElasticsearch } from '../support/services.ts';

const METRICS = { increment: () => {}, set: () => {}, observe: () => {}, remove: () => {} };

/** undefined where no local server can be started. */
const service =
  inject('elasticsearch') === undefined
    ? undefined
    : await startSecureElasticsearch().catch((error: unknown) => {
        if (error instanceof NoService && process.env['REQUIRE_INTEGRATION'] !== '1') return undefined;
        throw error;
      });

afterAll(() => service?.stop());

describe.skipIf(service === undefined)('Elasticsearch with security', () => {
  if (service === undefined) return;
  const { url, security } = service;
  const { ca, fingerprint, password } = security;
  const caFile = join(mkdtempSync(join(tmpdir(), 'oomscope-ca-')), 'ca.pem');
  writeFileSync(caFile, ca);
  const clients: ElasticsearchClient[] = [];
  let admin: ElasticsearchClient;

  type Options = Partial<Parameters<typeof createElasticsearchClient>[0]>;

  const clientOf = (options: Options): ElasticsearchClient => {
    const client = createElasticsearchClient({ url, timeoutMs: 30_000, ...options });
    clients.push(client);
    return client;
  };

  const clientFor = (username: string): ElasticsearchClient => clientOf({ caFile, username, password });

  const health = (options: Options) => clientOf(options).request({ method: 'GET', path: '/_cluster/health' });

  beforeAll(() => {
    admin = clientFor('admin');
  });

  afterAll(() => Promise.all(clients.map((client) => client.close())));

  describe('trust', () => {
    const login = { username: 'admin', password };

    it.each([
      ['the file of the CA', { caFile }],
      ['its fingerprint', { fingerprint }],
      ['its fingerprint as Elasticsearch prints it', { fingerprint: fingerprint.replaceAll(':', '').toLowerCase() }],
    ])('comes from %s', async (_name, trust) => {
      expect(await health({ ...login, ...trust })).toMatchObject({ kind: 'answer', status: 200 });
    });

    it('is missing: the options are named', async () => {
      expect(await health(login)).toMatchObject({
        kind: 'failure',
        message: expect.stringMatching(/certificate.*elasticsearch\.ca and elasticsearch\.fingerprint/),
      });
    });

    it('is put in another CA: both fingerprints are named', async () => {
      const other = 'ab'.repeat(32);
      const answer = await health({ ...login, fingerprint: other });
      expect(answer).toMatchObject({ kind: 'failure', message: expect.stringContaining(other) });
      expect(answer).toMatchObject({ message: expect.stringContaining(fingerprint.replaceAll(':', '').toLowerCase()) });
    });
  });

  describe('credentials', () => {
    it('may stand in the address, and are not shown', async () => {
      const client = clientOf({ url: url.replace('//', `//admin:${encodeURIComponent(password)}@`), caFile });
      expect(await client.request({ method: 'GET', path: '/_cluster/health' })).toMatchObject({ status: 200 });
      expect(client.address).toBe(url);
    });

    it('that are wrong are refused, and the options are named', async () => {
      const client = clientOf({ caFile, username: 'admin', password: 'wrong' });
      await expect(checkTemplates(client)).rejects.toMatchObject({
        code: 'SINK_FORBIDDEN',
        message: expect.stringMatching(/401.*elasticsearch\.api\.key or elasticsearch\.username/),
      });
    });

    it('may be an API key with the privileges of a role', async (context) => {
      const made = await admin.request({
        method: 'POST',
        path: '/_security/api_key',
        body: {
          name: 'query',
          role_descriptors: { reader: { indices: [{ names: ['oom-*'], privileges: ['read'] }] } },
        },
      });
      const body = made.kind === 'answer' ? made.body : undefined;
      // A server out of parts cannot keep them: its security index asks for what the parts lack.
      if (made.kind === 'answer' && made.status === 400) return context.skip(errorOf(body).reason);
      expect(made).toMatchObject({ kind: 'answer', status: 200 });
      const apiKey = String(readKey(body, 'encoded'));
      const keyed = clientOf({ caFile, apiKey, username: 'admin', password: 'not used' });
      const search = { method: 'POST', path: '/oom-report-*/_search' } as const;
      expect(await keyed.request(search)).toMatchObject({ kind: 'answer', status: 200 });
      expect(await keyed.request({ method: 'GET', path: '/_cluster/health' })).toMatchObject({ status: 403 });
    });
  });

  describe('the role', () => {
    const write = (id: string, version: number, supersedes: readonly { id: string; index: string }[] = []) => ({
      ...toWrite(fullReport(), fullAnalysis({ identity: { id, version, timestampMs: SAMPLE_MS } }), SAMPLE_MS),
      supersedes,
    });

    const writeAll = async (client: ElasticsearchClient): Promise<void> => {
      const sink = createElasticsearchSink(
        { maxDocuments: 10, maxBytes: 5_000_000, maxAgeMs: 10, retentionDays: 36_500 },
        {
          client,
          clock: systemClock,
          logger: new MemoryLogger(),
          metrics: METRICS,
          deadLetters: new MemoryDeadLetters(),
        },
      );
      const { index } = write('a', 1);
      for (const each of [write('a', 1), write('b', 1024, [{ id: 'a', index }])]) {
        const written = sink.write(each);
        written.catch(() => {});
        await sink.flush();
        expect(await written).toBe('created');
      }
    };

    /** What is done with each role; rejects when it is not allowed. */
    const ACTS: Readonly<Record<string, (client: ElasticsearchClient) => Promise<void>>> = {
      'oomscope-worker': async (client) => {
        await checkTemplates(client);
        await writeAll(client);
      },
      'oomscope-setup': async (client) => {
        for (const template of await findTemplates(client)) await removeTemplate(client, template);
        await admin.request({ method: 'PUT', path: '/oom-report-2026.01.01', body: {} });
        await installTemplates(client);
        expect((await installTemplates(client)).map(({ change }) => change)).not.toContain('updated');
      },
      'oomscope-upkeep': async (client) => {
        await writeAll(client);
        await admin.request({ method: 'POST', path: '/oom-report-*/_refresh' });
        await checkTemplates(client);
        expect(await countOlder(client, 1_000_000)).toBe(1);
        for await (const page of scanOlder(client, systemClock, 1_000_000)) {
          const rewrites = page.map((each) => ({ ...each, version: 1_000_000 }));
          expect(await rewriteReports(client, systemClock, rewrites)).toEqual([{ kind: 'rewritten' }]);
        }
        await expectOk(client, 'reading settings', { method: 'GET', path: '/oom-report-*/_settings' });
        await planInstallation(client);
        const months = await findMonths(client, Number.MAX_SAFE_INTEGER);
        expect(months).toHaveLength(1);
        for (const month of months) await deleteMonth(client, month);
      },
      'oomscope-reader': async (client) => {
        await writeAll(admin);
        await admin.request({ method: 'POST', path: '/oom-report-*/_refresh' });
        const period = { fromMs: SAMPLE_MS - 1_000, toMs: SAMPLE_MS + 1_000, interval: 'day' } as const;
        for (const question of QUESTIONS) await askElasticsearch(client, question, period);
        const store = createElasticsearchStore(client);
        expect(await store.get('b')).toBeDefined();
        for await (const document of store.scan()) expect(readKey(document, 'oom')).toBeDefined();
        for (const alias of ['oom-report', 'logs-oom.report']) {
          const body = await expectOk(client, 'searching', { method: 'POST', path: `/${alias}/_search` });
          expect(readKey(readKey(readKey(body, 'hits'), 'total'), 'value')).toBe(1);
        }
        await expectOk(client, 'reading the mapping', { method: 'GET', path: '/oom-report-*/_mapping' });
      },
    };

    beforeEach(async () => {
      await admin.request({ method: 'DELETE', path: '/oom-report-*' });
      await installTemplates(admin);
    });

    it.each(Object.keys(ACTS))('%s allows what it is for', async (name) => {
      await ACTS[name]?.(clientFor(name));
    });

    // No server here has lifecycles.
    const untested = ['oomscope-setup-without-manage_ilm-of-the-cluster'];
    it.each(security.lacking.filter(({ name }) => !untested.includes(name)))(
      '$role needs $privilege',
      async ({ name, role }) => {
        await expect(ACTS[role]?.(clientFor(name))).rejects.toThrow(/unauthorized/);
      },
    );

    /** A run of each command, and what it says when all went well. */
    const RUNS: Readonly<Record<string, { readonly args: readonly string[]; readonly says: RegExp }>> = {
      query: { args: ['query', 'at-risk', '--since', '9000d'], says: /^Hosts at risk/ },
      reanalyse: { args: ['reanalyse'], says: /^1 of 1 were rewritten\.$/m },
      prune: { args: ['prune', '--older-than', '400d'], says: /^oom-report-2020\.01\.01 .*: deleted$/m },
    };

    it('of each command is documented', () => {
      expect(documentedPrivileges().map(({ command }) => command)).toEqual(Object.keys(RUNS));
    });

    it.each(documentedPrivileges())('as docs/upkeep.md has it suffices for $command', async ({ command, role }) => {
      await writeAll(admin);
      const { index } = write('b', 1);
      const older = { doc: { oom: { analyzer: { revision: 0 } } } };
      expect(await admin.request({ method: 'POST', path: `/${index}/_update/b`, body: older })).toMatchObject({
        status: 200,
      });
      // An update that changes nothing does not refresh.
      await admin.request({ method: 'POST', path: `/${index}/_refresh` });
      await admin.request({ method: 'PUT', path: '/oom-report-2020.01.01', body: {} });
      const { args = [], says = /^$/ } = RUNS[command] ?? {};
      const login = ['--elasticsearch-url', url, '--elasticsearch-username', role, '--elasticsearch-ca', caFile];
      const env = { ...process.env, OOMSCOPE_ELASTICSEARCH_PASSWORD: password };
      const { stdout } = await runOomscope([...args, ...login], env);
      expect(stdout).toMatch(says);
    });

    it.each([
      ['oomscope-worker', 'POST', '/oom-report-2026.01.01/_search', undefined],
      ['oomscope-worker', 'PUT', '/other/_doc/a', { a: 1 }],
      ['oomscope-worker', 'DELETE', '/oom-report-2026.01.01', undefined],
      ['oomscope-reader', 'PUT', '/oom-report-2026.01.01/_doc/a', { a: 1 }],
      ['oomscope-upkeep', 'PUT', '/_index_template/oom-report', { index_patterns: ['a'] }],
    ] as const)('%s does not allow %s %s', async (name, method, path, body) => {
      expect(await clientFor(name).request({ method, path, ...(body && { body }) })).toMatchObject({ status: 403 });
    });
  });
});
