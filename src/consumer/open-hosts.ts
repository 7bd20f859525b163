/** Hosts whose lines matter to more than one reader. */
import type { OpenHosts } from '../ports.ts';

/** The hosts of both; live. */
export const unionOfHosts = (a: OpenHosts, b: OpenHosts): OpenHosts => ({
  get size() {
    return a.size + b.size;
  },
  *[Symbol.iterator]() {
    yield* a;
    yield* b;
  },
});
