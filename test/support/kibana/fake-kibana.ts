/**
 * A server that takes requests as the HTTP API of Kibana documents them, and refuses what Kibana would refuse: saved objects import,
 * connectors, alerting rules. It keeps what it took.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readObjects } from './objects.ts';

type Json = Record<string, unknown>;

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Keys of the bodies; another one is a 400. */
const RULE_KEYS = [
  'name',
  'rule_type_id',
  'consumer',
  'schedule',
  'tags',
  'params',
  'actions',
  'enabled',
  'alert_delay',
];
const RULE_UPDATE_KEYS = ['name', 'schedule', 'tags', 'params', 'actions', 'alert_delay'];
const ACTION_KEYS = ['id', 'group', 'params', 'frequency', 'uuid', 'alerts_filter', 'use_alert_data_for_template'];
const CONNECTOR_KEYS = ['name', 'connector_type_id', 'config', 'secrets'];

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class FakeKibana {
  version = '8.19.8';
  /** A value of the authorization header; undefined lets everybody in. */
  expects: string | undefined;
  /** Answer to everything while Kibana starts. */
  isReady = true;
  readonly requests: RecordedRequest[] = [];
  readonly objects = new Map<string, Json>();
  readonly rules = new Map<string, Json>();
  readonly connectors = new Map<string, Json>();
  /** Ids of objects that an import refuses, with the error of each. */
  readonly refused = new Map<string, Json>();
  readonly #basePath: string;
  readonly #server: Server;

  constructor(basePath = '') {
    this.#basePath = basePath;
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        ([status, body]) => {
          response.writeHead(status, { 'content-type': 'application/json', 'kbn-name': 'test' });
          response.end(JSON.stringify(body));
        },
        (error: Error) => {
          const status = error instanceof Refusal ? error.status : 500;
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ statusCode: status, error: 'Error', message: error.message }));
        },
      );
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#basePath}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Requests that change something. */
  get writes(): string[] {
    return this.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  }

  async #answer(request: IncomingMessage): Promise<[number, unknown]> {
    const { method = '', url = '', headers } = request;
    this.requests.push({ method, path: url, authorization: headers.authorization });
    const body = await readAll(request);
    if (!this.isReady) throw new Refusal(503, 'Kibana server is not ready yet');
    if (!url.startsWith(`${this.#basePath}/api/`)) throw new Refusal(404, 'Not Found');
    if (this.expects !== undefined && headers.authorization !== this.expects) throw new Refusal(401, 'Unauthorized');
    if (method !== 'GET' && headers['kbn-xsrf'] === undefined) {
      throw new Refusal(400, 'Request must contain a kbn-xsrf header.');
    }
    const { pathname, searchParams } = new URL(url.slice(this.#basePath.length), 'http://kibana');
    if (method === 'GET' && pathname === '/api/status') return [200, { version: { number: this.version } }];
    if (method === 'POST' && pathname === '/api/saved_objects/_import') {
      const unknown = [...searchParams.keys()].filter((key) => !['overwrite', 'createNewCopies'].includes(key));
      if (unknown.length > 0)
        throw new Refusal(400, `[request query.${unknown[0]}]: definition for this key is missing`);
      return [200, await this.#import(headers['content-type'] ?? '', body, searchParams.get('overwrite') === 'true')];
    }
    const [, kind = '', id = ''] = /^\/api\/(alerting\/rule|actions\/connector)\/([^/]+)$/.exec(pathname) ?? [];
    if (kind === '') throw new Refusal(404, 'Not Found');
    return [200, kind === 'alerting/rule' ? this.#rule(method, id, body) : this.#connector(method, id, body)];
  }

  async #import(type: string, body: Buffer, overwrite: boolean): Promise<Json> {
    if (!type.startsWith('multipart/form-data')) throw new Refusal(415, 'Unsupported Media Type');
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    const file = form.get('file');
    if (!(file instanceof File)) throw new Refusal(400, '[request body.file]: expected value of type [Stream]');
    if (!file.name.endsWith('.ndjson')) throw new Refusal(400, `Invalid file extension ${file.name}`);
    const errors: Json[] = [];
    const objects = readObjects(await file.text());
    for (const { type, id, ...object } of objects) {
      const error = this.refused.get(id);
      if (error) errors.push({ id, type, meta: {}, error });
      else if (this.objects.has(id) && !overwrite) errors.push({ id, type, error: { type: 'conflict' } });
      else this.objects.set(id, { type, ...object });
    }
    const successCount = objects.length - errors.length;
    return { success: errors.length === 0, successCount, warnings: [], ...(errors.length > 0 && { errors }) };
  }

  #rule(method: string, id: string, body: Buffer): Json {
    const known = this.rules.get(id);
    if (method === 'GET') return found(known, `Saved object [alert/${id}] not found`);
    const given = JSON.parse(body.toString()) as Json;
    const isNew = method === 'POST';
    onlyKeys(given, isNew ? RULE_KEYS : RULE_UPDATE_KEYS);
    for (const key of isNew
      ? ['name', 'rule_type_id', 'consumer', 'schedule', 'params']
      : ['name', 'schedule', 'params'])
      if (given[key] === undefined) throw new Refusal(400, `[request body.${key}]: expected a value`);
    if (isNew && known) throw new Refusal(409, `Saved object [alert/${id}] conflict`);
    if (!isNew) found(known, `Saved object [alert/${id}] not found`);
    if (!UUID_4.test(id)) {
      throw new Refusal(
        400,
        'Predefined IDs are not allowed for saved objects with encrypted attributes unless the ID is a UUID.',
      );
    }
    const actions = (given['actions'] ?? []) as Json[];
    for (const action of actions) {
      onlyKeys(action, ACTION_KEYS);
      if (!this.connectors.has(String(action['id'])))
        throw new Refusal(400, `Failed to load connector ${action['id']}`);
    }
    checkParams((given['params'] ?? {}) as Json);
    const shown = actions.map((action) => ({
      ...action,
      connector_type_id: '.server-log',
      uuid: `uuid-${action['id']}`,
    }));
    const rule = { enabled: true, ...known, ...given, actions: shown, id, execution_status: { status: 'ok' } };
    this.rules.set(id, rule);
    return rule;
  }

  #connector(method: string, id: string, body: Buffer): Json {
    const known = this.connectors.get(id);
    if (method === 'GET') return found(known, `Saved object [action/${id}] not found`);
    if (known) throw new Refusal(409, 'conflict');
    const given = JSON.parse(body.toString()) as Json;
    onlyKeys(given, CONNECTOR_KEYS);
    this.connectors.set(id, { id, ...given });
    return { id, ...given };
  }
}

function found(object: Json | undefined, message: string): Json {
  if (object === undefined) throw new Refusal(404, message);
  return object;
}

function onlyKeys(body: Json, keys: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Refusal(400, `[request body.${unknown}]: definition for this key is missing`);
}

/** The schema of .es-query, as far as the rules use it. */
function checkParams(params: Json): void {
  const refuse = (what: string): never => {
    throw new Refusal(400, `params invalid: ${what}`);
  };
  const { searchType, groupBy, threshold, thresholdComparator, termField, timeWindowUnit } = params;
  if (!['esQuery', 'esqlQuery'].includes(String(searchType))) refuse(`[searchType]: ${searchType}`);
  if (!['s', 'm', 'h', 'd'].includes(String(timeWindowUnit))) refuse('[timeWindowUnit]');
  if (!Number.isInteger(params['timeWindowSize']) || Number(params['timeWindowSize']) < 1) refuse('[timeWindowSize]');
  if (typeof params['timeField'] !== 'string') refuse('[timeField]');
  if (!(Number(params['size']) <= 10_000)) refuse('[size]');
  if (!Array.isArray(threshold) || threshold.length !== 1) refuse('[threshold]');
  if (searchType === 'esqlQuery') {
    if (thresholdComparator !== '>' || String(threshold) !== '0') refuse('[threshold]: ES|QL takes > 0 alone');
    if (typeof Reflect.get(Object(params['esqlQuery']), 'esql') !== 'string') refuse('[esqlQuery.esql]');
    if (groupBy !== 'row' && groupBy !== 'all') refuse('[groupBy]');
  } else {
    if (!['>', '>=', '<', '<='].includes(String(thresholdComparator))) refuse('[thresholdComparator]');
    if (groupBy !== 'top' || typeof termField !== 'string' || !(Number(params['termSize']) <= 1000))
      refuse('[groupBy]');
    if (!Array.isArray(params['index'])) refuse('[index]');
    const query: unknown = JSON.parse(String(params['esQuery']));
    if (typeof query !== 'object' || query === null || !('query' in query)) refuse('[esQuery]: must contain "query"');
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
