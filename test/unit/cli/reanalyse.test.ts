import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reanalyseReports } from '../../../src/cli/reanalyse.ts';
import type { ElasticsearchClient, ElasticsearchRequest } from '../../../src/clients/elasticsearch.ts';
import { toWrite } from '../../../src/document/index.ts';
import { analyse } from '../../../src/enrich/index.ts';
import type { Clock } from '../../../src/ports.ts';
import { FakeElasticsearch } from '../../support/elasticsearch.ts';
import { seedReport } from '../../support/seed-report.ts';

const MONTH = 'oom-report-2011.09.01';
const WRITE = toWrite(seedReport, analyse(seedReport));

/** A clock on which everything takes a second. */
function slowClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    elapsedMs: () => {
      nowMs += 1_000;
      return nowMs;
    },
    sleep: async () => {},
  };
}

/** A server that holds this many older readings of one report; `spoil` makes some of them unreadable. */
function serverOf(count: number, spoil: (report: Record<string, unknown>, at: number) => void = () => {}) {
  const server = new FakeElasticsearch();
  server.templateAnswer = { kind: 'answer', status: 200, body: { [MONTH]: {} } };
  const hits = Array.from({ length: count }, (_, at) => {
    const document = JSON.parse(JSON.stringify(WRITE.document));
    document.oom.verdict = 'unexplained';
    spoil(document.oom.report, at);
    server.stored.set(`${MONTH}/r${at}`, { version: WRITE.version - 1, document });
    return { _id: `r${at}`, _index: MONTH, _source: document, sort: [at] };
  });
  const client: ElasticsearchClient = {
    address: server.address,
    request: async (request: ElasticsearchRequest) => {
      if (request.path.endsWith('/_count')) return { kind: 'answer', status: 200, body: { count } };
      if (!request.path.endsWith('/_search')) return server.request(request);
      const [after = -1] = (request.body?.['search_after'] ?? []) as readonly number[];
      const page = hits.slice(after + 1, after + 1 + Number(request.body?.['size']));
      return { kind: 'answer', status: 200, body: { hits: { hits: page } } };
    },
    close: async () => {},
  };
  return { client, server };
}

describe('reanalyse', () => {
  const printed: string[] = [];
  const progress: string[] = [];
  beforeEach(() => {
    for (const lines of [printed, progress]) lines.length = 0;
    vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
    vi.spyOn(console, 'error').mockImplementation((line) => void progress.push(String(line)));
  });
  afterEach(() => vi.restoreAllMocks());

  it('says every two seconds how far it is', async () => {
    const { client } = serverOf(60);
    await reanalyseReports(client, slowClock(), { dryRun: false });
    // Pages of 10, 20 and 30; the clock is asked once for each, and once more when it has shown.
    expect(progress).toEqual(['30 of 60 read, 30 rewritten']);
    expect(printed).toContain('60 of 60 were rewritten.');
  });

  it('says nothing about progress when it is done soon', async () => {
    const { client } = serverOf(60);
    await reanalyseReports(client, { ...slowClock(), elapsedMs: () => 5 }, { dryRun: false });
    expect(progress).toEqual([]);
  });

  it('leaves reports that cannot be read, names them and the reason, and goes on', async () => {
    const { client, server } = serverOf(60, (report, at) => {
      const [, second] = report['zones'] as Record<string, unknown>[];
      if (at % 8 === 3) delete second?.['name'];
      if (at === 20) report['anchor'] = null;
    });
    await reanalyseReports(client, slowClock(), { dryRun: false });
    const named = [3, 11, 19, 27, 35].map((at) => `${MONTH}/r${at}`).join(', ');
    expect(printed.slice(1, 4)).toEqual([
      '51 of 60 were rewritten.',
      `8 stay as they are (oom.report.zones[1].name is missing, expected a text): ${named} and 3 more`,
      `1 stay as they are (oom.report.anchor is null, expected an object): ${MONTH}/r20`,
    ]);
    const revised = [...server.stored.values()].filter(({ version }) => version === WRITE.version);
    expect(revised).toHaveLength(51);
  });

  it('writes nothing in a dry run', async () => {
    const { client, server } = serverOf(12);
    await reanalyseReports(client, slowClock(), { dryRun: true });
    expect(printed).toContain('12 of 12 would be rewritten.');
    expect(server.requests).toEqual([]);
  });
});
