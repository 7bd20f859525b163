import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/ops/index.ts';

describe('sleep', () => {
  it('ends with its time', async () => {
    const before = systemClock.elapsedMs();
    await systemClock.sleep(20);
    expect(systemClock.elapsedMs() - before).toBeGreaterThan(15);
  });

  it.each(['resolve', 'reject'] as const)('ends early for all who wait for what settles (%s)', async (how) => {
    const wake = Promise.withResolvers<void>();
    const before = systemClock.elapsedMs();
    const sleeping = Promise.all([systemClock.sleep(60_000, wake.promise), systemClock.sleep(60_000, wake.promise)]);
    wake[how]();
    await sleeping;
    // Also for who comes after.
    await systemClock.sleep(60_000, wake.promise);
    expect(systemClock.elapsedMs() - before).toBeLessThan(5_000);
  });

  it('leaves nothing behind on a promise that never settles', async () => {
    const never = new Promise<void>(() => {});
    const reactions = vi.spyOn(never, 'then');
    for (let count = 0; count < 50; count += 1) await systemClock.sleep(0, never);
    expect(reactions).toHaveBeenCalledTimes(1);
  });
});
