import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteSearch, findOpener } from '../../../../src/consumer/decode/opener-search.ts';
import { BOOT_ANCHORS } from '../../../../src/kernel/boot.ts';
import { OPENERS } from '../../../../src/kernel/openers.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('findOpener', () => {
  it.each(OPENERS.map(({ name, example, literal }) => [name, example, literal] as const))(
    'finds %s',
    (_, example, literal) => {
      const bytes = bytesOf(`{"message":"[12.5] ${example}"}`);
      const at = findOpener(bytes, 0, bytes.length);
      const first = Math.min(
        ...OPENERS.map((opener) => `{"message":"[12.5] ${example}"}`.indexOf(opener.literal)).filter(
          (index) => index >= 0,
        ),
      );
      expect(at).toBe(first);
      expect(literal.length).toBeGreaterThan(1);
    },
  );

  it.each(BOOT_ANCHORS.map(({ name, example, literal }) => [name, example, literal] as const))(
    'finds the boot by its %s',
    (_, example, literal) => {
      const text = `{"message":"[0.0] ${example}"}`;
      expect(findOpener(bytesOf(text), 0, text.length)).toBe(text.indexOf(literal));
    },
  );

  it('finds nothing in a near miss', () => {
    const bytes = bytesOf('invoked OOM-killer: gfp_mask=; Killed  process; Mem-Inf:');
    expect(findOpener(bytes, 0, bytes.length)).toBe(-1);
  });
});

describe('createByteSearch', () => {
  it('agrees with the plain search for each literal, within any bounds', () => {
    const literals = ['abca', 'bcaab', 'caa', 'aaaaab'];
    const search = createByteSearch(literals);
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.nat(20), fc.nat(60), (haystack, from, length) => {
        const end = Math.min(haystack.length, from + length);
        const inside = haystack.slice(0, end);
        const found = literals.map((literal) => inside.indexOf(literal, from)).filter((at) => at >= 0);
        expect(search(bytesOf(haystack), from, end)).toBe(found.length > 0 ? Math.min(...found) : -1);
      }),
      { numRuns: 2_000 },
    );
  });
});
