/** What the index holds against what was produced: the fleet's truth, and a reading of the same topic without faults. */
import { isDeepStrictEqual } from 'node:util';
import { createDecoder, createKafkaSource } from '../../src/consumer/index.ts';
import { analyse } from '../../src/enrich/index.ts';
import { silentLogger, silentMetrics, systemClock } from '../../src/ops/index.ts';
import { createParser } from '../../src/parser/index.ts';
import { createPipeline } from '../../src/pipeline.ts';
import type { DocumentWrite, ReportSink, WriteOutcome } from '../../src/ports.ts';
import type { FleetTruth } from '../../src/simulate/index.ts';
import { DECODER_OPTIONS } from '../support/decoder.ts';
import { MemoryDeadLetters } from '../support/fakes.ts';
import type { Topics } from '../support/topics.ts';
import { ONE_REQUEST, until } from '../support/worker.ts';

export type Document = Readonly<Record<string, unknown>>;

/** Documents by `index/id`. */
export type Documents = ReadonlyMap<string, Document>;

export interface ParserLimits {
  readonly idleMs: number;
  readonly ageMs: number;
}

const PAGE = 500;

/** Everything that the index holds. */
export async function readIndex(url: string): Promise<Documents> {
  const found = new Map<string, Document>();
  await request(url, '/oom-report/_refresh');
  let after: unknown;
  for (;;) {
    const body = {
      size: PAGE,
      sort: [{ 'event.id': 'asc' }, { _index: 'asc' }],
      ...(after === undefined ? {} : { search_after: after }),
    };
    const answer = (await request(url, '/oom-report/_search', body)) as {
      hits: { hits: { _id: string; _index: string; _source: Document; sort: unknown }[] };
    };
    for (const { _id, _index, _source } of answer.hits.hits) found.set(`${_index}/${_id}`, _source);
    after = answer.hits.hits.at(-1)?.sort;
    if (answer.hits.hits.length < PAGE) return found;
  }
}

async function request(url: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...ONE_REQUEST },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** A sink with the rules of the index, and nothing that fails. */
class MemorySink implements ReportSink {
  readonly documents = new Map<string, Document>();
  readonly heldBytes = 0;
  readonly #versions = new Map<string, number>();

  async write({ id, index, version, document, supersedes }: DocumentWrite): Promise<WriteOutcome> {
    const isNew = this.#take(`${index}/${id}`, version);
    if (isNew) this.documents.set(`${index}/${id}`, JSON.parse(JSON.stringify(document)) as Document);
    for (const old of supersedes) {
      if (this.#take(`${old.index}/${old.id}`, version)) this.documents.delete(`${old.index}/${old.id}`);
    }
    return isNew ? 'created' : 'duplicate';
  }

  #take(key: string, version: number): boolean {
    if ((this.#versions.get(key) ?? 0) >= version) return false;
    this.#versions.set(key, version);
    return true;
  }

  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

/** Reads the topic from its beginning in this process, past all proxies, as one worker that nothing befalls. */
export async function readWithoutFaults(
  brokers: readonly string[],
  topics: Topics,
  topic: string,
  limits: ParserLimits,
): Promise<{ documents: Documents; letters: number }> {
  const sink = new MemorySink();
  const deadLetters = new MemoryDeadLetters();
  const group = `${topic}-without-faults`;
  const decoder = createDecoder(DECODER_OPTIONS);
  const source = createKafkaSource(
    {
      brokers,
      clientId: 'without-faults',
      topics: [topic],
      excludedTopics: [],
      start: 'earliest',
      metadataIntervalMs: 60_000,
      group,
      sessionTimeoutMs: 30_000,
      maxBytes: 4_194_304,
      maxBytesPerPartition: 1_048_576,
    },
    { decoder, clock: systemClock, logger: silentLogger, metrics: silentMetrics },
  );
  const parser = createParser({ ...limits, maxLines: 20_000, maxBytes: 134_217_728 });
  const ports = { clock: systemClock, logger: silentLogger, metrics: silentMetrics };
  const pipeline = createPipeline(
    { source, parser, analyse, sink, deadLetters, ...ports },
    { commitIntervalMs: 100, heldBytes: 67_108_864 },
  );
  const running = pipeline.run();
  await Promise.race([running, drained(topics, topic, group, 120_000)]);
  await pipeline.stop(10_000);
  await running;
  return { documents: sink.documents, letters: deadLetters.letters.length };
}

/** Waits until the group has committed everything that is on the topic. */
export function drained(topics: Topics, topic: string, group: string, limitMs: number): Promise<boolean> {
  return until(
    `${group} has read ${topic} to its end`,
    async () => {
      const [committed, ends] = await Promise.all([topics.committed(group, topic), topics.ends(topic)]);
      return ends.every((end, partition) => end === 0 || committed[partition] === end);
    },
    limitMs,
  );
}

/** Reads a value by its dotted path. */
export const at = (document: Document | undefined, path: string): unknown =>
  path.split('.').reduce<unknown>((node, key) => {
    return typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined;
  }, document);

export interface Differences {
  /** Documents that should be there, and are not. */
  readonly lost: readonly string[];
  /** Documents that are there beyond those that should be. */
  readonly doubled: readonly string[];
  readonly changed: readonly string[];
  /** Incomplete documents without a victim, beside the whole one, of hosts whose lines came twice or late. */
  readonly fragments?: readonly string[];
}

/** The index against the reading without faults: every field but those that tell of the reading itself. */
export function differences(
  found: Documents,
  expected: Documents,
  damaged: ReadonlySet<string> = new Set(),
): Differences {
  const lost = [...expected].filter(([key]) => !found.has(key)).map(([key, document]) => described(key, document));
  const doubled = [...found].filter(([key]) => !expected.has(key)).map(([key, document]) => described(key, document));
  const changed = [...found].flatMap(([key, document]) => {
    const wanted = expected.get(key);
    if (wanted === undefined) return [];
    const mayDiffer = damaged.has(String(at(document, 'host.name'))) ? OF_DUPLICATES : [];
    const paths = changedPaths(document, wanted, '')
      .filter((path) => !OF_THE_READING.has(path))
      .filter((path) => !mayDiffer.some((start) => path.startsWith(start)));
    return paths.length === 0 ? [] : [`${described(key, document)}: ${paths.join(', ')}`];
  });
  return { lost, doubled, changed };
}

/** What copies of lines leave behind depends on whether they were read before the report was first written. */
const OF_DUPLICATES = ['oom.source.offset', 'oom.issues', 'oom.report.issues'];

/** When it was written, and whether silence or a line ended it. */
const OF_THE_READING: ReadonlySet<string> = new Set(['event.ingested']);

function described(key: string, document: Document): string {
  const parts = ['host.name', 'event.action', 'process.name', 'process.pid', 'oom.complete'];
  const source = ['partition', 'offset_first', 'offset_last'].map((name) => at(document, `oom.source.${name}`));
  return `${key} ${parts.map((path) => String(at(document, path) ?? '-')).join(' ')} at ${source.join('/')}`;
}

function changedPaths(a: unknown, b: unknown, path: string): string[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (!isObject(a) || !isObject(b))
    return [`${path} ${brief(a)} instead of ${brief(b)}`.trim()].map((text) => named(path, text));
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => changedPaths(a[key], b[key], path === '' ? key : `${path}.${key}`));
}

/** Fields that tell of the reading go by their name alone. */
const named = (path: string, text: string): string => (OF_THE_READING.has(path) ? path : text);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const brief = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);

/**
 * The index against what really happened. For hosts whose records were damaged by duplicates or lateness the verdict
 * is not compared.
 */
export function differencesFromTruth(
  found: Documents,
  truth: readonly FleetTruth[],
  damaged: ReadonlySet<string>,
): Differences {
  // What is whole comes first, so that a fragment beside it is what is left over.
  const ordered = [...found.values()].sort(
    (a, b) => Number(at(b, 'oom.complete') === true) - Number(at(a, 'oom.complete') === true),
  );
  const byEvent = new Map<string, Document[]>();
  for (const document of ordered) {
    const event = eventOf(at(document, 'host.name'), at(document, 'process.pid'), at(document, 'event.action'));
    byEvent.set(event, [...(byEvent.get(event) ?? []), document]);
  }
  const lost: string[] = [];
  const changed: string[] = [];
  for (const { host, victimPid, action, verdict, scenario } of truth) {
    const event = eventOf(host, victimPid, action);
    const documents = byEvent.get(event) ?? [];
    const document = documents.shift();
    if (document === undefined) lost.push(`${event} (${scenario})`);
    else if (!damaged.has(host) && at(document, 'oom.verdict') !== verdict) {
      changed.push(`${event} (${scenario}): ${at(document, 'oom.verdict')} instead of ${verdict}`);
    }
  }
  const rest = [...byEvent].flatMap(([event, documents]) => documents.map((document) => ({ event, document })));
  const isFragment = ({ document }: { document: Document }): boolean =>
    damaged.has(String(at(document, 'host.name'))) &&
    at(document, 'oom.complete') === false &&
    at(document, 'process.pid') === undefined;
  return {
    lost,
    doubled: rest.filter((each) => !isFragment(each)).map(({ event, document }) => described(event, document)),
    changed,
    fragments: rest.filter(isFragment).map(({ event, document }) => described(event, document)),
  };
}

const eventOf = (host: unknown, pid: unknown, action: unknown): string => [host, pid ?? '-', action].join(' ');
