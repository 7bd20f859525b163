import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ERROR_EXIT_CODES, EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { renderReference } from '../support/reference.ts';

it('docs/reference.md is what the tables say', async () => {
  await expect(renderReference()).toMatchFileSnapshot(join(import.meta.dirname, '..', '..', 'docs', 'reference.md'));
});

it('every error ends with an exit code that is explained', () => {
  for (const code of ERROR_EXIT_CODES) expect(EXIT_CODES[code]).toBeTypeOf('string');
});
