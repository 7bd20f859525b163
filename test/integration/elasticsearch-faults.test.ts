/** Faults that need a server of their own: too little room for requests, and an end without warning. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { installTemplates } from '../../src/assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient, readKey } from '../../src/clients/elasticsearch.ts';
import { toWrite } from '../../src/document/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import type { DocumentWrite, Metrics } from '../../src/ports.ts';
import { createElasticsearchSink } from '../../src/sink/index.ts';
import { MemoryDeadLetters, MemoryLogger } from '../support/fakes.ts';
import { fullAnalysis, fullReport, SAMPLE_MS } from '../support/reports.ts';
import { type ElasticsearchService, startElasticsearch } from '../support/services.ts';

const metrics: Metrics = { increment: () => {}, set: () => {}, observe: () => {}, remove: () => {} };
const isGiven = process.env['ELASTICSEARCH_URL'] !== undefined;

describe.skipIf(!inject('elasticsearch') || isGiven)('a troubled Elasticsearch', () => {
  let server: ElasticsearchService;
  let client: ElasticsearchClient;

  beforeAll(async () => {
    server = await startElasticsearch({
      'http.max_content_length': '200kb',
      // Room for one document: Elasticsearch 9 counts the bytes of a large one four times.
      'indexing_pressure.memory.limit': '180kb',
    });
    client = createElasticsearchClient({ url: server.url, timeoutMs: 5000 });
    await installTemplates(client, { dynamic: 'strict' });
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  const parts = () => {
    const [letters, logger] = [new MemoryDeadLetters(), new MemoryLogger()];
    const sink = createElasticsearchSink(
      { maxDocuments: 1000, maxBytes: 5_000_000, maxAgeMs: 50, retentionDays: 36_500 },
      { client, clock: systemClock, logger, metrics, deadLetters: letters, random: () => 0 },
    );
    return { letters, logger, sink };
  };

  const writeOf = (id: string, padding = 0): DocumentWrite => {
    const lines = [{ text: 'x'.repeat(padding), position: { topic: 't', partition: 0, offset: 0 } }];
    const identity = { id, version: 1, timestampMs: SAMPLE_MS };
    return toWrite(fullReport({ lines }), fullAnalysis({ identity }), SAMPLE_MS);
  };

  const count = async (): Promise<unknown> => {
    await client.request({ method: 'POST', path: '/oom-report-*/_refresh' });
    const answer = await client.request({ method: 'POST', path: '/oom-report-*/_count' });
    return answer.kind === 'answer' ? readKey(answer.body, 'count') : answer.message;
  };

  it('gets batches that it has room for, though the first was refused', async () => {
    const { letters, logger, sink } = parts();
    const outcomes = Array.from({ length: 60 }, (_, i) => sink.write(writeOf(`small-${i}`, 5000)));
    await sink.flush();
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['created']));
    expect(letters.letters).toEqual([]);
    expect(await count()).toBe(60);
    expect(logger.events.length).toBeLessThan(20);
  });

  it('never gets a document that is larger than any request; the others pass', async () => {
    const { letters, sink } = parts();
    const large = writeOf('large');
    const documents = [
      writeOf('before'),
      { ...large, document: { ...large.document, message: 'x'.repeat(250_000) } },
      writeOf('after'),
    ];
    const outcomes = documents.map((write) => sink.write(write));
    await sink.flush();
    expect(await Promise.all(outcomes)).toEqual(['created', 'dead-letter', 'created']);
    expect(letters.letters[0]?.error).toMatch(/^status-413/);
  });

  it('gets everything once after it was killed in the middle of the writes and came back', async () => {
    const { logger, sink } = parts();
    const before = Number(await count());
    expect(before).toBeGreaterThan(0);
    const outcomes: Promise<unknown>[] = [];
    for (let i = 0; i < 40; i++) {
      outcomes.push(sink.write(writeOf(`killed-${i}`)));
      if (i === 10) await server.kill();
      await systemClock.sleep(20);
    }
    await server.restart();
    const results = await Promise.all(outcomes);
    expect(results.every((result) => result === 'created' || result === 'duplicate')).toBe(true);
    expect(await count()).toBe(before + 40);
    expect(logger.events.map(({ name }) => name)).toContain('sink-recovered');
  });
});
