/** Facts of a deployment in which all is well; tests change one at a time. */
import type { Facts, SampleFacts, TopicFacts } from '../../../src/doctor/checks/index.ts';
import { diagnose, type Verdict } from '../../../src/doctor/checks/index.ts';

export const NOW_MS = Date.UTC(2026, 10, 23, 12);

export const healthySample: SampleFacts = {
  records: 300,
  bytes: 30_000,
  unreadPartitions: [],
  newestAtMs: NOW_MS - 2_000,
  withoutKey: 0,
  largestBytes: 220,
  nearLimit: 0,
  shapes: { 'syslog-pri': 300 },
  undecodable: {},
  kernelLines: { facility: 100 },
  foreignLines: 200,
  withoutBootStamp: 0,
  timedByBroker: 0,
  yearless: 0,
  withoutHost: 0,
  codecs: { zstd: 3 },
  inTransactions: 0,
  hosts: ['web01', 'web02', 'db01'].map((host, partition) => ({
    host,
    partitions: [partition],
    lines: 100,
    stamped: 33,
    unstamped: 0,
    inversions: 0,
    worstStepMs: 0,
    clockOffsetMs: -800,
  })),
  moreHosts: false,
};

export const healthyTopic: TopicFacts = {
  name: 'syslog',
  configuration: { 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'max.message.bytes': '1048588' },
  partitions: [0, 1, 2].map((partition) => ({ partition, firstOffset: 0, endOffset: 1_000, committed: 990 })),
  sample: healthySample,
};

export const healthy: Facts = {
  nowMs: NOW_MS,
  settings: {
    topics: ['syslog'],
    group: 'oomscope',
    deadLettersTopic: 'letters',
    recordMaxBytes: 1_048_576,
    kernelOnly: false,
    trustProgram: true,
  },
  kafka: {
    brokers: [{ address: 'k1.example:9092', advertised: false }],
    missingTopics: [],
    topics: [healthyTopic],
    group: { state: 'Stable', members: 2 },
    deadLetters: { exists: true, configuration: { 'max.message.bytes': '1048588', 'retention.ms': '604800000' } },
  },
  elasticsearch: {
    address: 'http://es.example:9200',
    status: 200,
    version: '9.4.3',
    missingPrivileges: { worker: [], others: [] },
    templates: [{ kind: 'index', name: 'oom-report', change: 'unchanged' }],
    rivals: [],
    indices: [{ name: 'oom-report-2026.11.01', health: 'green', closed: false, blocks: [] }],
    health: 'green',
    disks: [{ node: 'n1', usedPercent: 40, freeBytes: 500 * 1024 ** 3 }],
    newestReportAtMs: NOW_MS - 3_600_000,
  },
};

export const withKafka = (change: Partial<Facts['kafka']>): Facts => ({
  ...healthy,
  kafka: { ...healthy.kafka, ...change },
});

export const withTopic = (change: Partial<TopicFacts>): Facts =>
  withKafka({ topics: [{ ...healthyTopic, ...change }] });

export const withSample = (change: Partial<SampleFacts>): Facts =>
  withTopic({ sample: { ...healthySample, ...change } });

export const withElasticsearch = (change: Partial<Facts['elasticsearch']>): Facts => ({
  ...healthy,
  elasticsearch: { ...healthy.elasticsearch, ...change },
});

/** What one check says, as `state: found`. */
export const saidBy = (check: string, facts: Facts): string[] =>
  verdictsOf(check, facts).map(({ state, found }) => `${state}: ${found}`);

export const verdictsOf = (check: string, facts: Facts): Verdict[] =>
  diagnose(facts).verdicts.filter((verdict) => verdict.check === check);
