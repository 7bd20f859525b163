/** Puts data view, searches, dashboards and rules into Kibana. */
import { readKey } from '../../clients/elasticsearch.ts';
import { type KibanaClient, type KibanaRequest, kibanaFailure } from '../../clients/kibana.ts';
import { OomscopeError } from '../../tables/errors.ts';
import { buildKibanaConnector, buildKibanaRules, type KibanaAsset } from '../alerts/index.ts';
import { buildKibanaObjects, type KibanaLine, kibanaFile, kibanaText } from './index.ts';

/** What an installation did, or with `dryRun` would do, to one thing. */
export interface KibanaChange {
  readonly kind: 'objects' | 'connector' | 'rule';
  readonly name: string;
  readonly change: 'imported' | 'created' | 'updated' | 'unchanged';
}

/**
 * Imports the saved objects over those of an earlier installation, creates what is missing of connector and rules, and
 * brings rules up to date; their actions, schedules and whether they are enabled stay as they are. Running it again
 * changes nothing. Rejects with KIBANA_UNREACHABLE and KIBANA_REFUSED.
 */
export async function installKibana(
  client: KibanaClient,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<KibanaChange[]> {
  const line = await lineOf(client);
  if (!dryRun) await importObjects(client, line);
  const objects = `${buildKibanaObjects().length} saved objects of ${kibanaFile(line)}`;
  const changes: KibanaChange[] = [{ kind: 'objects', name: objects, change: 'imported' }];
  changes.push(await installConnector(client, buildKibanaConnector(), dryRun));
  for (const rule of buildKibanaRules()) changes.push(await installRule(client, rule, dryRun));
  return changes;
}

/** The body of a request that has to succeed. */
async function ask(client: KibanaClient, what: string, request: KibanaRequest): Promise<unknown> {
  const answer = await client.request(request);
  if (answer.kind === 'answer' && answer.status === 200) return answer.body;
  throw kibanaFailure(client.address, what, answer);
}

/** The import file for the version that Kibana states. */
async function lineOf(client: KibanaClient): Promise<KibanaLine> {
  const status = await ask(client, 'reading the version', { method: 'GET', path: '/api/status' });
  const version = readKey(readKey(status, 'version'), 'number');
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  if (major === 8 && minor >= 19) return '8.19';
  if (major === 9) return '9';
  const found = version === undefined ? 'states no version' : `is version ${version}`;
  throw new OomscopeError('KIBANA_REFUSED', `Kibana at ${client.address} ${found}; expected 8.19 or 9.x`);
}

/** Kibana answers 200 to an import that it took in part: its errors are read. */
async function importObjects(client: KibanaClient, line: KibanaLine): Promise<void> {
  const body = await ask(client, 'importing the saved objects', {
    method: 'POST',
    path: '/api/saved_objects/_import?overwrite=true',
    file: { name: 'oomscope.ndjson', text: kibanaText(line) },
  });
  if (readKey(body, 'success') === true) return;
  const errors = readKey(body, 'errors');
  const reasons = (Array.isArray(errors) ? errors : []).map((item) => {
    const error = readKey(item, 'error');
    const reason = readKey(error, 'message') ?? readKey(error, 'reason') ?? readKey(error, 'type');
    return `${readKey(item, 'type')} ${readKey(item, 'id')}: ${reason}`;
  });
  const what = reasons.length === 0 ? 'without a reason' : reasons.join('; ');
  const message = `${client.address} imported ${readKey(body, 'successCount')} of ${buildKibanaObjects().length} saved objects; refused: ${what}`;
  throw new OomscopeError('KIBANA_REFUSED', message);
}

async function find(client: KibanaClient, what: string, path: string): Promise<unknown> {
  const answer = await client.request({ method: 'GET', path });
  if (answer.kind === 'answer' && answer.status === 404) return undefined;
  if (answer.kind === 'answer' && answer.status === 200) return answer.body;
  throw kibanaFailure(client.address, `reading ${what}`, answer);
}

async function installConnector(
  client: KibanaClient,
  { id, name, body }: KibanaAsset,
  dryRun: boolean,
): Promise<KibanaChange> {
  const path = `/api/actions/connector/${id}`;
  const found = await find(client, name, path);
  if (found !== undefined) return { kind: 'connector', name, change: 'unchanged' };
  if (!dryRun) await ask(client, `creating the connector ${name}`, { method: 'POST', path, body });
  return { kind: 'connector', name, change: 'created' };
}

async function installRule(
  client: KibanaClient,
  { id, name, body }: KibanaAsset,
  dryRun: boolean,
): Promise<KibanaChange> {
  const path = `/api/alerting/rule/${id}`;
  const found = await find(client, name, path);
  if (found === undefined) {
    if (!dryRun) await ask(client, `creating the rule ${name}`, { method: 'POST', path, body });
    return { kind: 'rule', name, change: 'created' };
  }
  const { name: title, tags, params } = body;
  const wanted = { name: title, tags, params };
  if (contains(found, wanted)) return { kind: 'rule', name, change: 'unchanged' };
  const kept = { schedule: readKey(found, 'schedule'), actions: actionsOf(found) };
  if (!dryRun) {
    await ask(client, `updating the rule ${name}`, { method: 'PUT', path, body: { ...wanted, ...kept } });
  }
  return { kind: 'rule', name, change: 'updated' };
}

/** The actions of a rule as an update takes them: Kibana shows the type of the connector and does not take it back. */
function actionsOf(rule: unknown): unknown[] {
  const actions = readKey(rule, 'actions');
  return (Array.isArray(actions) ? actions : []).map((action) => {
    const { connector_type_id: _, ...kept } = Object(action);
    return kept;
  });
}

/** True when `found` holds all of `wanted`; Kibana adds defaults of its own. */
function contains(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((item, index) => contains(found[index], item))
    );
  }
  return Object.entries(wanted).every(([key, value]) => contains(readKey(found, key), value));
}
