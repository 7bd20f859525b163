import { describe, expect, it } from 'vitest';
import { buildMapping, compareMappings, countFields, HOST_FIELDS } from '../../../src/document/index.ts';

const fields = (properties: object) => ({ properties });

describe('compareMappings', () => {
  it('finds nothing between a mapping and itself, whatever else the other has', () => {
    for (const mapping of [buildMapping(), buildMapping('false', HOST_FIELDS)]) {
      const found = structuredClone(mapping);
      Object.assign(Object(found['properties']), { own: { type: 'text' } });
      expect(compareMappings(mapping, found)).toEqual({ missing: [], conflicts: [] });
    }
  });

  it('names every field and object that is missing, below an object too', () => {
    const expected = fields({ a: { type: 'date' }, o: fields({ b: { type: 'long' }, c: { type: 'long' } }) });
    expect(compareMappings(expected, fields({ o: fields({ b: { type: 'long' } }) }))).toEqual({
      missing: ['a', 'o.c'],
      conflicts: [],
    });
    expect(compareMappings(expected, undefined).missing).toEqual(['a', 'o', 'o.b', 'o.c']);
  });

  it.each([
    [{ type: 'keyword' }, { type: 'text', fields: { keyword: { type: 'keyword' } } }, 'is text, expected keyword'],
    [{ type: 'integer' }, { type: 'long' }, 'is long, expected integer'],
    [fields({ a: { type: 'long' } }), { type: 'keyword' }, 'is keyword, expected object'],
    [{ type: 'keyword' }, fields({ a: { type: 'long' } }), 'is object, expected keyword'],
    [{ type: 'nested', properties: {} }, fields({}), 'is object, expected nested'],
    [{ type: 'object', enabled: false }, fields({}), 'has enabled true, expected false'],
    [{ type: 'keyword', index: false, doc_values: false }, { type: 'keyword' }, 'has index true, expected false'],
    [{ type: 'date' }, { type: 'date', format: 'epoch_millis' }, 'has format epoch_millis, expected unset'],
  ])('says where %j cannot come of %j', (expected, found, said) => {
    expect(compareMappings(fields({ f: expected }), fields({ f: found }))).toEqual({
      missing: [],
      conflicts: [`f ${said}`],
    });
  });

  it('lets pass what an update of the mapping can change', () => {
    const expected = fields({ f: { type: 'keyword', ignore_above: 1024 }, l: { type: 'object', dynamic: 'true' } });
    const found = fields({ f: { type: 'keyword', fields: { x: { type: 'text' } } }, l: { dynamic: 'false' } });
    expect(compareMappings(expected, found).conflicts).toEqual([]);
  });
});

describe('countFields', () => {
  // Elasticsearch 8.19 refuses a sixth field under a limit of 5 here.
  it('counts as Elasticsearch does: objects, multi-fields and runtime fields too', () => {
    const mapping = fields({
      a: { type: 'text', fields: { k: { type: 'keyword' } } },
      d: { type: 'object', enabled: false },
      n: { type: 'nested', properties: { z: { type: 'long' } } },
    });
    expect(countFields(mapping)).toBe(5);
    expect(countFields({ ...mapping, runtime: { r: { type: 'long' } } })).toBe(6);
  });
});
