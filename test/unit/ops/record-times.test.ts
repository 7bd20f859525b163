import { describe, expect, it } from 'vitest';
import { PartitionTimes } from '../../../src/ops/record-times.ts';

describe('PartitionTimes', () => {
  it('knows when the batch of a record was read and stamped', () => {
    const times = new PartitionTimes();
    times.read(9, 1_000, 50_000);
    times.read(19, 3_000, 60_000);
    expect(times.of(0)).toMatchObject({ readAtMs: 1_000, stampMs: 50_000 });
    expect(times.of(9)).toMatchObject({ readAtMs: 1_000 });
    expect(times.of(10)).toMatchObject({ readAtMs: 3_000, stampMs: 60_000 });
    expect(times.of(20)).toBeUndefined();
  });

  it('takes batches of one second for one, unless their stamps are further apart', () => {
    const times = new PartitionTimes();
    times.read(9, 1_000, 50_000);
    times.read(19, 1_400, 50_400);
    times.read(29, 1_800, 90_000);
    expect(times.of(15)).toMatchObject({ readAtMs: 1_000, stampMs: 50_000 });
    expect(times.of(25)).toMatchObject({ readAtMs: 1_800, stampMs: 90_000 });
  });

  it('is not confused by a batch that comes again', () => {
    const times = new PartitionTimes();
    times.read(9, 1_000, 50_000);
    times.read(9, 9_000, 50_000);
    expect(times.of(5)).toMatchObject({ readAtMs: 1_000 });
  });

  it('forgets what lies before, and nothing else', () => {
    const times = new PartitionTimes();
    for (let batch = 0; batch < 5; batch += 1) times.read(batch * 10 + 9, batch * 2_000, undefined);
    times.forgetBefore(25);
    expect(times.of(25)).toMatchObject({ readAtMs: 4_000 });
    expect(times.of(45)).toMatchObject({ readAtMs: 8_000 });
    // Of what is forgotten it knows no better than the first that is left.
    expect(times.of(5)).toMatchObject({ readAtMs: 4_000 });
    times.forgetBefore(50);
    expect(times.of(45)).toBeUndefined();
  });

  it('stays exact at both ends of a pin of a day', () => {
    const times = new PartitionTimes();
    for (let second = 0; second < 86_400; second += 1) times.read(second, second * 1_000, undefined);
    expect(times.of(0)).toMatchObject({ readAtMs: 0 });
    expect(times.of(86_399)).toMatchObject({ readAtMs: 86_399_000 });
    // In between it takes a record for an earlier one, never for a later.
    expect(times.of(80_000)?.readAtMs).toBeLessThanOrEqual(80_000_000);
    expect(times.of(80_000)?.readAtMs).toBeGreaterThan(70_000_000);
  });
});
