import { describe, expect, it } from 'vitest';
import { HOLDERS, type Holder, VERDICTS, type Verdict } from '../../../src/domain.ts';
import { type AnswerCase, HOLDER_CASES, VERDICT_CASES } from '../../support/answers/cases.ts';
import { answerTo } from '../../support/answers/page.ts';

describe.each([...VERDICTS])('the verdict %s', (verdict) => {
  const { example, nearMiss, instead }: AnswerCase<Verdict> = VERDICT_CASES[verdict];

  it('is that of its example', () => expect(answerTo(example).verdict).toBe(verdict));

  it('is not that of a near miss', () => {
    expect(instead).not.toBe(verdict);
    expect(answerTo(nearMiss).verdict).toBe(instead);
  });
});

describe.each([...HOLDERS])('the holder %s', (holder) => {
  const { example, nearMiss, instead }: AnswerCase<Holder> = HOLDER_CASES[holder];

  it('is that of its example', () => expect(answerTo(example).holder).toBe(holder));

  it('is not that of a near miss', () => {
    expect(instead).not.toBe(holder);
    expect(answerTo(nearMiss).holder).toBe(instead);
  });
});
