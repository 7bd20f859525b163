import { describe, expect, it } from 'vitest';
import type {
  ElasticsearchAnswer,
  ElasticsearchClient,
  ElasticsearchRequest,
} from '../../../src/clients/elasticsearch.ts';
import type { Clock } from '../../../src/ports.ts';
import { countOlder, scanOlder } from '../../../src/store/index.ts';

const clock: Clock = { nowMs: () => 0, elapsedMs: () => 0, sleep: async () => {} };

/** A server that holds this many documents; `refuse` may answer in its place. */
function serverOf(
  count: number,
  bytes: number,
  refuse: (size: number, asked: number) => ElasticsearchAnswer | undefined = () => undefined,
) {
  const sizes: number[] = [];
  const client: ElasticsearchClient = {
    address: 'http://search.test:9200',
    request: async ({ body }: ElasticsearchRequest) => {
      const size = Number(body?.['size']);
      sizes.push(size);
      const refused = refuse(size, sizes.length);
      if (refused) return refused;
      const [after = -1] = (body?.['search_after'] ?? []) as readonly number[];
      const hits = Array.from({ length: Math.min(size, count - after - 1) }, (_, at) => ({
        _id: `id-${after + 1 + at}`,
        _index: 'oom-report-2026.09.01',
        _source: { text: 'x'.repeat(bytes) },
        sort: [after + 1 + at],
      }));
      return { kind: 'answer', status: 200, body: { timed_out: false, _shards: { failed: 0 }, hits: { hits } } };
    },
    close: async () => {},
  };
  return { client, sizes };
}

async function idsOf(client: ElasticsearchClient): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of scanOlder(client, clock, 5)) ids.push(...page.map(({ id }) => id));
  return ids;
}

const all = (count: number) => Array.from({ length: count }, (_, at) => `id-${at}`);
const tooLarge: ElasticsearchAnswer = {
  kind: 'answer',
  status: 429,
  body: { error: { type: 'circuit_breaking_exception', reason: 'Data too large' } },
};

describe('scanOlder', () => {
  it('reads small documents in growing pages', async () => {
    const { client, sizes } = serverOf(333, 100);
    expect(await idsOf(client)).toEqual(all(333));
    expect(sizes).toEqual([10, 20, 40, 80, 100, 100]);
  });

  it('reads large documents some megabytes at a time', async () => {
    const { client, sizes } = serverOf(25, 2_000_000);
    expect(await idsOf(client)).toEqual(all(25));
    expect(sizes).toEqual([10, 4, 4, 4, 4]);
  });

  it('asks for less where the server is short of memory, and misses nothing', async () => {
    const { client, sizes } = serverOf(12, 100, (size) => (size > 2 ? tooLarge : undefined));
    expect(await idsOf(client)).toEqual(all(12));
    expect(Math.min(...sizes)).toBe(2);
  });

  it('asks again after an answer without every shard, and gives up in the end', async () => {
    const partial: ElasticsearchAnswer = {
      kind: 'answer',
      status: 200,
      body: { _shards: { failed: 1, failures: [{ index: 'oom-report-2026.10.01', reason: { type: 'no_shard' } }] } },
    };
    const once = serverOf(3, 100, (_size, asked) => (asked === 1 ? partial : undefined));
    expect(await idsOf(once.client)).toEqual(all(3));
    const always = serverOf(3, 100, () => partial);
    await expect(idsOf(always.client)).rejects.toThrow(/oom-report-2026\.10\.01 at .* has no answer \(no_shard\)/);
    expect(always.sizes).toHaveLength(13);
  });
});

describe('countOlder', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'a shard is missing',
      {
        count: 3,
        _shards: { failed: 1, failures: [{ index: 'oom-report-2026.10.01', reason: { type: 'no_shard' } }] },
      },
      /oom-report-2026\.10\.01 .*allocation/,
    ],
    ['time ran out', { count: 3, timed_out: true, _shards: { failed: 0 } }, /ran out of time/],
  ])('refuses a count where %s', async (_name, body, message) => {
    const client: ElasticsearchClient = {
      address: 'http://search.test:9200',
      request: async () => ({ kind: 'answer', status: 200, body }),
      close: async () => {},
    };
    await expect(countOlder(client, 5)).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
      message: expect.stringMatching(message),
    });
  });
});
