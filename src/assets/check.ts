/** Whether a cluster holds the schema that this program writes. */
import { type ElasticsearchClient, expectOk, readKey } from '../clients/elasticsearch.ts';
import { indexOf, isHostIndex, isOwnIndex, SCHEMA_VERSION } from '../document/index.ts';
import { INDICES } from './indices.ts';
import { placeOf } from './install.ts';
import { newerRefusal, readTemplate, versionOf } from './installed.ts';
import { refuse } from './step.ts';
import { buildTemplates } from './templates.ts';

/**
 * Resolves when the templates, and the mappings of the open indices that can still be written, are of this schema version.
 * Months that ended before `oldestMs` are passed over. Rejects with SINK_TEMPLATE_MISSING when one is missing or of another
 * version (a newer one too: its fields may mean something else), with SINK_UNREACHABLE and SINK_FORBIDDEN.
 */
export async function checkTemplates(client: ElasticsearchClient, oldestMs?: number): Promise<void> {
  for (const template of buildTemplates()) {
    const installed = await readTemplate(client, template);
    const found = installed === undefined ? 'missing' : undefined;
    refuse(refusalsOf(placeOf(client, template), installed, found));
  }
  for (const { name, mapping } of await readVersions(client)) {
    if (oldestMs === undefined || isWritten(name, oldestMs)) {
      refuse(refusalsOf(`the mapping of the index ${name} at ${client.address}`, mapping));
    }
  }
}

function refusalsOf(what: string, body: unknown, state?: string): string[] {
  const newer = newerRefusal(what, body);
  if (newer !== undefined) return [newer];
  const version = versionOf(body);
  if (version === SCHEMA_VERSION) return [];
  const found = state ?? `of schema version ${version ?? 'unknown'}`;
  return [`${what} is ${found}, expected version ${SCHEMA_VERSION}; run \`oomscope setup\``];
}

/** Reports without a time go to the month of the epoch. */
const isWritten = (index: string, oldestMs: number): boolean =>
  isHostIndex(index) || index >= indexOf(oldestMs) || index === indexOf(undefined);

/** The `_meta` of every open index. The uuid makes the answer name those that have none. */
async function readVersions(client: ElasticsearchClient): Promise<{ name: string; mapping: unknown }[]> {
  const found = await expectOk(client, 'reading the schema of the indices', {
    method: 'GET',
    path: INDICES,
    query: {
      expand_wildcards: 'open',
      allow_no_indices: 'true',
      filter_path: '*.mappings._meta,*.settings.index.uuid',
    },
  });
  return Object.entries(Object(found))
    .filter(([name]) => isOwnIndex(name))
    .map(([name, index]) => ({ name, mapping: readKey(index, 'mappings') }));
}
