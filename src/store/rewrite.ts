/** Writing documents over what stands there, and only there. */
import {
  type ElasticsearchAnswer,
  type ElasticsearchClient,
  errorOf,
  failureOf,
  readKey,
} from '../clients/elasticsearch.ts';
import type { Clock } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { StoredDocument } from './older.ts';
import { canPass, isPassing, MOST_ATTEMPTS, pauseMs } from './patience.ts';

export interface Rewrite extends StoredDocument {
  /** External version: strictly greater wins. */
  readonly version: number;
}

/**
 * How a rewrite ended. `overtaken`: an equal or fuller reading came meanwhile. `gone`: the document or its whole month was
 * deleted meanwhile, and stays so.
 */
export type RewriteOutcome =
  | { readonly kind: 'rewritten' | 'overtaken' | 'gone' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Most bytes of one request at first; less once the server or a proxy refuses as many. */
const BULK_BYTES = 5_242_880;

interface Pending {
  readonly rewrite: Rewrite;
  /** Its two lines of the bulk request. */
  readonly lines: string;
  readonly bytes: number;
  /** Why the server did not take it the last time. */
  reason: string;
}

/**
 * Writes the documents, an outcome for each in their order. Requests are bounded by bytes and halved when they are refused
 * as too large; what the server has no room for is tried again for some minutes. Rejects with SINK_UNREACHABLE and
 * SINK_FORBIDDEN.
 */
export async function rewriteReports(
  client: ElasticsearchClient,
  clock: Clock,
  rewrites: readonly Rewrite[],
): Promise<RewriteOutcome[]> {
  const outcomes = new Map<Rewrite, RewriteOutcome>();
  let waiting = rewrites.map(pendingOf);
  let mostBytes = BULK_BYTES;
  let attempt = 0;
  while (waiting.length > 0) {
    const batch = cut(waiting, mostBytes);
    const sent = await sendBatch(client, clock, batch);
    for (const [{ rewrite }, outcome] of sent.ended) outcomes.set(rewrite, outcome);
    waiting = waiting.filter(({ rewrite }) => !outcomes.has(rewrite));
    if (sent.ended.size > 0) attempt = 0;
    if (sent.tooMuch) mostBytes = Math.max(1, Math.floor(bytesOf(batch) / 2));
    if (!sent.pause) continue;
    attempt += 1;
    if (attempt >= MOST_ATTEMPTS) {
      if (sent.failure) throw failureOf(client.address, 'rewriting reports', sent.failure);
      for (const { rewrite, reason } of batch) outcomes.set(rewrite, { kind: 'refused', reason });
      waiting = waiting.filter(({ rewrite }) => !outcomes.has(rewrite));
      attempt = 0;
    } else await clock.sleep(pauseMs(attempt));
  }
  return rewrites.map((rewrite) => outcomes.get(rewrite) ?? { kind: 'refused', reason: 'no answer' });
}

function pendingOf(rewrite: Rewrite): Pending {
  const { id, index, version, document } = rewrite;
  const action = { index: { _index: index, _id: id, version, version_type: 'external' } };
  const lines = `${JSON.stringify(action)}\n${JSON.stringify(document)}\n`;
  return { rewrite, lines, bytes: Buffer.byteLength(lines), reason: '' };
}

const bytesOf = (batch: readonly Pending[]): number => batch.reduce((sum, { bytes }) => sum + bytes, 0);

/** The first that fit; one that is larger than a request goes alone. */
function cut(waiting: readonly Pending[], mostBytes: number): readonly Pending[] {
  let bytes = 0;
  const count = waiting.findIndex((pending, at) => {
    bytes += pending.bytes;
    return at > 0 && bytes > mostBytes;
  });
  return count < 0 ? waiting : waiting.slice(0, count);
}

/** What became of a batch; what has not ended is to be sent again. */
interface Sent {
  readonly ended: ReadonlyMap<Pending, RewriteOutcome>;
  /** The next request is to be smaller. */
  readonly tooMuch: boolean;
  readonly pause: boolean;
  /** The answer, when it was about the whole request. */
  readonly failure?: ElasticsearchAnswer;
}

async function sendBatch(client: ElasticsearchClient, clock: Clock, batch: readonly Pending[]): Promise<Sent> {
  const found = await client.request(existenceOf(batch));
  if (found.kind !== 'answer' || found.status !== 200) return unsent(client, batch, found);
  const ended = new Map<Pending, RewriteOutcome>();
  const there = batch.filter((pending) => {
    const isThere = readKey(found.body, pending.rewrite.index) !== undefined;
    if (!isThere) ended.set(pending, { kind: 'gone' });
    return isThere;
  });
  if (there.length === 0) return { ended, tooMuch: false, pause: false };
  const lines = there.map((pending) => pending.lines).join('');
  const answer = await client.request({ method: 'POST', path: '/_bulk', lines });
  const items = answer.kind === 'answer' && answer.status === 200 ? readKey(answer.body, 'items') : undefined;
  if (!Array.isArray(items)) {
    const whole = unsent(client, there, answer);
    return { ...whole, ended: new Map([...ended, ...whole.ended]) };
  }

  const made: Made[] = [];
  let isCrowded = false;
  for (const [at, pending] of there.entries()) {
    const item = readKey(items[at], 'index');
    // A lacking privilege is told with every document, and is none of its faults.
    if (errorOf(item).type === 'security_exception') {
      throw failureOf(client.address, 'rewriting reports', { kind: 'answer', status: 403, body: item });
    }
    const outcome = outcomeOf(item);
    if (outcome === 'retry') {
      pending.reason = reasonOf(item);
      isCrowded = true;
    } else ended.set(pending, outcome);
    if (outcome !== 'retry' && outcome.kind === 'gone') made.push({ rewrite: pending.rewrite, item });
  }
  if (made.length > 0) await unmake(client, clock, made);
  return { ended, tooMuch: isCrowded, pause: isCrowded };
}

/**
 * Asks which of the months are there: a bulk request would create those that are not, and there is no way to forbid it
 * that. A month that is deleted between this and the request comes back, empty once `unmake` is done; it is not deleted
 * here, as a worker may be writing into it.
 */
const existenceOf = (batch: readonly Pending[]) =>
  ({
    method: 'GET',
    path: `/${[...new Set(batch.map(({ rewrite }) => encodeURIComponent(rewrite.index)))].join(',')}/_settings`,
    query: { ignore_unavailable: 'true', allow_no_indices: 'true', filter_path: '*.settings.index.uuid' },
  }) as const;

const TOO_LARGE = 'larger than a request may be (http.max_content_length of Elasticsearch, or the limit of a proxy)';

/** For an answer that is about the whole request. */
function unsent(client: ElasticsearchClient, batch: readonly Pending[], answer: ElasticsearchAnswer): Sent {
  // 413 names the limit of a server or a proxy; 400 may be the fault of one line.
  if (answer.kind === 'answer' && (answer.status === 413 || answer.status === 400)) {
    const [first] = batch;
    if (!first || batch.length > 1) return { ended: new Map(), tooMuch: true, pause: false };
    const reason = answer.status === 413 ? TOO_LARGE : reasonOf(answer.body);
    return { ended: new Map([[first, { kind: 'refused', reason }]]), tooMuch: false, pause: false };
  }
  if (!canPass(answer)) throw failureOf(client.address, 'rewriting reports', answer);
  return { ended: new Map(), tooMuch: true, pause: true, failure: answer };
}

/** `{ "status": 201, "result": "created" }`: there was nothing to write over. */
function outcomeOf(item: unknown): RewriteOutcome | 'retry' {
  const status = Number(readKey(item, 'status'));
  if (status >= 200 && status < 300) return { kind: readKey(item, 'result') === 'created' ? 'gone' : 'rewritten' };
  if (status === 409) return { kind: 'overtaken' };
  return isPassing(status) ? 'retry' : { kind: 'refused', reason: reasonOf(item) };
}

function reasonOf(body: unknown): string {
  const { type, reason } = errorOf(body);
  return `${type}: ${reason}`;
}

/** A document that was to be written over and was created, with the item that says so. */
interface Made {
  readonly rewrite: Rewrite;
  readonly item: unknown;
}

/** Deletes what was created, unless another write came over it. */
async function unmake(client: ElasticsearchClient, clock: Clock, made: readonly Made[]): Promise<void> {
  const lines = made.map(({ rewrite: { index, id }, item }) => {
    const write = { if_seq_no: readKey(item, '_seq_no'), if_primary_term: readKey(item, '_primary_term') };
    return `${JSON.stringify({ delete: { _index: index, _id: id, ...write } })}\n`;
  });
  for (let attempt = 1; ; attempt += 1) {
    const answer = await client.request({ method: 'POST', path: '/_bulk', lines: lines.join('') });
    const results = answer.kind === 'answer' && answer.status === 200 ? readKey(answer.body, 'items') : undefined;
    const left = Array.isArray(results) ? results.map((result) => readKey(result, 'delete')).filter(isLeft) : undefined;
    if (left?.length === 0) return;
    if (left === undefined && !canPass(answer)) throw failureOf(client.address, WHAT_UNMAKE, answer);
    if (attempt >= MOST_ATTEMPTS) {
      const told = left?.map((item) => `${readKey(item, '_index')}/${readKey(item, '_id')} (${reasonOf(item)})`);
      const message = `${WHAT_UNMAKE} at ${client.address}: not done for ${told?.join(', ') ?? 'all'}; delete them by hand`;
      throw new OomscopeError('SINK_UNREACHABLE', message);
    }
    await clock.sleep(pauseMs(attempt));
  }
}

const WHAT_UNMAKE = 'deleting again what had been deleted meanwhile';

/** 409 and 404 are well: another write took the id, or it is gone. */
const isLeft = (item: unknown): boolean => isPassing(Number(readKey(item, 'status')));
