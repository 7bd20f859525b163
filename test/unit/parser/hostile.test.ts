import { describe, expect, it } from 'vitest';
import { createParser, parseText } from '../../../src/parser/index.ts';
import { HIGHMEM_32, streamOf } from './fixtures.ts';

const MEGABYTE = 2 ** 20;
const long = (unit: string): string => unit.repeat(Math.ceil(MEGABYTE / unit.length));

const UNITS = [' ', '1', '[', '(', ')', '=', '>', ',', '-', '<4>', 'a:1kB ', '1*4kB ', '> ', 'x'];
const WORDS = [
  'Kill process ',
  'Killed process 1 (',
  'oom-kill:constraint=',
  ',task=',
  '[1.000000] ',
  '#012',
  ' func:',
];

/** Quadratic readers take minutes; the limits leave room for a busy machine. */
describe('hostile input', { timeout: 60_000 }, () => {
  it.each([...UNITS, ...WORDS])('a megabyte of %j takes linear time', (unit) => {
    const started = performance.now();
    for (const head of ['', 'Normal free:1kB ', 'Killed process 1 (', '[ 1] 1 1 1 1 1 1 1 ', ' [<c0123456>] ']) {
      expect(() => parseText(`${HIGHMEM_32.slice(0, 200)}\n${head}${long(unit)}\n${long(unit)}`)).not.toThrow();
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.each(['1\n', 'a:1kB\n', ' 0\n', '(U)\n', 'Node 0\n', 'Mem-Info:\n', 'Killed process 1 (a)\n'])(
    'a hundred thousand lines %j take linear time',
    (unit) => {
      const started = performance.now();
      parseText(`[    1.000000] ${HIGHMEM_32.slice(0, 200)}\n${unit.repeat(100_000)}`);
      expect(performance.now() - started).toBeLessThan(15_000);
    },
  );

  it('survives any bytes within a report', () => {
    let seed = 7;
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed;
    };
    for (let round = 0; round < 300; round += 1) {
      const at = next() % HIGHMEM_32.length;
      const junk = String.fromCharCode(...Array.from({ length: 1 + (next() % 8) }, () => next() % 0x3000));
      const text = HIGHMEM_32.slice(0, at) + junk + HIGHMEM_32.slice(at + (next() % 40));
      expect(() => parseText(text)).not.toThrow();
    }
  });

  it('gives names of an object’s own machinery no power', () => {
    const line = 'Normal free:1kB min:2kB __proto__:3kB constructor:4kB toString:5kB present:6kB';
    const parser = createParser({ idleMs: 1, ageMs: 2, maxLines: 100, maxBytes: 2 ** 20 });
    for (const each of streamOf(`Mem-Info:\n${line}\nKilled process 1 (x)`)) parser.push(each);
    const [report] = parser.end();
    expect(report?.zones[0]).toMatchObject({ freeKb: 1, other: { constructor: 4, toString: 5 } });
  });
});
