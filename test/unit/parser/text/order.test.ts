import { expect, it } from 'vitest';
import { linesOfText } from '../../../../src/parser/index.ts';

const texts = (lines: readonly string[]) => linesOfText(lines.join('\n')).map(({ text }) => text);

it('turns a log that was written newest first, and keeps the lines of a message together', () => {
  const lines = ['[ 9.000005] e', '[ 9.000004] d', '[ 9.000003] c', ' c2', '[ 9.000002] b', '[ 9.000001] a'];
  expect(texts(lines)).toEqual(['a', 'b', 'c', ' c2', 'd', 'e']);
});

it('turns one whose lines name the second alone', () => {
  const lines = [5, 5, 4, 3, 3, 2].map((second, n) => `2024-05-07T03:04:0${second}Z n1 kernel: l${n}`);
  expect(texts(lines)).toEqual(['l5', 'l4', 'l3', 'l2', 'l1', 'l0']);
});

it('leaves a log with a reboot, one that goes to and fro, and one of several hosts', () => {
  const reboot = ['[ 9.000001] a', '[ 9.000002] b', '[ 0.000001] c', '[ 0.000002] d'];
  expect(texts(reboot)).toEqual(['a', 'b', 'c', 'd']);
  const fro = [9, 8, 9, 8, 7, 9, 6, 5].map((n, at) => `[ ${n}.000001] ${at}`);
  expect(texts(fro)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  const hosts = [9, 8, 7, 6].map((second, n) => `2024-05-07T03:04:0${second}Z n${n % 2} kernel: l${n}`);
  expect(texts(hosts)).toEqual(['l0', 'l1', 'l2', 'l3']);
});
