import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { checkTemplates, installTemplates, planInstallation } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient, readKey } from '../../src/clients/elasticsearch.ts';
import { toDocument, toWrite } from '../../src/document/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { DocumentWrite, Metrics, ReportSink } from '../../src/ports.ts';
import { createElasticsearchSink } from '../../src/sink/index.ts';
import { createElasticsearchStore } from '../../src/store/index.ts';
import { MemoryDeadLetters, MemoryLogger } from '../support/fakes.ts';
import { fullAnalysis, fullReport, killOnlyReport, poorAnalysis, SAMPLE_MS } from '../support/reports.ts';
import { contractWrites, storeContract } from '../support/store-contract.ts';

const server = inject('elasticsearch');
const metrics: Metrics = { increment: () => {}, set: () => {}, observe: () => {}, remove: () => {} };

describe.skipIf(!server)('Elasticsearch', () => {
  let client: ElasticsearchClient;
  let letters: MemoryDeadLetters;
  let logger: MemoryLogger;
  let sink: ReportSink;

  /** A request that has to succeed; its body. */
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: Record<string, unknown>) => {
    const answer = await client.request({ method, path, ...(body && { body }) });
    if (answer.kind !== 'answer' || answer.status >= 300)
      throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer.body;
  };

  const wipe = async (): Promise<void> => {
    await ask('DELETE', '/oom-report-*');
    for (const path of ['/oom-host-*', '/_index_template/oom-*', '/_component_template/oom-*']) {
      await client.request({ method: 'DELETE', path });
    }
  };

  /** Ids and versions of all documents. */
  const stored = async () => {
    await ask('POST', '/oom-report-*/_refresh');
    const body = await ask('POST', '/oom-report-*/_search', { version: true, size: 1000, _source: false });
    const hits = readKey(readKey(body, 'hits'), 'hits');
    return Object.fromEntries(
      (Array.isArray(hits) ? hits : []).map((hit) => [readKey(hit, '_id'), readKey(hit, '_version')]),
    );
  };

  const writeAll = async (writes: readonly DocumentWrite[]) => {
    const outcomes = writes.map((write) => sink.write(write));
    await sink.flush();
    return Promise.all(outcomes);
  };

  const writeOf = (id: string, version: number, more: Partial<DocumentWrite> = {}): DocumentWrite => ({
    ...toWrite(fullReport(), fullAnalysis({ identity: { id, version, timestampMs: SAMPLE_MS } }), SAMPLE_MS),
    ...more,
  });

  beforeAll(async () => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 30_000 });
    await wipe();
  });
  afterAll(async () => {
    await wipe();
    await client.close();
  });

  describe('templates', () => {
    it('are missing before, installed once, unchanged after', async () => {
      await expect(checkTemplates(client)).rejects.toMatchObject({ code: 'SINK_TEMPLATE_MISSING' });
      const changes = async () => (await installTemplates(client)).map(({ change }) => change);
      expect(await changes()).toEqual(Array(5).fill('created'));
      expect(await changes()).toEqual(Array(5).fill('unchanged'));
      await expect(checkTemplates(client)).resolves.toBeUndefined();
    });

    it('find the months that exist unchanged, labels of documents included', async () => {
      await ask('PUT', '/oom-report-2026.09.01/_doc/a', toDocument(fullReport(), fullAnalysis()));
      const changes = await installTemplates(client);
      expect(changes.at(-1)).toEqual({ kind: 'mapping', name: 'oom-report-2026.09.01', change: 'unchanged' });
      await ask('DELETE', '/oom-report-*');
    });

    it('extend months that were made before a field was added', async () => {
      const body = { mappings: { properties: { oom: { properties: { verdict: { type: 'keyword' } } } } } };
      await wipe();
      await ask('PUT', '/oom-report-2026.08.01', body);
      expect((await planInstallation(client)).at(-1)?.kind).toBe('aliases');
      expect((await installTemplates(client)).at(-1)?.kind).toBe('aliases');
      expect((await installTemplates(client)).at(-1)?.change).toBe('unchanged');
      await ask('DELETE', '/oom-report-*');
    });
  });

  it('says which month was made without the template and cannot take its fields', async () => {
    await wipe();
    await ask('PUT', '/oom-report-2026.08.01', { mappings: { properties: { message: { type: 'long' } } } });
    await expect(installTemplates(client)).rejects.toThrow(/oom-report-2026\.08\.01.*message/);
    await wipe();
  });

  describe('documents', () => {
    beforeAll(async () => {
      await installTemplates(client, { dynamic: 'strict' });
    });
    beforeEach(async () => {
      await ask('DELETE', '/oom-report-*');
      letters = new MemoryDeadLetters();
      logger = new MemoryLogger();
      sink = createElasticsearchSink(
        { maxDocuments: 100, maxBytes: 5_000_000, maxAgeMs: 50, retentionDays: 36_500 },
        { client, clock: systemClock, logger, metrics, deadLetters: letters, random: () => 0 },
      );
    });

    it('of every kind pass the strict mapping', async () => {
      const hostile = fullReport({
        memcg: { line: 1, path: `/${'\u{1F4BE}'.repeat(20_000)}`, stats: { '': 1, 'a.b': 2, 'a..b': 3, a: 4 } },
        totals: { line: 2, totalSwapKb: 18_014_398_509_481_980, freeSwapKb: -4 },
        trigger: { line: 0, name: '\ud800\u0000\u007f', order: 1e9, oomScoreAdj: 1e9 },
        kills: [{ line: 3, pid: 2 ** 53, comm: '' }],
        labels: { 'a.b': 'x'.repeat(40_000), '': 'y' },
      });
      const writes = [
        toWrite(fullReport(), fullAnalysis(), SAMPLE_MS),
        toWrite(killOnlyReport(), poorAnalysis(), SAMPLE_MS),
        toWrite(hostile, fullAnalysis({ identity: { id: 'hostile', version: 1 } }), SAMPLE_MS),
        toWrite(fullReport(), fullAnalysis({ identity: { id: 'late', version: 1, timestampMs: 253_402_300_799_999 } })),
      ];
      expect(await writeAll(writes)).toEqual(['created', 'created', 'created', 'created']);
      expect(letters.letters).toEqual([]);
      expect(Object.keys(await stored())).toHaveLength(4);
    });

    it('are found through both aliases, by a zone field, by a task and by a label', async () => {
      await writeAll([toWrite(fullReport(), fullAnalysis(), SAMPLE_MS)]);
      await ask('POST', '/oom-report-*/_refresh');
      const nested = { nested: { path: 'oom.process', query: { term: { 'oom.process.name': 'mailscan' } } } };
      for (const alias of ['oom-report', 'logs-oom.report']) {
        for (const query of [
          { range: { 'oom.zone.normal.high_margin_bytes': { lt: 0 } } },
          { term: { 'oom.labels.cluster': 'blue' } },
          { match: { message: 'highmem' } },
          nested,
        ]) {
          expect(await ask('POST', `/${alias}/_count`, { query })).toMatchObject({ count: 1 });
        }
      }
    });

    it('carry the time of their write as event.ingested', async () => {
      const before = Date.now();
      await writeAll([writeOf('a', 1)]);
      await ask('POST', '/oom-report-*/_refresh');
      const document = await createElasticsearchStore(client).get('a');
      const ingestedMs = Date.parse(String(readKey(document?.['event'], 'ingested')));
      expect(ingestedMs).toBeGreaterThanOrEqual(before);
      expect(ingestedMs).toBeLessThanOrEqual(Date.now());
    });

    it('are not changed by a replay, completed by a fuller reading, kept from a poorer one', async () => {
      expect(await writeAll([writeOf('a', 5)])).toEqual(['created']);
      expect(await writeAll([writeOf('a', 5), writeOf('a', 4)])).toEqual(['duplicate', 'duplicate']);
      expect(await writeAll([writeOf('a', 6)])).toEqual(['updated']);
      expect(await stored()).toEqual({ a: 6 });
    });

    it('take the place of an early reading in another month, again after a replay of it', async () => {
      const early = writeOf('early', 3, { index: 'oom-report-2026.08.01' });
      const full = writeOf('full', 9, { supersedes: [{ id: 'early', index: 'oom-report-2026.08.01' }] });
      expect(await writeAll([early])).toEqual(['created']);
      expect(await stored()).toEqual({ early: 3 });
      expect(await writeAll([full])).toEqual(['created']);
      expect(await stored()).toEqual({ full: 9 });
      expect(await writeAll([early, full])).toEqual(['duplicate', 'duplicate']);
      expect(await stored()).toEqual({ full: 9 });
    });

    it('keep a late write of a deleted head away as long as the template has deletions remembered', async () => {
      const head = writeOf('head', 3);
      const whole = writeOf('whole', 9, { supersedes: [{ id: 'head', index: head.index }] });
      await writeAll([head]);
      await writeAll([whole]);
      const settings = await ask('GET', `/${head.index}/_settings/index.gc_deletes?flat_settings=true`);
      expect(readKey(readKey(readKey(settings, head.index), 'settings'), 'index.gc_deletes')).toBe('1h');
      /** Deletions are forgotten by a refresh; the server's clock for it ticks every 200 ms. */
      const pass = async () => {
        await systemClock.sleep(1_000);
        await ask('POST', `/${head.index}/_refresh`);
      };
      await pass();
      expect(await writeAll([head])).toEqual(['duplicate']);
      expect(await stored()).toEqual({ whole: 9 });

      // The same with a memory of a tenth of a second: the head comes back beside the whole report.
      await ask('PUT', `/${head.index}/_settings`, { 'index.gc_deletes': '100ms' });
      await pass();
      await pass();
      expect(await writeAll([head])).toEqual(['created']);
      expect(await stored()).toEqual({ head: 3, whole: 9 });
    });

    it('that are refused go to the dead letters, the others are stored', async () => {
      const poison = { document: { '@timestamp': '2026-09-23T02:04:16.000Z', no: { such: 'field' } } };
      const ids = ['a', 'poison', 'b', 'x'.repeat(600), 'c'];
      const outcomes = await writeAll(ids.map((id) => writeOf(id, 1, id === 'poison' ? poison : {})));
      expect(outcomes).toEqual(['created', 'dead-letter', 'created', 'dead-letter', 'created']);
      expect(Object.keys(await stored()).sort()).toEqual(['a', 'b', 'c']);
      const errors = letters.letters.map(({ error }) => error).sort();
      expect(errors[0]).toMatch(/^action_request_validation_exception: .*id.* too long/);
      expect(errors[1]).toMatch(/^strict_dynamic_mapping_exception: /);
    });

    it('wait for a closed index while those of other months are stored', async () => {
      await writeAll([writeOf('a', 1)]);
      await ask('POST', '/oom-report-2026.09.01/_close');
      const waits = sink.write(writeOf('b', 1));
      const passes = sink.write(writeOf('c', 1, { index: 'oom-report-2026.10.01' }));
      expect(await passes).toBe('created');
      await systemClock.sleep(400);
      expect(logger.events.find(({ name }) => name === 'sink-retry')?.fields['reason']).toBe('index_closed_exception');
      await ask('POST', '/oom-report-2026.09.01/_open');
      expect(await waits).toBe('created');
      expect(letters.letters).toEqual([]);
    });

    it('wait for an index that is blocked for writes', async () => {
      await writeAll([writeOf('a', 1)]);
      await ask('PUT', '/oom-report-2026.09.01/_settings', { 'index.blocks.write': true });
      const waits = sink.write(writeOf('b', 1));
      await systemClock.sleep(400);
      expect(logger.events.at(-1)?.fields['reason']).toBe('cluster_block_exception');
      await ask('PUT', '/oom-report-2026.09.01/_settings', { 'index.blocks.write': null });
      expect(await waits).toBe('created');
    });

    it('wait for a cluster at its limit of shards', async () => {
      const limit = (shards: number | null) =>
        ask('PUT', '/_cluster/settings', { persistent: { 'cluster.max_shards_per_node': shards } });
      await writeAll([writeOf('a', 1)]);
      await limit(1);
      const waits = sink.write(writeOf('b', 1, { index: 'oom-report-2026.10.01' }));
      await systemClock.sleep(400);
      expect(logger.events.at(-1)?.fields['reason']).toBe('validation_exception');
      await limit(null);
      expect(await waits).toBe('created');
    });

    it('wait for an address at which nothing answers, until the sink is closed', async () => {
      const absent = createElasticsearchClient({ url: 'http://127.0.0.1:9', timeoutMs: 1000 });
      const lost = createElasticsearchSink(
        { maxDocuments: 1, maxBytes: 1e6, maxAgeMs: 10, retentionDays: 36_500 },
        { client: absent, clock: systemClock, logger, metrics, deadLetters: letters },
      );
      const written = lost.write(writeOf('a', 1)).catch((error) => error.code);
      await expect(lost.close(600)).rejects.toMatchObject({ code: 'DRAIN_TIMEOUT' });
      expect(await written).toBe('DRAIN_TIMEOUT');
      expect(logger.events[0]?.fields['reason']).toBe('unreachable');
      expect(logger.events[0]?.fields['detail']).toMatch(/127\.0\.0\.1:9 \(elasticsearch\.url\)/);
      await absent.close();
    });
  });

  describe('the store', () => {
    beforeAll(async () => {
      await ask('DELETE', '/oom-report-*');
      await writeAll(contractWrites());
      await ask('POST', '/oom-report-*/_refresh');
    });

    storeContract(() => createElasticsearchStore(client));

    it('scans more than one page, each document once', async () => {
      await writeAll(Array.from({ length: 450 }, (_, i) => writeOf(`id-${i}`, 1)));
      await ask('POST', '/oom-report-*/_refresh');
      const ids = new Set<unknown>();
      let count = 0;
      for await (const document of createElasticsearchStore(client).scan()) {
        ids.add(readKey(document['event'], 'id'));
        count += 1;
      }
      expect([count, ids.size]).toEqual([453, 453]);
    });

    it('is empty, not broken, where no index is', async () => {
      await ask('DELETE', '/oom-report-*');
      const store = createElasticsearchStore(client);
      expect(await store.search({}, 10)).toEqual([]);
      expect(await store.aggregate('oom.verdict')).toEqual([]);
      for await (const _ of store.scan()) throw new Error('nothing is stored');
    });
  });
});
