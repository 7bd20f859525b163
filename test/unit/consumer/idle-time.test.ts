import { describe, expect, it } from 'vitest';
import { IdleTime } from '../../../src/consumer/idle-time.ts';

describe('IdleTime', () => {
  it('runs between fetches at the end, and not over one that returned something', () => {
    const idle = new IdleTime();
    expect(idle.fetched('a/0', 1_000, true)).toBeUndefined();
    expect(idle.fetched('a/0', 1_250, true)).toBe(250);
    expect(idle.fetched('a/0', 1_400, false)).toBeUndefined();
    idle.handed('a/0', 1_450);
    expect(idle.fetched('a/0', 1_700, true)).toBe(250);
    expect(idle.fetched('a/1', 1_700, true)).toBeUndefined();
  });

  it('leaves out the time in which nobody looked', () => {
    const idle = new IdleTime();
    idle.fetched('a/0', 0, true);
    expect(idle.fetched('a/0', 60_000, true)).toBe(1_000);
    idle.forget('a/0');
    expect(idle.fetched('a/0', 60_250, true)).toBeUndefined();
    idle.forgetAll();
    expect(idle.fetched('a/0', 60_500, true)).toBeUndefined();
  });
});
