/**
 * What an answer of Elasticsearch means for a document: one table, by error type first, then by status. Measured on
 * 8.19 and 9.4; the types are the server's exception names.
 */

/**
 * `stored`: it is there. `duplicate`: an equal or fuller reading is there. `retry`: not the document's fault, the same
 * write will succeed some day. `dead-letter`: the document itself is refused. `split`: some document of the request is
 * refused, halves will show which. `stop`: the worker may not write; nothing is lost as nothing is committed.
 */
export type Outcome = 'stored' | 'duplicate' | 'retry' | 'dead-letter' | 'split' | 'stop';

export interface OutcomeRow {
  /** What answered: an item of a bulk request, or the request as a whole. */
  readonly of: 'index' | 'delete' | 'request';
  /** Exception name; a row with a type goes before all rows without. */
  readonly type?: string;
  /** First and last status; absent matches every status. */
  readonly status?: readonly [number, number];
  readonly outcome: Outcome;
  readonly because: string;
}

/** Not the document's fault, whether an item or the whole request says so. */
const RETRIED: Readonly<Record<string, string>> = {
  es_rejected_execution_exception: 'the write queue or the indexing pressure is full',
  circuit_breaking_exception: 'the node is short of heap',
  cluster_block_exception: 'the disk is at its flood stage, or the index or cluster is blocked',
  unavailable_shards_exception: 'the primary shard is not there',
  no_shard_available_action_exception: 'no shard is there',
  index_closed_exception: 'the index is closed',
  index_not_found_exception: 'the index is missing and may not be created by a write',
  validation_exception: 'the cluster is at its limit of shards',
  process_cluster_event_timeout_exception: 'the master is slow to create the index or its mapping',
  timeout_exception: 'the server gave up waiting',
  master_not_discovered_exception: 'the cluster has no master',
  not_master_exception: 'the master changed',
  node_not_connected_exception: 'a node left',
  node_disconnected_exception: 'a node left',
  node_closed_exception: 'a node is shutting down',
  media_type_header_exception: 'the server does not speak this protocol version',
};

const byType = (of: OutcomeRow['of']): OutcomeRow[] => [
  ...Object.entries(RETRIED).map(([type, because]) => ({ of, type, outcome: 'retry' as const, because })),
  { of, type: 'security_exception', outcome: 'stop', because: 'the credentials or the role do not suffice' },
];

/** The table, in the order in which it is read. */
export const OUTCOMES: readonly OutcomeRow[] = [
  ...byType('index'),
  {
    of: 'index',
    type: 'version_conflict_engine_exception',
    outcome: 'duplicate',
    because: 'an equal or higher version is stored',
  },
  { of: 'index', status: [200, 299], outcome: 'stored', because: 'created (201) or replaced by a fuller one (200)' },
  { of: 'index', status: [401, 401], outcome: 'stop', because: 'not authenticated' },
  { of: 'index', status: [403, 403], outcome: 'stop', because: 'not allowed' },
  { of: 'index', status: [404, 404], outcome: 'retry', because: 'index or alias missing' },
  { of: 'index', status: [408, 408], outcome: 'retry', because: 'time-out' },
  { of: 'index', status: [409, 409], outcome: 'duplicate', because: 'conflict' },
  { of: 'index', status: [429, 429], outcome: 'retry', because: 'too many requests' },
  { of: 'index', status: [400, 499], outcome: 'dead-letter', because: 'mapping, parsing or size of the document' },
  { of: 'index', status: [500, 599], outcome: 'retry', because: 'a fault of the server' },

  ...byType('delete').filter((row) => row.type !== 'index_not_found_exception'),
  { of: 'delete', type: 'index_not_found_exception', outcome: 'stored', because: 'what is not there is deleted' },
  { of: 'delete', status: [200, 299], outcome: 'stored', because: 'deleted' },
  { of: 'delete', status: [404, 404], outcome: 'stored', because: 'it was not there' },
  { of: 'delete', status: [409, 409], outcome: 'stored', because: 'a fuller document took the id' },
  { of: 'delete', status: [401, 401], outcome: 'stop', because: 'not authenticated' },
  { of: 'delete', status: [403, 403], outcome: 'stop', because: 'not allowed' },
  { of: 'delete', status: [408, 408], outcome: 'retry', because: 'time-out' },
  { of: 'delete', status: [429, 429], outcome: 'retry', because: 'too many requests' },
  {
    of: 'delete',
    status: [400, 499],
    outcome: 'stored',
    because: 'the id cannot exist, so there is nothing to delete',
  },
  { of: 'delete', status: [500, 599], outcome: 'retry', because: 'a fault of the server' },

  ...byType('request'),
  { of: 'request', status: [401, 401], outcome: 'stop', because: 'not authenticated' },
  { of: 'request', status: [403, 403], outcome: 'stop', because: 'not allowed' },
  {
    of: 'request',
    status: [413, 413],
    outcome: 'split',
    because: 'the request is too large for the server or a proxy',
  },
  { of: 'request', status: [400, 400], outcome: 'split', because: 'a line of the request is refused' },
  { of: 'request', status: [100, 599], outcome: 'retry', because: 'the answer says nothing about the documents' },
];

const matches = (row: OutcomeRow, of: OutcomeRow['of'], status: number, type: string): boolean =>
  row.of === of &&
  (row.type === undefined || row.type === type) &&
  (row.status === undefined || (status >= row.status[0] && status <= row.status[1]));

const RETRY_UNKNOWN = { outcome: 'retry', because: 'the answer has no status that is known' } as const;

/**
 * Looks an answer up. `type` is the exception name, empty when none was given. A whole request that was refused with
 * 400 by something that does not speak Elasticsearch (a proxy) is retried: it says nothing about a document.
 */
export function outcomeOf(
  of: OutcomeRow['of'],
  status: number,
  type: string,
): { readonly outcome: Outcome; readonly because: string } {
  if (of === 'request' && status === 400 && type === '') return RETRY_UNKNOWN;
  const byName = OUTCOMES.find((row) => row.type !== undefined && matches(row, of, status, type));
  return byName ?? OUTCOMES.find((row) => row.type === undefined && matches(row, of, status, type)) ?? RETRY_UNKNOWN;
}
