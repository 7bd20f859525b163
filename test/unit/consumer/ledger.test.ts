import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLedger } from '../../../src/consumer/ledger.ts';

const PLACE = { topic: 'syslog', partition: 0 };

describe('createLedger', () => {
  it('commits nothing before anything was seen', () => {
    const ledger = createLedger();
    ledger.reset(1, [PLACE]);
    expect(ledger.commitPoint(PLACE, undefined)).toBeUndefined();
    expect(ledger.commitPoint(PLACE, 0)).toBeUndefined();
  });

  it('takes offset 0 for an offset', () => {
    const ledger = createLedger();
    ledger.reset(1, [PLACE]);
    ledger.seen(1, PLACE, 0);
    expect(ledger.commitPoint(PLACE, 0)).toBe(0);
    expect(ledger.commitPoint(PLACE, undefined)).toBe(1);
    const release = ledger.hold(1, PLACE, 0);
    expect(ledger.commitPoint(PLACE, undefined)).toBe(0);
    ledger.committed(1, PLACE, 0);
    expect(ledger.commitPoint(PLACE, undefined)).toBeUndefined();
    release();
    expect(ledger.commitPoint(PLACE, undefined)).toBe(1);
  });

  it('names the first record that is needed and how many were seen from it on', () => {
    const ledger = createLedger();
    ledger.reset(1, [PLACE]);
    expect(ledger.pin(PLACE, 3)).toBeUndefined();
    ledger.seen(1, PLACE, 9);
    expect(ledger.pin(PLACE, undefined)).toBeUndefined();
    expect(ledger.pin(PLACE, 4)).toEqual({ offset: 4, records: 6 });
    const release = ledger.hold(1, PLACE, 0);
    expect(ledger.pin(PLACE, 4)).toEqual({ offset: 0, records: 10 });
    ledger.committed(1, PLACE, 0);
    expect(ledger.pin(PLACE, 4)).toEqual({ offset: 0, records: 10 });
    release();
    // A record that is not counted as seen yet holds nothing back.
    expect(ledger.pin(PLACE, 10)).toBeUndefined();
  });

  it('counts two documents of one record as two, and each release once', () => {
    const ledger = createLedger();
    ledger.reset(1, [PLACE]);
    ledger.seen(1, PLACE, 9);
    const first = ledger.hold(1, PLACE, 4);
    const second = ledger.hold(1, PLACE, 4);
    first();
    first();
    expect(ledger.commitPoint(PLACE, undefined)).toBe(4);
    second();
    expect(ledger.commitPoint(PLACE, undefined)).toBe(10);
  });

  it('knows nothing of an earlier epoch or of foreign partitions', () => {
    const ledger = createLedger();
    ledger.reset(1, [PLACE]);
    ledger.seen(1, PLACE, 9);
    const release = ledger.hold(1, PLACE, 4);
    ledger.reset(2, [PLACE]);
    expect(ledger.commitPoint(PLACE, undefined)).toBeUndefined();
    ledger.seen(1, PLACE, 20);
    expect(ledger.commitPoint(PLACE, undefined)).toBeUndefined();
    ledger.hold(2, PLACE, 4);
    ledger.seen(2, PLACE, 9);
    release();
    expect(ledger.commitPoint(PLACE, undefined)).toBe(4);
    ledger.seen(2, { topic: 'syslog', partition: 7 }, 3);
    expect(ledger.commitPoint({ topic: 'syslog', partition: 7 }, undefined)).toBeUndefined();
  });

  it('agrees with a model that remembers every record and every need, over any history', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('seen' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant('hold' as const), back: fc.nat(8), stale: fc.boolean() }),
      fc.record({ do: fc.constant('acknowledge' as const), which: fc.nat(20) }),
      fc.record({ do: fc.constant('commit' as const), open: fc.option(fc.nat(8)) }),
      fc.record({ do: fc.constant('reset' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = createLedger();
        let epoch = 1;
        ledger.reset(epoch, [PLACE]);
        let next = 0;
        let committed: number | undefined;
        const needs: { epoch: number; offset: number; release: () => void }[] = [];
        for (const each of steps) {
          switch (each.do) {
            case 'seen':
              next += each.count;
              ledger.seen(epoch, PLACE, next - 1);
              break;
            case 'hold': {
              const offset = Math.max(0, next - each.back);
              const of = each.stale ? epoch - 1 : epoch;
              const release = ledger.hold(of, PLACE, offset);
              if (!each.stale) needs.push({ epoch, offset, release });
              break;
            }
            case 'acknowledge': {
              const [need] = needs.splice(each.which % Math.max(1, needs.length), 1);
              need?.release();
              break;
            }
            case 'commit': {
              const open = each.open === null ? undefined : Math.max(0, next - each.open);
              const current = needs.filter((need) => need.epoch === epoch).map(({ offset }) => offset);
              const least = Math.min(next, open ?? next, ...current);
              const expected = next === 0 || (committed !== undefined && least <= committed) ? undefined : least;
              const point = ledger.commitPoint(PLACE, open);
              expect(point).toBe(expected);
              if (point === undefined) break;
              ledger.committed(epoch, PLACE, point);
              committed = point;
              break;
            }
            case 'reset':
              epoch += 1;
              ledger.reset(epoch, [PLACE]);
              next = 0;
              committed = undefined;
              break;
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
