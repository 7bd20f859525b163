import { expect, it } from 'vitest';
import { readContext } from '../../../../src/parser/index.ts';

it('reads free blocks by order, also behind blanks and quoting', () => {
  const text = `> Node 0, zone      DMA      0      7      3      6      4      6      5      2      0      0      0
> Node 0, zone   Normal    830     80      0      0      0      0      0      0      0      0      1
> Node 1, zone   Normal      1      0      0      0      0      0      0      0      0      0      0      0      0`;
  expect(readContext(text, 'b').buddy).toEqual([
    { node: 0, name: 'DMA', counts: [0, 7, 3, 6, 4, 6, 5, 2, 0, 0, 0], path: 'b', line: 0 },
    { node: 0, name: 'Normal', counts: [830, 80, 0, 0, 0, 0, 0, 0, 0, 0, 1], path: 'b', line: 1 },
    { node: 1, name: 'Normal', counts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], path: 'b', line: 2 },
  ]);
});

it.each([
  'Node 0 Normal: 830*4kB 80*8kB = 8056kB',
  'Node    0, zone      DMA, type    Unmovable      1      1      1',
  'Node 0, zone   Other      1      2',
  'Node 0, zone   Normal      1      x',
])('does not read %s', (line) => {
  expect(readContext(line).buddy).toEqual([]);
});

it('keeps the first of two, as watch prints them', () => {
  const text = 'Node 0, zone   Normal      1      2\nNode 0, zone   Normal      3      4';
  expect(readContext(text).buddy.map(({ counts }) => counts)).toEqual([[1, 2]]);
});
