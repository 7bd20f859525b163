import { expect, it } from 'vitest';
import { stripPrefix } from '../../../src/kernel/prefix.ts';

it.each([
  '<6>[  123.456789] c0   50 ',
  '<6>[  123.456789]  [0:  kswapd0:   50] ',
  '<4>[  123.456789] -(0)[50:kswapd0]',
])('takes the task that a device maker prints for prefix: %s', (prefix) => {
  expect(stripPrefix(`${prefix}Mem-Info:`)).toMatchObject({ text: 'Mem-Info:', bootUs: 123_456_789 });
});

it('takes a task name with a bracket for no program', () => {
  const line = 'runc:[1:CHILD] invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-999';
  expect(stripPrefix(`Nov 17 06:19:30 web1 ${line}`)).toMatchObject({ text: line, host: 'web1' });
});

it('takes a program without a blank after its colon', () => {
  expect(stripPrefix('Nov 17 06:19:30 web1 kernel:[   12.300000] Mem-Info:')).toMatchObject({
    text: 'Mem-Info:',
    host: 'web1',
    program: 'kernel',
    bootUs: 12_300_000,
  });
});
