/** What each rule has to alert about at a moment, from what the simulator knows: the rules in words of their own. */
import type { BootTruth, FleetTruth } from '../../../src/simulate/index.ts';
import type { Month } from '../month.ts';

export type Engine = 'Kibana' | 'ElastAlert';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Buffer of ElastAlert for rules without a time frame. */
const BUFFER_MINUTES = 15;

interface Told<T> {
  readonly truth: T;
  /** The second that it happened in. */
  readonly atMs: number;
  /** When the document was written. */
  readonly toldMs: number;
}

export interface MonthEvents {
  readonly reports: readonly Told<FleetTruth>[];
  readonly boots: readonly Told<BootTruth>[];
  /** Spans with more reports than usual, and some time after them. */
  readonly storms: readonly { readonly fromMs: number; readonly toMs: number }[];
}

/** Shippers of one host in ten were cut off, and sent what they had three days later. */
const isLate = (host: string): boolean => host.endsWith('7');

const wholeSecond = (ms: number): number => Math.trunc(ms / SECOND_MS) * SECOND_MS;

/** When the document of an event was written, in whole seconds. */
export const ingestedMs = (host: string, atMs: number): number =>
  wholeSecond(atMs) + (isLate(host) ? 3 * DAY_MS : 5 * SECOND_MS);

/** A moment by which the events of a second are over, whether its lines state the second alone or its thousandths too. */
export const momentAfter = (ms: number): number => wholeSecond(ms) + SECOND_MS - 1;

const told = <T extends { readonly host: string; readonly atMs: number }>(truth: T): Told<T> => {
  const atMs = wholeSecond(truth.atMs);
  return { truth, atMs, toldMs: ingestedMs(truth.host, atMs) };
};

export function eventsOf({ truth, boots }: Month): MonthEvents {
  const crowded = truth.filter(({ atMs }, index) => {
    const third = truth[index + 2];
    return third !== undefined && third.atMs - atMs < HOUR_MS && !isLate(third.host);
  });
  const storms = [...Map.groupBy(crowded, ({ atMs }) => Math.trunc(atMs / (2 * HOUR_MS))).values()];
  return {
    reports: truth.map(told),
    boots: boots.map(told),
    storms: storms
      .filter((storm) => storm.length > 2)
      .map((storm) => ({ fromMs: storm[0]?.atMs ?? 0, toMs: (storm.at(-1)?.atMs ?? 0) + 20 * MINUTE_MS })),
  };
}

const isOom = ({ truth }: Told<FleetTruth>): boolean => truth.action !== 'page-allocation-failure';
const isHighmem = ({ truth }: Told<FleetTruth>): boolean => /lowmem|i386|seed-twin/.test(truth.scenario);
const nameOf = ({ truth, atMs }: Told<FleetTruth>): string =>
  `${truth.host} ${new Date(atMs).toISOString().slice(0, 19)}`;

const repeated = <T>(items: readonly T[], key: (item: T) => string, atLeast: number): string[] =>
  [...Map.groupBy(items, key)].flatMap(([name, group]) => (group.length >= atLeast ? [name] : []));

/** What the alerts of a rule at `nowMs` are about: host and second of a report, else the values that the rule counts by. */
export function expectedAlerts(id: string, engine: Engine, { reports, boots }: MonthEvents, nowMs: number): string[] {
  const recent = <T extends { atMs: number; toldMs: number }>(
    events: readonly T[],
    minutes: number,
    ageMinutes = 24 * 60,
  ): T[] =>
    events.filter(
      ({ atMs, toldMs }) =>
        toldMs > nowMs - minutes * MINUTE_MS && toldMs <= nowMs && atMs >= nowMs - ageMinutes * MINUTE_MS,
    );
  const each = engine === 'Kibana' ? 20 : BUFFER_MINUTES;
  switch (id) {
    case 'oom-highmem-host':
      return recent(reports, each)
        .filter((report) => isOom(report) && isHighmem(report))
        .map(nameOf);
    case 'lowmem-exhausted':
      return recent(reports, each)
        .filter(({ truth }) => truth.verdict === 'lowmem-exhausted')
        .map(nameOf);
    case 'oom-panic':
      return recent(reports, each)
        .filter(({ truth }) => truth.action === 'oom-panic')
        .map(nameOf);
    case 'storm-host':
      return repeated(recent(reports, 10, 10).filter(isOom), ({ truth }) => truth.host, 5);
    case 'storm-fleet': {
      const pairs = recent(reports, 10, 10)
        .filter(isOom)
        .map(({ truth }) => `${truth.verdict} ${truth.host}`);
      return repeated([...new Set(pairs)], (pair) => pair.split(' ')[0] ?? '', 10);
    }
    case 'cgroup-repeated':
      return repeated(
        recent(reports, 60, 60).filter((report) => isOom(report) && report.truth.cgroup !== undefined),
        ({ truth }) => `${truth.host} ${truth.cgroup}`,
        3,
      );
    case 'new-victim':
      return engine === 'Kibana' ? newByKibana(reports, nowMs) : newByElastAlert(reports, nowMs);
    case 'highmem-host-booted': {
      const booted = recent(boots, each).filter(({ truth }) => truth.highmemKb > 0);
      const known = reports.filter((report) => isOom(report) && report.toldMs <= nowMs);
      const suffered = new Set(known.map(({ truth }) => truth.host));
      const hosts = booted.map(({ truth }) => truth.host);
      // ElastAlert cannot ask two indices.
      return engine === 'Kibana' ? hosts.filter((host) => !suffered.has(host)) : hosts;
    }
    default:
      throw new Error(`what ${id} alerts about is not written here`);
  }
}

/** First written within 20 minutes, of an event of the last day, and never before in 30 days. */
function newByKibana(reports: readonly Told<FleetTruth>[], nowMs: number): string[] {
  const known = reports.filter(({ toldMs }) => toldMs > nowMs - 30 * DAY_MS && toldMs <= nowMs);
  const victims = Map.groupBy(known, ({ truth }) => truth.victimComm ?? '');
  victims.delete('');
  return [...victims].flatMap(([victim, own]) => {
    const first = Math.min(...own.map(({ toldMs }) => toldMs));
    const happened = Math.min(...own.map(({ atMs }) => atMs));
    return first > nowMs - 20 * MINUTE_MS && happened >= nowMs - DAY_MS ? [victim] : [];
  });
}

/** By the time of the event, which it looks at 20 minutes later. */
function newByElastAlert(reports: readonly Told<FleetTruth>[], nowMs: number): string[] {
  const endMs = nowMs - 20 * MINUTE_MS;
  const startMs = endMs - BUFFER_MINUTES * MINUTE_MS;
  const victims = (fromMs: number, toMs: number) =>
    new Set(
      reports.flatMap(({ truth, atMs }) =>
        atMs > fromMs && atMs <= toMs && truth.victimComm ? [truth.victimComm] : [],
      ),
    );
  const known = victims(startMs - 30 * DAY_MS, startMs);
  return [...victims(startMs, endMs)].filter((victim) => !known.has(victim));
}
