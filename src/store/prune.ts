/** Whole months of reports, deleted when they are old enough. */
import { type ElasticsearchClient, errorOf, expectOk, failureOf, readKey } from '../clients/elasticsearch.ts';
import { INDEX_PREFIX } from '../document/index.ts';

/** The index of one month. */
export interface Month {
  readonly index: string;
  /** First instant after it. */
  readonly endMs: number;
  readonly bytes: number;
}

/** `oom-report-2026.09.01`; other names are not oomscope's to delete. */
const NAME = /^oom-report-(\d{4})\.(\d{2})\.01$/;

/** Documents without a time lie in the month of the epoch: nobody knows how old they are. */
const UNDATED = `${INDEX_PREFIX}1970.01.01`;

/** The months that exist and ended at or before `beforeMs`, oldest first. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
export async function findMonths(client: ElasticsearchClient, beforeMs: number): Promise<Month[]> {
  const body = await expectOk(client, 'listing the months', {
    method: 'GET',
    path: `/_cat/indices/${INDEX_PREFIX}*`,
    query: { format: 'json', bytes: 'b', h: 'index,store.size', expand_wildcards: 'all' },
  });
  return (Array.isArray(body) ? body : [])
    .flatMap((row: unknown) => {
      const index = String(readKey(row, 'index'));
      const endMs = endOf(index);
      const bytes = Number(readKey(row, 'store.size') ?? 0);
      return endMs === undefined || endMs > beforeMs ? [] : [{ index, endMs, bytes }];
    })
    .sort((a, b) => a.endMs - b.endMs);
}

/** First instant after the month of an index; undefined for an index that holds no month. */
function endOf(index: string): number | undefined {
  const match = NAME.exec(index);
  if (!match || index === UNDATED) return undefined;
  return Date.UTC(Number(match[1]), Number(match[2]), 1);
}

/** Deletes one month with all its reports; false when it is gone already: another prune may run. Rejects as `findMonths`. */
export async function deleteMonth(client: ElasticsearchClient, { index }: Month): Promise<boolean> {
  const answer = await client.request({ method: 'DELETE', path: `/${index}` });
  if (answer.kind === 'answer' && answer.status === 200) return true;
  if (answer.kind === 'answer' && errorOf(answer.body).type === 'index_not_found_exception') return false;
  throw failureOf(client.address, `deleting ${index}`, answer);
}
