/** The real logs, where OOMSCOPE_CORPUS names a folder of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CorpusLog {
  readonly name: string;
  readonly text: string;
}

const folder = process.env['OOMSCOPE_CORPUS'];
if (!folder) console.warn('OOMSCOPE_CORPUS is not set: the tests on real logs are skipped.');

/** Every log of the corpus, in order of name; none without a corpus. */
export const CORPUS: readonly CorpusLog[] = folder
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .sort()
      .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
  : [];
