/** Takes the templates of a cluster away again. */
import { type ElasticsearchClient, expectOk, failureOf, readKey } from '../clients/elasticsearch.ts';
import { placeOf } from './install.ts';
import { isOurs, newerRefusal, readTemplate, TEMPLATE_PATHS } from './installed.ts';
import { buildLifecycleTemplate } from './lifecycle.ts';
import { refuse } from './step.ts';
import { buildTemplates, type Template } from './templates.ts';

/**
 * The templates that oomscope has installed and that are still there, the index templates first: the components can go
 * only after them. One of the same name that somebody else made is not among them. Rejects with SINK_TEMPLATE_MISSING when
 * one is of a newer schema or a component is used by somebody else's template, with SINK_UNREACHABLE and SINK_FORBIDDEN.
 */
export async function findTemplates(client: ElasticsearchClient): Promise<Template[]> {
  const found: Template[] = [];
  const refusals: string[] = [];
  for (const template of [...buildTemplates(), buildLifecycleTemplate()]) {
    const installed = await readTemplate(client, template);
    if (!isOurs(installed)) continue;
    found.push(template);
    const newer = newerRefusal(placeOf(client, template), installed);
    if (newer !== undefined) refusals.push(newer);
  }
  if (found.length > 0) refusals.push(...(await usesOf(client, found)));
  refuse(refusals);
  return found.sort((a, b) => Number(a.kind === 'component') - Number(b.kind === 'component'));
}

/** Index templates of others that are composed of ours: Elasticsearch keeps a component that is in use. */
async function usesOf(client: ElasticsearchClient, found: readonly Template[]): Promise<string[]> {
  const body = await expectOk(client, 'reading the index templates', {
    method: 'GET',
    path: '/_index_template',
    query: { filter_path: 'index_templates.name,index_templates.index_template.composed_of' },
  });
  const rows = readKey(body, 'index_templates');
  const own = found.filter(({ kind }) => kind === 'index').map(({ name }) => name);
  return (Array.isArray(rows) ? rows : []).flatMap((row) => {
    const [name, parts] = [String(readKey(row, 'name')), readKey(readKey(row, 'index_template'), 'composed_of')];
    if (own.includes(name) || !Array.isArray(parts)) return [];
    return found
      .filter((template) => template.kind === 'component' && parts.includes(template.name))
      .map(
        (template) =>
          `${placeOf(client, template)} is used by the index template ${name}; take it out of that template's composed_of first`,
      );
  });
}

/** Removes one; reports and the policy stay. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
export async function removeTemplate(client: ElasticsearchClient, { kind, name }: Template): Promise<void> {
  const answer = await client.request({ method: 'DELETE', path: `${TEMPLATE_PATHS[kind]}${name}` });
  const isGone = answer.kind === 'answer' && (answer.status === 200 || answer.status === 404);
  if (!isGone) throw failureOf(client.address, `removing ${name}`, answer);
}
