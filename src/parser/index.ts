/** Kernel text to OOM reports: the front door of the parser. Pure; never throws on input, keeps no clock. */
import type { OomReport } from '../domain.ts';
import type { Parser } from '../ports.ts';
import { Assembler, type ParserOptions } from './assemble.ts';
import { linesOfText, type TextSource } from './text/lines.ts';

export type { ParserOptions } from './assemble.ts';
export { type BootReaderOptions, createBootReader } from './boot/index.ts';
export { isEmptyContext, joinContexts, readContext } from './context/index.ts';
export { linesOfText, type TextSource } from './text/lines.ts';

/** A parser for a stream of lines of any number of hosts. */
export const createParser = (options: ParserOptions): Parser => new Assembler(options);

/** A file is read whole, so its reports need no bounds but its own size. */
const WHOLE_FILE = {
  idleMs: Number.POSITIVE_INFINITY,
  ageMs: Number.POSITIVE_INFINITY,
  maxLines: 1_000_000,
  maxBytes: 4 * 2 ** 30,
  wholeFile: true,
} as const;

/**
 * The reports of a whole file, in the order of their first lines; page allocation failures among them. The topic of
 * their positions is the path.
 */
export function parseText(text: string, source: TextSource = { path: '' }): OomReport[] {
  const parser = createParser(WHOLE_FILE);
  const reports: OomReport[] = [];
  for (const line of linesOfText(text, source)) reports.push(...parser.push(line));
  reports.push(...parser.end());
  return reports.sort(
    (a, b) => a.firstPosition.offset - b.firstPosition.offset || (a.anchor.bootUs ?? 0) - (b.anchor.bootUs ?? 0),
  );
}
