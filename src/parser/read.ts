/** Asks the sections, in order, whose line it is. */
import type { Draft } from './draft.ts';
import type { Recognised } from './section.ts';
import { SECTIONS_READ } from './sections/index.ts';

/** Longer lines are read up to here: no kernel prints a line of 16 kB. */
export const MAX_LINE_LENGTH = 16_384;

/** The first section that recognises the line, with its reading. Pure; linear in the length of the line. */
export function readLine(text: string, draft: Draft | undefined): Recognised | undefined {
  const bounded = text.length > MAX_LINE_LENGTH ? text.slice(0, MAX_LINE_LENGTH) : text;
  for (const section of SECTIONS_READ) {
    const reading = section.read(bounded, draft);
    if (reading) return { section, reading };
  }
  return undefined;
}
