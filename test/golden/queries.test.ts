import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildLifecycleTemplate, POLICY_FILE, policyText, templateFile, templateText } from '../../src/assets/index.ts';
import { renderQueriesPage } from '../../src/store/index.ts';

const root = join(import.meta.dirname, '..', '..');

it('docs/queries.md is what the questions say', async () => {
  await expect(renderQueriesPage()).toMatchFileSnapshot(join(root, 'docs', 'queries.md'));
});

it('elastic/templates shows the lifecycle as it is installed', async () => {
  const template = buildLifecycleTemplate();
  await expect(templateText(template)).toMatchFileSnapshot(join(root, 'elastic', 'templates', templateFile(template)));
  await expect(policyText()).toMatchFileSnapshot(join(root, 'elastic', 'templates', POLICY_FILE));
});
