import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildTemplates, renderFieldsPage, templateFile, templateText } from '../../src/assets/index.ts';

const root = join(import.meta.dirname, '..', '..');

it.each(buildTemplates().map((template) => [template.name, template] as const))(
  'elastic/templates shows %s as it is installed',
  async (_name, template) => {
    const path = join(root, 'elastic', 'templates', templateFile(template));
    await expect(templateText(template)).toMatchFileSnapshot(path);
  },
);

it('docs/fields.md is what the table of the fields says', async () => {
  await expect(renderFieldsPage()).toMatchFileSnapshot(join(root, 'docs', 'fields.md'));
});
