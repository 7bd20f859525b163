/** The questions of operators over a simulated month of 2,000 hosts: three languages, one answer, and the right one. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { installTemplates } from '../../src/assets/index.ts';
import {
  createElasticsearchClient,
  type ElasticsearchClient,
  expectOk,
  readKey,
} from '../../src/clients/elasticsearch.ts';
import { openReportDatabase } from '../../src/clients/sqlite.ts';
import { silentLogger, silentMetrics, systemClock } from '../../src/ops/index.ts';
import type { AnswerTable, DocumentWrite } from '../../src/ports.ts';
import type { FleetTruth } from '../../src/simulate/index.ts';
import { createElasticsearchSink, createSqliteSink } from '../../src/sink/index.ts';
import {
  askDatabase,
  askElasticsearch,
  findQuestion,
  hasReportIndices,
  type Period,
  QUESTIONS,
  type Question,
} from '../../src/store/index.ts';
import { dslQuery, esqlOf, kqlOf, readEsql } from '../../src/store/questions/index.ts';
import { MemoryDeadLetters } from '../support/fakes.ts';
import { MONTH, type Month, simulateMonth } from '../support/month.ts';
import { indexStored, storedOf } from '../support/month-index.ts';

const server = inject('elasticsearch');
const DAY_MS = 86_400_000;
const PERIODS: readonly Period[] = [
  { ...MONTH, interval: 'day' },
  { fromMs: MONTH.fromMs + 10 * DAY_MS, toMs: MONTH.fromMs + 12 * DAY_MS, interval: 'hour' },
  { last: 36_500, unit: 'd', interval: 'week' },
];

describe.skipIf(!server)('a month of 2,000 hosts', () => {
  const database = openReportDatabase(':memory:');
  const letters = new MemoryDeadLetters();
  let client: ElasticsearchClient;
  let month: Month;
  let ooms: readonly FleetTruth[];

  const post = (path: string, body?: Record<string, unknown>) =>
    expectOk(client, `POST ${path}`, { method: 'POST', path, ...(body && { body }) });
  const wipe = () => client.request({ method: 'DELETE', path: '/oom-report-*,oom-host-*' });
  const esql = async (query: string): Promise<unknown> => {
    const body = await post('/_query', { query });
    // A shard that does not understand the query is no error of the request.
    expect(readKey(body, 'is_partial')).not.toBe(true);
    return body;
  };
  const ask = (name: string): Promise<AnswerTable> =>
    askElasticsearch(client, questionOf(name), { ...MONTH, interval: 'day' });

  beforeAll(async () => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 60_000 });
    await wipe();
    await installTemplates(client, { dynamic: 'strict' });
    month = simulateMonth({ hosts: 2000 });
    ooms = month.truth.filter(({ action }) => action !== 'page-allocation-failure');
    const sink = createElasticsearchSink(
      { maxDocuments: 500, maxBytes: 5_242_880, maxAgeMs: 50, retentionDays: 36_500 },
      { client, clock: systemClock, logger: silentLogger, metrics: silentMetrics, deadLetters: letters },
    );
    const embedded = createSqliteSink(database, systemClock);
    const written = [...month.writes, ...month.hostWrites].map((write) =>
      Promise.all([sink.write(write), embedded.write(write)]),
    );
    await sink.flush();
    await Promise.all(written);
    await sink.close(10_000);
    await post('/oom-report-*,oom-host-*/_refresh');
  });
  afterAll(async () => {
    await wipe();
    database.close();
    await client.close();
  });

  it('is indexed whole, one document per event', async () => {
    expect(letters.letters).toEqual([]);
    expect(month.truth.length).toBeGreaterThan(300);
    expect(await post('/oom-report/_count')).toMatchObject({ count: month.truth.length });
  });

  it('has one document per host in the inventory: of its boot, or of a report that tells', async () => {
    const known = new Set(month.hostWrites.map(({ id }) => id));
    expect([...known]).toEqual(expect.arrayContaining(month.boots.map(({ host }) => host)));
    expect(await post('/oom-host/_count')).toMatchObject({ count: known.size });
    expect(database.all('SELECT count(*) AS hosts FROM hosts')).toEqual([{ hosts: known.size }]);
    const body = { query: { term: { 'oom.host.source': 'boot' } }, size: 0, track_total_hits: true };
    const found = readKey(readKey(await post('/oom-host/_search', body), 'hits'), 'total');
    // A boot outranks every report of the same boot.
    expect(readKey(found, 'value')).toBe(month.boots.length);
  });

  describe.each(QUESTIONS.map((question) => [question.name, question] as const))('%s', (_name, question) => {
    it('has one answer in the Query DSL, in ES|QL and in SQL', async () => {
      for (const period of PERIODS) {
        const answer = await askElasticsearch(client, question, period);
        expect(askDatabase(database, question, period)).toEqual(answer);
        if (server?.can.esql) expect(readEsql(question, await esql(esqlOf(question, period)))).toEqual(answer);
      }
      expect((await askElasticsearch(client, question, { ...MONTH, interval: 'day' })).rows.length).toBeGreaterThan(0);
    });

    it.skipIf(!server?.can.esql)('finds the same reports by KQL', async () => {
      const query = `FROM oom-report | WHERE KQL(${JSON.stringify(kqlOf(question))}) | STATS reports = COUNT(*)`;
      const body = await esql(query);
      const { count } = Object(
        await post('/oom-report/_count', { query: dslQuery(question, { ...MONTH, interval: 'day' }) }),
      );
      expect(readKey(body, 'values')).toEqual([[count]]);
      expect(count).toBeGreaterThan(0);
    });
  });

  it('trend: reports by day and verdict', async () => {
    const expected = countBy(ooms, (truth) => `${day(truth)} ${truth.verdict}`);
    expect(pairs(await ask('trend'), 2)).toEqual(expected);
  });

  it('victims: reports and hosts by program', async () => {
    const killed = ooms.filter(({ victimComm }) => victimComm !== undefined);
    const answer = await ask('victims');
    expect(pairs(answer, 1)).toEqual(countBy(killed, ({ victimComm }) => victimComm ?? ''));
    expect(pairs(answer, 1, 'hosts')).toEqual(hostsBy(killed, ({ victimComm }) => victimComm ?? ''));
  });

  it('hosts: those with two or more', async () => {
    const counts = countBy(ooms, ({ host }) => host);
    const repeated = Object.fromEntries(Object.entries(counts).filter(([, count]) => count >= 2));
    expect(Object.keys(repeated).length).toBeGreaterThan(20);
    expect(pairs(await ask('hosts'), 1)).toEqual(repeated);
  });

  it('kernels: reports and hosts by release, where it was printed', async () => {
    // 2.6.18 prints no release, nor does a kill line without its report.
    const printed = ooms.filter(({ complete, kernel }) => complete && !kernel.startsWith('2.6.18'));
    const answer = await ask('kernels');
    expect(pairs(answer, 1)).toEqual(countBy(printed, ({ kernel }) => kernel));
    expect(pairs(answer, 1, 'hosts')).toEqual(hostsBy(printed, ({ kernel }) => kernel));
    expect(pairs(await ask('kernel-trend'), 2)).toEqual(countBy(printed, (truth) => `${day(truth)} ${truth.kernel}`));
  });

  it('cgroups, fragmentation: reports by path, and every report of the verdict', async () => {
    const limited = ooms.filter(({ cgroup }) => cgroup !== undefined);
    expect(pairs(await ask('cgroups'), 1)).toEqual(countBy(limited, ({ cgroup }) => cgroup ?? ''));
    const fragmented = month.truth.filter(({ verdict }) => verdict === 'fragmented');
    const answer = await ask('fragmentation');
    expect(pairs(answer, 1)).toEqual(countBy(fragmented, ({ order }) => String(order)));
    const refused = fragmented.filter(({ action }) => action === 'page-allocation-failure').length;
    expect(total(answer, 'refused')).toBe(refused);
    expect(total(answer, 'ooms')).toBe(fragmented.length - refused);
  });

  it('innocents: victims that held little, where no task held the memory', async () => {
    // 2.6.18 prints no size of the victim.
    const killed = ooms.filter(({ victimComm, kernel }) => victimComm && !kernel.startsWith('2.6.18'));
    const small = (share: number) => killed.filter(({ victimShare = 1 }) => victimShare <= share);
    // Beside these, a victim is innocent whose neighbour was much larger: the simulator knows no neighbours.
    const sure = small(0.045).filter(
      ({ holder, verdict, cgroup }) => cgroup === undefined && !TASKS.has(holder) && !BY_HAND.has(verdict),
    );
    const found: Record<string, number> = {};
    const answer = await ask('innocents');
    for (const row of answer.rows) {
      const victim = String(row[0]);
      found[victim] = (found[victim] ?? 0) + Number(row[place(answer, 'reports')]);
    }
    const least = countBy(sure, ({ victimComm = '' }) => victimComm);
    const most = countBy(small(0.055), ({ victimComm = '' }) => victimComm);
    expect(sure.length).toBeGreaterThan(50);
    for (const [victim, reports] of Object.entries(least))
      expect(found[victim], victim).toBeGreaterThanOrEqual(reports);
    for (const [victim, reports] of Object.entries(found))
      expect(reports, victim).toBeLessThanOrEqual(most[victim] ?? 0);
  });

  it('lowmem: reports by what held it', async () => {
    const exhausted = month.truth.filter(({ verdict }) => verdict === 'lowmem-exhausted');
    expect(pairs(await ask('lowmem'), 1)).toEqual(countBy(exhausted, ({ holder }) => holder));
  });

  it('at-risk: 32-bit hosts with HighMem, exhausted or not, and those that had no OOM', async () => {
    const highmem = month.truth.filter(({ scenario }) => /lowmem|i386|seed-twin/.test(scenario));
    const booted = month.boots.filter(({ highmemKb }) => highmemKb > 0);
    const quiet = Object.fromEntries(booted.map(({ host }) => [host, 0]));
    const counts = countBy(highmem, ({ host }) => host);
    const answer = await ask('at-risk');
    expect(pairs(answer, 1)).toEqual({ ...quiet, ...counts });
    expect(Object.keys(quiet).filter((host) => counts[host] === undefined).length).toBeGreaterThan(10);
    for (const { host, lowmemKb, highmemKb } of booted.filter((boot) => counts[boot.host] === undefined)) {
      expect(pairs(answer, 1, 'lowmem_bytes')[host]).toBe(Number(lowmemKb) * 1024);
      expect(pairs(answer, 1, 'highmem_bytes')[host]).toBe(highmemKb * 1024);
    }
    const last = Object.fromEntries(highmem.map((truth) => [truth.host, day(truth)]));
    const days = Object.entries(pairs(answer, 1, 'last_oom')).map(([host, time]) => [
      host,
      time && `${String(time).slice(0, 10)}T00:00:00.000Z`,
    ]);
    expect(Object.fromEntries(days)).toEqual({
      ...Object.fromEntries(Object.keys(quiet).map((host) => [host, null])),
      ...last,
    });
    const exhausted = highmem.filter(({ verdict }) => verdict === 'lowmem-exhausted').length;
    expect(total(answer, 'lowmem_exhausted')).toBe(exhausted);
    expect(exhausted).toBeLessThan(highmem.length);
  });

  // The last one: it deletes all.
  it('have an empty answer where there is no index, which is told from a fleet without reports', async () => {
    expect(await hasReportIndices(client)).toBe(true);
    await wipe();
    expect((await ask('trend')).rows).toEqual([]);
    expect(await hasReportIndices(client)).toBe(false);
  });

  it('knows hosts at risk before the first report, in every language, and reports before the first host', async () => {
    const atRisk = questionOf('at-risk');
    const period = { ...MONTH, interval: 'day' } as const;
    const answers = async () => {
      const answer = await askElasticsearch(client, atRisk, period);
      if (server?.can.esql) expect(readEsql(atRisk, await esql(esqlOf(atRisk, period)))).toEqual(answer);
      return answer.rows.length;
    };
    await wipe();
    const [stored] = storedOf({ ...month, writes: [], hostWrites: month.hostWrites.filter(isHighmem) });
    if (!stored) throw new Error('no highmem host was booted');
    await indexStored(client, [stored]);
    expect(await answers()).toBe(1);
    await wipe();
    await indexStored(
      client,
      storedOf({ ...month, hostWrites: [], writes: month.writes.filter(isHighmem).slice(0, 1) }),
    );
    expect(await answers()).toBe(1);
  });
});

function questionOf(name: string): Question {
  const question = findQuestion(name);
  if (!question) throw new Error(`no question ${name}`);
  return question;
}

const isHighmem = ({ document }: DocumentWrite): boolean =>
  readKey(readKey(readKey(document, 'oom'), 'highmem'), 'present') === true;

/** Holders that are tasks, or not known: there the victim is the cause, or nobody knows. */
const TASKS: ReadonlySet<string> = new Set(['one-task', 'many-tasks', 'unknown']);

/** Verdicts under which the machine's memory is not what the victim is measured against, or nothing was short. */
const BY_HAND: ReadonlySet<string> = new Set(['manual', 'cpuset-limit', 'mempolicy-limit', 'insufficient-data']);

/** The day of an event, as the trends name it. */
const day = ({ atMs }: FleetTruth): string => new Date(Math.floor(atMs / DAY_MS) * DAY_MS).toISOString();

function countBy(truths: readonly FleetTruth[], key: (truth: FleetTruth) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const truth of truths) counts[key(truth)] = (counts[key(truth)] ?? 0) + 1;
  return counts;
}

function hostsBy(truths: readonly FleetTruth[], key: (truth: FleetTruth) => string): Record<string, number> {
  const keys = new Set(truths.map(key));
  return Object.fromEntries(
    [...keys].map((name) => [name, new Set(truths.filter((t) => key(t) === name).map(({ host }) => host)).size]),
  );
}

const place = ({ columns }: AnswerTable, name: string): number => columns.findIndex((column) => column.name === name);

/** One measure by the first `keys` columns. */
const pairs = (answer: AnswerTable, keys: number, measure = 'reports'): Record<string, unknown> =>
  Object.fromEntries(answer.rows.map((row) => [row.slice(0, keys).join(' '), row[place(answer, measure)]]));

const total = (answer: AnswerTable, measure = 'reports'): number =>
  answer.rows.reduce((sum, row) => sum + Number(row[place(answer, measure)]), 0);
