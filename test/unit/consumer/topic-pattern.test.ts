import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPattern } from '../../../src/consumer/topic-pattern.ts';

describe('readPattern', () => {
  it.each([
    ['syslog', 'eu.syslog.kern', true],
    ['^syslog', 'eu.syslog', false],
    ['^syslog-(eu|us)-\\d+$', 'syslog-us-12', true],
    ['^syslog-(eu|us)-\\d+$', 'syslog-us-', false],
    ['^syslog-(eu|us)-\\d+$', 'syslog-ap-1', false],
    ['^logs\\.[a-z_]+\\.kern$', 'logs.dc_west.kern', true],
    ['^logs\\.[^x]+$', 'logs.xy', false],
    ['^a{2,3}$', 'aaaa', false],
    ['^(?:ab){2}$', 'abab', true],
    ['^$', '', true],
    ['a||b', 'c', true],
  ])('/%s/ on %s: %s', (source, name, expected) => {
    expect(readPattern(source).matches(name)).toBe(expected);
  });

  it.each(['', '(', 'a)', '[a', '*a', 'a**', 'a{3,2}', 'a{1,999}', 'a{', '(?=a)', '\\1', '\\b', '[z-a]', '^*', 'a\\'])(
    'refuses %s and says where',
    (source) => {
      expect(() => readPattern(source)).toThrow(/at character \d+ of \//);
    },
  );

  it('refuses what would take too many steps', () => {
    expect(() => readPattern('((a{200}){200}){200}')).toThrow('repeats too much');
    expect(() => readPattern('a'.repeat(501))).toThrow('500 characters');
  });

  it.each(['^(a+)+$', '^(a|a)*$', '^(a*)*$', '.*.*.*.*.*.*x$'])('takes linear time for /%s/', (source) => {
    const pattern = readPattern(source);
    const startMs = performance.now();
    for (let count = 0; count < 20; count += 1) expect(pattern.matches(`${'a'.repeat(248)}!`)).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it('says of any name what a regular expression says', () => {
    const atom = fc.constantFrom('a', 'b', '.', '\\d', '\\w', '\\.', '[ab]', '[^a]', '[0-9b-]', '^', '$');
    const { pattern } = fc.letrec((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4 },
        atom,
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}${b}`),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
        fc
          .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?'))
          .map(([inner, count]) => `(?:${inner})${count}`),
      ),
    }));
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '7', '_'), maxLength: 8 });
    fc.assert(
      fc.property(pattern as fc.Arbitrary<string>, name, (source, text) => {
        expect(readPattern(source).matches(text)).toBe(new RegExp(source).test(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
