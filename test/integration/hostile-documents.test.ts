/**
 * What hostile or broken logs become, from their text to a real Elasticsearch: indexed or a dead letter, and never a
 * hindrance to the good documents of the same batch.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installTemplates } from '../../src/assets/index.ts';
import {
  createElasticsearchClient,
  type ElasticsearchClient,
  expectOk,
  readKey,
} from '../../src/clients/elasticsearch.ts';
import { toWrite } from '../../src/document/index.ts';
import type { OomReport } from '../../src/domain.ts';
import { analyse } from '../../src/enrich/index.ts';
import { silentLogger, silentMetrics, systemClock } from '../../src/ops/index.ts';
import { parseText } from '../../src/parser/index.ts';
import type { DocumentWrite } from '../../src/ports.ts';
import {
  KERNELS,
  type KernelName,
  printReport,
  SCENARIOS,
  type ScenarioName,
  scenarioState,
} from '../../src/simulate/index.ts';
import { createElasticsearchSink } from '../../src/sink/index.ts';
import { MemoryDeadLetters } from '../support/fakes.ts';

const server = inject('elasticsearch');

const bodyOf = (scenario: ScenarioName, kernel: KernelName): string =>
  printReport(scenarioState(SCENARIOS[scenario], { kernel: KERNELS[kernel], seed: 5 })).join('\n');

const POD = bodyOf('memcg-pod', '6.1');
const MACHINE = bodyOf('exhausted-no-swap', '5.15');
const GROUP_V1 = bodyOf('memcg-v1', '3.10');

/** The body as syslog wrote it: `2026-11-20T10:00:00.000000+00:00 web1 kernel: ...`. */
const logOf = (body: string, host: string, time = '2026-11-20T10:00:00.000000+00:00'): string =>
  body
    .split('\n')
    .map((line) => `${time} ${host} kernel: ${line}`)
    .join('\n');

const readingsOf = (log: string): OomReport[] => parseText(log, { path: 'x' });

const writesOf = (reports: readonly OomReport[]): DocumentWrite[] =>
  reports.map((report) => toWrite(report, analyse(report), Date.now()));

/** Names of a task: a kernel prints any byte of them. */
const NAMES: Readonly<Record<string, string>> = {
  'escapes of a terminal': '\u001b[2J\u001b]0;owned\u0007',
  HTML: '<img src=x onerror=alert(1)>',
  'quotes and braces': '"}{"index":{}}\\',
  'NUL bytes': 'a\u0000b\u0000',
  'a lone surrogate': 'x\ud800y',
  'bytes that are no UTF-8': Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28]).toString('utf8'),
  'line separators': 'a\u2028b\u2029c\u0085d',
  'a byte-order mark and marks of direction': '\ufeff\u202eexe\u202c',
  '32 kB': 'x'.repeat(32_768),
  '120 kB of emoji': '\u{1f4a3}'.repeat(30_000),
  'a name of JavaScript': '__proto__',
  'nothing but blanks': '   ',
};

/** Unlimited, as kernels of each era print it, and numbers beyond every type. */
const NUMBERS = [
  '9223372036854771712',
  '9223372036854775807',
  '18446744073709551615',
  '18014398509481980',
  '9007199254740988',
  '4503599627370495',
  '8589934588',
  '9007199254740993',
  '-1',
  '9'.repeat(400),
  '0'.repeat(5000),
];

/** What a cgroup and a victim hold. */
const SIZES = /(\blimit |\busage |total-vm:|anon-rss:|score )\d+/g;

const LABEL_NAMES = ['', '.', '..', 'a..b', ' ', '\u3000', '__proto__', '\u0000', '*', 'é', '\ud800', '_id'];

interface Hostile {
  readonly what: string;
  readonly reports: (host: string) => OomReport[];
}

const fromBody = (what: string, body: string): Hostile => ({ what, reports: (host) => readingsOf(logOf(body, host)) });

const changed = (what: string, change: (report: OomReport) => Partial<OomReport>): Hostile => ({
  what,
  reports: (host) => readingsOf(logOf(POD, host)).map((report) => ({ ...report, ...change(report) })),
});

const deepStats = (depth: number): string => `${'a.'.repeat(depth)}b`;

const HOSTILE: readonly Hostile[] = [
  ...Object.entries(NAMES).flatMap(([what, name]) => [
    fromBody(`task of ${what}`, MACHINE.replaceAll('pixelfarm', name)),
    fromBody(`cgroup of ${what}`, POD.replaceAll('kubepods-burstable', name)),
    { what: `host of ${what}`, reports: () => readingsOf(logOf(MACHINE, name)) },
  ]),
  ...NUMBERS.flatMap((number) =>
    Object.entries({ POD, MACHINE, GROUP_V1 }).map(([kind, body]) =>
      fromBody(`${kind} with ${number.slice(0, 20)}`, body.replace(SIZES, `$1${number}`)),
    ),
  ),
  ...NUMBERS.map((number) => fromBody(`every number ${number.slice(0, 20)}`, MACHINE.replace(/\b\d{3,}\b/g, number))),
  fromBody(
    '20,000 tasks',
    MACHINE.replace(/^(\[\s*\d+\].*)$/m, (row) => `${row}\n`.repeat(20_000)),
  ),
  fromBody('statistics of deep names', POD.replace('workingset_nodereclaim', deepStats(3000))),
  fromBody('a line of deep JSON', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}\n${POD}`),
  fromBody(
    'a modules line of 1 MB',
    MACHINE.replace('Call Trace:', `Modules linked in: ${'m'.repeat(1_000_000)}\nCall Trace:`),
  ),
  changed('10,000 labels', () => ({
    labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`label${i}`, 'x'])),
  })),
  ...LABEL_NAMES.map((name) => changed(`a label named ${JSON.stringify(name)}`, () => ({ labels: { [name]: 'x' } }))),
  changed('a label of 40 kB by name', () => ({ labels: { ['n'.repeat(40_000)]: 'x' } })),
  ...['0000-00-00T00:00:00', '9999-12-31T23:59:59', '1969-12-31T23:59:59', '2026-02-30T25:61:61'].map((time) => ({
    what: `written at ${time}`,
    reports: (host: string) => readingsOf(logOf(MACHINE, host, `${time}.000000+00:00`)),
  })),
];

describe.skipIf(!server)('hostile documents', () => {
  let client: ElasticsearchClient;
  const letters = new MemoryDeadLetters();

  const wipe = () => client.request({ method: 'DELETE', path: '/oom-report-*' });

  beforeAll(async () => {
    client = createElasticsearchClient({ url: server?.url ?? '', timeoutMs: 60_000 });
  });
  beforeEach(async () => {
    await wipe();
    letters.letters.length = 0;
  });
  afterAll(async () => {
    await wipe();
    await client.close();
  });

  const sinkOf = () =>
    createElasticsearchSink(
      { maxDocuments: 500, maxBytes: 5_242_880, maxAgeMs: 50, retentionDays: 36_500 },
      { client, clock: systemClock, logger: silentLogger, metrics: silentMetrics, deadLetters: letters },
    );

  const storedIds = async (): Promise<Set<unknown>> => {
    await expectOk(client, 'refresh', { method: 'POST', path: '/oom-report-*/_refresh' });
    const body = { size: 1000, _source: false };
    const answer = await expectOk(client, 'search', { method: 'POST', path: '/oom-report-*/_search', body });
    const hits = readKey(readKey(answer, 'hits'), 'hits') as { _id: string }[];
    return new Set(hits.map(({ _id }) => _id));
  };

  /** Writes the hostile ones, each with a good one before it; the outcomes of the hostile, by what they are. */
  const writeAll = async (hostile: readonly Hostile[]): Promise<Map<string, string[]>> => {
    const sink = sinkOf();
    const good: DocumentWrite[] = [];
    const outcomes = new Map<string, Promise<string>[]>();
    const goodOutcomes: Promise<string>[] = [];
    for (const [i, { what, reports }] of hostile.entries()) {
      for (const write of writesOf(readingsOf(logOf(MACHINE, `good${i}`)))) {
        good.push(write);
        goodOutcomes.push(sink.write(write));
      }
      outcomes.set(
        what,
        writesOf(reports(`bad${i}`)).map((write) => sink.write(write)),
      );
    }
    await sink.flush();
    expect(new Set(await Promise.all(goodOutcomes))).toEqual(new Set(['created']));
    const settled = new Map<string, string[]>();
    for (const [what, pending] of outcomes) settled.set(what, await Promise.all(pending));
    await sink.close(10_000);
    const ids = await storedIds();
    expect(good).toHaveLength(hostile.length);
    for (const { id } of good) expect(ids).toContain(id);
    const created = [...settled.values()].flat().filter((outcome) => outcome === 'created').length;
    expect(ids.size).toBe(good.length + created);
    return settled;
  };

  it.each(['strict', 'false'] as const)('are stored or put away, beside good ones (dynamic: %s)', async (dynamic) => {
    await installTemplates(client, { dynamic });
    const outcomes = await writeAll(HOSTILE);
    const refused = [...outcomes].filter(([, kinds]) => kinds.includes('dead-letter'));
    expect(refused).toEqual([['10,000 labels', ['dead-letter']]]);
    expect(letters.letters.map(({ error }) => error)).toEqual([expect.stringMatching(/Limit of total fields \[400\]/)]);
  });

  it('hold what the log said, and no number that JSON would change', () => {
    for (const what of ['HTML', 'quotes and braces', 'a name of JavaScript']) {
      const name = NAMES[what] ?? '';
      const [write] = writesOf(readingsOf(logOf(MACHINE.replaceAll('pixelfarm', name), 'web1')));
      expect(readKey(write?.document['process'], 'name')).toBe(name);
    }
    const limitOf = (number: string): unknown => {
      const [pod] = writesOf(readingsOf(logOf(POD.replace(/\blimit \d+/g, `limit ${number}`), 'web1')));
      return readKey(readKey(pod?.document['oom'], 'memcg'), 'limit_bytes');
    };
    expect(limitOf('1048576')).toBe(2 ** 30);
    for (const number of NUMBERS) expect(limitOf(number), number).toBeUndefined();
  });
});
