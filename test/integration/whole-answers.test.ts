/** What is asked of Elasticsearch is answered whole or not at all; `oomscope query` on a server. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { buildTemplates, installTemplates } from '../../src/assets/index.ts';
import {
  createElasticsearchClient,
  type ElasticsearchClient,
  expectOk,
  readKey,
} from '../../src/clients/elasticsearch.ts';
import { toWrite } from '../../src/document/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { ReportStore } from '../../src/ports.ts';
import {
  askElasticsearch,
  countOlder,
  createElasticsearchStore,
  hasReportIndices,
  intervalOf,
  QUESTIONS,
  scanOlder,
} from '../../src/store/index.ts';
import { runOomscope } from '../support/command.ts';
import { fullAnalysis, fullReport } from '../support/reports.ts';

const server = inject('elasticsearch');
const DAY_MS = 86_400_000;
/** A month of its own, beside that of the report. */
const OTHER = 'oom-report-2020.02.01';

describe.skipIf(!server)('answers of Elasticsearch', () => {
  let client: ElasticsearchClient;
  let store: ReportStore;
  const put = async (
    path: string,
    body: Record<string, unknown>,
    query: Record<string, string> = {},
  ): Promise<void> => {
    expect(await client.request({ method: 'PUT', path, query, body })).toMatchObject({
      status: expect.toSatisfy((status: number) => status === 200 || status === 201),
    });
  };
  const wipe = () => client.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });
  const period = { fromMs: systemClock.nowMs() - 9_000 * DAY_MS, interval: intervalOf(9_000 * DAY_MS) };

  /** The command as an operator runs it. */
  const query = (...args: string[]) =>
    runOomscope(['query', ...args, '--elasticsearch-url', server?.url ?? '']).then(
      (printed) => ({ code: 0, ...printed }),
      (error: { code: unknown; stdout: string; stderr: string }) => error,
    );

  beforeAll(() => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 60_000 });
    store = createElasticsearchStore(client);
  });
  beforeEach(async () => {
    await wipe();
    await installTemplates(client, { dynamic: 'strict' });
    const identity = { id: 'a', version: 1024, timestampMs: systemClock.nowMs() - 3_600_000 };
    const { index, document } = toWrite(fullReport(), fullAnalysis({ identity }));
    await put(`/${index}/_doc/a`, { ...document }, { refresh: 'true' });
  });
  afterAll(async () => {
    await wipe();
    await client.close();
  });

  /** A month whose primary shard is on no node. */
  const makeUnassigned = () =>
    put(
      `/${OTHER}`,
      { settings: { 'index.routing.allocation.require._name': 'nowhere' } },
      { wait_for_active_shards: '0', timeout: '1s' },
    );

  /** A month that was made without the template, so that its verdict is a text. */
  async function makeUntemplated(): Promise<void> {
    const mapping = buildTemplates().find(({ name }) => name === 'oom-report@mappings')?.body;
    const mappings = JSON.parse(JSON.stringify(readKey(readKey(mapping, 'template'), 'mappings')));
    mappings.properties.oom.properties.verdict = { type: 'text' };
    await client.request({ method: 'DELETE', path: '/_index_template/oom-report' });
    await put(`/${OTHER}`, { mappings });
    await put(`/${OTHER}/_doc/b`, { '@timestamp': '2020-02-03T00:00:00Z', oom: { verdict: 'x' } }, { refresh: 'true' });
  }

  /** Everything that reads; each is to end by itself. */
  const READERS: Readonly<Record<string, () => Promise<unknown>>> = {
    'a look for indices': () => hasReportIndices(client),
    'a count': () => countOlder(client, 1_000_000),
    'a page of older reports': async () => {
      const hasty = { ...systemClock, sleep: async () => {} };
      for await (const page of scanOlder(client, hasty, 1_000_000)) return page;
      return undefined;
    },
    'a report by its id': () => store.get('a'),
    'a search': () => store.search({}, 10),
    'counts by a field': () => store.aggregate('host.name'),
    'a scan': async () => {
      for await (const document of store.scan()) return document;
      return undefined;
    },
  };

  it.each(QUESTIONS.map((question) => [question.name, question] as const))(
    '%s is not answered while a shard is missing',
    async (_name, question) => {
      await makeUnassigned();
      await expect(askElasticsearch(client, question, period)).rejects.toMatchObject({
        code: 'SINK_UNREACHABLE',
        message: expect.stringMatching(
          /oom-report-2020\.02\.01 at http.* has no answer \(.*shard.*allocation\/explain/,
        ),
      });
    },
  );

  it.each(Object.keys(READERS))('%s does not end well while a shard is missing', async (name) => {
    await makeUnassigned();
    await expect(READERS[name]?.()).rejects.toThrow(/oom-report-2020\.02\.01 at http.* has no answer/);
  });

  it('names the index whose field is of another type, and what to do', async () => {
    await makeUntemplated();
    const { code, stdout, stderr } = await query('trend', '--since', '9000d');
    expect(stderr).toMatch(/oom-report-2020\.02\.01 at .* has no answer \(Fielddata is disabled.*reindex it under the/);
    expect([code, stdout]).toEqual([4, '']);
    await expect(store.aggregate('oom.verdict')).rejects.toThrow(/oom-report-2020\.02\.01/);
  });

  it.each(Object.keys(READERS))('%s passes over a closed month', async (name) => {
    await put(`/${OTHER}`, {});
    await expectOk(client, 'closing', { method: 'POST', path: `/${OTHER}/_close` });
    expect(await READERS[name]?.()).toBeTruthy();
  });

  it('none is an answer where there is no index at all', async () => {
    await wipe();
    for (const question of QUESTIONS) {
      expect(await askElasticsearch(client, question, period)).toMatchObject({ rows: [] });
    }
    expect(await hasReportIndices(client)).toBe(false);
    expect(await countOlder(client, 1_000_000)).toBe(0);
    expect(await store.search({}, 10)).toEqual([]);
  });

  describe('oomscope query', () => {
    it('prints a table', async () => {
      const { code, stdout, stderr } = await query('victims');
      expect(stdout).toMatch(/^Top victims, last 7d\n\nvictim .*\nspooler +1 /);
      expect([code, stderr]).toEqual([0, '']);
    });

    it('prints one JSON object', async () => {
      const { code, stdout } = await query('at-risk', '--json');
      const { question, columns, rows } = JSON.parse(stdout);
      expect([question, columns[0], rows.length]).toEqual(['at-risk', { name: 'host', kind: 'text' }, 1]);
      expect(rows[0].slice(0, 3)).toEqual(['build7', 1, 1]);
      expect([code, stdout.trimEnd().includes('\n')]).toEqual([0, false]);
    });

    it('says on standard error that no report was ever written', async () => {
      await wipe();
      const { code, stderr } = await query('victims', '--json');
      expect(stderr).toContain(`${server?.url} has no index oom-report-*`);
      expect(code).toBe(0);
    });

    it('says nothing of a fleet of which a part is missing', async () => {
      await makeUnassigned();
      const { code, stdout, stderr } = await query('victims');
      expect(stderr).toMatch(/^oomscope: asking for victims: oom-report-2020\.02\.01 at /);
      expect([code, stdout]).toEqual([4, '']);
    });
  });
});
