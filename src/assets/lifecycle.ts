/** Deletion of old months by index lifecycle management (ILM), where the server has it. */
import { type ElasticsearchClient, expectOk, failureOf, readKey } from '../clients/elasticsearch.ts';
import { INDEX_PREFIX } from '../document/index.ts';
import { changeOf, putTemplate, readTemplate, type TemplateChange } from './install.ts';
import { META, type Template } from './templates.ts';

/** Name of the policy. */
const POLICY = 'oom-report';

/**
 * Age at which a month is deleted: sink.retention (400 days) and the length of a month, because its age counts from its
 * first day.
 */
const DELETE_AGE = '431d';

/** The policy. It must not roll over: the name of an index is its month. */
const buildPolicy = (): Readonly<Record<string, unknown>> => ({
  policy: { _meta: META, phases: { delete: { min_age: DELETE_AGE, actions: { delete: {} } } } },
});

/** The component that puts new months under the policy; their age counts from the date in their name. */
export const buildLifecycleTemplate = (): Template => ({
  kind: 'component',
  name: 'oom-report@lifecycle',
  body: {
    template: { settings: { index: { lifecycle: { name: POLICY, parse_origination_date: 'true' } } } },
    _meta: META,
  },
});

/** The file below elastic/templates that shows the policy. */
export const POLICY_FILE = `policy-${POLICY}.json`;

/** The text of that file. */
export const policyText = (): string => `${JSON.stringify(buildPolicy(), null, 2)}\n`;

/**
 * Installs policy and component, and puts the months that exist under the policy. What is there already stays as it is:
 * ages are the operator's to change. Undefined when the server has no ILM: its templates refuse the setting, and
 * `oomscope prune` does the work. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN.
 */
export async function installLifecycle(
  client: ElasticsearchClient,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<TemplateChange[] | undefined> {
  if (!(await hasLifecycle(client))) return undefined;
  const path = `/_ilm/policy/${POLICY}`;
  const answer = await client.request({ method: 'GET', path });
  const isMissing = answer.kind === 'answer' && answer.status === 404;
  if (!isMissing && (answer.kind === 'failure' || answer.status !== 200)) {
    throw failureOf(client.address, `reading the policy ${POLICY}`, answer);
  }
  if (isMissing && !dryRun) {
    await expectOk(client, `installing the policy ${POLICY}`, { method: 'PUT', path, body: buildPolicy() });
  }
  const template = buildLifecycleTemplate();
  const installed = await readTemplate(client, template);
  const isOurs = readKey(readKey(installed, '_meta'), 'managed_by') === META.managed_by;
  const change = installed !== undefined && !isOurs ? 'unchanged' : changeOf(template, installed);
  if (change !== 'unchanged' && !dryRun) {
    await putTemplate(client, template);
    await expectOk(client, 'putting the months under the policy', {
      method: 'PUT',
      path: `/${INDEX_PREFIX}*/_settings`,
      query: { allow_no_indices: 'true' },
      body: { index: { lifecycle: { name: POLICY, parse_origination_date: true } } },
    });
  }
  return [
    { kind: 'policy', name: POLICY, change: isMissing ? 'created' : 'unchanged' },
    { kind: template.kind, name: template.name, change },
  ];
}

/** Servers without ILM answer with 400, 404 or 405. */
async function hasLifecycle(client: ElasticsearchClient): Promise<boolean> {
  const answer = await client.request({ method: 'GET', path: '/_ilm/status' });
  if (answer.kind === 'answer' && answer.status === 200) return true;
  if (answer.kind === 'answer' && [400, 404, 405].includes(answer.status)) return false;
  throw failureOf(client.address, 'asking for index lifecycle management', answer);
}
