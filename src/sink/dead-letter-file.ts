/** Dead letters of the embedded run: a file with one letter per line. */
import { type FileHandle, open } from 'node:fs/promises';
import type { DeadLetters } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';
import { letterJson } from './letter.ts';

/** Appends to the file, which is made with the first letter; a letter counts as stored when it is on the disk. */
export function createDeadLetterFile(path: string): DeadLetters {
  let file: Promise<FileHandle> | undefined;
  let last: Promise<void> = Promise.resolve();

  const append = async (line: string): Promise<void> => {
    try {
      file ??= open(path, 'a');
      const handle = await file;
      await handle.appendFile(line);
      await handle.datasync();
    } catch (error) {
      file = undefined;
      const text = error instanceof Error ? error.message : String(error);
      throw new OomscopeError('DEAD_LETTER_FAILED', `${path} cannot take a dead letter: ${text}`, error);
    }
  };

  return {
    put(letter) {
      const stored = last.then(() => append(`${letterJson(letter)}\n`));
      last = stored.catch(() => undefined);
      return stored;
    },
    async close() {
      await last;
      const handle = await file;
      file = undefined;
      await handle?.close();
    },
  };
}
