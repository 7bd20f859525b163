import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderVerdicts } from '../support/answers/page.ts';

it('docs/verdicts.md is what the tables say and what the reports yield', async () => {
  await expect(renderVerdicts()).toMatchFileSnapshot(join(import.meta.dirname, '..', '..', 'docs', 'verdicts.md'));
});
