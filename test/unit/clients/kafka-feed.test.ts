import { describe, expect, it } from 'vitest';
import { partitionOfKey } from '../../../src/clients/kafka.ts';

describe('the partition of a key', () => {
  // Hashes of org.apache.kafka.common.utils.UtilsTest, without their sign bit, among 1,000 partitions.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
  ])('%s is where the Java client sends it', (key, murmur2) => {
    expect(partitionOfKey(key, 1_000)).toBe((murmur2 & 0x7fffffff) % 1_000);
  });

  it('is the only one of a topic of one', () => {
    expect(partitionOfKey('web01', 1)).toBe(0);
  });
});
