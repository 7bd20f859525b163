/** The fields outside `oom.*` against the field list of the Elastic Common Schema. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ECS_VERSION } from '../../../src/document/fields-ecs.ts';
import { FIELDS, type FieldDefinition, toDocument } from '../../../src/document/index.ts';
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

const outside = FIELDS.filter(({ name }) => !name.startsWith('oom.'));

describe('fields outside oom.*', () => {
  it('are written to the version of the list', () => {
    expect(ecs.version).toBe(ECS_VERSION);
    expect(outside.length).toBeGreaterThan(25);
  });

  it.each(outside.map((field): [string, FieldDefinition] => [field.name, field]))('%s', (name, field) => {
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
    ];
    for (const document of documents) {
      const { category, type } = document['event'] as { category: string[]; type: string[] };
      const expected = category.flatMap((each) => ecs.fields['event.category']?.values?.[each] ?? []);
      expect(category.length).toBeGreaterThan(0);
      expect(expected).toEqual(expect.arrayContaining(type));
    }
  });

  it('leave no name of its own to ECS', () => {
    expect(Object.keys(ecs.fields).filter((name) => name.startsWith('oom'))).toEqual([]);
  });
});
