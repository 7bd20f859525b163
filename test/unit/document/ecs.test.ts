/** The fields outside `oom.*` against the field list of the Elastic Common Schema. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ECS_VERSION } from '../../../src/document/fields-ecs.ts';
import { FIELDS, HOST_FIELDS, toDocument, toHostWrite } from '../../../src/document/index.ts';
import { fullAnalysis, fullReport, killOnlyReport, poorAnalysis, SAMPLE_MS } from '../../support/reports.ts';

interface EcsField {
  readonly type: string;
  readonly indexed?: false;
  readonly list?: true;
  /** Allowed values, each with the values of `event.type` that may stand beside it. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

const ecs = JSON.parse(readFileSync(new URL('../../support/vendor/ecs/fields.json', import.meta.url), 'utf8')) as {
  version: string;
  fields: Readonly<Record<string, EcsField>>;
};

/** What ECS calls the types of the field table. `match_only_text` is of no server without its module; `text` answers the same queries. */
const ECS_TYPES: Readonly<Record<string, readonly string[]>> = {
  keyword: ['keyword'],
  unindexed: ['keyword'],
  text: ['match_only_text', 'text'],
  long: ['long'],
  date: ['date'],
};

/** Of the reports and of the inventory, which narrows some of them. */
const outside = [
  ...FIELDS.map((field) => ({ of: 'a report', field })),
  ...HOST_FIELDS.map((field) => ({ of: 'a host', field })),
].filter(({ field }) => !field.name.startsWith('oom.'));

const position = { topic: 'syslog', partition: 0, offset: 7 };
const hostDocument =
  toHostWrite({
    host: 'db07',
    source: 'boot',
    isWhole: true,
    trust: 'facility',
    highmem: false,
    positions: { first: position, last: position },
  })?.document ?? {};

describe('fields outside oom.*', () => {
  it('are written to the version of the list', () => {
    expect(ecs.version).toBe(ECS_VERSION);
    expect(outside.length).toBeGreaterThan(25);
  });

  it.each(outside.map(({ of, field }) => [field.name, of, field] as const))('%s of %s', (name, _of, field) => {
    const known = ecs.fields[name];
    expect(known, `${name} is no field of ECS ${ecs.version}`).toBeDefined();
    expect(ECS_TYPES[field.type]).toContain(known?.type);
    expect(field.list ?? false).toBe(known?.list ?? false);
    expect(field.type === 'unindexed').toBe(known?.indexed === false);
    if (known?.values === undefined) return;
    expect(Object.keys(known.values)).toEqual(expect.arrayContaining([...(field.values ?? ['no closed list'])]));
  });

  it('have event types that go with their categories', () => {
    const documents = [
      toDocument(fullReport(), fullAnalysis(), { ingestedAtMs: SAMPLE_MS }),
      toDocument(killOnlyReport(), poorAnalysis(), { ingestedAtMs: SAMPLE_MS }),
      hostDocument,
    ];
    for (const document of documents) {
      const { category, type } = document['event'] as { category: string[]; type: string[] };
      const expected = category.flatMap((each) => ecs.fields['event.category']?.values?.[each] ?? []);
      expect(category.length).toBeGreaterThan(0);
      expect(expected).toEqual(expect.arrayContaining(type));
    }
  });

  it('hold in a host what its fields allow', () => {
    const leafOf = (name: string): unknown =>
      name.split('.').reduce<unknown>((node, key) => Reflect.get(Object(node), key), hostDocument);
    const narrowed = HOST_FIELDS.filter(({ values, name }) => values && leafOf(name) !== undefined);
    expect(narrowed.length).toBeGreaterThan(5);
    for (const { name, values = [] } of narrowed)
      expect(values, name).toEqual(expect.arrayContaining([leafOf(name)].flat()));
  });

  it('leave no name of its own to ECS', () => {
    expect(Object.keys(ecs.fields).filter((name) => name.startsWith('oom'))).toEqual([]);
  });
});
