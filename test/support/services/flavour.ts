/** The Elasticsearch servers that tests can run on, and what each is able to do. */
import { readKey } from '../../../src/clients/elasticsearch.ts';

/**
 * - `8lite`: the core of 8.19 with ES|QL; small, the default.
 * - `8full`: the same with scripts, ingest pipelines and reindexing.
 * - `9`: 9.4 with scripts, ingest pipelines and reindexing; ES|QL of 9 is in no registry.
 *
 * A container has all abilities, whatever its flavour.
 */
export const FLAVOURS = ['8lite', '8full', '9'] as const;

export type Flavour = (typeof FLAVOURS)[number];

/** What a test may need beyond the core. */
export const ABILITIES = {
  esql: 'ES|QL, and KQL in it',
  scripts: 'Painless',
  pipelines: 'ingest pipelines',
  reindex: 'reindexing, updates and deletions by query',
  info: 'an answer to GET /, which ElastAlert asks for',
  lifecycles: 'index lifecycle management',
} as const;

export type Ability = keyof typeof ABILITIES;

export type Abilities = Readonly<Record<Ability, boolean>>;

const OF_FLAVOUR: Readonly<Record<Flavour, readonly Ability[]>> = {
  '8lite': ['esql'],
  '8full': ['esql', 'scripts', 'pipelines', 'reindex', 'info'],
  '9': ['scripts', 'pipelines', 'reindex', 'info'],
};

/** The flavour of this run: ELASTICSEARCH_FLAVOUR, else 8lite. */
export function flavourOfRun(): Flavour {
  const name = process.env['ELASTICSEARCH_FLAVOUR'] || '8lite';
  const flavour = FLAVOURS.find((known) => known === name);
  if (flavour) return flavour;
  throw new Error(`ELASTICSEARCH_FLAVOUR is ${name}; expected one of ${FLAVOURS.join(', ')}`);
}

/** What the server at `url` is able to do, as it shows itself. */
export async function probeAbilities(url: string): Promise<Abilities> {
  const script = { lang: 'painless', source: 'return 1' };
  const [esql, scripts, pipelines, reindex, info, lifecycles] = await Promise.all([
    isTaken(url, 'POST', '/_query', { query: 'ROW a = 1' }),
    isTaken(url, 'PUT', '/_scripts/oomscope-probe', { script }),
    isTaken(url, 'POST', '/_ingest/pipeline/_simulate', {
      pipeline: { processors: [{ set: { field: 'a', value: 1 } }] },
      docs: [{ _source: {} }],
    }),
    isTaken(url, 'POST', '/oomscope-probe-*/_update_by_query?allow_no_indices=true'),
    isTaken(url, 'GET', '/'),
    isTaken(url, 'GET', '/_ilm/status'),
  ]);
  if (scripts) await isTaken(url, 'DELETE', '/_scripts/oomscope-probe');
  return { esql, scripts, pipelines, reindex, info, lifecycles };
}

async function isTaken(url: string, method: string, path: string, body?: object): Promise<boolean> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  return response.ok && readKey(answer, 'errors') !== true;
}

/** The abilities that a server of its kind has to have and lacks; one of the environment only has to answer. */
export function missingAbilities(
  { from, flavour }: { readonly from: 'environment' | 'container' | 'local'; readonly flavour: Flavour },
  can: Abilities,
): Ability[] {
  const all = Object.keys(ABILITIES) as Ability[];
  const wanted = { environment: [], container: all, local: OF_FLAVOUR[flavour] }[from];
  return wanted.filter((ability) => !can[ability]);
}
