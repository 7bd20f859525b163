/** Documents into Elasticsearch, by bulk requests with external versions. */
import { type ElasticsearchAnswer, type ElasticsearchClient, errorOf, readKey } from '../clients/elasticsearch.ts';
import { templateOf } from '../document/index.ts';
import type { Clock, DeadLetters, DocumentWrite, Logger, Metrics, ReportSink, WriteOutcome } from '../ports.ts';
import { Batcher, type BatchLimits } from './batch.ts';
import type { Delivery, Job, JobVerdict } from './job.ts';
import { outcomeOf } from './outcome.ts';

export interface ElasticsearchSinkOptions extends BatchLimits {
  /** sink.retention; older documents are counted as expired and not written. */
  readonly retentionDays: number;
}

export interface ElasticsearchSinkDeps {
  readonly client: ElasticsearchClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly deadLetters: DeadLetters;
  /** Between 0 and 1; chance by default. */
  readonly random?: () => number;
}

export interface ElasticsearchSink extends ReportSink {
  /** For how long no bulk request has got through; 0 while they do, or while there is nothing to send. */
  readonly failingMs: number;
}

const DAY_MS = 86_400_000;

/**
 * A sink that writes to Elasticsearch until it succeeds: an unreachable, full or closed index is waited for, a refused
 * document goes to the dead letters, a refused request is halved. Writes reject with SINK_FORBIDDEN when the
 * credentials or the role do not suffice, with SINK_TEMPLATE_MISSING when an index is to be written for the first time and
 * its template is gone, with DEAD_LETTER_FAILED, and with DRAIN_TIMEOUT when closed first.
 * The client is the caller's to close.
 */
export function createElasticsearchSink(
  options: ElasticsearchSinkOptions,
  deps: ElasticsearchSinkDeps,
): ElasticsearchSink {
  const { client, clock, logger, metrics, deadLetters } = deps;
  const known = new Set<string>();
  const batcher = new Batcher(options, {
    clock,
    logger,
    metrics,
    deadLetters,
    random: deps.random ?? Math.random,
    documentOf: (body) => documentOf(body, clock.nowMs()),
    deliver: async (jobs) => (await missesTemplate(client, jobs, known)) ?? (await deliver(client, clock, jobs)),
  });
  return {
    async write(write): Promise<WriteOutcome> {
      if (isExpired(write, clock.nowMs() - options.retentionDays * DAY_MS)) return 'expired';
      const { document, ...head } = write;
      return batcher.write(head, Buffer.from(bodyOf(document)));
    },
    get heldBytes() {
      return batcher.heldBytes;
    },
    get failingMs() {
      return batcher.failingMs;
    },
    flush: () => batcher.flush(),
    close: (limitMs) => batcher.close(limitMs),
  };
}

/** A document without a time never expires. */
function isExpired({ document }: DocumentWrite, oldestMs: number): boolean {
  const timestamp = document['@timestamp'];
  return typeof timestamp === 'string' && Date.parse(timestamp) < oldestMs;
}

/**
 * The document as JSON behind its event.ingested: `,"kind":"event",...},"host":{...}}`. The time of ingest is known
 * only when the bulk request leaves, maybe hours later; so it stands first and the rest is serialised once.
 */
function bodyOf(document: Readonly<Record<string, unknown>>): string {
  const { event, ...others } = document;
  const { ingested: _, ...eventRest } =
    typeof event === 'object' && event !== null ? { ingested: null, ...event } : { ingested: null };
  return `${membersOf(eventRest)}}${membersOf(others)}}`;
}

/** The document of a body, as it would leave now. */
function documentOf(body: Buffer, ingestedAtMs: number): Readonly<Record<string, unknown>> {
  return JSON.parse(documentText(body, new Date(ingestedAtMs).toISOString())) as Record<string, unknown>;
}

const documentText = (body: Buffer, ingested: string): string => `{"event":{"ingested":"${ingested}"${body.toString()}`;

/** The members of an object as they follow others: `,"a":1,"b":2`, or nothing. */
function membersOf(value: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(value);
  return json === '{}' ? '' : `,${json.slice(1, -1)}`;
}

/** The lines of a bulk request. */
export function bulkLines(jobs: readonly Job[], ingestedAtMs: number): string {
  const ingested = new Date(ingestedAtMs).toISOString();
  let lines = '';
  for (const { write, body, stage } of jobs) {
    const { id, index, version, supersedes } = write;
    if (stage === 'index') {
      const action = { index: { _index: index, _id: id, version, version_type: 'external' } };
      lines += `${JSON.stringify(action)}\n${documentText(body, ingested)}\n`;
    } else {
      // With the version of the fuller reading, so that a late write of the poorer one meets a conflict.
      for (const old of supersedes) {
        const action = { delete: { _index: old.index, _id: old.id, version, version_type: 'external' } };
        lines += `${JSON.stringify(action)}\n`;
      }
    }
  }
  return lines;
}

/**
 * Asks for the template of every index that these jobs are the first to write: without it Elasticsearch would make a new
 * month with types of its own guess, and without aliases. Undefined when the jobs may go; adds their indices to `known`.
 */
async function missesTemplate(
  client: ElasticsearchClient,
  jobs: readonly Job[],
  known: Set<string>,
): Promise<Delivery | undefined> {
  // A delete with an external version makes its index as well.
  const named = jobs.flatMap(({ write }) => [write.index, ...write.supersedes.map(({ index }) => index)]);
  for (const index of new Set(named)) {
    if (known.has(index)) continue;
    const template = templateOf(index);
    const query = { filter_path: 'index_templates.name,error' };
    const answer = await client.request({ method: 'GET', path: `/_index_template/${template}`, query });
    // A proxy's 404 says nothing.
    if (answer.kind === 'answer' && errorOf(answer.body).type === 'resource_not_found_exception') {
      const detail = `the index template ${template} at ${client.address} is missing, and ${index} would be made without it; run \`oomscope setup\``;
      return { kind: 'whole', outcome: 'stop', reason: 'template-missing', detail, code: 'SINK_TEMPLATE_MISSING' };
    }
    if (answer.kind === 'failure' || answer.status !== 200) {
      const refusal = refusalOf(client, 'the question for a template', answer);
      // No document is to blame.
      return refusal.outcome === 'split' ? { ...refusal, outcome: 'retry' } : refusal;
    }
    known.add(index);
  }
  return undefined;
}

/** Only what is read: whether items failed, with which status and error. */
const BULK_QUERY = { filter_path: 'errors,error,status,items.*.status,items.*.result,items.*.error' };

async function deliver(client: ElasticsearchClient, clock: Clock, jobs: readonly Job[]): Promise<Delivery> {
  const lines = bulkLines(jobs, clock.nowMs());
  const answer = await client.request({ method: 'POST', path: '/_bulk', query: BULK_QUERY, lines });
  const items = answer.kind === 'answer' && answer.status === 200 ? readKey(answer.body, 'items') : undefined;
  return Array.isArray(items)
    ? { kind: 'items', verdicts: verdictsOf(jobs, items) }
    : refusalOf(client, 'the bulk request', answer);
}

/** What a request that was refused or not answered as a whole means for its jobs. */
function refusalOf(
  client: ElasticsearchClient,
  what: string,
  answer: ElasticsearchAnswer,
): Extract<Delivery, { kind: 'whole' }> {
  if (answer.kind === 'failure') {
    const detail = `no answer of ${client.address} (elasticsearch.url): ${answer.message}`;
    return { kind: 'whole', outcome: 'retry', reason: answer.reason, detail, crowded: answer.reason === 'timeout' };
  }
  const { type, reason } = errorOf(answer.body);
  const { outcome, because } = outcomeOf('request', answer.status, type);
  const detail = `${client.address} answered ${what} with ${answer.status} ${type || because}${reason && `: ${reason}`}`;
  const label = type || `status-${answer.status}`;
  switch (outcome) {
    case 'split':
      return { kind: 'whole', outcome, reason: label, detail, tooLarge: answer.status === 413 };
    case 'stop':
      return { kind: 'whole', outcome, reason: label, detail: `${detail}; ${WHAT_TO_DO}` };
    default:
      return { kind: 'whole', outcome: 'retry', reason: label, detail, crowded: isCrowded(answer.status, type) };
  }
}

const WHAT_TO_DO =
  'check elasticsearch.api.key or elasticsearch.username and the role (`oomscope setup --print`: oomscope-worker)';

/** 429 says that too much came at once, except at the flood stage of the disk. */
const isCrowded = (status: number, type: string): boolean => status === 429 && type !== 'cluster_block_exception';

/** Items stand in the order of the actions; a job in its delete stage has one for each reading it supersedes. */
function verdictsOf(jobs: readonly Job[], items: readonly unknown[]): JobVerdict[] {
  let next = 0;
  return jobs.map((job) => {
    if (job.stage === 'index') return verdictOf('index', items[next++]);
    const verdicts = job.write.supersedes.map(() => verdictOf('delete', items[next++]));
    return verdicts.find((verdict) => verdict.outcome !== 'stored') ?? { outcome: 'stored', result: 'updated' };
  });
}

/** `{ "index": { "status": 201, "result": "created" } }` */
function verdictOf(action: 'index' | 'delete', item: unknown): JobVerdict {
  const entry = readKey(item, action);
  const status = readKey(entry, 'status');
  const code = typeof status === 'number' ? status : 0;
  const { type, reason } = errorOf(entry);
  const { outcome, because } = outcomeOf(action, code, type);
  const told = { reason: type || `status-${code}`, detail: reason || because };
  switch (outcome) {
    case 'stored':
      return { outcome, result: readKey(entry, 'result') === 'created' ? 'created' : 'updated' };
    case 'duplicate':
      return { outcome: 'stored', result: 'duplicate' };
    case 'stop':
      return { outcome, reason: told.reason, detail: `${told.detail}; ${WHAT_TO_DO}` };
    case 'dead-letter':
      return { outcome, ...told };
    default:
      return { outcome: 'retry', ...told, crowded: isCrowded(code, type) };
  }
}
