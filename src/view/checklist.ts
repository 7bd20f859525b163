/** What a doctor found as a plain checklist. */
import { escapeTerminal } from './escape.ts';
import type { Style } from './explain.ts';
import { labelled, wrap } from './layout.ts';

export interface ChecklistItem {
  readonly area: string;
  readonly title: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly subject?: string;
  readonly found: string;
  readonly advice?: string;
}

const WIDTH = 110;
const LABEL = 9;

const WORDS: Readonly<Record<ChecklistItem['state'], string>> = { ok: 'ok', warning: 'warning', failure: 'FAILURE' };

/** The list by area, advice under what needs it, and a sentence at the end. Safe to print whatever stands in it. */
export function checklistScreen(items: readonly ChecklistItem[], notChecked: readonly string[], style: Style): string {
  const blocks = [...Map.groupBy(items, ({ area }) => area)].map(([area, own]) =>
    [style.strong(area), ...own.flatMap((item) => linesOf(item, style))].join('\n'),
  );
  return `${[...blocks, ending(items, notChecked)].join('\n\n')}\n`;
}

function linesOf({ state, title, subject, found, advice }: ChecklistItem, style: Style): string[] {
  const about = subject === undefined ? title : `${title}, ${subject}`;
  const [first = '', ...rest] = labelled(WORDS[state], escapeTerminal(`${about}: ${found}`), LABEL, WIDTH);
  const paint = state === 'ok' ? style.faint : style.bad;
  const word = paint(WORDS[state]);
  const lines = [`${word}${first.slice(WORDS[state].length)}`, ...rest];
  if (advice === undefined) return lines;
  return [...lines, ...labelled('', `-> ${escapeTerminal(advice)}`, LABEL, WIDTH)];
}

function ending(items: readonly ChecklistItem[], notChecked: readonly string[]): string {
  const count = (state: ChecklistItem['state']): number => items.filter((item) => item.state === state).length;
  const [failures, warnings] = [count('failure'), count('warning')];
  const sentence =
    failures + warnings === 0 ? 'All is well.' : `${number(failures, 'failure')}, ${number(warnings, 'warning')}.`;
  if (notChecked.length === 0) return sentence;
  return `${sentence}\n${wrap(escapeTerminal(`Not checked, for want of an answer or of records: ${notChecked.join('; ')}.`), WIDTH).join('\n')}`;
}

const number = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
