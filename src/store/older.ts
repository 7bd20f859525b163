/** Stored reports of older analyzer revisions: finding them and rewriting them in place. */
import { type ElasticsearchClient, errorOf, expectOk, failureOf, readKey } from '../clients/elasticsearch.ts';
import type { Clock } from '../ports.ts';
import { INDICES, PATTERN } from './elasticsearch.ts';

/** A document where it lies. */
export interface StoredDocument {
  readonly id: string;
  readonly index: string;
  readonly document: Readonly<Record<string, unknown>>;
}

export interface Rewrite extends StoredDocument {
  /** External version: strictly greater wins. */
  readonly version: number;
}

/** How a rewrite ended. `overtaken`: an equal or fuller reading came meanwhile, or a fuller one deleted it. */
export type RewriteOutcome =
  | { readonly kind: 'rewritten' | 'overtaken' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Documents of one page: some tens of kB each. */
const PAGE = 100;

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** About three minutes; the command can be started again and goes on where it stood. */
const MOST_ATTEMPTS = 12;

const olderThan = (revision: number) => ({ range: { 'oom.analyzer.revision': { lt: revision } } });

/** How many reports an analyzer older than `revision` wrote. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
export async function countOlder(client: ElasticsearchClient, revision: number): Promise<number> {
  const body = await expectOk(client, 'counting reports', {
    method: 'POST',
    path: `/${INDICES}/_count`,
    query: PATTERN,
    body: { query: olderThan(revision) },
  });
  return Number(readKey(body, 'count'));
}

/**
 * These reports in pages, in order of id. Each page is searched anew, without a point in time: a report that a fuller
 * reading has deleted meanwhile must not be seen, or its rewrite would bring it back. Rejects as `countOlder`.
 */
export async function* scanOlder(client: ElasticsearchClient, revision: number): AsyncIterable<StoredDocument[]> {
  let after: readonly unknown[] | undefined;
  while (true) {
    const body = await expectOk(client, 'reading reports', {
      method: 'POST',
      path: `/${INDICES}/_search`,
      query: PATTERN,
      body: {
        size: PAGE,
        query: olderThan(revision),
        sort: [{ 'event.id': { order: 'asc', unmapped_type: 'keyword' } }],
        track_total_hits: false,
        ...(after && { search_after: after }),
      },
    });
    const found = readKey(readKey(body, 'hits'), 'hits');
    const hits: readonly unknown[] = Array.isArray(found) ? found : [];
    if (hits.length === 0) return;
    yield hits.map((hit) => ({
      id: String(readKey(hit, '_id')),
      index: String(readKey(hit, '_index')),
      document: Object(readKey(hit, '_source')),
    }));
    const sort = readKey(hits.at(-1), 'sort');
    if (hits.length < PAGE || !Array.isArray(sort)) return;
    after = sort;
  }
}

/**
 * Writes the documents over what stands there, an outcome for each in their order. What the server has no room for is
 * tried again for some minutes. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN.
 */
export async function rewriteReports(
  client: ElasticsearchClient,
  clock: Clock,
  rewrites: readonly Rewrite[],
): Promise<RewriteOutcome[]> {
  const outcomes = new Map<string, RewriteOutcome>();
  let waiting = rewrites;
  for (let attempt = 1; waiting.length > 0; attempt += 1) {
    const answer = await client.request({ method: 'POST', path: '/_bulk', lines: bulkLines(waiting) });
    const items = answer.kind === 'answer' && answer.status === 200 ? readKey(answer.body, 'items') : undefined;
    const mayRetry = attempt < MOST_ATTEMPTS;
    if (Array.isArray(items)) {
      waiting = waiting.filter((rewrite, at) => {
        const outcome = outcomeOf(readKey(items[at], 'index'));
        if (outcome === 'retry' && mayRetry) return true;
        outcomes.set(rewrite.id, outcome === 'retry' ? { kind: 'refused', reason: 'no room for it' } : outcome);
        return false;
      });
    } else if (!mayRetry || (answer.kind === 'answer' && !isPassing(answer.status))) {
      throw failureOf(client.address, 'rewriting reports', answer);
    }
    if (waiting.length > 0) await clock.sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
  }
  return rewrites.map(({ id }) => outcomes.get(id) ?? { kind: 'refused', reason: 'no answer' });
}

function bulkLines(rewrites: readonly Rewrite[]): string {
  let lines = '';
  for (const { id, index, version, document } of rewrites) {
    const action = { index: { _index: index, _id: id, version, version_type: 'external' } };
    lines += `${JSON.stringify(action)}\n${JSON.stringify(document)}\n`;
  }
  return lines;
}

const isPassing = (status: number): boolean => status === 429 || status >= 500;

function outcomeOf(item: unknown): RewriteOutcome | 'retry' {
  const status = Number(readKey(item, 'status'));
  if (status >= 200 && status < 300) return { kind: 'rewritten' };
  if (status === 409) return { kind: 'overtaken' };
  if (isPassing(status)) return 'retry';
  const { type, reason } = errorOf(item);
  return { kind: 'refused', reason: `${type}: ${reason}` };
}
