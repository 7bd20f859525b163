import { describe, expect, it } from 'vitest';
import { isNameless } from '../../../src/kernel/host-name.ts';

describe('isNameless', () => {
  it.each([
    '',
    'localhost',
    'localhost6',
    'localhost.localdomain',
    'localhost4.localdomain4',
    '(none)',
    'unknown',
    '::1',
  ])('holds for %j', (host) => {
    expect(isNameless(host)).toBe(true);
  });

  it.each(['db07', 'localhost-live', 'localhost12', 'my.localhost', 'none.example', '192.0.2.1'])(
    'does not hold for %s',
    (host) => {
      expect(isNameless(host)).toBe(false);
    },
  );
});
