import { describe, expect, it } from 'vitest';
import { createDraft, type Draft, PHASES } from '../../../../src/parser/draft.ts';
import { readLine } from '../../../../src/parser/read.ts';
import { SECTIONS_READ } from '../../../../src/parser/sections/index.ts';
import { streamOf } from '../fixtures.ts';

/** A report that stands where the block is printed. */
function draftBefore(phase: number): Draft {
  const [first] = streamOf('x');
  if (!first) throw new Error('no line');
  const draft = createDraft('oom', first, undefined);
  if (phase === PHASES.trace) draft.traceOpen = true;
  if (phase === PHASES.memory) {
    draft.memcg = { line: 0, stats: {} };
    draft.statsOpen = true;
  }
  return draft;
}

const examples = SECTIONS_READ.flatMap((section) => section.examples.map((text) => ({ section, text })));

describe('every block', () => {
  it.each(examples)('$section.name reads its example alone: $text', ({ section, text }) => {
    const recognised = readLine(text, draftBefore(section.phase));
    expect(recognised?.section.name).toBe(section.name);
    expect(recognised?.reading.quality).toBeGreaterThan(0);
  });

  it.each(SECTIONS_READ.map((section) => ({ section })))('$section.name says who prints it', ({ section }) => {
    expect(section.examples.length).toBeGreaterThan(0);
    expect(section.since).toMatch(/^\d/);
    expect(section.source).not.toBe('');
  });

  it.each(examples)('$section.name survives a cut anywhere: $text', ({ text }) => {
    const draft = draftBefore(PHASES.memory);
    for (let end = 0; end < text.length; end += 1) {
      expect(() => readLine(text.slice(0, end), draft)?.reading.store(draft, 0)).not.toThrow();
    }
  });
});
