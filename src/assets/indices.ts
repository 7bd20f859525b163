/**
 * Indices that exist keep their mapping, settings and aliases when a template changes: what they lack of it is added, to
 * closed ones too.
 */
import { type ElasticsearchClient, errorOf, expectOk, failureOf, readKey } from '../clients/elasticsearch.ts';
import {
  buildMapping,
  compareMappings,
  countFields,
  type Dynamic,
  HOST_FIELDS,
  HOST_INDEX_PREFIX,
  INDEX_PREFIX,
  isHostIndex,
  isOwnIndex,
  SCHEMA_VERSION,
} from '../document/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import { newerRefusal, versionOf } from './installed.ts';
import type { Step } from './step.ts';
import { ALIASES, HOST_ALIAS } from './templates.ts';

/** All that the worker writes. */
export const INDICES = `/${INDEX_PREFIX}*,${HOST_INDEX_PREFIX}*`;

export interface InstalledIndex {
  readonly name: string;
  readonly mapping: unknown;
  readonly aliases: readonly string[];
  /** By their dotted names; values are strings. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The months and the inventory, open and closed. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
export async function readIndices(client: ElasticsearchClient): Promise<InstalledIndex[]> {
  const found = await expectOk(client, 'reading the indices', {
    method: 'GET',
    path: INDICES,
    query: { expand_wildcards: 'open,closed', allow_no_indices: 'true', flat_settings: 'true' },
  });
  return Object.entries(Object(found))
    .filter(([name]) => isOwnIndex(name))
    .map(([name, index]) => ({
      name,
      mapping: readKey(index, 'mappings'),
      aliases: Object.keys(Object(readKey(index, 'aliases'))),
      settings: Object(readKey(index, 'settings')) as Record<string, unknown>,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is to be done to one index, and why it cannot be. */
export interface IndexPlan {
  readonly steps: readonly Step[];
  readonly refusals: readonly string[];
}

/** Plans the fields, the room for them and the aliases that an index lacks. */
export function planIndex(client: ElasticsearchClient, index: InstalledIndex, dynamic?: Dynamic): IndexPlan {
  const { name } = index;
  const isHost = isHostIndex(name);
  const mapping = isHost ? buildMapping(dynamic, HOST_FIELDS) : buildMapping(dynamic);
  const what = `the index ${name} at ${client.address}`;
  const newer = newerRefusal(`the mapping of ${what}`, index.mapping);
  if (newer !== undefined) return { steps: [], refusals: [newer] };

  const { missing, conflicts } = compareMappings(mapping, index.mapping);
  const [first] = conflicts;
  if (first !== undefined) {
    const more = conflicts.length > 1 ? ` and ${conflicts.length - 1} more` : '';
    const refusal = `${what} cannot take the fields of oomscope (${first}${more}): it was made without the template; reindex it into a new index or delete it`;
    return { steps: [], refusals: [refusal] };
  }
  const lacks = missing.length > 0 || versionOf(index.mapping) !== SCHEMA_VERSION;
  const steps: Step[] = [
    ...limitSteps(client, index, missing.length),
    lacks
      ? { kind: 'mapping', name, change: 'updated', apply: () => putMapping(client, name, mapping) }
      : { kind: 'mapping', name, change: 'unchanged' },
    ...aliasSteps(client, index, isHost ? [HOST_ALIAS] : ALIASES),
  ];
  const block = steps.some(({ apply }) => apply) ? blockRefusal(client, index) : undefined;
  return { steps, refusals: block === undefined ? [] : [block] };
}

/** Blocks under which Elasticsearch changes neither mapping nor settings nor aliases. */
const BLOCKS = ['index.blocks.read_only', 'index.blocks.read_only_allow_delete'];

/** Why an index that is to be changed cannot be. */
export function blockRefusal(client: ElasticsearchClient, { name, settings }: InstalledIndex): string | undefined {
  const block = BLOCKS.find((setting) => String(settings[setting]) === 'true');
  if (block === undefined) return undefined;
  const cause = block.endsWith('allow_delete') ? 'make room on the disks' : 'take the block back';
  return `the index ${name} at ${client.address} lacks something and is blocked (${block}); ${cause} and run \`oomscope setup\` again`;
}

/** What Elasticsearch takes where the setting is absent. */
const DEFAULT_LIMIT = 1000;

/**
 * Labels may have filled the room that the template gives. The limit is there to stop labels without end, not our own
 * fields: it is raised by what these take and no more.
 */
function limitSteps(client: ElasticsearchClient, index: InstalledIndex, added: number): Step[] {
  const { name, settings, mapping } = index;
  const limit = Number(settings['index.mapping.total_fields.limit'] ?? DEFAULT_LIMIT);
  const needed = countFields(mapping) + added;
  if (added === 0 || needed <= limit) return [];
  const apply = async (): Promise<void> =>
    void (await expectOk(client, `raising the limit of fields of ${name}`, {
      method: 'PUT',
      path: `/${name}/_settings`,
      body: { index: { mapping: { total_fields: { limit: needed } } } },
    }));
  return [{ kind: 'limit', name, change: 'updated', detail: `${limit} to ${needed}`, apply }];
}

async function putMapping(client: ElasticsearchClient, name: string, body: Record<string, unknown>): Promise<void> {
  const answer = await client.request({ method: 'PUT', path: `/${name}/_mapping`, body });
  if (answer.kind === 'answer' && answer.status === 200) return;
  if (answer.kind === 'answer' && answer.status === 400) {
    const { reason } = errorOf(answer.body);
    // Labels may have come since the fields were counted.
    const remedy = reason.startsWith('Limit of total fields')
      ? 'raise index.mapping.total_fields.limit on it and run `oomscope setup` again'
      : 'it was made without the template; reindex it into a new index or delete it';
    const message = `the index ${name} at ${client.address} cannot take the fields of oomscope (${reason}): ${remedy}`;
    throw new OomscopeError('SINK_TEMPLATE_MISSING', message);
  }
  throw failureOf(client.address, `adding fields to ${name}`, answer);
}

function aliasSteps(client: ElasticsearchClient, index: InstalledIndex, wanted: readonly string[]): Step[] {
  const { name, aliases } = index;
  const lacking = wanted.filter((alias) => !aliases.includes(alias));
  if (lacking.length === 0) return [];
  const apply = async (): Promise<void> =>
    void (await expectOk(client, `adding aliases to ${name}`, {
      method: 'POST',
      path: '/_aliases',
      body: { actions: lacking.map((alias) => ({ add: { index: name, alias } })) },
    }));
  return [{ kind: 'aliases', name, change: 'updated', detail: lacking.join(', '), apply }];
}
