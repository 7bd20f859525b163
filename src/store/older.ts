/** Stored reports of older analyzer revisions: how many there are, and where they lie. */
import { type ElasticsearchClient, type ElasticsearchRequest, readKey } from '../clients/elasticsearch.ts';
import type { Clock } from '../ports.ts';
import { INDICES, PATTERN, SEARCH } from './elasticsearch.ts';
import { canPass, MOST_ATTEMPTS, pauseMs } from './patience.ts';
import { expectWhole, isWhole, wholeFailureOf } from './whole.ts';

/** A document where it lies. */
export interface StoredDocument {
  readonly id: string;
  readonly index: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * Documents of one page: some tens of kB each, but a process table of thousands of rows makes megabytes. So pages begin small,
 * and grow while their documents are.
 */
const FIRST_PAGE = 10;
const MOST_PAGE = 100;
const PAGE_BYTES = 8_388_608;

const olderThan = (revision: number) => ({ range: { 'oom.analyzer.revision': { lt: revision } } });

/** How many reports an analyzer older than `revision` wrote. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
export async function countOlder(client: ElasticsearchClient, revision: number): Promise<number> {
  const body = await expectWhole(client, 'counting reports', {
    method: 'POST',
    path: `/${INDICES}/_count`,
    query: PATTERN,
    body: { query: olderThan(revision) },
  });
  return Number(readKey(body, 'count'));
}

/**
 * These reports in pages, in order of id. Each page is searched anew, without a point in time: a report that a fuller
 * reading has deleted meanwhile must not be seen, or its rewrite would bring it back. A page that the server has no room
 * for is asked again, smaller, for some minutes. Rejects as `countOlder`.
 */
export async function* scanOlder(
  client: ElasticsearchClient,
  clock: Clock,
  revision: number,
): AsyncIterable<StoredDocument[]> {
  let after: readonly unknown[] | undefined;
  let size = FIRST_PAGE;
  while (true) {
    const page = await readPage(client, clock, size, (most) => searchFor(revision, most, after));
    if (page.hits.length === 0) return;
    const documents = page.hits.map(documentOf);
    yield documents;
    const sort = readKey(page.hits.at(-1), 'sort');
    if (page.hits.length < page.size || !Array.isArray(sort)) return;
    after = sort;
    size = nextSize(page.size, documents);
  }
}

function searchFor(revision: number, size: number, after: readonly unknown[] | undefined): ElasticsearchRequest {
  return {
    method: 'POST',
    path: `/${INDICES}/_search`,
    query: SEARCH,
    body: {
      size,
      query: olderThan(revision),
      sort: [{ 'event.id': { order: 'asc', unmapped_type: 'keyword' } }],
      track_total_hits: false,
      ...(after && { search_after: after }),
    },
  };
}

/** A page of at most `most` documents, halved as often as the server does not cope. */
async function readPage(
  client: ElasticsearchClient,
  clock: Clock,
  most: number,
  searchOf: (size: number) => ElasticsearchRequest,
): Promise<{ size: number; hits: readonly unknown[] }> {
  let size = most;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await client.request(searchOf(size));
    if (answer.kind === 'answer' && answer.status === 200 && isWhole(answer.body)) {
      const hits = readKey(readKey(answer.body, 'hits'), 'hits');
      return { size, hits: Array.isArray(hits) ? hits : [] };
    }
    if (attempt >= MOST_ATTEMPTS || !canPass(answer)) throw wholeFailureOf(client.address, 'reading reports', answer);
    size = Math.max(1, Math.floor(size / 2));
    await clock.sleep(pauseMs(attempt));
  }
}

const documentOf = (hit: unknown): StoredDocument => ({
  id: String(readKey(hit, '_id')),
  index: String(readKey(hit, '_index')),
  document: Object(readKey(hit, '_source')),
});

/** As many as are likely to stay below the limit of bytes, but at most twice as many as before. */
function nextSize(size: number, documents: readonly StoredDocument[]): number {
  const bytes = documents.reduce((sum, { document }) => sum + JSON.stringify(document).length, 0);
  const fitting = Math.floor((PAGE_BYTES * documents.length) / Math.max(1, bytes));
  return Math.max(1, Math.min(size * 2, MOST_PAGE, fitting));
}
