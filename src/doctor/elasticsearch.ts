/** Asks Elasticsearch what the checks need to know. Changes nothing. */
import { type ElasticsearchAnswer, type ElasticsearchClient, errorOf, readKey } from '../clients/elasticsearch.ts';
import { HOST_INDEX, HOST_INDEX_PREFIX, HOST_TEMPLATE, INDEX_PREFIX, REPORT_TEMPLATE } from '../document/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import { ROLES } from '../tables/roles.ts';
import type { ElasticsearchFacts, IndexFacts, TemplateFacts } from './checks/index.ts';

export interface ElasticsearchQuestions {
  readonly client: ElasticsearchClient;
  /** What an installation of the templates would change; rejects with an OomscopeError that says what stands in its way. */
  readonly inspectTemplates: () => Promise<readonly TemplateFacts[]>;
}

const MONTHS = `/${INDEX_PREFIX}*`;

/** All that the worker writes. */
const PATTERNS = [`${INDEX_PREFIX}*`, `${HOST_INDEX_PREFIX}*`];

/** An index of each kind, by the template that it is to be made from. */
const EXAMPLES: Readonly<Record<string, string>> = {
  [REPORT_TEMPLATE]: `${INDEX_PREFIX}2026.01.01`,
  [HOST_TEMPLATE]: HOST_INDEX,
};

const WORKER = ROLES['oomscope-worker'];

/** Of what is asked here; the privileges of the role oomscope-upkeep go further. */
const DOCTOR_INDEX = ['read', 'view_index_metadata', 'monitor'];

/** Never rejects: what could not be asked is missing, or says why. */
export async function askElasticsearch({
  client,
  inspectTemplates,
}: ElasticsearchQuestions): Promise<ElasticsearchFacts> {
  const { address } = client;
  const root = await client.request({ method: 'GET', path: '/' });
  if (root.kind === 'failure') return { address, failure: { reason: root.reason, message: root.message } };
  const { type, reason } = errorOf(root.body);
  const start = { address, status: root.status, ...(type === '' ? {} : { error: `${type}: ${reason}` }) };
  if (root.status === 401) return start;
  // A key that may write the months and no more is refused here, and may be asked on.
  const version = root.status === 403 ? undefined : await versionOf(client, root.body);
  if (version === undefined && root.status !== 403) return start;
  const templates = await templatesOf(inspectTemplates);
  return {
    ...start,
    ...templates,
    ...present({
      version,
      missingPrivileges: await missingPrivileges(client),
      rivals: await rivalsOf(client),
      indices: await indicesOf(client),
      health: await healthOf(client),
      disks: await disksOf(client),
      newestReportAtMs: await newestOf(client),
    }),
  };
}

/** Servers without the module of the root page tell it of their nodes alone. */
async function versionOf(client: ElasticsearchClient, root: unknown): Promise<string | undefined> {
  const own = readKey(readKey(root, 'version'), 'number');
  if (typeof own === 'string') return own;
  const query = { filter_path: 'nodes.*.version' };
  const body = bodyOf(await client.request({ method: 'GET', path: '/_nodes/_local', query }));
  const [node] = Object.values(Object(readKey(body, 'nodes')));
  const version = readKey(node, 'version');
  return typeof version === 'string' ? version : undefined;
}

/** Without what could not be asked. */
const present = <T extends object>(facts: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const bodyOf = (answer: ElasticsearchAnswer): unknown =>
  answer.kind === 'answer' && answer.status === 200 ? answer.body : undefined;

const rowsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

async function templatesOf(
  inspect: ElasticsearchQuestions['inspectTemplates'],
): Promise<Pick<ElasticsearchFacts, 'templates' | 'templateError'>> {
  try {
    return { templates: await inspect() };
  } catch (error) {
    if (error instanceof OomscopeError) return { templateError: { code: error.code, message: error.message } };
    throw error;
  }
}

/** Undefined where the server has no security. */
async function missingPrivileges(client: ElasticsearchClient): Promise<ElasticsearchFacts['missingPrivileges']> {
  const wanted = [...new Set([...WORKER.index, ...DOCTOR_INDEX])];
  const body = bodyOf(
    await client.request({
      method: 'POST',
      path: '/_security/user/_has_privileges',
      body: { cluster: WORKER.cluster, index: [{ names: PATTERNS, privileges: wanted }] },
    }),
  );
  if (body === undefined) return undefined;
  const lacks = (granted: unknown, names: readonly string[], where: string): string[] =>
    names.filter((name) => readKey(granted, name) !== true).map((name) => `${name} on ${where}`);
  const lacksOnIndices = (names: readonly string[]): string[] =>
    PATTERNS.flatMap((pattern) => lacks(readKey(readKey(body, 'index'), pattern), names, pattern));
  return {
    worker: [...lacks(readKey(body, 'cluster'), WORKER.cluster, 'the cluster'), ...lacksOnIndices(WORKER.index)],
    others: lacksOnIndices(DOCTOR_INDEX.filter((name) => !WORKER.index.includes(name))),
  };
}

/** Index templates that an index of ours matches and that go before its own; undefined while its own is not there. */
async function rivalsOf(client: ElasticsearchClient): Promise<ElasticsearchFacts['rivals']> {
  const body = bodyOf(await client.request({ method: 'GET', path: '/_index_template' }));
  const all = rowsOf(readKey(body, 'index_templates')).map((row) => {
    const template = readKey(row, 'index_template');
    return {
      name: String(readKey(row, 'name')),
      priority: Number(readKey(template, 'priority') ?? 0),
      patterns: rowsOf(readKey(template, 'index_patterns')).map(String),
    };
  });
  const owns = all.filter(({ name }) => EXAMPLES[name] !== undefined);
  if (owns.length === 0) return undefined;
  const before = owns.flatMap((own) =>
    all.filter(
      ({ priority, patterns }) =>
        priority > own.priority && patterns.some((pattern) => matches(pattern, EXAMPLES[own.name] ?? '')),
    ),
  );
  return [...new Set(before)].map(({ name, priority }) => ({ name, priority }));
}

/** True where a pattern with `*` matches a name; linear for each part. */
export function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === name;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

async function indicesOf(client: ElasticsearchClient): Promise<readonly IndexFacts[] | undefined> {
  const listed = bodyOf(
    await client.request({
      method: 'GET',
      path: `/_cat/indices/${PATTERNS.join(',')}`,
      query: { format: 'json', h: 'index,health,status', expand_wildcards: 'all' },
    }),
  );
  if (listed === undefined) return undefined;
  const settings = bodyOf(
    await client.request({
      method: 'GET',
      path: `/${PATTERNS.join(',')}/_settings`,
      query: { flat_settings: 'true', expand_wildcards: 'all' },
    }),
  );
  return rowsOf(listed).map((row) => {
    const name = String(readKey(row, 'index'));
    const health = readKey(row, 'health');
    const own = readKey(readKey(settings, name), 'settings');
    const blocks = ['read_only_allow_delete', 'read_only', 'write', 'metadata'].filter(
      (block) => readKey(own, `index.blocks.${block}`) === 'true',
    );
    const closed = readKey(row, 'status') === 'close';
    return { name, closed, blocks, ...(typeof health === 'string' ? { health } : {}) };
  });
}

const HEALTH = ['green', 'yellow', 'red'] as const;

async function healthOf(client: ElasticsearchClient): Promise<(typeof HEALTH)[number] | undefined> {
  const body = bodyOf(await client.request({ method: 'GET', path: '/_cluster/health' }));
  return HEALTH.find((status) => readKey(body, 'status') === status);
}

async function disksOf(client: ElasticsearchClient): Promise<ElasticsearchFacts['disks']> {
  const body = bodyOf(
    await client.request({
      method: 'GET',
      path: '/_cat/allocation',
      query: { format: 'json', bytes: 'b', h: 'node,disk.percent,disk.avail' },
    }),
  );
  if (body === undefined) return undefined;
  return rowsOf(body).flatMap((row) => {
    // Shards without a node have a row of their own, without a disk.
    const [usedPercent, freeBytes] = [readKey(row, 'disk.percent'), readKey(row, 'disk.avail')];
    if (typeof usedPercent !== 'string' || typeof freeBytes !== 'string') return [];
    return [{ node: String(readKey(row, 'node')), usedPercent: Number(usedPercent), freeBytes: Number(freeBytes) }];
  });
}

/** Null without a report, undefined where it may not be asked. */
async function newestOf(client: ElasticsearchClient): Promise<number | null | undefined> {
  const body = bodyOf(
    await client.request({
      method: 'POST',
      path: `${MONTHS}/_search`,
      query: { ignore_unavailable: 'true', allow_no_indices: 'true' },
      body: { size: 1, _source: false, sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }] },
    }),
  );
  if (body === undefined) return undefined;
  const [newest] = rowsOf(readKey(readKey(body, 'hits'), 'hits'));
  const [atMs] = rowsOf(readKey(newest, 'sort'));
  return typeof atMs === 'number' ? atMs : null;
}
