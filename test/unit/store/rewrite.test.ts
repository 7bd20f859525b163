import { describe, expect, it } from 'vitest';
import type { ElasticsearchAnswer } from '../../../src/clients/elasticsearch.ts';
import type { Clock } from '../../../src/ports.ts';
import { type Rewrite, rewriteReports } from '../../../src/store/index.ts';
import { FakeElasticsearch } from '../../support/elasticsearch.ts';

const MONTH = 'oom-report-2026.09.01';
const MEGABYTE = 1_048_576;

/** Sleeps at once, and keeps how long it was to sleep. */
function hastyClock() {
  const pauses: number[] = [];
  const clock: Clock = {
    nowMs: () => 0,
    elapsedMs: () => 0,
    sleep: async (ms) => void pauses.push(ms),
  };
  return { clock, pauses };
}

const rewriteOf = (id: string, bytes = 10): Rewrite => ({
  id,
  index: MONTH,
  version: 1025,
  document: { text: 'x'.repeat(bytes) },
});

/** A server on which older readings of these stand. */
function serverOf(rewrites: readonly Rewrite[]): FakeElasticsearch {
  const server = new FakeElasticsearch();
  server.templateAnswer = { kind: 'answer', status: 200, body: { [MONTH]: {} } };
  for (const { index, id, version } of rewrites) {
    server.stored.set(`${index}/${id}`, { version: version - 1, document: {} });
  }
  return server;
}

const answer = (status: number, body: unknown = {}): ElasticsearchAnswer => ({ kind: 'answer', status, body });
const idsOf = (server: FakeElasticsearch) => server.requests.map((actions) => actions.map(({ id }) => id).join(''));

describe('rewriteReports', () => {
  it('sends requests of five megabytes at most, and a larger document alone', async () => {
    const rewrites = [2, 2, 2, 6, 1, 1].map((size, at) => rewriteOf('abcdef'.charAt(at), size * MEGABYTE));
    const server = serverOf(rewrites);
    const outcomes = await rewriteReports(server, hastyClock().clock, rewrites);
    expect(outcomes).toEqual(rewrites.map(() => ({ kind: 'rewritten' })));
    expect(idsOf(server)).toEqual(['ab', 'c', 'd', 'ef']);
  });

  it('halves what is refused as too large, without a pause, and leaves what is too large alone', async () => {
    const rewrites = [1, 1, 4, 1].map((size, at) => rewriteOf('abcd'.charAt(at), size * 1000));
    const server = serverOf(rewrites);
    server.refuseRequest = (_actions, bytes) => (bytes > 3000 ? answer(413) : undefined);
    const { clock, pauses } = hastyClock();
    const outcomes = await rewriteReports(server, clock, rewrites);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['rewritten', 'rewritten', 'refused', 'rewritten']);
    expect(outcomes[2]).toMatchObject({ reason: expect.stringMatching(/http\.max_content_length/) });
    expect(pauses).toEqual([]);
  });

  it('waits for a server that is short of memory, and sends it less', async () => {
    const rewrites = ['a', 'b', 'c', 'd'].map((id) => rewriteOf(id, 1000));
    const server = serverOf(rewrites);
    const breaker = { error: { type: 'circuit_breaking_exception', reason: 'Data too large' } };
    server.refuseRequest = (actions) => (actions.length > 1 ? answer(429, breaker) : undefined);
    const { clock, pauses } = hastyClock();
    expect(await rewriteReports(server, clock, rewrites)).toEqual(rewrites.map(() => ({ kind: 'rewritten' })));
    expect(idsOf(server)).toEqual(['abcd', 'ab', 'a', 'b', 'c', 'd']);
    expect(pauses).toEqual([250, 500]);
  });

  it('gives up after some minutes without any success, and says why', async () => {
    const server = serverOf([]);
    server.refuseRequest = () =>
      answer(429, { error: { type: 'circuit_breaking_exception', reason: 'Data too large' } });
    const { clock, pauses } = hastyClock();
    await expect(rewriteReports(server, clock, [rewriteOf('a')])).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
      message: expect.stringContaining('Data too large'),
    });
    const totalMs = pauses.reduce((sum, ms) => sum + ms, 0);
    expect(totalMs).toBeGreaterThan(120_000);
    expect(totalMs).toBeLessThan(300_000);
  });

  it('refuses the document that the server has no room for, with its reason, and goes on with the others', async () => {
    const rewrites = ['a', 'b', 'c'].map((id) => rewriteOf(id));
    const server = serverOf(rewrites);
    server.refuseItem = ({ id }) => (id === 'b' ? { status: 429, type: 'cluster_block_exception' } : undefined);
    expect(await rewriteReports(server, hastyClock().clock, rewrites)).toEqual([
      { kind: 'rewritten' },
      { kind: 'refused', reason: 'cluster_block_exception: refused by the test' },
      { kind: 'rewritten' },
    ]);
  });

  it.each<[string, (server: FakeElasticsearch) => void]>([
    [
      'the whole request',
      (server) => {
        server.refuseRequest = () => answer(403, { error: { type: 'security_exception', reason: 'no' } });
      },
    ],
    [
      'every document',
      (server) => {
        server.refuseItem = () => ({ status: 403, type: 'security_exception' });
      },
    ],
  ])('stops at once where a lacking privilege refuses %s', async (_name, refuse) => {
    const rewrites = ['a', 'b'].map((id) => rewriteOf(id));
    const server = serverOf(rewrites);
    refuse(server);
    const { clock, pauses } = hastyClock();
    await expect(rewriteReports(server, clock, rewrites)).rejects.toMatchObject({ code: 'SINK_FORBIDDEN' });
    expect(pauses).toEqual([]);
  });

  it('writes nothing into a month that is not there, as that would make it', async () => {
    const there = rewriteOf('b');
    const server = serverOf([there]);
    const gone = { ...rewriteOf('a'), index: 'oom-report-2020.01.01' };
    const outcomes = await rewriteReports(server, hastyClock().clock, [gone, there]);
    expect(outcomes).toEqual([{ kind: 'gone' }, { kind: 'rewritten' }]);
    expect(server.asked).toEqual([`/oom-report-2020.01.01,${MONTH}/_settings`]);
    expect(idsOf(server)).toEqual(['b']);
  });

  it('takes away what it made of a document that was deleted in between', async () => {
    const [there, deleted] = [rewriteOf('a'), rewriteOf('b')];
    const server = serverOf([there]);
    expect(await rewriteReports(server, hastyClock().clock, [there, deleted])).toEqual([
      { kind: 'rewritten' },
      { kind: 'gone' },
    ]);
    expect(server.requests.at(-1)).toMatchObject([{ kind: 'delete', index: MONTH, id: 'b' }]);
    expect([...server.stored.keys()]).toEqual([`${MONTH}/a`]);
  });
});
