/** Reading back from Elasticsearch. */
import { type ElasticsearchClient, type ElasticsearchRequest, readKey } from '../clients/elasticsearch.ts';
import { INDEX_PREFIX } from '../document/index.ts';
import type { ReportStore, StoreFilter } from '../ports.ts';
import { expectWhole, WHOLE } from './whole.ts';

/** Every month; none at all is no error. */
export const INDICES = `${INDEX_PREFIX}*`;
export const PATTERN = { allow_no_indices: 'true', ignore_unavailable: 'true' };
/** A search of all of them, or none. */
export const SEARCH = { ...PATTERN, ...WHOLE };

/** Most hits of one request (index.max_result_window). */
const MOST_HITS = 10_000;
const MOST_VALUES = 10_000;
/** Documents of one page of a scan: some tens of kB each. */
const PAGE = 200;
const KEEP_ALIVE = '2m';

type Document = Readonly<Record<string, unknown>>;

/**
 * A store over all months. Calls reject with SINK_UNREACHABLE when Elasticsearch does not answer as expected or
 * lacks a shard, with SINK_FORBIDDEN when the role lacks `read`. The client is the caller's to close.
 */
export function createElasticsearchStore(client: ElasticsearchClient): ReportStore {
  const ask = (what: string, request: ElasticsearchRequest): Promise<unknown> => expectWhole(client, what, request);
  const find = (body: Document): Promise<unknown> =>
    ask('searching reports', { method: 'POST', path: `/${INDICES}/_search`, query: SEARCH, body });

  return {
    async get(id) {
      const body = await find({ size: 1, query: { ids: { values: [id] } } });
      return documentsOf(body)[0];
    },
    async search(filter, limit) {
      const size = Math.min(MOST_HITS, Math.max(0, Math.trunc(limit)));
      const sort = [{ '@timestamp': { order: 'desc', missing: '_last', unmapped_type: 'date' } }];
      return documentsOf(await find({ size, query: queryOf(filter), sort, track_total_hits: false }));
    },
    async aggregate(field, filter = {}) {
      const aggs = { values: { terms: { field, size: MOST_VALUES } } };
      const body = await find({ size: 0, query: queryOf(filter), aggs });
      const buckets = readKey(readKey(readKey(body, 'aggregations'), 'values'), 'buckets');
      return (Array.isArray(buckets) ? buckets : []).map((bucket: unknown) => ({
        value: String(readKey(bucket, 'key_as_string') ?? readKey(bucket, 'key')),
        count: Number(readKey(bucket, 'doc_count')),
      }));
    },
    async *scan(filter = {}) {
      const opened = await ask('opening a scan', {
        method: 'POST',
        path: `/${INDICES}/_pit`,
        query: { ...PATTERN, keep_alive: KEEP_ALIVE },
      });
      let pit = String(readKey(opened, 'id'));
      try {
        let after: readonly unknown[] | undefined;
        while (true) {
          const page = await ask('scanning reports', {
            method: 'POST',
            path: '/_search',
            query: WHOLE,
            body: {
              size: PAGE,
              query: queryOf(filter),
              pit: { id: pit, keep_alive: KEEP_ALIVE },
              // The id of the document, as a field with doc values; the shard number breaks ties.
              sort: [{ 'event.id': { order: 'asc', unmapped_type: 'keyword' } }],
              track_total_hits: false,
              ...(after && { search_after: after }),
            },
          });
          pit = String(readKey(page, 'pit_id') ?? pit);
          yield* documentsOf(page);
          const hits = hitsOf(page);
          const sort = readKey(hits.at(-1), 'sort');
          if (hits.length < PAGE || !Array.isArray(sort)) return;
          after = sort;
        }
      } finally {
        // A scan that is left open expires by itself, so a failure here is none.
        await client.request({ method: 'DELETE', path: '/_pit', body: { id: pit } });
      }
    },
    async close() {},
  };
}

const queryOf = (filter: StoreFilter): Document => ({
  bool: { filter: Object.entries(filter).map(([field, value]) => ({ term: { [field]: { value } } })) },
});

function hitsOf(body: unknown): readonly unknown[] {
  const hits = readKey(readKey(body, 'hits'), 'hits');
  return Array.isArray(hits) ? hits : [];
}

function documentsOf(body: unknown): Document[] {
  return hitsOf(body).flatMap((hit) => {
    const source = readKey(hit, '_source');
    return typeof source === 'object' && source !== null ? [Object.fromEntries(Object.entries(source))] : [];
  });
}
