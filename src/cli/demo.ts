/** `oomscope demo` (`npm start`): a simulated fleet through the whole pipeline into an SQLite file, without any server. */
import { rmSync } from 'node:fs';
import { openReportDatabase } from '../clients/index.ts';
import { createDecoder, createLinesSource, decodeUtf8, type RawRecord } from '../consumer/index.ts';
import type { Analysis, OomReport } from '../domain.ts';
import { analyse } from '../enrich/index.ts';
import { silentLogger, silentMetrics, systemClock } from '../ops/index.ts';
import { createBootReader, createParser } from '../parser/index.ts';
import { createPipeline } from '../pipeline.ts';
import { SEED_TWIN_HOST, simulateFleet } from '../simulate/index.ts';
import { createDeadLetterFile, createSqliteSink, deadLetterFileOf } from '../sink/index.ts';
import { createSqliteStore } from '../store/index.ts';
import type { OptionValues } from '../tables/options.ts';
import { ANSI, explainScreen, fleetScreen, PLAIN } from '../view/index.ts';

const TOPIC = 'demo';
const PARTITIONS = 4;

/** The day of the simulated fleet: fixed, so that every run prints the same. */
const START_MS = Date.UTC(2026, 8, 23, 2, 0, 0);

const RECORD_LIMIT_BYTES = 1_048_576;

/** Runs the fleet; exit code 0. Rejects with STORE_FAILED. */
export async function runDemo(options: OptionValues): Promise<number> {
  const hosts = options['demo.hosts'];
  const path = options['demo.store'];
  const lettersPath = deadLetterFileOf(path);
  for (const file of [path, `${path}-wal`, `${path}-shm`, lettersPath]) rmSync(file, { force: true });
  console.log(`A simulated fleet of ${hosts} hosts goes through oomscope's pipeline into ${path}.\n`);

  const fleet = simulateFleet({ hosts, seed: options['demo.seed'], startMs: START_MS, boots: 0.2 });
  const database = openReportDatabase(path);
  const store = createSqliteStore(database);
  const progress = createProgress();
  let seed: { report: OomReport; analysis: Analysis } | undefined;
  let lines = 0;
  const deadLetters = createDeadLetterFile(lettersPath, systemClock);
  const counted = (function* (): Generator<RawRecord> {
    for (const record of recordsOf(fleet)) {
      lines += 1;
      yield record;
    }
  })();
  const startedMs = systemClock.elapsedMs();
  try {
    const pipeline = createPipeline(
      {
        source: createLinesSource(counted, demoDecoder(), placesOf(PARTITIONS)),
        parser: createParser({ idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: 134_217_728 }),
        boots: createBootReader({ idleMs: 30_000, ageMs: 600_000 }),
        analyse,
        sink: createSqliteSink(database, systemClock),
        deadLetters,
        clock: systemClock,
        logger: silentLogger,
        metrics: silentMetrics,
      },
      {
        commitIntervalMs: 1_000,
        heldBytes: 33_554_432,
        onReport: (report, analysis) => {
          progress.show(lines, report.host, analysis.verdict);
          if (report.host === SEED_TWIN_HOST && report.kills.length > 0) seed = { report, analysis };
        },
      },
    );
    await pipeline.run();
    const seconds = (systemClock.elapsedMs() - startedMs) / 1000;
    progress.end();

    const kills = await store.search({}, Number.MAX_SAFE_INTEGER);
    const highmem = await store.search({ 'oom.highmem.present': true }, Number.MAX_SAFE_INTEGER);
    const summary = {
      hosts,
      lines,
      seconds,
      reports: kills.length,
      verdicts: await store.aggregate('oom.verdict'),
      holders: await store.aggregate('oom.holder'),
      kernels: await store.aggregate('host.os.kernel'),
      victims: await store.aggregate('process.name'),
      highmemHosts: [...new Set(highmem.map(hostOf))].sort(),
    };
    console.log(fleetScreen(summary));
    if (seed) {
      console.log(
        `${'='.repeat(110)}\n\nOne of them: ${seed.report.host}, a 32-bit host with 33 GB that killed with half a gigabyte free.\n`,
      );
      console.log(explainScreen(seed.report, seed.analysis, process.stdout.isTTY ? ANSI : PLAIN));
    }
    console.log(`The documents are in ${path}:  sqlite3 ${path} "select document from reports limit 1"`);
    return 0;
  } finally {
    await deadLetters.close();
    await store.close();
    database.close();
  }
}

const placesOf = (count: number) => Array.from({ length: count }, (_, partition) => ({ topic: TOPIC, partition }));

const demoDecoder = () =>
  createDecoder({
    format: 'auto',
    maxBytes: RECORD_LIMIT_BYTES,
    kernelOnly: false,
    trustProgram: true,
    labels: {},
    decodeUtf8,
  });

/** The fleet's lines as the records of a topic: each host on one partition, by a hash of its name. */
function* recordsOf(fleet: Iterable<{ host: string; atMs: number; text: string }>): Generator<RawRecord> {
  const encoder = new TextEncoder();
  const nextOffsets = new Array<number>(PARTITIONS).fill(0);
  for (const { host, atMs, text } of fleet) {
    let hash = 0;
    for (let i = 0; i < host.length; i++) hash = (hash * 31 + host.charCodeAt(i)) % 1_000_003;
    const partition = hash % PARTITIONS;
    const offset = nextOffsets[partition] ?? 0;
    nextOffsets[partition] = offset + 1;
    yield {
      topic: TOPIC,
      partition,
      offset,
      timestampMs: atMs,
      key: encoder.encode(host),
      value: encoder.encode(text),
    };
  }
}

function hostOf(document: Readonly<Record<string, unknown>>): string {
  const { host } = document;
  const name = typeof host === 'object' && host !== null && 'name' in host ? host.name : undefined;
  return typeof name === 'string' ? name : 'unknown';
}

/** One line that is written over and over on a terminal; a line now and then elsewhere. */
function createProgress() {
  const isTerminal = process.stdout.isTTY === true;
  let shown = 0;
  return {
    show(lines: number, host: string, verdict: string): void {
      shown += 1;
      const text = `${lines.toLocaleString('en')} lines, report ${shown}: ${host}, ${verdict}`;
      if (isTerminal) process.stdout.write(`\r\u001b[K${text}`);
      else if (shown % 10 === 1) console.log(text);
    },
    end(): void {
      if (isTerminal) process.stdout.write('\r\u001b[K');
      else console.log('');
    },
  };
}
