/** Reports that should be there against documents that are, by host: for runs too large to read every document. */

import type { LoadKill } from '../../src/simulate/index.ts';
import { ONE_REQUEST } from '../support/worker.ts';

export interface Tally {
  readonly reports: number;
  /** Reports without a document. */
  readonly lost: number;
  /** Documents beyond those that should be. */
  readonly doubled: number;
  /** Documents of kills that lack a part. */
  readonly incomplete: number;
}

interface Answer {
  readonly count?: number;
  readonly aggregations?: {
    readonly hosts: { readonly buckets: readonly { readonly key: string; readonly doc_count: number }[] };
  };
}

/** Asks the index below `/oom-report`; a body makes it a POST. Rejects on anything but 200. */
export async function askIndex(url: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${url}/oom-report${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...ONE_REQUEST },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(120_000),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** Documents by host. */
export async function countHosts(url: string, hosts: number): Promise<Map<string, number>> {
  await askIndex(url, '/_refresh');
  const aggs = { hosts: { terms: { field: 'host.name', size: hosts + 10 } } };
  const { aggregations } = await askIndex(url, '/_search', { size: 0, aggs });
  return new Map(aggregations?.hosts.buckets.map(({ key, doc_count }) => [key, doc_count]));
}

/** Compares; `hosts` is how many there may be. */
export async function tallyOf(url: string, kills: readonly LoadKill[], hosts: number): Promise<Tally> {
  const found = await countHosts(url, hosts);
  const expected = new Map<string, number>();
  for (const { host } of kills) expected.set(host, (expected.get(host) ?? 0) + 1);
  let [lost, doubled] = [0, 0];
  for (const host of new Set([...found.keys(), ...expected.keys()])) {
    const difference = (found.get(host) ?? 0) - (expected.get(host) ?? 0);
    if (difference < 0) lost -= difference;
    else doubled += difference;
  }
  const { count = 0 } = await askIndex(url, '/_count', { query: { term: { 'oom.complete': false } } });
  return { reports: kills.length, lost, doubled, incomplete: count };
}

interface Hits {
  readonly hits: { readonly hits: readonly { readonly fields: Readonly<Record<string, readonly string[]>> }[] };
}

/** Host and time of the documents that a search with these docvalue fields finds; none before there is an index. */
export async function askSearch(url: string, body: object): Promise<{ host: string; atMs: number }[]> {
  const response = await fetch(`${url}/oom-report-*/_search?ignore_unavailable=true&allow_no_indices=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...ONE_REQUEST },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`searching: ${response.status} ${await response.text()}`);
  const { hits } = (await response.json()) as Hits;
  return hits.hits.map(({ fields }) => ({
    host: fields['host.name']?.[0] ?? '',
    atMs: Number(fields['@timestamp']?.[0]),
  }));
}
