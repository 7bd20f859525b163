import { describe, expect, it } from 'vitest';
import { type ChecklistItem, checklistScreen } from '../../../src/view/checklist.ts';
import { PLAIN } from '../../../src/view/explain.ts';

const item: ChecklistItem = { area: 'records', title: 'lines in order', state: 'ok', found: 'no stamp goes back' };

describe('the checklist', () => {
  it('groups by area, puts advice under what needs it, and counts', () => {
    const bad = {
      ...item,
      area: 'kafka',
      title: 'topics exist',
      state: 'failure',
      subject: 'syslog',
      found: 'no',
    } as const;
    expect(checklistScreen([{ ...bad, advice: 'Create it.' }, item], ['newest report'], PLAIN)).toBe(
      [
        'kafka',
        'FAILURE  topics exist, syslog: no',
        '         -> Create it.',
        '',
        'records',
        'ok       lines in order: no stamp goes back',
        '',
        '1 failure, 0 warnings.',
        'Not checked, for want of an answer or of records: newest report.',
        '',
      ].join('\n'),
    );
  });

  it('says so when all is well', () => {
    expect(checklistScreen([item], [], PLAIN)).toMatch(/\nAll is well\.\n$/);
  });

  it('prints nothing that could steer a terminal', () => {
    const hostile = { ...item, subject: 'a\u001b[2J', found: '\u202egnp\u0007', advice: '\u009b31m' };
    expect(checklistScreen([hostile], [], PLAIN)).not.toMatch(/[\u001b\u202e\u0007\u009b]/);
  });
});
