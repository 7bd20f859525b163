/** Installs and checks the templates of a cluster. */
import { type ElasticsearchClient, errorOf, expectOk, failureOf, readKey } from '../clients/elasticsearch.ts';
import {
  buildMapping,
  type Dynamic,
  HOST_FIELDS,
  HOST_INDEX_PREFIX,
  INDEX_PREFIX,
  SCHEMA_VERSION,
} from '../document/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import { buildTemplates, type Template, type TemplateKind } from './templates.ts';

/** What an installation did, or with `dryRun` would do, to one thing. */
export interface TemplateChange {
  readonly kind: TemplateKind | 'mapping' | 'policy';
  /** Name of the template or policy, or of an index whose mapping lacked fields. */
  readonly name: string;
  readonly change: 'created' | 'updated' | 'unchanged';
}

export interface InstallOptions {
  /** Look, change nothing. */
  readonly dryRun?: boolean;
  /** `strict` in tests; see `buildMapping`. */
  readonly dynamic?: Dynamic;
}

export const TEMPLATE_PATHS: Readonly<Record<TemplateKind, string>> = {
  component: '/_component_template/',
  index: '/_index_template/',
};

/** Where the body of a template stands in the answer to its GET. */
const ANSWERS: Readonly<Record<TemplateKind, readonly [string, string]>> = {
  component: ['component_templates', 'component_template'],
  index: ['index_templates', 'index_template'],
};

/**
 * Puts the templates where they are missing or differ, and adds missing fields to the indices that exist. Running it
 * again changes nothing. Rejects with SINK_TEMPLATE_MISSING when the cluster holds a newer schema (it is never
 * downgraded), with SINK_UNREACHABLE, and with SINK_FORBIDDEN when the role lacks `manage_index_templates`.
 */
export async function installTemplates(
  client: ElasticsearchClient,
  options: InstallOptions = {},
): Promise<TemplateChange[]> {
  const templates = buildTemplates(options.dynamic);
  // All are looked at before the first is changed, so that a refusal leaves the cluster as it was.
  const looked: { template: Template; change: TemplateChange['change'] }[] = [];
  for (const template of templates) {
    const installed = await readTemplate(client, template);
    refuseNewer(client, template, installed);
    looked.push({ template, change: changeOf(template, installed) });
  }
  for (const { template, change } of looked) {
    if (change === 'unchanged' || options.dryRun) continue;
    await putTemplate(client, template);
  }
  const mappings = await extendIndices(client, options);
  return [...looked.map(({ template: { kind, name }, change }) => ({ kind, name, change })), ...mappings];
}

/**
 * Resolves when the index template of this schema version is there. Rejects with SINK_TEMPLATE_MISSING when it is
 * missing or of another version, with SINK_UNREACHABLE and SINK_FORBIDDEN. Newer templates are refused as well: their
 * fields may mean something else.
 */
export async function checkTemplates(client: ElasticsearchClient): Promise<void> {
  for (const template of buildTemplates()) {
    const installed = await readTemplate(client, template);
    refuseNewer(client, template, installed);
    const found = installed === undefined ? 'missing' : `of schema version ${versionOf(installed) ?? 'unknown'}`;
    if (installed !== undefined && versionOf(installed) === SCHEMA_VERSION) continue;
    const message = `the template ${template.name} at ${client.address} is ${found}, expected version ${SCHEMA_VERSION}; run \`oomscope setup\``;
    throw new OomscopeError('SINK_TEMPLATE_MISSING', message);
  }
}

/** Installs one template over what is there. */
export async function putTemplate(client: ElasticsearchClient, { kind, name, body }: Template): Promise<void> {
  await expectOk(client, `installing ${name}`, { method: 'PUT', path: `${TEMPLATE_PATHS[kind]}${name}`, body });
}

/** The installed body of a template, undefined when there is none. */
export async function readTemplate(client: ElasticsearchClient, { kind, name }: Template): Promise<unknown> {
  const answer = await client.request({ method: 'GET', path: `${TEMPLATE_PATHS[kind]}${name}` });
  if (answer.kind === 'answer' && answer.status === 404) return undefined;
  if (answer.kind === 'failure' || answer.status !== 200) throw failureOf(client.address, `reading ${name}`, answer);
  const [list, entry] = ANSWERS[kind];
  const found = readKey(answer.body, list);
  return Array.isArray(found) ? readKey(found[0], entry) : undefined;
}

function versionOf(installed: unknown): number | undefined {
  const version = Number(readKey(readKey(installed, '_meta'), 'schema_version'));
  return Number.isInteger(version) ? version : undefined;
}

function refuseNewer(client: ElasticsearchClient, { name }: Template, installed: unknown): void {
  const version = versionOf(installed);
  if (version === undefined || version <= SCHEMA_VERSION) return;
  const message = `the template ${name} at ${client.address} is of schema version ${version}, newer than ${SCHEMA_VERSION}; update oomscope`;
  throw new OomscopeError('SINK_TEMPLATE_MISSING', message);
}

export function changeOf({ body }: Template, installed: unknown): TemplateChange['change'] {
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

/** Indices that exist keep their mapping when a template changes; fields that they lack are added. */
async function extendIndices(
  client: ElasticsearchClient,
  { dryRun, dynamic }: InstallOptions,
): Promise<TemplateChange[]> {
  const [reports, hosts] = [buildMapping(dynamic), buildMapping(dynamic, HOST_FIELDS)];
  const found = await expectOk(client, 'reading the mappings', {
    method: 'GET',
    path: `/${INDEX_PREFIX}*,${HOST_INDEX_PREFIX}*/_mapping`,
    query: { allow_no_indices: 'true' },
  });
  const changes: TemplateChange[] = [];
  for (const [name, index] of Object.entries(Object(found))) {
    const known = namesOf(readKey(index, 'mappings'));
    const mapping = name.startsWith(HOST_INDEX_PREFIX) ? hosts : reports;
    const lacks = [...namesOf(mapping)].some((name) => !known.has(name));
    if (lacks && !dryRun) await extendIndex(client, name, mapping);
    changes.push({ kind: 'mapping', name, change: lacks ? 'updated' : 'unchanged' });
  }
  return changes;
}

async function extendIndex(client: ElasticsearchClient, name: string, body: Record<string, unknown>): Promise<void> {
  const answer = await client.request({ method: 'PUT', path: `/${name}/_mapping`, body });
  if (answer.kind === 'answer' && answer.status === 200) return;
  if (answer.kind === 'answer' && answer.status === 400) {
    const { reason } = errorOf(answer.body);
    const message = `the index ${name} at ${client.address} was made without the template and cannot take its fields (${reason}); reindex it under the template or delete it`;
    throw new OomscopeError('SINK_TEMPLATE_MISSING', message);
  }
  throw failureOf(client.address, `adding fields to ${name}`, answer);
}

/** Dotted names of the fields and objects of a mapping. */
function namesOf(mapping: unknown, prefix = ''): Set<string> {
  const names = new Set<string>();
  for (const [key, child] of Object.entries(Object(readKey(mapping, 'properties')))) {
    names.add(`${prefix}${key}`);
    for (const name of namesOf(child, `${prefix}${key}.`)) names.add(name);
  }
  return names;
}
