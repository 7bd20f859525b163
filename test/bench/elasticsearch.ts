/**
 * Indexing and asking, run by hand: `npm run bench:elasticsearch`. 10,000 reports of a simulated fleet go through the sink
 * into Elasticsearch (ELASTICSEARCH_URL, else one that is started for it), then every question of `oomscope query` and every
 * panel of the dashboards is asked.
 * It deletes `oom-report-*` and `oom-host-*` there before and after. Figures and the machine stand in docs/performance.md.
 */
import { arch, cpus, totalmem } from 'node:os';
import { installTemplates, kibanaText } from '../../src/assets/index.ts';
import { createElasticsearchClient, expectOk, readKey } from '../../src/clients/elasticsearch.ts';
import { silentLogger, silentMetrics, systemClock } from '../../src/ops/index.ts';
import { createElasticsearchSink } from '../../src/sink/index.ts';
import { askElasticsearch, QUESTIONS } from '../../src/store/index.ts';
import { MemoryDeadLetters } from '../support/fakes.ts';
import { dslOfKql } from '../support/kibana/kql.ts';
import { aliasOf, searchOf } from '../support/kibana/lens-aggregation.ts';
import { allPanels, searchSourceOf, vegaSpecOf } from '../support/kibana/objects.ts';
import { injectContext } from '../support/kibana/vega-context.ts';
import { MONTH, type Month, simulateMonth } from '../support/month.ts';
import { startElasticsearch } from '../support/services.ts';

const REPORTS = 10_000;
const HOSTS = 2_000;
/** Fleets are simulated until there are enough reports; one gives some 350. */
const MOST_FLEETS = 100;
const TIMES = 9;

/** What Discover fetches: the newest 500 documents with all of their fields. */
const DISCOVER = { size: 500, sort: [{ '@timestamp': 'desc' }], _source: false, fields: ['*'] };

const server = await startElasticsearch();
const client = createElasticsearchClient({ url: server.url, timeoutMs: 60_000 });
const letters = new MemoryDeadLetters();
// The defaults of the worker.
const limits = { maxDocuments: 500, maxBytes: 5_242_880, maxAgeMs: 500, retentionDays: 36_500 };
const sink = createElasticsearchSink(limits, {
  client,
  clock: systemClock,
  logger: silentLogger,
  metrics: silentMetrics,
  deadLetters: letters,
});

const post = (path: string) => expectOk(client, path, { method: 'POST', path });

async function storeBytes(): Promise<number> {
  const stats = await expectOk(client, 'stats', { method: 'GET', path: '/oom-report-*/_stats/store' });
  return Number(readKey(readKey(readKey(readKey(stats, '_all'), 'primaries'), 'store'), 'size_in_bytes'));
}

/** Writes that are new, from one fleet after another, so that never more than one fleet's are held. */
function* fleets(): Generator<Pick<Month, 'writes' | 'hostWrites'>> {
  const seen = new Set<string>();
  for (let seed = 1; seed <= MOST_FLEETS && seen.size < REPORTS; seed += 1) {
    const { writes, hostWrites } = simulateMonth({ hosts: HOSTS, noisePerHost: 0, seed });
    const fresh = writes.filter(({ id }) => !seen.has(id)).slice(0, REPORTS - seen.size);
    for (const { id } of fresh) seen.add(id);
    yield { writes: fresh, hostWrites };
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
/** The first round warms up. */
async function medianMs(ask: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= TIMES; round += 1) {
    const startedMs = performance.now();
    await ask(round);
    if (round > 0) times.push(performance.now() - startedMs);
  }
  return median(times);
}

const line = (name: string, figure: number, unit: string): void =>
  console.log(
    `${name.padEnd(52)} ${figure.toLocaleString('en', { maximumSignificantDigits: 3 }).padStart(12)} ${unit}`,
  );

try {
  const info = await expectOk(client, 'asking for the version', { method: 'GET', path: '/_nodes/_local' });
  const version = Object.values(Object(readKey(info, 'nodes'))).map((node) => readKey(node, 'version'))[0];
  console.log(
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, Node ${process.version}, Elasticsearch ${version} on the same machine\n`,
  );
  await client.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });
  await installTemplates(client);
  let documents = 0;
  let bytes = 0;
  let elapsedMs = 0;
  for (const { writes, hostWrites } of fleets()) {
    documents += writes.length;
    for (const { document } of writes) bytes += Buffer.byteLength(JSON.stringify(document));
    const startedMs = performance.now();
    const written = writes.map((write) => sink.write(write));
    await sink.flush();
    await Promise.all(written);
    elapsedMs += performance.now() - startedMs;
    // The inventory, for the panels and the question that read it.
    const hosts = hostWrites.map((write) => sink.write(write));
    await sink.flush();
    await Promise.all(hosts);
  }
  await post('/oom-report-*,oom-host-*/_refresh');
  const count = await post('/oom-report-*/_count');
  if (letters.letters.length > 0 || Number(readKey(count, 'count')) !== documents) {
    throw new Error(`${documents} written, ${readKey(count, 'count')} stored, ${letters.letters.length} dead letters`);
  }
  line('reports indexed', documents, '');
  line('bulk rate', (documents / elapsedMs) * 1000, 'reports/s');
  line('bulk rate', bytes / elapsedMs / 1000, 'MB/s of JSON');
  line('document', bytes / documents / 1000, 'kB of JSON');
  line('index size per report, as written', (await storeBytes()) / documents / 1000, 'kB');
  await expectOk(client, 'merging', {
    method: 'POST',
    path: '/oom-report-*/_forcemerge',
    query: { max_num_segments: '1', flush: 'true' },
  });
  await post('/oom-report-*,oom-host-*/_refresh');
  line('index size per report, merged', (await storeBytes()) / documents / 1000, 'kB');
  for (const question of QUESTIONS) {
    // Another period each time, so that no answer comes from the cache.
    const ask = (round: number) =>
      askElasticsearch(client, question, { ...MONTH, toMs: MONTH.toMs - round, interval: 'day' });
    line(`query ${question.name}, a month`, await medianMs(ask), 'ms');
  }
  for (const { name, panel, search } of allPanels(kibanaText('8.19'))) {
    const { attributes } = panel.embeddableConfig;
    const spec = vegaSpecOf(panel);
    const alias = attributes === undefined ? 'oom-report' : aliasOf(attributes);
    const bodyOf = (toMs: number): Record<string, unknown> => {
      const inMonth = { range: { '@timestamp': { gte: MONTH.fromMs, lt: toMs } } };
      if (spec !== undefined) return Object(injectContext(spec.data.url.body, { ...MONTH, toMs, filter: [inMonth] }));
      if (search !== undefined) {
        const filter = [inMonth, dslOfKql(searchSourceOf(search).query)];
        return { ...DISCOVER, query: { bool: { filter } } };
      }
      if (attributes === undefined) throw new Error(`${name} is no panel that can be asked`);
      const { query, ...body } = searchOf(attributes);
      // The inventory has no time.
      if (alias === 'oom-host') return { ...body, query };
      return { ...body, query: { bool: { filter: [inMonth, ...(query === undefined ? [] : [query])] } } };
    };
    const ask = (round: number) => {
      const request = { method: 'POST', path: `/${alias}/_search`, body: bodyOf(MONTH.toMs - round) } as const;
      return expectOk(client, name, request);
    };
    line(`panel ${name}, a month`, await medianMs(ask), 'ms');
  }
} finally {
  await sink.close(10_000);
  await client.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });
  await client.close();
  await server.stop();
}
