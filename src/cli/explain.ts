/** `oomscope explain FILE...`: the reports of a log, explained. */
import { readText } from '../consumer/index.ts';
import { toDocument } from '../document/index.ts';
import type { HostContext, OomReport } from '../domain.ts';
import { analyse } from '../enrich/index.ts';
import { isEmptyContext, joinContexts, parseText, readContext } from '../parser/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import { ANSI, escapeJson, escapeLines, explainScreen, PLAIN } from '../view/index.ts';

export interface ExplainOptions {
  readonly json: boolean;
  /** Files with output of the host's own tools (sysctl, /proc, free, top). */
  readonly contextFiles: readonly string[];
}

/**
 * Prints every report of the files, in their order. Exit code 0 when there was one, else 1. Throws INPUT_NOT_FOUND.
 */
export async function runExplain(files: readonly string[], options: ExplainOptions): Promise<number> {
  let found = 0;
  const given = await readContexts(options.contextFiles);
  const style = process.stdout.isTTY && !process.env['NO_COLOR'] ? ANSI : PLAIN;
  for (const file of files) {
    const { text } = await readText(file);
    const reports = parseText(text, { path: file });
    // What stands around reports of several hosts may be of any of them.
    const context = joinContexts(isOneHost(reports) ? [...given, readContext(text, file)] : given);
    for (const report of reports) {
      const analysis = analyse(report, context);
      if (options.json) {
        process.stdout.write(`${escapeJson(JSON.stringify(toDocument(report, analysis)))}\n`);
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
      console.error(`oomscope: ${escapeLines(error.message)}`);
    }
  }
  return found > 0 ? 0 : 1;
}

/** The contexts of the files, in their order. A file without any known output is named on stderr. */
async function readContexts(files: readonly string[]): Promise<HostContext[]> {
  const contexts: HostContext[] = [];
  for (const file of files) {
    const { text } = await readText(file);
    const context = readContext(text, file);
    if (isEmptyContext(context)) {
      console.error(
        `oomscope: ${file === '-' ? 'standard input' : file} holds no output of sysctl vm, /proc/meminfo, /proc/zoneinfo, /proc/buddyinfo, free or top.`,
      );
    }
    contexts.push(context);
  }
  return contexts;
}

const isOneHost = (reports: readonly OomReport[]): boolean => new Set(reports.map(({ host }) => host)).size === 1;
