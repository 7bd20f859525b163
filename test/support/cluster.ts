/** An Elasticsearch for tests of the set-up: keeps templates, indices and a policy; in memory, or over HTTP for commands. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ElasticsearchAnswer,
  type ElasticsearchClient,
  type ElasticsearchRequest,
  readKey,
} from '../../src/clients/elasticsearch.ts';

export interface StandInIndex {
  mappings: Record<string, unknown>;
  aliases: Record<string, unknown>;
  /** By dotted names. */
  settings: Record<string, string>;
}

const answer = (status: number, body: unknown = {}): ElasticsearchAnswer => ({ kind: 'answer', status, body });

const LISTS = {
  '/_component_template/': ['component_templates', 'component_template'],
  '/_index_template/': ['index_templates', 'index_template'],
} as const;

export class StandInCluster implements ElasticsearchClient {
  readonly address = 'http://search.test:9200';
  /** Bodies of templates and policies by their path. */
  readonly kept = new Map<string, Record<string, unknown>>();
  readonly indices = new Map<string, StandInIndex>();
  /** What was changed, as `PUT /path`. */
  readonly changed: string[] = [];
  ilmStatus = 200;
  /** Answers in place of the cluster; undefined lets the request through. */
  intercept: (request: ElasticsearchRequest) => ElasticsearchAnswer | undefined = () => undefined;

  addIndex(name: string, index: Partial<StandInIndex> = {}): StandInIndex {
    const added = { mappings: {}, aliases: {}, settings: { 'index.uuid': name }, ...index };
    this.indices.set(name, added);
    return added;
  }

  async request(request: ElasticsearchRequest): Promise<ElasticsearchAnswer> {
    const { method, path, body = {} } = request;
    const intercepted = this.intercept(request);
    if (intercepted) return intercepted;
    if (path === '/_ilm/status') return answer(this.ilmStatus);
    if (method === 'GET') return this.#read(path, request.query);
    this.changed.push(`${method} ${path}`);
    if (method === 'DELETE') return answer(this.kept.delete(path) ? 200 : 404);
    if (path === '/_aliases') return this.#addAliases(body);
    const [, name = '', what] = path.split('/');
    const index = this.indices.get(name);
    if (index && what === '_mapping') {
      index.mappings = merged(index.mappings, structuredClone(body)) as Record<string, unknown>;
    } else if (index && what === '_settings') flatten(body, '', index.settings);
    else this.kept.set(path, structuredClone(body));
    return answer(200);
  }

  async close(): Promise<void> {}

  #read(path: string, query: ElasticsearchRequest['query']): ElasticsearchAnswer {
    if (path.startsWith('/oom-')) {
      const nested = query?.['flat_settings'] !== 'true';
      const entries = [...this.indices].map(([name, index]) => {
        return [name, nested ? { ...index, settings: { index: { uuid: name } } } : index];
      });
      return answer(200, structuredClone(Object.fromEntries(entries)));
    }
    if (path === '/_index_template') {
      const own = [...this.kept].filter(([key]) => key.startsWith('/_index_template/'));
      const index_templates = own.map(([key, body]) => ({ name: key.split('/')[2], index_template: body }));
      return answer(200, { index_templates });
    }
    const found = this.kept.get(path);
    if (!found) return answer(404, { error: { type: 'resource_not_found_exception', reason: 'not found' } });
    const list = Object.entries(LISTS).find(([prefix]) => path.startsWith(prefix))?.[1];
    // Version 9 adds dates of its own.
    return answer(200, list ? { [list[0]]: [{ [list[1]]: { ...found, created_date_millis: 1 } }] } : found);
  }

  #addAliases(body: unknown): ElasticsearchAnswer {
    const actions = readKey(body, 'actions');
    for (const action of Array.isArray(actions) ? actions : []) {
      const add = readKey(action, 'add');
      const index = this.indices.get(String(readKey(add, 'index')));
      if (!index) return answer(404);
      index.aliases[String(readKey(add, 'alias'))] = {};
    }
    return answer(200);
  }
}

/** Objects are merged, everything else is replaced. */
function merged(old: unknown, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = typeof old === 'object' && old !== null ? old : {};
  return Object.fromEntries([
    ...Object.entries(kept),
    ...Object.entries(value).map(([key, child]) => [key, merged(readKey(kept, key), child)]),
  ]);
}

function flatten(value: unknown, prefix: string, into: Record<string, string>): void {
  if (typeof value !== 'object' || value === null) {
    into[prefix] = String(value);
    return;
  }
  for (const [key, child] of Object.entries(value)) flatten(child, prefix === '' ? key : `${prefix}.${key}`, into);
}

/** The cluster behind a port of this machine. */
export async function serveCluster(cluster: StandInCluster): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (incoming, outgoing) => {
    let text = '';
    for await (const chunk of incoming) text += chunk;
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const reply = await cluster.request({
      method: (incoming.method ?? 'GET') as ElasticsearchRequest['method'],
      path: url.pathname.replaceAll('%2C', ','),
      query: Object.fromEntries(url.searchParams),
      ...(text !== '' && { body: JSON.parse(text) }),
    });
    if (reply.kind === 'failure') return void outgoing.destroy();
    outgoing.writeHead(reply.status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
    outgoing.end(JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
