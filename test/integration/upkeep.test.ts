/** What operators do to the index beside writing: reanalyse, prune, setup --remove, setup --lifecycle. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { buildLifecycleTemplate, checkTemplates, installTemplates } from '../../src/assets/index.ts';
import {
  createElasticsearchClient,
  type ElasticsearchClient,
  expectOk,
  readKey,
} from '../../src/clients/elasticsearch.ts';
import { ANALYZER_REVISION } from '../../src/enrich/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { DocumentWrite } from '../../src/ports.ts';
import { countOlder, rewriteReports, scanOlder } from '../../src/store/index.ts';
import { simulateMonth } from '../support/month.ts';

const server = inject('elasticsearch');
const launcher = join(import.meta.dirname, '..', '..', 'bin', 'oomscope.js');
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
    const all = [launcher, ...args, '--elasticsearch-url', server?.url ?? ''];
    return (await promisify(execFile)(process.execPath, all, { encoding: 'utf8' })).stdout;
  };

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
      for await (const page of scanOlder(client, ANALYZER_REVISION)) {
        const newer = new Map(writes.map((write) => [write.id, write]));
        const rewrites = page.flatMap(({ id }) => newer.get(id) ?? []);
        const outcomes = await rewriteReports(client, systemClock, rewrites);
        expect(outcomes.every(({ kind }) => kind === 'rewritten')).toBe(true);
        break;
      }
      await refresh();
      const left = await countOlder(client, ANALYZER_REVISION);
      expect(left).toBe(writes.length - 100);
      const broken = { '@timestamp': INGESTED, event: { id: 'broken' }, oom: { analyzer: { revision: 0 } } };
      await client.request({ method: 'PUT', path: '/oom-report-2026.08.01/_doc/broken', body: broken });
      await refresh();
      const output = await oomscope('reanalyse');
      expect(output).toContain(`${left} of ${left + 1} were rewritten.`);
      expect(output).toContain('1 stay as they are: they hold no whole report.');
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
