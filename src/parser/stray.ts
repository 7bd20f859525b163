/** Kernel lines that stand beside an open report and belong to none. */
import type { LogLine } from '../domain.ts';
import { holdsOpener } from '../kernel/openers.ts';
import { addIssue } from './draft.ts';
import type { Host } from './host.ts';
import { isFragment } from './join.ts';
import { readLine } from './read.ts';

/** Says what is odd about a line that no report took. */
export function noteStray(host: Host, line: LogLine): void {
  const { current } = host;
  if (!current) return;
  const detail = line.text.slice(0, 80);
  if (isFragment(line.text)) addIssue(current, 'orphan-continuation', undefined, detail);
  else if (holdsOpener(line.text)) addIssue(current, 'line-garbled', undefined, detail);
  else if (readLine(line.text, current)) addIssue(current, 'section-interleaved', undefined, detail);
}
