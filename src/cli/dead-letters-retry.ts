/** Writing the documents of dead letters again, by the sink of the worker or of the embedded run. */
import { checkTemplates } from '../assets/index.ts';
import { openReportDatabase } from '../clients/index.ts';
import { silentMetrics, systemClock } from '../ops/index.ts';
import type { DocumentWrite, Logger, WriteOutcome } from '../ports.ts';
import { createElasticsearchSink, createSqliteSink, type LetterArchive, type OpenLetter } from '../sink/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';
import { escapeTerminal } from '../view/index.ts';
import { elasticsearchClientOf } from './setup.ts';

/** Documents that are in memory at once. */
const GROUP = 20;

const BATCH_BYTES = 5_242_880;

/** The sink tries without end what may succeed some day; a command does not wait for that day. */
const PATIENCE_MS = 60_000;

/** Where documents go again. `refusal` is what was last said against a document. */
interface Target {
  write(write: DocumentWrite): Promise<WriteOutcome>;
  refusal(id: string): string;
  /** Ends what is still tried; its writes reject. */
  giveUp(): Promise<void>;
  /** What is to be thrown for a write that was given up. */
  failure(error: unknown, left: number): unknown;
  close(): Promise<void>;
}

/** Writes the letters in groups and notes after each what is done; says what came of each. Returns how many are done. */
export async function writeAgain(
  archive: LetterArchive,
  letters: readonly OpenLetter[],
  options: OptionValues,
  patienceMs = PATIENCE_MS,
): Promise<number> {
  const target = options.store === undefined ? await elasticsearchTarget(options) : sqliteTarget(options.store);
  let done = 0;
  try {
    for (let at = 0; at < letters.length; at += GROUP) {
      done += await writeGroup(archive, letters.slice(at, at + GROUP), target, options, patienceMs);
    }
    return done;
  } finally {
    await target.close();
  }
}

async function writeGroup(
  archive: LetterArchive,
  group: readonly OpenLetter[],
  target: Target,
  options: OptionValues,
  patienceMs: number,
): Promise<number> {
  const found: { letter: OpenLetter; write: DocumentWrite }[] = [];
  for (const letter of group) {
    const entry = await archive.entryAt(letter.place);
    const write = entry?.kind === 'letter' ? entry.letter.write : undefined;
    if (write) found.push({ letter, write });
    else say(letter, 'gone meanwhile: the retention of the topic has deleted the letter');
  }
  const settled = Promise.allSettled(found.map(({ write }) => target.write(write)));
  const isInTime = await Promise.race([settled.then(() => true), systemClock.sleep(patienceMs, settled)]);
  if (isInTime !== true) await target.giveUp();

  const done: OpenLetter[] = [];
  const failures: unknown[] = [];
  for (const [index, result] of (await settled).entries()) {
    const letter = found[index]?.letter;
    if (!letter) continue;
    if (result.status === 'rejected') {
      failures.push(result.reason);
      continue;
    }
    say(letter, textOf(result.value, target.refusal(letter.summary.id), options));
    if (DONE.has(result.value)) done.push(letter);
  }
  if (done.length > 0) await archive.resolve(done.flatMap(({ ranges }) => ranges));
  if (failures.length > 0) throw target.failure(failures[0], failures.length);
  return done.length;
}

const DONE: ReadonlySet<WriteOutcome> = new Set(['created', 'updated', 'duplicate']);

function textOf(outcome: WriteOutcome, refusal: string, options: OptionValues): string {
  switch (outcome) {
    case 'duplicate':
      return 'done: an equal or fuller reading is there already';
    case 'dead-letter':
      return `refused again: ${refusal}`;
    case 'expired':
      return `not written: older than sink.retention (${options['sink.retention']} days); the letter stays`;
    default:
      return `done: ${outcome}`;
  }
}

const say = ({ summary }: OpenLetter, text: string): void => {
  console.log(`${escapeTerminal(summary.id)}: ${escapeTerminal(text)}`);
};

/** Rejects with SINK_UNREACHABLE, SINK_FORBIDDEN and SINK_TEMPLATE_MISSING. */
async function elasticsearchTarget(options: OptionValues): Promise<Target> {
  const client = elasticsearchClientOf(options);
  try {
    await checkTemplates(client);
  } catch (error) {
    await client.close();
    throw error;
  }
  const refusals = new Map<string, string>();
  let reason = 'no answer';
  const logger: Logger = {
    event: (name, fields) => {
      if (name === 'sink-retry') reason = String(fields?.['detail']);
    },
  };
  const sink = createElasticsearchSink(
    { maxDocuments: GROUP, maxBytes: BATCH_BYTES, maxAgeMs: 1, retentionDays: options['sink.retention'] },
    {
      client,
      clock: systemClock,
      logger,
      metrics: silentMetrics,
      // The letter lies in the dead letters already.
      deadLetters: {
        put: async ({ write, error }) => void refusals.set(write?.id ?? '', error),
        close: async () => {},
      },
    },
  );
  return {
    write: (write) => sink.write(write),
    refusal: (id) => refusals.get(id) ?? '',
    giveUp: () => sink.close(0).catch(() => {}),
    failure: (error, left) => {
      if (!(error instanceof OomscopeError) || error.code !== 'DRAIN_TIMEOUT') return error;
      const message = `${client.address} did not take ${left} documents in time: ${reason}. Their letters stay; try again later.`;
      return new OomscopeError('SINK_UNREACHABLE', message, error);
    },
    close: async () => {
      await sink.close(0).catch(() => {});
      await client.close();
    },
  };
}

function sqliteTarget(path: string): Target {
  const database = openReportDatabase(path, '--store');
  const sink = createSqliteSink(database, systemClock);
  return {
    write: (write) => sink.write(write),
    refusal: () => '',
    giveUp: async () => {},
    failure: (error) => error,
    close: async () => database.close(),
  };
}
