/** How long to wait before a server is asked again. */

const FIRST_MS = 250;
const LAST_MS = 30_000;

/**
 * Exponential from 250 ms to 30 s, the upper half of it by chance, so that workers do not come back together.
 * `attempt` counts from 1, `chance` lies between 0 and 1.
 */
export function backoffMs(attempt: number, chance: number): number {
  const exponent = Math.min(Math.max(attempt, 1) - 1, 20);
  const whole = Math.min(LAST_MS, FIRST_MS * 2 ** exponent);
  return Math.round(whole / 2 + (whole / 2) * chance);
}
