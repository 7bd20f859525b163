import { describe, expect, it } from 'vitest';
import { scanFields } from '../../../src/parser/scan.ts';

describe('scanFields', () => {
  it('leaves out numbers that are no count', () => {
    const scan = scanFields(
      'free:4kB min:18446744073709547520kB low:99999999999999999999kB high:8kB',
      0,
      () => true,
      true,
    );
    expect(scan.fields).toEqual([
      { key: 'free', value: 4, kb: true },
      { key: 'high', value: 8, kb: true },
    ]);
    expect(scan.cut).toBe(false);
  });
});
