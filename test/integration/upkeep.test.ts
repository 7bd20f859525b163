/** What operators do to the index beside writing: reanalyse, prune, setup --remove, setup --lifecycle. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { buildLifecycleTemplate, checkTemplates, installTemplates } from '../../src/assets/index.ts';
import {
  createElasticsearchClient,
  type ElasticsearchClient,
  expectOk,
  readKey,
} from '../../src/clients/elasticsearch.ts';
import { buildMapping, countFields, SCHEMA_VERSION } from '../../src/document/index.ts';
import { ANALYZER_REVISION } from '../../src/enrich/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { DocumentWrite } from '../../src/ports.ts';
import { countOlder, rewriteReports, scanOlder } from '../../src/store/index.ts';
import { runOomscope } from '../support/command.ts';
import { simulateMonth } from '../support/month.ts';

const server = inject('elasticsearch');
const INGESTED = '2026-09-04T05:06:07.089Z';

describe.skipIf(!server)('upkeep', () => {
  let client: ElasticsearchClient;

  const request = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: Record<string, unknown>) =>
    expectOk(client, `${method} ${path}`, { method, path, ...(body && { body }) });
  const refresh = () => request('POST', '/oom-report-*/_refresh');
  const wipe = async (): Promise<void> => {
    await request('DELETE', '/oom-report-*');
    for (const path of ['/_index_template/oom-report', '/_component_template/oom-report@*']) {
      await client.request({ method: 'DELETE', path });
    }
  };
  /** The command as an operator runs it; its standard output. */
  const oomscope = async (...args: string[]): Promise<string> => {
    return (await runOomscope([...args, '--elasticsearch-url', server?.url ?? ''])).stdout;
  };
  /** Where it fails: what it printed before, and with which exit code. */
  const failureOf = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    oomscope(...args).then(
      (output) => Promise.reject(new Error(`it did not fail: ${output}`)),
      (error) => error,
    );

  beforeAll(() => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 60_000 });
  });
  beforeEach(async () => {
    await wipe();
    await installTemplates(client, { dynamic: 'strict' });
  });
  afterAll(async () => {
    await wipe();
    await client.close();
  });

  describe('reanalyse', () => {
    const { writes } = simulateMonth({ hosts: 900, noisePerHost: 0 });

    /** What an older program would have written: an older revision, another verdict. */
    const olderOf = ({ document }: DocumentWrite): Record<string, unknown> => ({
      ...document,
      message: 'an older sentence',
      event: { ...Object(document['event']), ingested: INGESTED },
      oom: {
        ...Object(document['oom']),
        verdict: 'unexplained',
        analyzer: { ...Object(readKey(document['oom'], 'analyzer')), revision: ANALYZER_REVISION - 1 },
      },
    });

    const writeOlder = async (): Promise<void> => {
      const lines = writes.map((write) => {
        const action = { _index: write.index, _id: write.id, version: write.version - 1, version_type: 'external' };
        return `${JSON.stringify({ index: action })}\n${JSON.stringify(olderOf(write))}\n`;
      });
      const body = await expectOk(client, 'bulk', { method: 'POST', path: '/_bulk', lines: lines.join('') });
      expect(readKey(body, 'errors')).toBe(false);
      await refresh();
    };

    const stored = async () => {
      await refresh();
      const body = await request('POST', '/oom-report/_search', { size: 1000, version: true });
      const hits = readKey(readKey(body, 'hits'), 'hits');
      return new Map(
        (Array.isArray(hits) ? hits : []).map((hit) => [
          String(readKey(hit, '_id')),
          { version: Number(readKey(hit, '_version')), document: readKey(hit, '_source') },
        ]),
      );
    };

    beforeEach(writeOlder);

    it('rewrites every report in place, and keeps when it was ingested', async () => {
      expect(writes.length).toBeGreaterThan(120);
      const output = await oomscope('reanalyse');
      expect(output).toContain(`${writes.length} of ${writes.length} were rewritten.`);
      expect(output).toMatch(/unexplained -> memcg-limit: \d+/);
      const found = await stored();
      expect(found.size).toBe(writes.length);
      for (const { id, version, document } of writes) {
        const wanted = { ...document, event: { ...Object(document['event']), ingested: INGESTED } };
        expect(found.get(id)).toEqual({ version, document: JSON.parse(JSON.stringify(wanted)) });
      }
      expect(await oomscope('reanalyse')).toContain('0 of 0 were rewritten.');
    });

    it('changes nothing in a dry run, and says what it would', async () => {
      const before = await stored();
      const output = await oomscope('reanalyse', '--dry-run');
      expect(output).toContain(`${writes.length} of ${writes.length} would be rewritten.`);
      expect(output).toContain('Verdicts that changed:');
      expect(await stored()).toEqual(before);
    });

    it('goes on where a run was ended, and leaves alone what it cannot read', async () => {
      let first = 0;
      for await (const page of scanOlder(client, systemClock, ANALYZER_REVISION)) {
        first = page.length;
        const newer = new Map(writes.map((write) => [write.id, write]));
        const rewrites = page.flatMap(({ id }) => newer.get(id) ?? []);
        const outcomes = await rewriteReports(client, systemClock, rewrites);
        expect(outcomes.every(({ kind }) => kind === 'rewritten')).toBe(true);
        break;
      }
      await refresh();
      const left = await countOlder(client, ANALYZER_REVISION);
      expect(first).toBeGreaterThan(0);
      expect(left).toBe(writes.length - first);
      const broken = { '@timestamp': INGESTED, event: { id: 'broken' }, oom: { analyzer: { revision: 0 } } };
      await client.request({ method: 'PUT', path: '/oom-report-2026.08.01/_doc/broken', body: broken });
      await refresh();
      const output = await oomscope('reanalyse');
      expect(output).toContain(`${left} of ${left + 1} were rewritten.`);
      expect(output).toContain('1 stay as they are (it holds no oom.report): oom-report-2026.08.01/broken');
    });

    it('yields to a newer or fuller reading', async () => {
      const [first] = writes;
      if (!first) throw new Error('no write');
      const same = { ...first, version: first.version - 1 };
      expect(await rewriteReports(client, systemClock, [same])).toEqual([{ kind: 'overtaken' }]);
      const poison = { ...first, version: first.version + 1, document: { no: { such: 'field' } } };
      const [outcome] = await rewriteReports(client, systemClock, [poison]);
      expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/strict_dynamic_mapping/) });
    });

    it('asks for setup before it writes with a schema that the cluster lacks', async () => {
      await oomscope('setup', '--remove', '--yes');
      await expect(oomscope('reanalyse')).rejects.toMatchObject({
        code: 6,
        stderr: expect.stringMatching(/oomscope setup/),
      });
    });
  });

  describe('prune', () => {
    const months = async () => {
      const rows = await request('GET', '/_cat/indices/oom-report-*?format=json&h=index&expand_wildcards=all');
      return (Array.isArray(rows) ? rows : []).map((row) => String(readKey(row, 'index'))).sort();
    };

    it('deletes whole months that are old enough, closed ones too, and nothing else', async () => {
      const old = ['oom-report-2020.12.01', 'oom-report-2021.01.01'];
      const kept = ['oom-report-1970.01.01', 'oom-report-2021.01.02', 'oom-report-2999.01.01', 'oom-report-archive'];
      for (const index of [...old, ...kept]) await request('PUT', `/${index}`);
      await request('POST', '/oom-report-2020.12.01/_close');

      const dry = await oomscope('prune', '--older-than', '400d', '--dry-run');
      expect(dry.match(/would be deleted/g)).toHaveLength(2);
      expect(await months()).toEqual([...old, ...kept].sort());

      const output = await oomscope('prune', '--older-than', '400d');
      for (const index of old) expect(output).toContain(index);
      expect(await months()).toEqual(kept);
      expect(await oomscope('prune', '--older-than', '400d')).toContain('No month');
    });

    it('keeps a month until its last day is old enough', async () => {
      const now = new Date();
      const lastMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1));
      const index = `oom-report-${lastMonth.toISOString().slice(0, 7).replace('-', '.')}.01`;
      await request('PUT', `/${index}`);
      expect(await oomscope('prune', '--older-than', '32d')).toContain('No month');
      expect(await months()).toEqual([index]);
    });
  });

  describe('setup', () => {
    it('removes the templates once it is confirmed, and no others', async () => {
      await request('PUT', '/_component_template/oom-report@custom', { template: { settings: {} } });
      expect(await oomscope('setup', '--remove')).toContain('Nothing was removed');
      await checkTemplates(client);
      const output = await oomscope('setup', '--remove', '--yes');
      expect(output.match(/: removed/g)).toHaveLength(5);
      await expect(checkTemplates(client)).rejects.toMatchObject({ code: 'SINK_TEMPLATE_MISSING' });
      await request('GET', '/_component_template/oom-report@custom');
      expect(await oomscope('setup', '--remove', '--yes')).toContain('No template of oomscope');
    });

    const indexOf = async (name: string) => {
      const found = await request('GET', `/${name}?expand_wildcards=all&flat_settings=true`);
      return readKey(found, name);
    };
    const versionOf = async (name: string) =>
      readKey(readKey(readKey(await indexOf(name), 'mappings'), '_meta'), 'schema_version');
    /** A month as somebody may have made it: without the template. */
    const makeBare = async (name: string, mappings: Record<string, unknown>, settings = {}): Promise<void> => {
      await client.request({ method: 'DELETE', path: '/_index_template/oom-report' });
      await request('PUT', `/${name}`, { mappings, settings });
    };
    const POOR = { properties: { oom: { properties: { verdict: { type: 'keyword' } } } } };

    it('adds fields and aliases to a closed month too, and says so', async () => {
      const name = 'oom-report-2026.04.01';
      await makeBare(name, POOR);
      await request('POST', `/${name}/_close`);
      const output = await oomscope('setup');
      expect(output).toContain(`mapping of ${name}: updated`);
      expect(output).toContain(`aliases of ${name}: updated (oom-report, logs-oom.report)`);
      expect(await versionOf(name)).toBe(SCHEMA_VERSION);
      expect(await oomscope('setup')).not.toMatch(/created|updated/);
      await request('POST', `/${name}/_open`);
      expect(await oomscope('setup')).not.toMatch(/created|updated/);
      expect(await request('POST', '/oom-report/_count')).toMatchObject({ count: 0 });
    });

    it('refuses a month whose fields are all there but one of another type, as doctor does', async () => {
      const mappings = buildMapping();
      const oom = readKey(readKey(mappings, 'properties'), 'oom');
      Object.assign(Object(readKey(oom, 'properties')), { verdict: { type: 'text' } });
      await makeBare('oom-report-2026.06.01', mappings);
      for (const args of [['setup', '--dry-run'], ['setup']]) {
        expect(await failureOf(...args)).toMatchObject({
          code: 6,
          stdout: '',
          stderr: expect.stringMatching(/2026\.06\.01.*oom\.verdict is text, expected keyword.*reindex.*delete/),
        });
      }
      const missing = await client.request({ method: 'GET', path: '/_index_template/oom-report' });
      expect(missing).toMatchObject({ status: 404 });
    });

    it('gives a month that was made without the template its aliases', async () => {
      await makeBare('oom-report-2026.05.01', buildMapping());
      expect(await oomscope('setup', '--dry-run')).toContain('aliases of oom-report-2026.05.01: would be updated');
      expect(Object(readKey(await indexOf('oom-report-2026.05.01'), 'aliases'))).toEqual({});
      await oomscope('setup');
      expect(await request('POST', '/oom-report/_count')).toMatchObject({ count: 0 });
      expect(await request('POST', '/logs-oom.report/_count')).toMatchObject({ count: 0 });
    });

    it('finds what cannot be done before it changes anything', async () => {
      await makeBare('oom-report-2026.03.01', { properties: { message: { type: 'long' } } });
      await makeBare('oom-report-2026.04.01', POOR);
      expect(await failureOf('setup')).toMatchObject({ code: 6, stdout: '' });
      expect(await versionOf('oom-report-2026.04.01')).toBeUndefined();
      await expect(checkTemplates(client)).rejects.toMatchObject({ code: 'SINK_TEMPLATE_MISSING' });
    });

    it('makes room for its fields where labels have filled the limit', async () => {
      const name = 'oom-report-2026.05.01';
      const { message: _, ...properties } = Object(buildMapping()['properties']);
      await makeBare(name, { ...buildMapping(), properties }, { 'index.mapping.total_fields.limit': 400 });
      const room = 400 - countFields({ properties });
      const labels = Object.fromEntries(Array.from({ length: room }, (_, index) => [`l${index}`, 'v']));
      const document = { '@timestamp': '2026-05-02T00:00:00Z', oom: { labels } };
      await expectOk(client, 'bulk', {
        method: 'POST',
        path: '/_bulk',
        lines: `{"index":{"_index":"${name}","_id":"a"}}\n${JSON.stringify(document)}\n`,
      });
      expect(await oomscope('setup')).toContain(`limit of fields of ${name}: updated (400 to 401)`);
      expect(await versionOf(name)).toBe(SCHEMA_VERSION);
      expect(await oomscope('setup')).not.toMatch(/created|updated/);
    });

    it('refuses a month of a newer schema after the templates are gone, and reanalyse stops at an older one', async () => {
      await oomscope('setup', '--remove', '--yes');
      const newer = { managed_by: 'oomscope', schema_version: SCHEMA_VERSION + 1 };
      await request('PUT', '/oom-report-2026.04.01', { mappings: { ...buildMapping(), _meta: newer } });
      expect(await failureOf('setup')).toMatchObject({
        code: 6,
        stderr: expect.stringMatching(/newer than 1; update/),
      });
      await request('DELETE', '/oom-report-2026.04.01');
      await oomscope('setup');
      const older = { managed_by: 'oomscope', schema_version: SCHEMA_VERSION - 1 };
      await request('PUT', '/oom-report-2026.04.01', { mappings: { _meta: older } });
      expect(await failureOf('reanalyse')).toMatchObject({ code: 6, stderr: expect.stringMatching(/2026\.04\.01/) });
      await oomscope('setup');
      expect(await oomscope('reanalyse')).toContain('0 of 0');
    });

    it('--remove leaves templates of a newer schema, and a component that another template uses', async () => {
      await request('PUT', '/_index_template/site', {
        index_patterns: ['site-*'],
        composed_of: ['oom-report@mappings'],
      });
      const refusal = await failureOf('setup', '--remove', '--yes');
      await request('DELETE', '/_index_template/site');
      expect(refusal).toMatchObject({ code: 6, stdout: '', stderr: expect.stringMatching(/used by .* site;/) });
      await checkTemplates(client);
      const settings = '/_component_template/oom-report@settings';
      await request('PUT', settings, { template: {}, _meta: { managed_by: 'oomscope', schema_version: 2 } });
      expect(await failureOf('setup', '--remove', '--yes')).toMatchObject({ code: 6, stdout: '' });
      await request('GET', '/_index_template/oom-report');
    });

    it("does not take somebody else's template of its name", async () => {
      await oomscope('setup', '--remove', '--yes');
      await request('PUT', '/_component_template/oom-report@settings', { template: { settings: {} } });
      expect(await failureOf('setup')).toMatchObject({
        code: 6,
        stderr: expect.stringContaining('oom-report@settings'),
      });
      await request('GET', '/_component_template/oom-report@settings');
    });

    it.skipIf(!server?.can.reindex)('takes in a month that was reindexed as docs/upkeep.md says', async () => {
      const month = 'oom-report-2026.06.01';
      await makeBare(month, { properties: { oom: { properties: { verdict: { type: 'text' } } } } });
      const document = { '@timestamp': '2026-06-02T00:00:00Z', oom: { verdict: 'fragmented', report: { a: [1] } } };
      const action = { _index: month, _id: 'a', version: 2048, version_type: 'external' };
      const lines = `${JSON.stringify({ index: action })}\n${JSON.stringify(document)}\n`;
      await expectOk(client, 'bulk', { method: 'POST', path: '/_bulk', query: { refresh: 'true' }, lines });
      await failureOf('setup');

      const copy = (from: string, to: string) =>
        request('POST', '/_reindex?refresh=true', {
          source: { index: from },
          dest: { index: to, version_type: 'external' },
        });
      await request('PUT', '/oomscope-copy', { mappings: { enabled: false } });
      await copy(month, 'oomscope-copy');
      await request('DELETE', `/${month}`);
      await oomscope('setup');
      await copy('oomscope-copy', month);
      await request('DELETE', '/oomscope-copy');

      expect(await oomscope('setup')).not.toMatch(/created|updated/);
      expect(await request('GET', `/${month}/_doc/a`)).toMatchObject({ _version: 2048, _source: document });
      const query = { term: { 'oom.verdict': 'fragmented' } };
      expect(await request('POST', '/oom-report/_count', { query })).toMatchObject({ count: 1 });
    });

    it('puts months under the policy where the server can, and else says that it has to be pruned', async () => {
      await (server?.can.lifecycles ? expectPolicy() : expectRefusal());
    });

    async function expectPolicy(): Promise<void> {
      await oomscope('setup', '--lifecycle');
      await request('PUT', '/oom-report-2026.08.01');
      const settings = await request('GET', '/oom-report-2026.08.01/_settings');
      expect(JSON.stringify(settings)).toContain('"name":"oom-report"');
      expect(await oomscope('setup', '--lifecycle')).not.toMatch(/created|updated/);
    }

    async function expectRefusal(): Promise<void> {
      expect(await oomscope('setup', '--lifecycle')).toContain('oomscope prune');
      await checkTemplates(client);
      const { name, body } = buildLifecycleTemplate();
      const answer = await client.request({ method: 'PUT', path: `/_component_template/${name}`, body });
      expect(answer).toMatchObject({ status: 400 });
      expect(JSON.stringify(answer)).toContain('unknown setting [index.lifecycle.');
    }
  });
});
