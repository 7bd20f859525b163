/** `oomscope dead-letters list | show | retry | dismiss`: what could not be stored, read back, mended, taken off the list. */
import { existsSync } from 'node:fs';
import { silentLogger } from '../ops/index.ts';
import type { LetterSummary } from '../ports.ts';
import {
  deadLetterFileOf,
  type LetterArchive,
  type LetterEntry,
  type OpenLetter,
  openDeadLetterFile,
  openDeadLetterTopic,
  openLetters,
} from '../sink/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';
import { escapeJson, escapeTerminal, letterScreen, lettersScreen, remedyOf } from '../view/index.ts';
import { writeAgain } from './dead-letters-retry.ts';
import { kafkaOptionsOf } from './kafka-options.ts';

/** Some letter stays, or is not there. */
const LEFT = 1;

/**
 * Prints a line per open letter, newest first; exit code 0. Reads to the end as it is at the start, joins no group and
 * commits nothing. Like all below rejects with KAFKA_UNREACHABLE, KAFKA_TOPIC_MISSING, INPUT_NOT_FOUND and CONFIG_INVALID.
 */
export function listLetters(
  options: OptionValues,
  { json, reason }: { json: boolean; reason: string | undefined },
): Promise<number> {
  return withArchive(options, async (archive) => {
    const summaries = (await openLetters(archive)).map(({ summary }) => summary);
    const wanted = summaries.filter((summary) => reason === undefined || summary.reason === reason);
    if (json) for (const summary of wanted) printJson(summary);
    else process.stdout.write(lettersScreen(archive.name, wanted));
    return 0;
  });
}

/** Prints all that one letter holds; exit code 1 when no open letter has the id. */
export function showLetter(id: string, options: OptionValues, { json }: { json: boolean }): Promise<number> {
  return withArchive(options, async (archive) => {
    const letter = find(await openLetters(archive), id);
    const entry = letter && (await archive.entryAt(letter.place));
    if (!entry || entry.kind === 'resolved') return missing(archive, id);
    if (json) printJson(letter.summary, entry);
    else process.stdout.write(letterScreen(letter.summary, entry.kind === 'letter' ? entry.letter : entry));
    return 0;
  });
}

/**
 * Writes the documents of letters again, where the worker would have written them, and says of each what came of it; what
 * was stored is no longer listed. Exit code 1 when a letter stays. Rejects with SINK_UNREACHABLE, SINK_FORBIDDEN and
 * SINK_TEMPLATE_MISSING too; letters that were stored before that are noted.
 */
export function retryLetters(
  ids: readonly string[],
  options: OptionValues,
  { all }: { all: boolean },
): Promise<number> {
  if (all === ids.length > 0) {
    throw new OomscopeError('CONFIG_INVALID', 'dead-letters retry takes either ids or --all; `list` shows the ids');
  }
  return withArchive(options, async (archive) => {
    const open = await openLetters(archive);
    // Records of others are nobody's to mend, and no reason to fail.
    const wanted = all ? open.filter(({ summary }) => summary.reason !== 'unreadable') : chosen(archive, open, ids);
    const retriable = wanted.filter(({ summary }) => summary.isRetriable);
    const done = retriable.length === 0 ? 0 : await writeAgain(archive, retriable, options);
    for (const { summary } of wanted) {
      if (!summary.isRetriable)
        console.log(`${escapeTerminal(summary.id)}: not written. ${escapeTerminal(remedyOf(summary))}`);
    }
    const count = all ? wanted.length : new Set(ids).size;
    console.log(`${done} of ${count} letters are done.`);
    return done === count ? 0 : LEFT;
  });
}

/** Takes letters off the list without writing anything: their lines were read again, or nobody wants them. */
export function dismissLetters(ids: readonly string[], options: OptionValues): Promise<number> {
  return withArchive(options, async (archive) => {
    const wanted = chosen(archive, await openLetters(archive), ids);
    const letters = wanted.filter(({ ranges }) => ranges.length > 0);
    if (letters.length > 0) await archive.resolve(letters.flatMap(({ ranges }) => ranges));
    for (const { summary, ranges } of wanted) {
      const text = ranges.length > 0 ? 'no longer listed; nothing was written to the index' : remedyOf(summary);
      console.log(`${escapeTerminal(summary.id)}: ${text}`);
    }
    return letters.length === new Set(ids).size ? 0 : LEFT;
  });
}

async function withArchive(options: OptionValues, work: (archive: LetterArchive) => Promise<number>): Promise<number> {
  const archive = await openArchive(options);
  try {
    return await work(archive);
  } finally {
    await archive.close();
  }
}

async function openArchive(options: OptionValues): Promise<LetterArchive> {
  const path = options.store;
  if (path === undefined) {
    return openDeadLetterTopic({ ...kafkaOptionsOf(options), topic: options['dead.letters.topic'] }, silentLogger);
  }
  if (!existsSync(path)) {
    throw new OomscopeError('INPUT_NOT_FOUND', `${path} is not there; expected the SQLite file of an embedded run`);
  }
  return openDeadLetterFile(deadLetterFileOf(path));
}

const find = (open: readonly OpenLetter[], id: string): OpenLetter | undefined =>
  open.find(({ summary }) => summary.id === id);

/** The letters of the ids, each once; ids that no open letter has are named on stderr. */
function chosen(archive: LetterArchive, open: readonly OpenLetter[], ids: readonly string[]): OpenLetter[] {
  return [...new Set(ids)].flatMap((id) => {
    const letter = find(open, id);
    if (!letter) missing(archive, id);
    return letter ?? [];
  });
}

function missing({ name }: LetterArchive, id: string): number {
  console.error(
    `oomscope: no open letter of ${name} has the id ${escapeTerminal(id)}; \`dead-letters list\` shows the ids`,
  );
  return LEFT;
}

/** One line of JSON; with an entry also the document with index, version and what it supersedes, or the bytes in base64. */
function printJson({ atMs, ...summary }: LetterSummary, entry?: LetterEntry): void {
  const at = atMs === undefined ? {} : { at: new Date(atMs).toISOString() };
  const { write, bytes } = entry === undefined || entry.kind === 'resolved' ? {} : contentsOf(entry);
  const { index, version, supersedes, document } = write ?? {};
  const content = bytes && { bytes: Buffer.from(bytes).toString('base64') };
  const fields = { ...summary, ...at, index, version, supersedes, document, ...content };
  process.stdout.write(`${escapeJson(JSON.stringify(fields))}\n`);
}

const contentsOf = (entry: Exclude<LetterEntry, { kind: 'resolved' }>) =>
  entry.kind === 'letter' ? entry.letter : { write: undefined, bytes: entry.bytes };
