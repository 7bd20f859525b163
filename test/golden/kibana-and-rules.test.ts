/** The files below elastic/ that show what Kibana, ElastAlert and Prometheus are given. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KIBANA_LINES, kibanaFile, kibanaText, renderAlertsPage, ruleFiles } from '../../src/assets/index.ts';

const root = join(import.meta.dirname, '..', '..');

it.each(KIBANA_LINES)('elastic/ holds the import file of Kibana %s', async (line) => {
  await expect(kibanaText(line)).toMatchFileSnapshot(join(root, 'elastic', kibanaFile(line)));
});

const rules = ruleFiles();

it.each(rules.map(({ path, text }) => [path, text]))(
  'elastic/rules/%s is what its definition says',
  async (path, text) => {
    await expect(text).toMatchFileSnapshot(join(root, 'elastic', 'rules', path));
  },
);

it('elastic/rules holds nothing else', () => {
  const found = readdirSync(join(root, 'elastic', 'rules'), { recursive: true, encoding: 'utf8' });
  expect(found.filter((path) => /\.\w+$/.test(path)).sort()).toEqual(rules.map(({ path }) => path).sort());
});

it('docs/alerts.md is what the definitions say', async () => {
  await expect(renderAlertsPage()).toMatchFileSnapshot(join(root, 'docs', 'alerts.md'));
});
