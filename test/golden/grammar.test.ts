import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOOT_ANCHORS } from '../../src/kernel/boot.ts';
import { OPENERS } from '../../src/kernel/openers.ts';
import { BOOT_LINES } from '../../src/parser/boot/index.ts';
import { createDraft } from '../../src/parser/draft.ts';
import { linesOfText } from '../../src/parser/index.ts';
import { SECTIONS_READ } from '../../src/parser/sections/index.ts';

const code = (text: string): string => `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;

function renderGrammar(): string {
  const phases = ['', 'head', 'trace', 'memory', 'table', 'summary', 'kill', 'tail'];
  const sections = SECTIONS_READ.toSorted((a, b) => a.phase - b.phase);
  return `${[
    '# Grammar of a report',
    'Generated from the definitions that the parser reads by (`npm run docs`); a test parses every example alone.',
    'A report is a run of lines, each read by one block. Blocks come in the order of their phases; a kernel leaves out what ' +
      'does not apply. Lines of anything else may stand between them.',
    '## Openers',
    'A report begins with a line that holds one of these. Tentative ones make an OOM report only when a firm one follows.',
    ['| opener | literal | tentative | example |', '|---|---|---|---|']
      .concat(
        OPENERS.map(
          ({ name, literal, tentative, example }) =>
            `| ${name} | ${code(literal)} | ${tentative ? 'yes' : ''} | ${code(example)} |`,
        ),
      )
      .join('\n'),
    '## Blocks',
    ...sections.map(({ name, phase, since, until, source, examples }) =>
      [
        `### ${name}`,
        `Phase ${phases[phase]}; kernels ${since} to ${until}; ${source}.`,
        ['```text', ...examples, '```'].join('\n'),
      ].join('\n\n'),
    ),
    '## Lines of a boot',
    `What a host is, for the inventory. A boot begins with one of ${BOOT_ANCHORS.map(({ literal }) => code(literal.trim())).join(', ')}, as a rule the first, and ends with the line \`memory\`.`,
    ...BOOT_LINES.map(({ name, since, until, source, examples }) =>
      [`### ${name}`, `Kernels ${since} to ${until}; ${source}.`, ['```text', ...examples, '```'].join('\n')].join(
        '\n\n',
      ),
    ),
  ].join('\n\n')}\n`;
}

describe('the grammar', () => {
  it('stands in docs/grammar.md as the parser knows it', async () => {
    await expect(renderGrammar()).toMatchFileSnapshot(join(import.meta.dirname, '..', '..', 'docs', 'grammar.md'));
  });

  const examples = SECTIONS_READ.flatMap((section) =>
    section.examples.map((example) => [section.name, example, section] as const),
  );

  it.each(examples)('%s reads its example: %s', (_, example, section) => {
    const [line] = linesOfText(example, { path: 'x' });
    const text = line?.text ?? example;
    const draft = createDraft(
      'oom',
      { host: '', text, position: { topic: 'x', partition: 0, offset: 0 }, trust: 'file' },
      undefined,
    );
    draft.statsOpen = true; // `key value` lines of memory.stat mean nothing without their heading
    const reading = section.read(example, undefined) ?? section.read(example, draft);
    expect(reading?.quality).toBeGreaterThan(0);
  });

  it('has an example of every opener', () => {
    for (const { literal, example } of OPENERS) expect(example).toContain(literal);
  });
});
