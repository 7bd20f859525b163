/** Answers of Elasticsearch that are whole: a shard that did not answer makes every count wrong. */
import {
  type ElasticsearchAnswer,
  type ElasticsearchClient,
  type ElasticsearchRequest,
  errorOf,
  failureOf,
  readKey,
} from '../clients/elasticsearch.ts';
import { OomscopeError } from '../tables/errors.ts';

/** Query of a search that is to fail when a shard does; `_count` has no such parameter. */
export const WHOLE = { allow_partial_search_results: 'false' };

/**
 * The body of an answer 200 of every shard. Rejects with SINK_FORBIDDEN, and with SINK_UNREACHABLE when the server does not
 * answer, runs out of time, or lacks a shard; that message names the index, the reason and what to do.
 */
export async function expectWhole(
  client: ElasticsearchClient,
  what: string,
  request: ElasticsearchRequest,
): Promise<unknown> {
  const answer = await client.request(request);
  if (answer.kind === 'answer' && answer.status === 200 && isWhole(answer.body)) return answer.body;
  throw wholeFailureOf(client.address, what, answer);
}

/** True for the body of a search or a count in which every shard had its say. */
export const isWhole = (body: unknown): boolean =>
  readKey(body, 'timed_out') !== true && !(Number(readKey(readKey(body, '_shards'), 'failed')) > 0);

/** The error for an answer that is not whole, or is none. */
export function wholeFailureOf(address: string, what: string, answer: ElasticsearchAnswer): OomscopeError {
  if (answer.kind !== 'answer' || answer.status === 401 || answer.status === 403) {
    return failureOf(address, what, answer);
  }
  const { status, body } = answer;
  const found = findShardFault(body);
  if (found === undefined) return failureOf(address, what, answer);
  const { place, reason, type } = found;
  return new OomscopeError(
    'SINK_UNREACHABLE',
    `${what}: ${place} at ${address} has no answer (${reason}); without it the answer would be wrong. ${adviceFor(status, type)}`,
  );
}

function adviceFor(status: number, type: string): string {
  if (status === 429) return 'The server is short of memory: try again later, or give it more heap';
  if (status === 400 || type === 'illegal_argument_exception') {
    return 'The index seems to be made without the template: reindex it under the template, or delete it';
  }
  return 'Try again once its shards are there (`GET _cluster/allocation/explain` says what keeps them), or close or delete the index';
}

interface ShardFault {
  readonly place: string;
  readonly type: string;
  readonly reason: string;
}

/** The first shard that failed, as an error or a body tells of it; undefined when it tells of none. */
function findShardFault(body: unknown): ShardFault | undefined {
  const [failure] = [
    readKey(readKey(body, 'error'), 'failed_shards'),
    readKey(readKey(body, '_shards'), 'failures'),
  ].flatMap((list: unknown): unknown[] => (Array.isArray(list) ? list : []));
  if (failure !== undefined) {
    const { type, reason } = errorOf({ error: readKey(failure, 'reason') });
    return { place: String(readKey(failure, 'index')), type, reason: reason || type };
  }
  if (readKey(body, 'timed_out') === true) {
    return { place: 'an index', type: 'timed_out', reason: 'the search ran out of time' };
  }
  // Search rejected due to missing shards [[oom-report-2026.10.01][0]]. Consider using ...
  const { reason } = errorOf(body);
  const shards = /missing shards \[(\[[^\]]{1,255}\]\[\d+\])/.exec(reason)?.[1];
  if (shards === undefined) return undefined;
  return { place: shards.slice(1, shards.indexOf(']')), type: 'missing', reason: `the shard ${shards} is missing` };
}
