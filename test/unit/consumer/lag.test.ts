import { describe, expect, it } from 'vitest';
import { LagGauge } from '../../../src/consumer/lag.ts';
import { MemoryMetrics } from '../../support/memory-metrics.ts';

const place = { topic: 'syslog', partition: 0 };
const other = { topic: 'syslog', partition: 1 };

function setUp() {
  const metrics = new MemoryMetrics();
  const gauge = new LagGauge(metrics);
  gauge.assigned([place, other]);
  const lag = ({ topic, partition } = place) =>
    metrics.value('oomscope_lag_records', { topic, partition: String(partition) });
  return { gauge, lag };
}

const commitsOf = (offset: string) => [{ topic: 'syslog', partitions: [{ partition: 0, offset }] }];

describe('the lag of a partition', () => {
  it('goes from the commit to the end', () => {
    const { gauge, lag } = setUp();
    gauge.began(commitsOf('40'));
    expect(lag()).toBeUndefined();
    gauge.fetched(place, 40, 100);
    expect(lag()).toBe(60);
    gauge.handed(place, 79);
    expect(lag()).toBe(60);
    gauge.committed(place, 80);
    expect(lag()).toBe(20);
    gauge.fetched(place, 80, 130);
    expect(lag()).toBe(50);
    expect(lag(other)).toBeUndefined();
  });

  it('begins at the first fetch where the group has committed nothing', () => {
    const { gauge, lag } = setUp();
    gauge.began(commitsOf('-1'));
    gauge.fetched(place, 3, 10);
    expect(lag()).toBe(7);
  });

  it('counts what was read and is still needed', () => {
    const { gauge, lag } = setUp();
    gauge.fetched(place, 0, 10);
    gauge.handed(place, 9);
    gauge.committed(place, 4);
    gauge.fetched(place, 10, 10);
    expect(lag()).toBe(6);
  });

  it('is 0 when only the mark of a transaction lies behind the commit', () => {
    const { gauge, lag } = setUp();
    gauge.fetched(place, 0, 11);
    gauge.handed(place, 9);
    gauge.committed(place, 10);
    expect(lag()).toBe(1);
    gauge.fetched(place, 11, 11);
    expect(lag()).toBe(0);
    gauge.fetched(place, 11, 15);
    expect(lag()).toBe(4);
  });

  it('is 0 where an aborted transaction is all there is', () => {
    const { gauge, lag } = setUp();
    gauge.began(commitsOf('5'));
    gauge.fetched(place, 9, 9);
    expect(lag()).toBe(0);
  });

  it('is asked for while a partition is not fetched', async () => {
    const { gauge, lag } = setUp();
    const fetchTopicOffsets = async () =>
      [0, 1].map((partition) => ({ partition, offset: '50', low: '20', high: '50' }));
    gauge.began(commitsOf('30'));
    await gauge.look({ fetchTopicOffsets }, [place]);
    expect([lag(), lag(other)]).toEqual([20, undefined]);
    await gauge.look({ fetchTopicOffsets }, [other]);
    expect(lag(other)).toBe(30);
  });

  it('is shown no longer when the partition is another worker’s, and begins anew with an assignment', () => {
    const { gauge, lag } = setUp();
    gauge.fetched(place, 0, 10);
    gauge.fetched(other, 0, 10);
    gauge.assigned([place]);
    expect([lag(), lag(other)]).toEqual([10, undefined]);
    gauge.fetched(other, 0, 20);
    expect(lag(other)).toBeUndefined();
    gauge.fetched(place, 4, 10);
    expect(lag()).toBe(6);
  });
});
