/** Takes the templates of a cluster away again. */
import { type ElasticsearchClient, failureOf, readKey } from '../clients/elasticsearch.ts';
import { readTemplate, TEMPLATE_PATHS } from './install.ts';
import { buildLifecycleTemplate } from './lifecycle.ts';
import { buildTemplates, META, type Template } from './templates.ts';

/**
 * The templates that oomscope has installed and that are still there, the index template first: the components can go
 * only after it. One of the same name that somebody else made is not among them. Rejects with SINK_UNREACHABLE and
 * SINK_FORBIDDEN.
 */
export async function findTemplates(client: ElasticsearchClient): Promise<Template[]> {
  const found: Template[] = [];
  for (const template of [...buildTemplates(), buildLifecycleTemplate()]) {
    const installed = await readTemplate(client, template);
    if (readKey(readKey(installed, '_meta'), 'managed_by') === META.managed_by) found.push(template);
  }
  return found.sort((a, b) => Number(a.kind === 'component') - Number(b.kind === 'component'));
}

/** Removes one; reports and the policy stay. Rejects as `findTemplates`. */
export async function removeTemplate(client: ElasticsearchClient, { kind, name }: Template): Promise<void> {
  const answer = await client.request({ method: 'DELETE', path: `${TEMPLATE_PATHS[kind]}${name}` });
  const isGone = answer.kind === 'answer' && (answer.status === 200 || answer.status === 404);
  if (!isGone) throw failureOf(client.address, `removing ${name}`, answer);
}
