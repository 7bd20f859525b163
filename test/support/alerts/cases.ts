/** Events for which each alert fires and stays quiet, and the documents that they are written as. */
import { HOST_INDEX, indexOf, toDocument, toHostWrite } from '../../../src/document/index.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { createBootReader, parseText } from '../../../src/parser/index.ts';
import {
  bootMachine,
  KERNELS,
  type KernelName,
  printBoot,
  printReport,
  SCENARIOS,
  type ScenarioName,
  scenarioState,
} from '../../../src/simulate/index.ts';

const MINUTE_MS = 60_000;

/** A report of a scenario, or the boot of a host: what happened, where, and how long ago it happened and was written. */
export interface Event {
  readonly of: 'lowmem' | 'machine' | 'cgroup' | 'panic' | 'highmem-boot' | '64-bit-boot';
  readonly host?: string;
  readonly id?: string;
  readonly victim?: string;
  readonly cgroup?: string;
  readonly happenedMin: number;
  /** As long ago as it happened, unless given. */
  readonly ingestedMin?: number;
}

const KINDS: Readonly<Partial<Record<Event['of'], readonly [ScenarioName, KernelName]>>> = {
  lowmem: ['lowmem-slab', '3.2'],
  machine: ['exhausted-no-swap', '5.15'],
  cgroup: ['memcg-pod', '6.1'],
  panic: ['panic-on-oom', '5.15'],
};

const BOOTS: Readonly<Partial<Record<Event['of'], KernelName>>> = { 'highmem-boot': '3.2', '64-bit-boot': '5.15' };

function hostDocument(kernel: KernelName): Record<string, unknown> {
  const reader = createBootReader({ idleMs: 1, ageMs: 1 });
  const position = { topic: 'x', partition: 0, offset: 0 };
  const facts = printBoot(bootMachine(KERNELS[kernel], 2 ** 24)).flatMap((text) =>
    reader.push({ host: 'x', text, position, trust: 'facility' }),
  );
  const write = facts[0] && toHostWrite(facts[0]);
  if (write === undefined) throw new Error(`a boot of ${kernel} tells nothing`);
  return { ...write.document };
}

function documentOf(kind: Event['of']): Record<string, unknown> {
  const booted = BOOTS[kind];
  if (booted !== undefined) return hostDocument(booted);
  const [name, kernel] = KINDS[kind] ?? ['exhausted-no-swap', '5.15'];
  const text = printReport(scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed: 5 })).join('\n');
  const [report] = parseText(text, { path: 'x' });
  if (report === undefined) throw new Error(`${name} on ${kernel} gives no report`);
  return toDocument(report, analyse(report));
}

/** `count` events like one, each of its own id. */
const many = (count: number, like: Event): Event[] =>
  Array.from({ length: count }, (_, i) => ({ ...like, id: `${like.id ?? 'event'}-${i}` }));

const onHosts = (count: number, like: Event): Event[] =>
  Array.from({ length: count }, (_, i) => ({ ...like, id: `event-${i}`, host: `web${i}` }));

const LATE = { happenedMin: 3 * 24 * 60, ingestedMin: 1 };

export interface Case {
  readonly fires: readonly Event[];
  /** What the alerts are about. */
  readonly about: readonly string[];
  /** Events that alert nobody. */
  readonly quiet: Readonly<Record<string, readonly Event[]>>;
  /** Fires in an Elasticsearch that has no report yet, about the one host. */
  readonly firesAlone?: readonly [Event];
  /** Events that alert nobody in Kibana, which can ask two indices at once. */
  readonly quietInKibana?: Readonly<Record<string, readonly Event[]>>;
}

const SOME_OOM: Event = { of: 'machine', id: 'oom', host: 'web1', happenedMin: 5 };

const each = (of: Event['of'], other: Event['of']): Case => ({
  fires: [
    { of, id: 'a', happenedMin: 6, ingestedMin: 5 },
    { of, id: 'b', happenedMin: 20 * 60, ingestedMin: 2 },
    { of: other, id: 'c', happenedMin: 1 },
  ],
  about: ['a', 'b'],
  quiet: {
    'another kind of OOM': [{ of: other, happenedMin: 2 }],
    'a replay of the past': [{ of, ...LATE }],
    'what was told an hour ago': [{ of, happenedMin: 60 }],
  },
});

export const CASES: Readonly<Record<string, Case>> = {
  'oom-highmem-host': each('lowmem', 'machine'),
  'lowmem-exhausted': each('lowmem', 'machine'),
  'oom-panic': each('panic', 'machine'),
  'storm-host': {
    fires: [
      ...many(5, { of: 'machine', host: 'db1', id: 'storm', happenedMin: 3 }),
      ...many(4, { of: 'machine', host: 'db2', id: 'calm', happenedMin: 3 }),
    ],
    about: ['db1'],
    quiet: {
      'four reports': many(4, { of: 'machine', host: 'db1', happenedMin: 3 }),
      'five hosts': onHosts(5, { of: 'machine', happenedMin: 3 }),
      'a backlog of hours that arrives at once': many(9, {
        of: 'machine',
        host: 'db1',
        happenedMin: 300,
        ingestedMin: 2,
      }),
      'five in an hour': many(5, { of: 'machine', host: 'db1', happenedMin: 30 }),
      'five in an hour that are told at once': [5, 17, 29, 41, 53].map((happenedMin) => ({
        of: 'machine',
        host: 'db1',
        id: `slow-${happenedMin}`,
        happenedMin,
        ingestedMin: 1,
      })),
    },
  },
  'storm-fleet': {
    fires: [
      ...onHosts(10, { of: 'machine', happenedMin: 3 }),
      ...many(20, { of: 'cgroup', host: 'k1', id: 'noise', happenedMin: 2 }),
    ],
    about: ['machine-exhausted'],
    quiet: {
      'nine hosts': onHosts(9, { of: 'machine', happenedMin: 3 }),
      'ten hosts in an hour that are told at once': Array.from({ length: 10 }, (_, i) => ({
        of: 'machine',
        host: `web${i}`,
        id: `slow-${i}`,
        happenedMin: 2 + 5 * i,
        ingestedMin: 1,
      })),
      'one host many times': many(30, { of: 'machine', host: 'db1', happenedMin: 3 }),
      'a replay of the past': onHosts(20, { of: 'machine', ...LATE }),
      'a backlog of hours': onHosts(20, { of: 'machine', happenedMin: 300, ingestedMin: 2 }),
    },
  },
  'new-victim': {
    fires: [
      { of: 'machine', id: 'old', victim: 'known', happenedMin: 10 * 24 * 60 },
      { of: 'machine', id: 'again', victim: 'known', happenedMin: 25, ingestedMin: 5 },
      { of: 'machine', id: 'first', victim: 'stranger', happenedMin: 25, ingestedMin: 5 },
    ],
    about: ['stranger'],
    quiet: {
      'a known victim': [
        { of: 'machine', id: 'old', victim: 'known', happenedMin: 20 * 24 * 60 },
        { of: 'machine', id: 'new', victim: 'known', happenedMin: 25, ingestedMin: 5 },
      ],
      'a replay of the past': [{ of: 'machine', victim: 'stranger', ...LATE }],
      'what was new an hour ago': [{ of: 'machine', victim: 'stranger', happenedMin: 70 }],
      'a panic that kills nobody': [{ of: 'panic', happenedMin: 25, ingestedMin: 5 }],
    },
  },
  'cgroup-repeated': {
    fires: [
      ...many(3, { of: 'cgroup', host: 'k1', cgroup: '/a', id: 'hit', happenedMin: 30 }),
      ...many(2, { of: 'cgroup', host: 'k1', cgroup: '/b', id: 'other', happenedMin: 30 }),
    ],
    about: ['k1 /a'],
    quiet: {
      'two hits': many(2, { of: 'cgroup', host: 'k1', cgroup: '/a', happenedMin: 30 }),
      'the same path on three hosts': onHosts(3, { of: 'cgroup', cgroup: '/a', happenedMin: 30 }),
      'three hits of three cgroups': ['/a', '/b', '/c'].map((cgroup, i) => ({
        of: 'cgroup',
        host: 'k1',
        id: String(i),
        cgroup,
        happenedMin: 5,
      })),
      'a replay of the past': many(5, { of: 'cgroup', host: 'k1', cgroup: '/a', ...LATE }),
      'three hits in two hours that are told at once': [10, 50, 90].map((happenedMin) => ({
        of: 'cgroup',
        host: 'k1',
        id: `slow-${happenedMin}`,
        cgroup: '/a',
        happenedMin,
        ingestedMin: 1,
      })),
      'no cgroup': many(5, { of: 'machine', host: 'k1', happenedMin: 5 }),
    },
  },
  'highmem-host-booted': {
    fires: [
      { of: 'highmem-boot', host: 'old1', happenedMin: 6, ingestedMin: 5 },
      { of: 'highmem-boot', host: 'old2', happenedMin: 20 * 60, ingestedMin: 2 },
      { of: '64-bit-boot', host: 'web1', happenedMin: 2 },
      SOME_OOM,
    ],
    about: ['old1', 'old2'],
    firesAlone: [{ of: 'highmem-boot', host: 'old1', happenedMin: 2 }],
    quiet: {
      'a 64-bit host, where no OOM ever was': [{ of: '64-bit-boot', host: 'web1', happenedMin: 2 }],
      'a replay of the past': [{ of: 'highmem-boot', host: 'old1', ...LATE }, SOME_OOM],
      'what was told an hour ago': [{ of: 'highmem-boot', host: 'old1', happenedMin: 60 }, SOME_OOM],
    },
    quietInKibana: {
      'a host that had an OOM last week': [
        { of: 'highmem-boot', host: 'old1', happenedMin: 5 },
        { of: 'lowmem', id: 'oom', host: 'old1', happenedMin: 7 * 24 * 60 },
      ],
    },
  },
};

/** The kinds of events. */
export const EVENT_KINDS = [...Object.keys(KINDS), ...Object.keys(BOOTS)] as Event['of'][];

const templates = new Map(EVENT_KINDS.map((kind) => [kind, documentOf(kind)]));

/** The lines of a bulk request that writes the events, each as a document of its kind with its own host, victim, cgroup and times. */
export function bulkOf(events: readonly Event[], nowMs: number): string {
  const lines = events.flatMap(({ of, host = 'db1', id = 'event', victim, cgroup, happenedMin, ingestedMin }) => {
    const atMs = nowMs - happenedMin * MINUTE_MS;
    const document = structuredClone(templates.get(of) ?? {});
    const set = (section: string, more: object) => {
      document[section] = { ...Object(document[section]), ...more };
    };
    document['@timestamp'] = new Date(atMs).toISOString();
    const isBoot = BOOTS[of] !== undefined;
    const place = isBoot ? { _index: HOST_INDEX, _id: host } : { _index: indexOf(atMs), _id: id };
    set('event', { id: place._id, ingested: new Date(nowMs - (ingestedMin ?? happenedMin) * MINUTE_MS).toISOString() });
    set('host', { name: host });
    if (victim !== undefined) set('process', { name: victim });
    if (cgroup !== undefined)
      set('oom', { memcg: { ...Object(Reflect.get(Object(document['oom']), 'memcg')), path: cgroup } });
    return [JSON.stringify({ index: place }), JSON.stringify(document)];
  });
  return `${lines.join('\n')}\n`;
}
