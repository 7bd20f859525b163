/** What every ReportStore answers: the same tests for SQLite and for Elasticsearch. */
import { expect, it } from 'vitest';
import { toWrite } from '../../src/document/index.ts';
import type { DocumentWrite, ReportStore } from '../../src/ports.ts';
import { fullAnalysis, fullReport, killOnlyReport, poorAnalysis, SAMPLE_MS } from './reports.ts';

const DAY_MS = 86_400_000;

/** Three reports of three hosts in two months, oldest first. */
export function contractWrites(): DocumentWrite[] {
  const at = (id: string, days: number) => ({ id, timestampMs: SAMPLE_MS + days * DAY_MS, version: 1024 });
  return [
    toWrite(killOnlyReport({ host: 'web1' }), poorAnalysis({ identity: at('c-oldest', -30) })),
    toWrite(fullReport({ host: 'build7' }), fullAnalysis({ identity: at('b-middle', 0) })),
    toWrite(fullReport({ host: 'mail2', complete: false }), fullAnalysis({ identity: at('a-newest', 1) })),
  ];
}

const hostOf = (document: Readonly<Record<string, unknown>> | undefined): unknown =>
  typeof document?.['host'] === 'object' && document['host'] !== null
    ? Reflect.get(document['host'], 'name')
    : undefined;

/** The tests. `store` gives the store over exactly the documents of `contractWrites`. */
export function storeContract(store: () => ReportStore): void {
  it('gets a document by its id, whatever its month', async () => {
    expect(hostOf(await store().get('c-oldest'))).toBe('web1');
    expect(await store().get('none')).toBeUndefined();
  });

  it('searches newest first', async () => {
    expect((await store().search({}, 10)).map(hostOf)).toEqual(['mail2', 'build7', 'web1']);
    expect((await store().search({}, 1)).map(hostOf)).toEqual(['mail2']);
  });

  it.each([
    [{ 'oom.verdict': 'lowmem-exhausted' }, ['mail2', 'build7']],
    [{ 'oom.verdict': 'lowmem-exhausted', 'host.name': 'build7' }, ['build7']],
    [{ 'oom.highmem.present': true }, ['mail2', 'build7']],
    [{ 'oom.complete': false }, ['mail2', 'web1']],
    [{ 'oom.trigger.pid': 21_832 }, ['mail2', 'build7']],
    [{ 'oom.findings': 'highmem-free' }, ['mail2', 'build7']],
    [{ 'oom.missing': 'task-table' }, ['web1']],
    [{ 'oom.verdict': 'none' }, []],
    [{ 'no.such.field': 1 }, []],
  ])('filters by %j', async (filter, hosts) => {
    expect((await store().search(filter, 10)).map(hostOf)).toEqual(hosts);
  });

  it.each([
    ['oom.verdict', { 'lowmem-exhausted': 2, 'insufficient-data': 1 }],
    ['oom.complete', { false: 2, true: 1 }],
    ['oom.missing', { 'task-table': 1, trigger: 1 }],
    ['oom.kills', { 1: 3 }],
    ['no.such.field', {}],
  ])('counts the values of %s', async (field, counts) => {
    const found = await store().aggregate(field);
    expect(Object.fromEntries(found.map(({ value, count }) => [value, count]))).toEqual(counts);
    expect(found.map(({ count }) => count)).toEqual(found.map(({ count }) => count).sort((a, b) => b - a));
  });

  it('counts under a filter', async () => {
    expect(await store().aggregate('host.name', { 'oom.complete': true })).toEqual([{ value: 'build7', count: 1 }]);
  });

  it('scans every document in the order of the ids', async () => {
    const hosts: unknown[] = [];
    for await (const document of store().scan()) hosts.push(hostOf(document));
    expect(hosts).toEqual(['mail2', 'build7', 'web1']);
    const filtered: unknown[] = [];
    for await (const document of store().scan({ 'oom.complete': true })) filtered.push(hostOf(document));
    expect(filtered).toEqual(['build7']);
  });
}
