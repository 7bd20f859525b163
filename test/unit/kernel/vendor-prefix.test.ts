import { expect, it } from 'vitest';
import { stripPrefix } from '../../../src/kernel/prefix.ts';

it.each([
  '<6>[  123.456789] c0   50 ',
  '<6>[  123.456789]  [0:  kswapd0:   50] ',
  '<4>[  123.456789] -(0)[50:kswapd0]',
  '<4>[  123.456789]  (0)[50:kworker/0:1]',
  '<4>[  123.456789]<0>.(1)[50:kswapd0]',
  '<4>[  123.456789] I[0:    kworker/0:1:   50] ',
  '<4>[  123.456789][pid:50,cpu0,kworker/0:1]',
  '<4>[  123.456789s][2024:05:07 03:04:05][pid:50,cpu0,kswapd0]',
  '<4>[  123.456789] (CPU:0-pid:50:kswapd0) ',
  '<4>[  123.456789] [20240507_03:04:05.123456]@0 ',
  '<4>[  123.456789,2] ',
  '<4>[  123.456789 / 05-07 03:04:05.123] ',
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

it.each([
  'billingd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
  'billingd cpuset=/ mems_allowed=0',
  'Hardware name: ACME Blade 9, BIOS 1.02 03/04/2023',
  'Call Trace:',
  'out_of_memory+0x1dc/0x530 mm',
  'active_anon:1200 inactive_anon:240100 isolated_anon:0',
  'Node 0 DMA32 free:36400kB min:36900kB',
  'DMA free:36400kB min:36900kB',
  'DMA per-cpu:',
  'CPU    0: hi:  186, btch:  31 usd: 143',
  '0 pages in swap cache',
  'anon 4096',
  'Out of memory: Killed process 4711 (billingd)',
])('takes the first word of kernel text for no host: %s', (line) => {
  expect(stripPrefix(`2024-05-07T03:04:05.1234567Z ${line}`)).toMatchObject({ text: line, prefixed: true });
  expect(stripPrefix(`2024-05-07T03:04:05.1234567Z web1 ${line}`)).toMatchObject({ text: line, host: 'web1' });
});

it.each(['free:4711 slab:22', 'active_anon:1 inactive_anon:2', 'CPU    0: hi:    0'])(
  'takes the word in front of kernel text for a host: %s',
  (line) => {
    expect(stripPrefix(`Nov 17 06:19:30 web1 ${line}`)).toMatchObject({ text: line, host: 'web1' });
  },
);
