/** Templates as they stand on a cluster. */
import { type ElasticsearchClient, expectOk, failureOf, readKey } from '../clients/elasticsearch.ts';
import { SCHEMA_VERSION } from '../document/index.ts';
import type { Step } from './step.ts';
import { META, type Template, type TemplateKind } from './templates.ts';

export const TEMPLATE_PATHS: Readonly<Record<TemplateKind, string>> = {
  component: '/_component_template/',
  index: '/_index_template/',
};

/** Where the body of a template stands in the answer to its GET. */
const ANSWERS: Readonly<Record<TemplateKind, readonly [string, string]>> = {
  component: ['component_templates', 'component_template'],
  index: ['index_templates', 'index_template'],
};

/** The installed body of a template, undefined when there is none. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
export async function readTemplate(client: ElasticsearchClient, { kind, name }: Template): Promise<unknown> {
  const answer = await client.request({ method: 'GET', path: `${TEMPLATE_PATHS[kind]}${name}` });
  if (answer.kind === 'answer' && answer.status === 404) return undefined;
  if (answer.kind === 'failure' || answer.status !== 200) throw failureOf(client.address, `reading ${name}`, answer);
  const [list, entry] = ANSWERS[kind];
  const found = readKey(answer.body, list);
  return Array.isArray(found) ? readKey(found[0], entry) : undefined;
}

/** The schema version in the `_meta` of a template or a mapping. */
export function versionOf(body: unknown): number | undefined {
  const version = Number(readKey(readKey(body, '_meta'), 'schema_version'));
  return Number.isInteger(version) ? version : undefined;
}

/** True where the `_meta` of a template says that oomscope has installed it. */
export const isOurs = (installed: unknown): boolean =>
  readKey(readKey(installed, '_meta'), 'managed_by') === META.managed_by;

/** Why nothing of ours may be changed where this stands; `what` names it with its place. */
export function newerRefusal(what: string, body: unknown): string | undefined {
  const version = versionOf(body);
  if (version === undefined || version <= SCHEMA_VERSION) return undefined;
  return `${what} is of schema version ${version}, newer than ${SCHEMA_VERSION}; update oomscope`;
}

/** The step that puts a template where it is missing or differs from what is installed. */
export function stepOf(client: ElasticsearchClient, template: Template, installed: unknown): Step {
  const { kind, name, body } = template;
  const change = changeOf(template, installed);
  if (change === 'unchanged') return { kind, name, change };
  const apply = async (): Promise<void> =>
    void (await expectOk(client, `installing ${name}`, {
      method: 'PUT',
      path: `${TEMPLATE_PATHS[kind]}${name}`,
      body,
    }));
  return { kind, name, change, apply };
}

function changeOf({ body }: Template, installed: unknown): Step['change'] {
  if (installed === undefined) return 'created';
  // Elasticsearch 9 adds the dates of creation and change.
  const comparable = Object.fromEntries(Object.keys(body).map((key) => [key, readKey(installed, key)]));
  return canonical(body) === canonical(comparable) ? 'unchanged' : 'updated';
}

/** JSON with sorted keys and scalars as strings: the server gives numbers and booleans of settings back as strings. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(String(value));
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`);
  return `{${members.join(',')}}`;
}
