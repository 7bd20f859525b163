/** `oomscope explain FILE...`: the reports of a log, explained. */
import { readText } from '../consumer/index.ts';
import { toDocument } from '../document/index.ts';
import { analyse } from '../enrich/index.ts';
import { parseText } from '../parser/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import { ANSI, explainScreen, PLAIN } from '../view/index.ts';

/**
 * Prints every report of the files, in their order. Exit code 0 when there was one, else 1. Throws INPUT_NOT_FOUND.
 */
export async function runExplain(files: readonly string[], options: { json: boolean }): Promise<number> {
  let found = 0;
  const style = process.stdout.isTTY && !process.env['NO_COLOR'] ? ANSI : PLAIN;
  for (const file of files) {
    const { text } = await readText(file);
    const reports = parseText(text, { path: file });
    for (const report of reports) {
      const analysis = analyse(report);
      if (options.json) {
        process.stdout.write(`${JSON.stringify(toDocument(report, analysis))}\n`);
      } else {
        if (found > 0) process.stdout.write(`\n${'='.repeat(110)}\n\n`);
        process.stdout.write(explainScreen(report, analysis, style));
      }
      found += 1;
    }
    if (reports.length === 0) {
      const error = new OomscopeError(
        'INPUT_NO_REPORT',
        `${file === '-' ? 'standard input' : file} holds no OOM report.`,
      );
      console.error(`oomscope: ${error.message}`);
    }
  }
  return found > 0 ? 0 : 1;
}
