/** This machine's clock and timers. */
import type { Clock } from '../ports.ts';

/** Who sleeps until a promise settles. One reaction per promise: those of a promise that lives long would pile up. */
const sleepers = new WeakMap<Promise<unknown>, Set<() => void>>();

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  sleep: (ms, wake) =>
    new Promise((resolve) => {
      const others = wake && sleepersOf(wake);
      const end = (): void => {
        clearTimeout(timer);
        others?.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      others?.add(end);
    }),
};

function sleepersOf(wake: Promise<unknown>): Set<() => void> {
  const known = sleepers.get(wake);
  if (known !== undefined) return known;
  const added = new Set<() => void>();
  sleepers.set(wake, added);
  const wakeAll = (): void => {
    // Who comes later finds the promise settled, and asks it anew.
    sleepers.delete(wake);
    for (const end of added) end();
  };
  wake.then(wakeAll, wakeAll);
  return added;
}
