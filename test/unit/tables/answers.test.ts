import { describe, expect, it } from 'vitest';
import { HOLDERS, SWAP_STATES, VERDICTS } from '../../../src/domain.ts';
import { EXTRA_ADVICE, HOLDER_ADVICE, VERDICT_ADVICE } from '../../../src/tables/advice.ts';
import { HOLDER_TEXTS, SWAP_STATE_TEXTS } from '../../../src/tables/holders.ts';
import { VERDICT_TEXTS } from '../../../src/tables/verdicts.ts';

describe('the texts of the answer', () => {
  it('cover the closed lists in their order', () => {
    expect(Object.keys(VERDICT_TEXTS)).toEqual([...VERDICTS]);
    expect(Object.keys(HOLDER_TEXTS)).toEqual([...HOLDERS]);
    expect(Object.keys(SWAP_STATE_TEXTS)).toEqual([...SWAP_STATES]);
  });

  it('are sentences', () => {
    const texts = [
      ...Object.values(VERDICT_TEXTS).flatMap(({ meaning, evidence }) => [meaning, evidence]),
      ...Object.values(HOLDER_TEXTS).map(({ meaning }) => meaning),
      ...Object.values(SWAP_STATE_TEXTS),
      ...[
        ...Object.values(VERDICT_ADVICE).flat(),
        ...Object.values(HOLDER_ADVICE).flat(),
        ...Object.values(EXTRA_ADVICE),
      ].flatMap(({ action, effect }) => [action, effect]),
    ];
    for (const text of texts) expect(text).toMatch(/^[A-Z"0-9a-z].*\.$/);
  });

  it('give advice on every verdict', () => {
    for (const verdict of VERDICTS) expect(VERDICT_ADVICE[verdict].length, verdict).toBeGreaterThan(0);
  });
});
