/** Dead letters of the embedded run: a file with one letter per line beside its store. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Clock, DeadLetters } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import { letterJson, readLetter } from './letter.ts';
import type { LetterArchive, LetterEntry, LetterPlace } from './letter-archive.ts';

/** The letters of the embedded run that writes to `storePath`. */
export const deadLetterFileOf = (storePath: string): string => `${storePath}.dead-letters.ndjson`;

/** Appends to the file, which is made with the first letter; a letter counts as stored when it is on the disk. */
export function createDeadLetterFile(path: string, clock: Clock): DeadLetters {
  const appender = createAppender(path);
  return {
    put: (letter) => appender.append(`${letterJson(letter, clock.nowMs())}\n`),
    close: () => appender.close(),
  };
}

/**
 * Reads the letters of a file; without the file there are none. What is dealt with is noted by a line
 * `{"resolved":"<id>","through":<bytes>}`. Rejects with INPUT_NOT_FOUND when the file cannot be read.
 */
export function openDeadLetterFile(path: string): LetterArchive {
  const appender = createAppender(path);
  return {
    name: `file ${path}`,
    async *entries() {
      const endOffset = await sizeOf(path);
      for await (const { offset, line } of linesOf(path, 0, endOffset)) yield entryOf(line, offset);
    },
    async entryAt({ offset }) {
      for await (const { line } of linesOf(path, offset, await sizeOf(path))) return entryOf(line, offset);
      return undefined;
    },
    resolve: (ranges) =>
      appender.append(
        ranges.map(({ key, offset }) => `${JSON.stringify({ resolved: key, through: offset })}\n`).join(''),
      ),
    close: () => appender.close(),
  };
}

function entryOf(line: Buffer, offset: number): LetterEntry {
  const place: LetterPlace = { partition: 0, offset };
  const text = line.toString('utf8');
  const resolved = readResolution(text);
  if (resolved) return { kind: 'resolved', place, ...resolved };
  const letter = readLetter(text);
  if (typeof letter === 'string') return { kind: 'foreign', place, detail: letter, bytes: line };
  return { kind: 'letter', place, key: letter.id, letter };
}

function readResolution(text: string): { key: string; through: number } | undefined {
  if (!text.startsWith('{"resolved":')) return undefined;
  try {
    const { resolved, through } = JSON.parse(text) as Record<string, unknown>;
    return typeof resolved === 'string' && typeof through === 'number' ? { key: resolved, through } : undefined;
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw unreadable(path, error);
  }
}

const NEWLINE = 10;

/** The lines of [from, to) that are not empty, each with where it begins. One that was cut by a crash is a line too. */
async function* linesOf(path: string, from: number, to: number): AsyncGenerator<{ offset: number; line: Buffer }> {
  if (from >= to) return;
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    let offset = from;
    let parts: Buffer[] = [];
    const take = (end: Buffer): { offset: number; line: Buffer } => {
      const line = Buffer.concat([...parts, end]);
      parts = [];
      const taken = { offset, line };
      offset += line.length + 1;
      return taken;
    };
    for await (const chunk of handle.createReadStream({ start: from, end: to - 1, autoClose: false })) {
      const bytes: Buffer = chunk;
      let at = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
        const taken = take(bytes.subarray(at, end));
        at = end + 1;
        if (taken.line.length > 0) yield taken;
      }
      parts.push(bytes.subarray(at));
    }
    const rest = take(Buffer.alloc(0));
    if (rest.line.length > 0) yield rest;
  } finally {
    await handle.close();
  }
}

function unreadable(path: string, error: unknown): OomscopeError {
  const text = error instanceof Error ? error.message : String(error);
  return new OomscopeError('INPUT_NOT_FOUND', `the dead letters in ${path} cannot be read: ${text}`, error);
}

/** Appends texts one after another, each on the disk when its promise resolves. Rejects with DEAD_LETTER_FAILED. */
function createAppender(path: string) {
  let file: Promise<FileHandle> | undefined;
  let last: Promise<void> = Promise.resolve();

  const append = async (text: string): Promise<void> => {
    try {
      file ??= openForAppending(path);
      const handle = await file;
      await handle.appendFile(text);
      await handle.datasync();
    } catch (error) {
      file = undefined;
      const found = error instanceof Error ? error.message : String(error);
      throw new OomscopeError('DEAD_LETTER_FAILED', `${path} cannot take a dead letter: ${found}`, error);
    }
  };

  return {
    append(text: string): Promise<void> {
      const stored = last.then(() => append(text));
      last = stored.catch(() => undefined);
      return stored;
    },
    async close(): Promise<void> {
      await last;
      const handle = await file;
      file = undefined;
      await handle?.close();
    },
  };
}

/** A crash may have left a line without its end; what is appended begins a line of its own. */
async function openForAppending(path: string): Promise<FileHandle> {
  const handle = await open(path, 'a+');
  const { size } = await handle.stat();
  const tail = Buffer.alloc(1);
  if (size > 0) await handle.read(tail, 0, 1, size - 1);
  if (size > 0 && tail[0] !== NEWLINE) await handle.appendFile('\n');
  return handle;
}
