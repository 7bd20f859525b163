/**
 * `oomscope canary`: one simulated report through Kafka, the worker and Elasticsearch, and how long it took. For a
 * monitor to run: it proves the whole path, whatever the metrics say.
 *
 * The report is a refused page allocation and no kill: it takes the same path, and no alert, dashboard or question about
 * kills counts it. Its host is new each time, so that over time every partition has its turn.
 */
import { randomUUID } from 'node:crypto';
import { type ElasticsearchClient, type Feed, openFeed } from '../clients/index.ts';
import { silentLogger, systemClock } from '../ops/index.ts';
import { messagesOf, printRecords, renderMessage, SCENARIOS, type Style, scenarioState } from '../simulate/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';
import { feedTopicOf } from './feed-topic.ts';
import { kafkaOptionsOf } from './kafka-options.ts';
import { elasticsearchClientOf } from './setup.ts';

/** What the names of its hosts begin with. */
const CANARY_PREFIX = 'oomscope-canary-';

const LOOK_MS = 250;

/** The host goes on so long after its report, which closes it: longer than the tail of a report may be away. */
const CLOSING_MS = 3_000;

/** The first ends the report; the second shows that the first is whole, for a line may have been wrapped. */
const CLOSING = ['oomscope canary: end of the report', 'oomscope canary: end'];

/** Time since the boot of the host that does not exist. */
const UPTIME_US = 3_600_000_000;

interface Sent {
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** What a search has seen. */
type Seen =
  | { readonly kind: 'whole' | 'incomplete'; readonly index: string; readonly id: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'trouble'; readonly text: string };

/**
 * Prints the seconds from before the first record was sent until the whole document was found; exit code 0. Then deletes the
 * document, unless it is to be kept. Rejects with CANARY_MISSING after `timeout`, with KAFKA_UNREACHABLE,
 * KAFKA_TOPIC_MISSING and CONFIG_INVALID, and with SINK_FORBIDDEN when the document cannot be deleted.
 */
export async function runCanary(options: OptionValues, { keep }: { keep: boolean }): Promise<number> {
  const topic = feedTopicOf(options);
  const host = `${CANARY_PREFIX}${randomUUID().slice(0, 8)}`;
  const values = canaryRecords(host, styleOf(options), systemClock.nowMs());
  const client = elasticsearchClientOf(options);
  try {
    const feed = await openFeed(kafkaOptionsOf(options), topic, silentLogger);
    try {
      const startedMs = systemClock.elapsedMs();
      const sent = await send(feed, host, values);
      const seen = await look(client, host, startedMs + options['timeout']);
      const seconds = ((systemClock.elapsedMs() - startedMs) / 1_000).toFixed(3);
      const place = `${topic} partition ${sent.partition}, offsets ${sent.firstOffset} to ${sent.lastOffset}`;
      if (seen.kind !== 'whole') {
        const committed = await feed.committed(options['kafka.group'], sent.partition);
        const read = groupText(options['kafka.group'], committed, sent);
        const message = `${host} was not found within ${seconds} s. Produced: yes, ${place}. ${read} ${seenText(seen, client)}`;
        throw new OomscopeError('CANARY_MISSING', message);
      }
      if (!keep) await remove(client, seen);
      console.log(`${seconds} s until ${host} was found (${place}); ${keep ? 'kept' : 'deleted'}`);
      return 0;
    } finally {
      await feed.close();
    }
  } finally {
    await client.close();
  }
}

/** The dress that the workers read. Throws CONFIG_INVALID for Avro. */
function styleOf(options: OptionValues): Style {
  if (options['records.format'] !== 'avro') return options['records.format'] === 'json' ? 'vector-json' : 'rfc5424';
  throw new OomscopeError(
    'CONFIG_INVALID',
    'records.format is avro: the canary writes text or JSON and would not be read.',
  );
}

/** The records of one canary: a report of three seconds ago, and two lines of now that close it. */
export function canaryRecords(host: string, style: Style, nowMs: number): { value: string; atMs: number }[] {
  const state = scenarioState(SCENARIOS['allocation-failure']);
  const occasion = { host, startMs: nowMs - CLOSING_MS, bootUs: UPTIME_US };
  const closing = { host, startMs: nowMs, bootUs: UPTIME_US + CLOSING_MS * 1_000 };
  return [...messagesOf(printRecords(state), occasion), ...messagesOf(CLOSING, closing)].flatMap((message) =>
    renderMessage(message, style).map((value) => ({ value, atMs: message.atMs })),
  );
}

async function send(feed: Feed, host: string, values: readonly { value: string; atMs: number }[]): Promise<Sent> {
  const partition = feed.partitionOf(host);
  const offsets = await feed.send(values.map((each) => ({ key: host, partition, ...each })));
  const firstOffset = offsets.get(partition) ?? 0;
  return { partition, firstOffset, lastOffset: firstOffset + values.length - 1 };
}

/** Looks until the whole document is found or the time is over; then what the last look has seen. */
async function look(client: ElasticsearchClient, host: string, endMs: number): Promise<Seen> {
  for (;;) {
    const seen = await find(client, host);
    if (seen.kind === 'whole' || systemClock.elapsedMs() >= endMs) return seen;
    await systemClock.sleep(LOOK_MS);
  }
}

interface SearchBody {
  readonly hits?: {
    readonly hits?: readonly {
      readonly _index: string;
      readonly _id: string;
      readonly _source?: { readonly oom?: { readonly complete?: boolean } };
    }[];
  };
}

async function find(client: ElasticsearchClient, host: string): Promise<Seen> {
  const answer = await client.request({
    method: 'POST',
    path: '/oom-report-*/_search',
    query: { allow_no_indices: 'true', ignore_unavailable: 'true' },
    body: { size: 1, query: { term: { 'host.name': host } }, _source: ['oom.complete'], track_total_hits: false },
  });
  if (answer.kind === 'failure') return { kind: 'trouble', text: answer.message };
  if (answer.status !== 200)
    return { kind: 'trouble', text: `it answered ${answer.status} ${JSON.stringify(answer.body)}` };
  const [hit] = (answer.body as SearchBody).hits?.hits ?? [];
  if (hit === undefined) return { kind: 'nothing' };
  const kind = hit._source?.oom?.complete === true ? 'whole' : 'incomplete';
  return { kind, index: hit._index, id: hit._id };
}

async function remove(client: ElasticsearchClient, { index, id }: { index: string; id: string }): Promise<void> {
  const answer = await client.request({ method: 'DELETE', path: `/${index}/_doc/${id}` });
  if (answer.kind === 'answer' && (answer.status === 200 || answer.status === 404)) return;
  const found =
    answer.kind === 'failure' ? answer.message : `it answered ${answer.status} ${JSON.stringify(answer.body)}`;
  throw new OomscopeError(
    'SINK_FORBIDDEN',
    `The canary was found, but its document ${id} cannot be deleted from ${index} at ${client.address}: ${found}. Give the role the privilege delete, or use --keep.`,
  );
}

function groupText(group: string, committed: number | undefined, { lastOffset }: Sent): string {
  if (committed === undefined) {
    return `Read: group ${group} has committed nothing for this partition; is a worker of kafka.group running, and does it read this topic?`;
  }
  if (committed > lastOffset) return `Read: yes, group ${group} has committed ${committed}.`;
  return `Read: not committed; group ${group} stands at ${committed}: it lags behind, or an open report or a document that waits holds it.`;
}

function seenText(seen: Seen, client: ElasticsearchClient): string {
  switch (seen.kind) {
    case 'trouble':
      return `Indexed: unknown, ${client.address} could not be searched: ${seen.text}`;
    case 'incomplete':
      return `Indexed: an incomplete document (${seen.index}/${seen.id}): lines of it are lost or late.`;
    default:
      return `Indexed: no, ${client.address} has no document of that host; see the log and the dead letters of the worker.`;
  }
}
