import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeTerminal } from '../../../src/view/index.ts';
import { bar, labelled, table, wrap } from '../../../src/view/layout.ts';

describe('wrap', () => {
  it('loses no word and keeps the width where words allow', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,30}$/)), fc.integer({ min: 5, max: 60 }), (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join(' ').split(' ').filter(Boolean)).toEqual(words);
        for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
      }),
    );
  });
});

describe('labelled', () => {
  it('puts the label before the first line only', () => {
    expect(labelled('Why', 'one two three', 5, 12)).toEqual(['Why  one two', '     three']);
  });
});

describe('table', () => {
  it('aligns columns', () => {
    expect(
      table(
        [
          ['a', '1'],
          ['bbb', '22'],
        ],
        new Set([1]),
      ),
    ).toEqual(['a     1', 'bbb  22']);
  });
});

describe('bar', () => {
  it('keeps to its width', () => {
    expect([bar(0, 10), bar(0.5, 10), bar(7, 10), bar(-1, 10)]).toEqual(['', '#####', '##########', '']);
  });
});

describe('escapeTerminal', () => {
  it('shows what could steer a terminal', () => {
    expect(escapeTerminal('a\u001b[2Jb\u0007\u202ec\u009b')).toBe('a\\x1b[2Jb\\x07\\u{202e}c\\x9b');
  });

  it('leaves no control character of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeTerminal(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});
