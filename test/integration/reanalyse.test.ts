/** `oomscope reanalyse` where something goes wrong meanwhile: it is killed, months are pruned, documents are large or broken. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installTemplates } from '../../src/assets/index.ts';
import {
  createElasticsearchClient,
  type ElasticsearchClient,
  expectOk,
  readKey,
} from '../../src/clients/elasticsearch.ts';
import { toWrite } from '../../src/document/index.ts';
import { ANALYZER_REVISION, analyse } from '../../src/enrich/index.ts';
import { systemClock } from '../../src/ops/index.ts';
import { parseText } from '../../src/parser/index.ts';
import type { DocumentWrite } from '../../src/ports.ts';
import { KERNELS, printReport, SCENARIOS, scenarioState } from '../../src/simulate/index.ts';
import { countOlder, deleteMonth, rewriteReports, scanOlder } from '../../src/store/index.ts';
import { LAUNCHER, runOomscope } from '../support/command.ts';
import { NoService, startOwnElasticsearch } from '../support/services.ts';
import { until } from '../support/worker.ts';

const server = inject('elasticsearch');
const INGESTED = '2026-09-04T05:06:07.089Z';
const MONTH = 'oom-report-2026.09.01';

/** The write of a report of `exhausted-no-swap`, with so many rows more in its process table. */
function writeOf(moreRows = 0): DocumentWrite {
  const lines = printReport(scenarioState(SCENARIOS['exhausted-no-swap'], { kernel: KERNELS['5.15'], seed: 5 }));
  const row = lines.findIndex((line) => /^\[ *\d+\] +\d+ +\d+/.test(line));
  const rows = Array.from({ length: moreRows }, (_, at) =>
    (lines[row] ?? '').replace(/^\[ *\d+\]/, `[${String(10_000 + at).padStart(7)}]`),
  );
  const text = lines.toSpliced(row, 0, ...rows).join('\n');
  const [report] = parseText(text, { path: 'kern.log' });
  if (!report) throw new Error('no report');
  return toWrite(report, analyse(report));
}

/** What an older program would have written under this id. */
function olderOf({ document }: DocumentWrite, id: string): Record<string, unknown> {
  const older = JSON.parse(JSON.stringify(document));
  older['@timestamp'] = '2026-09-02T00:00:00.000Z';
  older.event = { ...older.event, id, ingested: INGESTED };
  older.oom.verdict = 'unexplained';
  older.oom.analyzer.revision = ANALYZER_REVISION - 1;
  return older;
}

/** One server as an operator has it. */
function operatorOf(client: ElasticsearchClient, url: string) {
  const refresh = () => expectOk(client, 'refresh', { method: 'POST', path: '/oom-report-*/_refresh' });
  return {
    args: (...args: string[]): string[] => [...args, '--elasticsearch-url', url],
    /** The command as an operator runs it; its standard output. */
    async oomscope(...args: string[]): Promise<string> {
      return (await runOomscope(this.args(...args))).stdout;
    },
    refresh,
    /** Writes older readings, so many in one request. */
    async writeOlder(write: DocumentWrite, ids: readonly string[], together: number, index = MONTH): Promise<void> {
      for (let at = 0; at < ids.length; at += together) {
        const lines = ids.slice(at, at + together).map((id) => {
          const action = { _index: index, _id: id, version: write.version - 1, version_type: 'external' };
          return `${JSON.stringify({ index: action })}\n${JSON.stringify(olderOf(write, id))}\n`;
        });
        const body = await expectOk(client, 'bulk', { method: 'POST', path: '/_bulk', lines: lines.join('') });
        expect(readKey(body, 'errors')).toBe(false);
      }
      await refresh();
    },
    async left(): Promise<number> {
      await refresh();
      return countOlder(client, ANALYZER_REVISION);
    },
    /** How many documents have each value. */
    async countsOf(field: string): Promise<Record<string, number>> {
      await refresh();
      const aggs = { values: { terms: { field } } };
      const body = { size: 0, aggs };
      const found = await expectOk(client, 'counting', { method: 'POST', path: '/oom-report-*/_search', body });
      const buckets = readKey(readKey(readKey(found, 'aggregations'), 'values'), 'buckets');
      return Object.fromEntries(
        (Array.isArray(buckets) ? buckets : []).map((bucket) => [
          String(readKey(bucket, 'key_as_string') ?? readKey(bucket, 'key')),
          Number(readKey(bucket, 'doc_count')),
        ]),
      );
    },
    async months(): Promise<string[]> {
      const query = { format: 'json', h: 'index' };
      const rows = await expectOk(client, 'months', { method: 'GET', path: '/_cat/indices/oom-report-*', query });
      return (Array.isArray(rows) ? rows : []).map((row) => String(readKey(row, 'index'))).sort();
    },
  };
}

const idsOf = (count: number) => Array.from({ length: count }, (_, at) => `r${String(at).padStart(5, '0')}`);

describe.skipIf(!server)('reanalyse', () => {
  let client: ElasticsearchClient;
  let operator: ReturnType<typeof operatorOf>;
  const write = writeOf();

  beforeAll(() => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 60_000 });
    operator = operatorOf(client, server?.url ?? '');
  });
  const wipe = () => client.request({ method: 'DELETE', path: '/oom-report-*' });
  beforeEach(async () => {
    await wipe();
    await installTemplates(client, { dynamic: 'strict' });
  });
  afterAll(async () => {
    await wipe();
    await client.close();
  });

  it('that is killed in the middle is started again: every report is rewritten once', async () => {
    const ids = idsOf(1500);
    await operator.writeOlder(write, ids, 100);
    const killed = spawn(process.execPath, [LAUNCHER, ...operator.args('reanalyse')], { stdio: 'ignore' });
    const ended = new Promise((resolve) => killed.on('exit', (_code, signal) => resolve(signal)));
    const left = await until('a part is rewritten', async () => {
      const count = await operator.left();
      return count < ids.length && count;
    });
    killed.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    const rest = await operator.left();
    expect(left).toBeGreaterThan(0);
    expect(rest).toBeGreaterThan(0);

    expect(await operator.oomscope('reanalyse')).toContain(`${rest} of ${rest} were rewritten.`);
    expect(await operator.left()).toBe(0);
    expect(await operator.countsOf('event.ingested')).toEqual({ [INGESTED]: ids.length });
    expect(await operator.countsOf('oom.verdict')).toEqual({ 'machine-exhausted': ids.length });
    // Written by the older program and once more.
    const body = await expectOk(client, 'reading', {
      method: 'POST',
      path: `/${MONTH}/_search`,
      body: { size: 0, track_total_hits: true, query: { term: { 'oom.analyzer.revision': ANALYZER_REVISION } } },
    });
    expect(readKey(readKey(readKey(body, 'hits'), 'total'), 'value')).toBe(ids.length);
    const stats = await expectOk(client, 'stats', { method: 'GET', path: `/${MONTH}/_stats/indexing` });
    const indexing = readKey(readKey(readKey(stats, '_all'), 'primaries'), 'indexing');
    expect(readKey(indexing, 'index_total')).toBe(2 * ids.length);
  });

  it('leaves a stored report that cannot be read, names it, and rewrites the others', async () => {
    const ids = idsOf(50);
    await operator.writeOlder(write, ids, 50);
    const broken = olderOf(write, 'r00020');
    const [zone] = Object(readKey(readKey(broken['oom'], 'report'), 'zones'));
    delete zone.name;
    await expectOk(client, 'breaking one', { method: 'PUT', path: `/${MONTH}/_doc/r00020`, body: broken });
    await operator.refresh();
    const output = await operator.oomscope('reanalyse');
    expect(output).toContain('49 of 50 were rewritten.');
    expect(output).toContain(
      `1 stay as they are (oom.report.zones[0].name is missing, expected a text): ${MONTH}/r00020`,
    );
    expect(await operator.left()).toBe(1);
  });

  it('does not bring back a month that is pruned between a page and its rewrite', async () => {
    const old = 'oom-report-2025.01.01';
    await operator.writeOlder(write, ['a'], 1, old);
    await operator.writeOlder(write, ['b'], 1);
    for await (const page of scanOlder(client, systemClock, ANALYZER_REVISION)) {
      expect(page.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(await operator.oomscope('prune', '--older-than', '400d')).toContain(`${old} `);
      const rewrites = page.map((stored) => ({ ...stored, version: write.version }));
      expect(await rewriteReports(client, systemClock, rewrites)).toEqual([{ kind: 'gone' }, { kind: 'rewritten' }]);
    }
    expect(await operator.months()).toEqual([MONTH]);
  });

  it('does not bring back a report that a fuller one deleted long ago', async () => {
    await operator.writeOlder(write, ['a', 'b'], 2);
    for await (const page of scanOlder(client, systemClock, ANALYZER_REVISION)) {
      // A version conflict would say so for a minute after the deletion; of this id the index knows nothing.
      const rewrites = page.map((stored, at) => ({
        ...stored,
        id: at === 0 ? 'deleted' : stored.id,
        version: write.version,
      }));
      expect(await rewriteReports(client, systemClock, rewrites)).toEqual([{ kind: 'gone' }, { kind: 'rewritten' }]);
    }
    await operator.refresh();
    const found = await client.request({ method: 'GET', path: `/${MONTH}/_doc/deleted` });
    expect(found).toMatchObject({ status: 404 });
    expect(await operator.countsOf('event.id')).toEqual({ a: 1, b: 1 });
  });

  it('two prunes at once delete every month, and neither fails', async () => {
    const months = Array.from({ length: 24 }, (_, at) => {
      const [year, month] = [2018 + Math.floor(at / 12), String((at % 12) + 1).padStart(2, '0')];
      return `oom-report-${year}.${month}.01`;
    });
    for (const month of months) await expectOk(client, 'making', { method: 'PUT', path: `/${month}` });
    const outputs = await Promise.all([1, 2].map(() => operator.oomscope('prune', '--older-than', '400d')));
    for (const month of months) expect(outputs.some((output) => output.includes(month))).toBe(true);
    expect(await operator.months()).toEqual([]);
    expect(await deleteMonth(client, { index: months[0] ?? '', endMs: 0, bytes: 0 })).toBe(false);
  });
});

/** A server that takes a megabyte at once; undefined where none can be started. */
const small =
  server === undefined
    ? undefined
    : await startOwnElasticsearch({ 'http.max_content_length': '1mb' }).catch((error: unknown) => {
        if (error instanceof NoService && process.env['REQUIRE_INTEGRATION'] !== '1') return undefined;
        throw error;
      });
afterAll(() => small?.stop());

describe.skipIf(small === undefined)('reanalyse on a server that refuses large requests', () => {
  it('rewrites documents of which no two go into one request', async () => {
    const url = small?.url ?? '';
    const client = createElasticsearchClient({ url, timeoutMs: 60_000 });
    const operator = operatorOf(client, url);
    const write = writeOf(3000);
    expect(JSON.stringify(write.document).length).toBeGreaterThan(550_000);
    await installTemplates(client);
    const ids = idsOf(24);
    await operator.writeOlder(write, ids, 1);
    expect(await operator.oomscope('reanalyse')).toContain('24 of 24 were rewritten.');
    expect(await operator.countsOf('event.ingested')).toEqual({ [INGESTED]: 24 });
    expect(await operator.left()).toBe(0);
    await client.close();
  });
});
