import { describe, expect, it } from 'vitest';
import { SILENCE_LIMIT_MS, Watchdog } from '../../../src/consumer/watchdog.ts';
import { ManualClock } from '../../support/fakes.ts';

const LOOK_MS = 6_000;

describe('Watchdog', () => {
  it('counts silence by looks and forgets it at a sign of life', async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock);
    void dog.watch(new AbortController().signal);
    for (let i = 0; i < 3; i += 1) await clock.advance(LOOK_MS);
    expect(dog.silentMs).toBe(18_000);
    dog.sign();
    await clock.advance(LOOK_MS);
    expect(dog.silentMs).toBe(0);
  });

  it('gives up at the limit', async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock);
    let given: boolean | undefined;
    void dog.watch(new AbortController().signal).then((isSilent) => {
      given = isSilent;
    });
    for (let ms = LOOK_MS; ms < SILENCE_LIMIT_MS; ms += LOOK_MS) await clock.advance(LOOK_MS);
    expect(given).toBeUndefined();
    await clock.advance(LOOK_MS);
    expect(given).toBe(true);
  });

  it('takes an hour in the freezer for one look', async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock);
    void dog.watch(new AbortController().signal);
    await clock.advance(3_600_000);
    expect(dog.silentMs).toBe(LOOK_MS);
  });

  it('stops when told, without silence', async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock);
    const stop = new AbortController();
    const watching = dog.watch(stop.signal);
    await clock.advance(LOOK_MS);
    stop.abort();
    expect(await watching).toBe(false);
    expect(dog.silentMs).toBe(0);
  });
});
