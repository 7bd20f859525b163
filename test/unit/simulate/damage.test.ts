import { describe, expect, test } from 'vitest';
import { applyDamage, interleave, tear } from '../../../src/simulate/index.ts';

const LINES = ['alpha', 'beta = 1', 'gamma', 'delta', 'epsilon'];

describe('damage', () => {
  test('wraps inside words', () => {
    expect(applyDamage(['abcdefgh', ''], [{ kind: 'wrap', columns: 3 }]).lines).toEqual(['abc', 'def', 'gh', '']);
  });
  test('says which lines were lost', () => {
    const { lines, lost } = applyDamage(LINES, [
      { kind: 'lose', containing: 'gam' },
      { kind: 'lose-some', count: 2 },
    ]);
    expect(lost).toHaveLength(3);
    expect([...lines, ...lost].sort()).toEqual([...LINES].sort());
  });
  test('loses head and tail at a text', () => {
    expect(applyDamage(LINES, [{ kind: 'lose-head', until: 'gamma' }]).lines).toEqual(['gamma', 'delta', 'epsilon']);
    expect(applyDamage(LINES, [{ kind: 'lose-tail', from: 'gamma' }]).lines).toEqual(['alpha', 'beta = 1']);
    expect(applyDamage(LINES, [{ kind: 'lose-tail', from: 'nowhere' }]).lost).toEqual([]);
  });
  test('cuts and names what it cut', () => {
    const { lines, cut } = applyDamage(LINES, [{ kind: 'cut', columns: 5 }]);
    expect(lines).toEqual(['alpha', 'beta ', 'gamma', 'delta', 'epsil']);
    expect(cut).toEqual(['beta = 1', 'epsilon']);
  });
  test('duplicates in place', () => {
    const { lines, duplicated } = applyDamage(LINES, [{ kind: 'duplicate', count: 2 }], 5);
    expect(lines).toHaveLength(7);
    for (const line of duplicated) expect(lines[lines.indexOf(line) + 1]).toBe(line);
  });
  test('strews foreign lines and keeps the others in order', () => {
    const { lines, foreign } = applyDamage(LINES, [{ kind: 'foreign', lines: ['x', 'y'] }]);
    expect(foreign).toEqual(['x', 'y']);
    expect(lines.filter((line) => !foreign.includes(line))).toEqual(LINES);
  });
  test('quotes as mail does', () => {
    const { lines } = applyDamage(['a=b', 'x'.repeat(80)], [{ kind: 'quote', depth: 2 }, { kind: 'quoted-printable' }]);
    expect(lines[0]).toBe('> > a=3Db');
    expect(lines[1]).toBe(`> > ${'x'.repeat(71)}=`);
    expect(lines[2]).toBe('x'.repeat(9));
  });
  test('is the same for the same seed and another for another', () => {
    const many = Array.from({ length: 200 }, (_, index) => `line ${index}`);
    const lost = (seed: number) => applyDamage(many, [{ kind: 'lose-some', count: 10 }], seed).lost;
    expect(lost(1)).toEqual(lost(1));
    expect(lost(1)).not.toEqual(lost(2));
  });
});

test('interleaving keeps the order of both reports and every line', () => {
  const first = Array.from({ length: 30 }, (_, index) => `a${index}`);
  const second = Array.from({ length: 20 }, (_, index) => `b${index}`);
  const mixed = interleave(first, second, 3);
  expect(mixed.filter((line) => line.startsWith('a'))).toEqual(first);
  expect(mixed.filter((line) => line.startsWith('b'))).toEqual(second);
  expect(mixed.slice(0, 30)).not.toEqual(first);
});

test('tearing parts a line between the pieces in which the kernel sends it', () => {
  const records = [
    'Mem-Info:',
    'lowmem_reserve[]: 0 869',
    'Node 0 DMA: 3*4kB (U) 1*8kB (M) = 20kB',
    'Node 0 DMA free:20kB',
  ];
  const torn = tear(records, 3, 4);
  expect(torn).toHaveLength(7);
  expect(torn.join('')).toBe(records.join(''));
  for (const piece of torn) expect(piece).not.toMatch(/^\d*kB|^\)/);
  expect(tear(['Mem-Info:'], 3)).toEqual(['Mem-Info:']);
});
