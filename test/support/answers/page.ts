/** docs/verdicts.md: what the answers mean, what decides them, and a report on either side of the line. */
import { type Analysis, HOLDERS, VERDICTS } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { parseText } from '../../../src/parser/index.ts';
import { KERNELS, printReport } from '../../../src/simulate/index.ts';
import { HOLDER_ADVICE, VERDICT_ADVICE } from '../../../src/tables/advice.ts';
import { FINDINGS } from '../../../src/tables/findings.ts';
import { HOLDER_TEXTS, SWAP_STATE_TEXTS } from '../../../src/tables/holders.ts';
import { VERDICT_TEXTS } from '../../../src/tables/verdicts.ts';
import { type Example, HOLDER_CASES, stateOf, VERDICT_CASES } from './cases.ts';

/** The answer to a simulated report, printed and read again. */
export function answerTo(example: Example): Analysis {
  const reports = parseText(`${printReport(stateOf(example)).join('\n')}\n`, { path: 'example.log' });
  const [report] = reports;
  if (!report || reports.length > 1) throw new Error(`${example.scenario} is ${reports.length} reports`);
  return analyse(report);
}

const nameOf = ({ scenario, kernel, change }: Example): string =>
  `\`${scenario}\` on ${KERNELS[kernel].release}${change ? `, but ${change.words}` : ''}`;

/** The sentences of the paragraph after the first, up to the one on swap or on the kill. */
function holderSentence({ sentence, paragraph }: Analysis): string {
  const [first = ''] = paragraph
    .slice(sentence.length)
    .trim()
    .split(/(?<=\.) /);
  return first;
}

const advised = (advice: readonly { readonly action: string }[]): string[] =>
  advice.length === 0 ? [] : ['What to do:', advice.map(({ action }) => `- ${action}`).join('\n')];

function verdictSection(verdict: (typeof VERDICTS)[number]): string {
  const { title, meaning, evidence } = VERDICT_TEXTS[verdict];
  const { example, nearMiss, instead } = VERDICT_CASES[verdict];
  return [
    `### ${verdict}`,
    `*${title}.* ${meaning}`,
    `Decided by: ${evidence}`,
    `Example: ${nameOf(example)}.`,
    `> ${answerTo(example).sentence}`,
    `Near miss: ${nameOf(nearMiss)}. That is \`${instead}\`.`,
    `> ${answerTo(nearMiss).sentence}`,
    ...advised(VERDICT_ADVICE[verdict]),
  ].join('\n\n');
}

function holderSection(holder: (typeof HOLDERS)[number]): string {
  const { title, meaning, evidence } = HOLDER_TEXTS[holder];
  const { example, nearMiss, instead } = HOLDER_CASES[holder];
  return [
    `### ${holder}`,
    `*${title}.* ${meaning}`,
    `Decided by: ${evidence}`,
    `Example: ${nameOf(example)}.`,
    `> ${holderSentence(answerTo(example))}`,
    `Near miss: ${nameOf(nearMiss)}. That is \`${instead}\`.`,
    `> ${holderSentence(answerTo(nearMiss))}`,
    ...advised(HOLDER_ADVICE[holder]),
  ].join('\n\n');
}

const INTRODUCTION = [
  '# Verdicts and holders',
  'Generated from the tables that the program uses and from reports that it reads (`npm run docs`); a test keeps it in step.',
  'Every report gets two answers. The **verdict** says why this allocation failed: the check of each zone that the request ' +
    "could use is made again with the printed numbers, by the rule of the kernel's release. The **holder** says where the memory " +
    'had gone: the largest class of the book that the verdict is about, which is the cgroup for memcg-limit, low memory for ' +
    'lowmem-exhausted, the zones of the request for the imbalances, and the machine otherwise. The verdicts are tried in the ' +
    'order of this page.',
  'The reports are those of the simulator; the near misses differ from them in one point.',
];

/** The page. */
export function renderVerdicts(): string {
  const list = (entries: readonly (readonly [string, string])[]): string =>
    entries.map(([name, meaning]) => `- \`${name}\`: ${meaning}`).join('\n');
  return `${[
    ...INTRODUCTION,
    '## Verdicts',
    ...VERDICTS.map(verdictSection),
    '## Holders',
    ...HOLDERS.map(holderSection),
    '## Swap',
    list(Object.entries(SWAP_STATE_TEXTS)),
    '## Findings',
    'Facts beside verdict and holder.',
    list(Object.entries(FINDINGS)),
  ].join('\n\n')}\n`;
}
