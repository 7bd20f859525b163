/** Deletion of old months by index lifecycle management (ILM), where the server has it. */
import { type ElasticsearchClient, expectOk, failureOf } from '../clients/elasticsearch.ts';
import { INDEX_PREFIX } from '../document/index.ts';
import { blockRefusal, type InstalledIndex, readIndices } from './indices.ts';
import { placeOf } from './install.ts';
import { isOurs, newerRefusal, readTemplate, stepOf } from './installed.ts';
import { refuse, type Step } from './step.ts';
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
 * What is to be done so that policy and component are there and the months that exist are under the policy. What somebody
 * else made stays as it is: a policy whose ages were changed, a component of that name, another policy of a month.
 * Undefined when the server has no ILM: its templates refuse the setting, and `oomscope prune` does the work. Rejects with
 * SINK_TEMPLATE_MISSING for a newer schema or a month with a block, with SINK_UNREACHABLE and SINK_FORBIDDEN.
 */
export async function planLifecycle(client: ElasticsearchClient): Promise<Step[] | undefined> {
  if (!(await hasLifecycle(client))) return undefined;
  const template = buildLifecycleTemplate();
  const { kind, name } = template;
  const installed = await readTemplate(client, template);
  const newer = newerRefusal(placeOf(client, template), installed);
  const isTheirs = installed !== undefined && !isOurs(installed);
  const indices = (await readIndices(client)).filter((index) => MONTH.test(index.name));
  const bare = isTheirs ? [] : indices.filter(({ settings }) => policyOf(settings) === undefined);
  refuse([newer, ...bare.map((index) => blockRefusal(client, index))].filter((refusal) => refusal !== undefined));
  return [
    await planPolicy(client),
    isTheirs ? { kind, name, change: 'unchanged' } : stepOf(client, template, installed),
    ...indices.map((index) => planMonth(client, index, bare.includes(index))),
  ];
}

/** The name of a month, whose date Elasticsearch can read; with what a rollover or a reindexing appends. */
const MONTH = new RegExp(`^${INDEX_PREFIX}\\d{4}\\.\\d{2}\\.\\d{2}(?:-\\d+)?$`);

const policyOf = (settings: InstalledIndex['settings']): string | undefined => {
  const name = settings['index.lifecycle.name'];
  return typeof name === 'string' && name !== '' ? name : undefined;
};

async function planPolicy(client: ElasticsearchClient): Promise<Step> {
  const path = `/_ilm/policy/${POLICY}`;
  const answer = await client.request({ method: 'GET', path });
  if (answer.kind === 'answer' && answer.status === 200) return { kind: 'policy', name: POLICY, change: 'unchanged' };
  if (answer.kind === 'failure' || answer.status !== 404) {
    throw failureOf(client.address, `reading the policy ${POLICY}`, answer);
  }
  const apply = async (): Promise<void> =>
    void (await expectOk(client, `installing the policy ${POLICY}`, { method: 'PUT', path, body: buildPolicy() }));
  return { kind: 'policy', name: POLICY, change: 'created', apply };
}

function planMonth(client: ElasticsearchClient, { name, settings }: InstalledIndex, isBare: boolean): Step {
  if (!isBare) {
    const detail = policyOf(settings) ?? 'no policy';
    return { kind: 'lifecycle', name, change: 'unchanged', detail };
  }
  const apply = async (): Promise<void> =>
    void (await expectOk(client, `putting ${name} under the policy ${POLICY}`, {
      method: 'PUT',
      path: `/${name}/_settings`,
      body: { index: { lifecycle: { name: POLICY, parse_origination_date: true } } },
    }));
  return { kind: 'lifecycle', name, change: 'updated', detail: POLICY, apply };
}

/** Servers without ILM answer with 400, 404 or 405. */
async function hasLifecycle(client: ElasticsearchClient): Promise<boolean> {
  const answer = await client.request({ method: 'GET', path: '/_ilm/status' });
  if (answer.kind === 'answer' && answer.status === 200) return true;
  if (answer.kind === 'answer' && [400, 404, 405].includes(answer.status)) return false;
  throw failureOf(client.address, 'asking for index lifecycle management', answer);
}
