/** One run: servers, workers, a fleet's records, faults by schedule, and the comparison at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTopics, type TestRecord } from '../support/topics.ts';
import {
  type Differences,
  differences,
  differencesFromTruth,
  drained,
  readIndex,
  readWithoutFaults,
} from './compare.ts';
import { Troublemaker } from './faults.ts';
import { Load } from './load.ts';
import { type Fault, scheduleOf } from './schedule.ts';
import type { Stage } from './stage.ts';
import { StandstillWatch } from './standstill.ts';
import { Slot } from './workers.ts';

export interface ChaosOptions {
  readonly faults: number;
  readonly seed: number;
  /** Mean pause between the beginnings of two faults. */
  readonly pauseMs: number;
  readonly hostsPerFault: number;
  readonly log: (text: string) => void;
}

export interface ChaosReport {
  readonly seed: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Faults that could not be carried out as planned, with the reason. */
  readonly failedFaults: readonly string[];
  readonly reports: number;
  readonly records: number;
  readonly partitions: number;
  readonly brokenRecords: number;
  /** Distinct dead letters, and those of the reading without faults. */
  readonly letters: { readonly found: number; readonly expected: number };
  readonly exits: Readonly<Record<string, number>>;
  readonly peakMb: number;
  /** Longest time without a commit of the whole group while records waited: the longest recovery. */
  readonly longestStandstillSeconds: number;
  readonly seconds: number;
  readonly againstReading: Differences;
  readonly againstTruth: Differences;
}

const TOPIC = 'syslog';
const GROUP = 'chaos';
const LETTERS = 'dead-letters';
const WORKERS = 3;
const PARTITIONS = 4;
const MOST_PARTITIONS = 10;
const SESSION_MS = 3_000;
const IDLE_MS = 1_500;
const AGE_MS = 120_000;
/** More than the batches over which the clock of a partition takes its median. */
const CLOSING_BATCHES = 40;
const DRAIN_LIMIT_MS = 120_000;

/** Runs on the stage and closes it. */
export async function runChaos(stage: Stage, options: ChaosOptions): Promise<ChaosReport> {
  try {
    return await perform(stage, options);
  } finally {
    await stage.close();
  }
}

async function perform(
  stage: Stage,
  { faults, seed, pauseMs, hostsPerFault, log }: ChaosOptions,
): Promise<ChaosReport> {
  const startedMs = performance.now();
  const schedule = scheduleOf(faults, seed, { pauseMs, sessionTimeoutMs: SESSION_MS });
  const spanMs = Math.max(300_000, faults * pauseMs);
  const load = new Load({
    hosts: Math.max(200, faults * hostsPerFault),
    seed,
    startMs: Math.trunc(Date.now() / 1000) * 1000 - 86_400_000,
    spanMs,
    partitions: PARTITIONS,
  });
  const topics = await connectTopics(stage.kafka.brokers);
  const exits = new Map<string, number>();
  const slots = Array.from({ length: WORKERS }, () => new Slot(environmentOf(stage), exits));
  const trouble = new Troublemaker(stage, slots);
  let standstill: StandstillWatch | undefined;
  try {
    await topics.create(TOPIC, PARTITIONS);
    await topics.create(LETTERS, 1);
    await Promise.all(slots.map((slot) => slot.open()));
    standstill = new StandstillWatch(topics, GROUP, TOPIC);
    log(`${faults} faults of seed ${seed}, ${load.truth.length} reports in ${load.total} records`);
    const produce = (records: TestRecord[]) => trouble.withBroker(() => topics.produce(TOPIC, records));
    const grow = (to: number) => trouble.withBroker(() => topics.grow(TOPIC, to));
    const failedFaults: string[] = [];
    const active = new Set<Promise<void>>();
    const perFault = Math.ceil(load.total / faults);
    for (const fault of schedule) {
      const applied = trouble.apply(fault).catch((error: unknown) => {
        failedFaults.push(`${fault.number} ${fault.kind}: ${error}`);
      });
      active.add(applied);
      void applied.then(() => active.delete(applied));
      if (fault.kind === 'add-partition' && load.partitions < MOST_PARTITIONS) await grow(load.addPartition());
      await produce(spoilt(load, load.take(perFault), fault));
      if (fault.number % 50 === 49)
        log(`${fault.number + 1} faults, ${load.left} records left, ${active.size} faults in effect`);
      await sleep(fault.pauseMs);
    }
    await Promise.all(active);
    trouble.heal();
    for (let guard = 0; load.left > 0 && guard < 10_000; guard += 1) await produce(load.take(500));
    for (const batch of load.closing(AGE_MS, CLOSING_BATCHES)) await produce(batch);
    log('all faults are over; the group drains');
    await drained(topics, TOPIC, GROUP, DRAIN_LIMIT_MS).catch(async (error: unknown) => {
      const [committed, ends] = [await topics.committed(GROUP, TOPIC), await topics.ends(TOPIC)];
      log(`committed ${committed.join()} of ${ends.join()}`);
      for (const slot of slots) log(JSON.stringify(slot.lastEvents(5)));
      throw error;
    });
    const longestStandstillSeconds = await standstill.end();
    log('drained; the workers end');
    await Promise.all(slots.map((slot) => slot.close()));
    log('what the index holds is compared');
    const found = await readIndex(stage.elasticsearch.url);
    const clean = await readWithoutFaults(stage.kafka.brokers, topics, TOPIC, { idleMs: IDLE_MS, ageMs: AGE_MS });
    const letters = await topics.values(LETTERS);
    return {
      seed,
      faults: countOf(schedule),
      failedFaults,
      reports: load.truth.length,
      records: await topics.count(TOPIC),
      partitions: load.partitions,
      brokenRecords: load.broken,
      letters: { found: new Set(letters.map(({ key }) => key)).size, expected: clean.letters },
      exits: Object.fromEntries(exits),
      peakMb: Math.max(...slots.map(({ peakMb }) => peakMb)),
      longestStandstillSeconds,
      seconds: Math.round((performance.now() - startedMs) / 1000),
      againstReading: differences(found, clean.documents, load.damaged),
      againstTruth: differencesFromTruth(found, load.truth, load.damaged),
    };
  } finally {
    await standstill?.end();
    await Promise.all(slots.map((slot) => slot.close()));
    await topics.close();
  }
}

const environmentOf = (stage: Stage): Record<string, string> => ({
  ...stage.environment,
  OOMSCOPE_KAFKA_TOPICS: TOPIC,
  OOMSCOPE_KAFKA_GROUP: GROUP,
  OOMSCOPE_KAFKA_SESSION_TIMEOUT: String(SESSION_MS),
  OOMSCOPE_KAFKA_COMMIT_INTERVAL: '100',
  OOMSCOPE_DEAD_LETTERS_TOPIC: LETTERS,
  OOMSCOPE_PARSER_IDLE: String(IDLE_MS),
  OOMSCOPE_PARSER_AGE: String(AGE_MS),
  OOMSCOPE_SINK_BATCH_DOCUMENTS: '20',
  OOMSCOPE_SINK_BATCH_AGE: '50',
  OOMSCOPE_SINK_BATCH_BYTES: '262144',
  OOMSCOPE_SINK_HELD_BYTES: '524288',
  OOMSCOPE_ELASTICSEARCH_TIMEOUT: '3000',
  OOMSCOPE_WORKER_DRAIN: '4000',
});

/** The records with the fault, when it is one of records. */
function spoilt(load: Load, records: TestRecord[], { kind, choice }: Fault): TestRecord[] {
  if (kind === 'resend') load.resend(records);
  if (kind === 'late') load.late(records, choice);
  if (kind === 'broken') load.addBroken(records);
  return records;
}

function countOf(schedule: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of schedule) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
