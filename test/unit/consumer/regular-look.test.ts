import { expect, it } from 'vitest';
import { RegularLook } from '../../../src/consumer/regular-look.ts';
import { ManualClock, settle } from '../../support/fakes.ts';

it('looks at whole intervals of the clock, goes on after a failure, and earlier when asked', async () => {
  const clock = new ManualClock(12_300);
  const looks: number[] = [];
  const regular = new RegularLook(clock, 1_000);
  const ending = new AbortController();
  const running = regular.run(ending.signal, async () => {
    looks.push(clock.nowMs());
    throw new Error('no broker');
  });
  await clock.advance(699);
  expect(looks).toEqual([]);
  await clock.advance(1);
  await clock.advance(1_000);
  expect(looks).toEqual([13_000, 14_000]);
  await clock.advance(100);
  regular.soon();
  await settle();
  expect(looks).toEqual([13_000, 14_000, 14_100]);
  ending.abort();
  await running;
  await clock.advance(5_000);
  expect(looks).toHaveLength(3);
});
