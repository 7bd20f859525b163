/** The lines of a text that the host's own tools may have written: everything but kernel messages. */
import type { ContextPlace } from '../../domain.ts';
import { stripPrefix } from '../../kernel/prefix.ts';
import { undress } from '../text/undress.ts';

export interface ContextLine extends ContextPlace {
  /** Without quoting, indent and log prefix. */
  readonly text: string;
}

/** Without one of these a text holds nothing that a reader would take. */
const MARKS =
  /vm\.[a-z]|\/proc\/sys\/vm\/|(?:Mem|Swap|Low) ?:|[A-Z][A-Za-z]{2,20}: {0,24}\d{1,16} kB|Node \d{1,4}, zone/;

/** Longer lines are none of a tool's. */
const MAX_LENGTH = 1024;

/** The lines of a text that no kernel wrote, without their dress. Empty when the text holds no output of a known tool. */
export function contextLines(text: string, path: string): ContextLine[] {
  if (!MARKS.test(text)) return [];
  const lines: ContextLine[] = [];
  for (const { text: line, offset } of undress(text)) {
    if (line.length > MAX_LENGTH) continue;
    const stripped = stripPrefix(line);
    if (stripped.bootUs !== undefined || stripped.program === 'kernel') continue;
    // `Mem:` in front of numbers is no program name: only a whole log header counts as prefix.
    const isLogged =
      stripped.program !== undefined && (stripped.headerStamp !== undefined || stripped.wallMs !== undefined);
    lines.push({ text: (isLogged ? stripped.text : line).trim(), path, line: offset });
  }
  return lines;
}
