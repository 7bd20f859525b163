/** What a mapping on a server lacks of ours, and what in it cannot become ours. */

export interface MappingDifference {
  /** Dotted names of fields and objects that are not there. */
  readonly missing: readonly string[];
  /** `oom.verdict is text, expected keyword`: only a new index can have it otherwise. */
  readonly conflicts: readonly string[];
}

/**
 * Parameters that a field keeps for life, with what holds where they do not stand: `PUT _mapping` with another value is
 * refused, or would be ignored. Tried on 8.19.
 */
const LASTING: Readonly<Record<string, unknown>> = {
  type: 'object',
  enabled: true,
  index: true,
  doc_values: true,
  store: false,
  format: undefined,
  analyzer: undefined,
  normalizer: undefined,
};

/**
 * Compares the fields of two mappings as `GET _mapping` and `buildMapping` give them. Fields that are only in `found` are
 * the operator's or labels and count for nothing.
 */
export function compareMappings(expected: unknown, found: unknown): MappingDifference {
  const missing: string[] = [];
  const conflicts: string[] = [];
  compare(expected, found, '');
  return { missing, conflicts };

  function compare(wanted: unknown, there: unknown, prefix: string): void {
    for (const [key, child] of childrenOf(wanted, 'properties')) {
      const name = `${prefix}${key}`;
      const twin = new Map(childrenOf(there, 'properties')).get(key);
      if (twin === undefined) missing.push(name);
      const conflict = twin === undefined ? undefined : conflictOf(child, twin);
      if (conflict !== undefined) conflicts.push(`${name} ${conflict}`);
      else compare(child, twin, `${name}.`);
    }
  }
}

/** `is text, expected keyword`; undefined when the one can become the other. */
function conflictOf(expected: unknown, found: unknown): string | undefined {
  for (const [parameter, otherwise] of Object.entries(LASTING)) {
    const [wanted, there] = [expected, found].map((field) => parameterOf(field, parameter) ?? otherwise);
    // Mappings that were put with strings come back so.
    if (String(wanted) === String(there)) continue;
    return parameter === 'type'
      ? `is ${there}, expected ${wanted}`
      : `has ${parameter} ${there ?? 'unset'}, expected ${wanted ?? 'unset'}`;
  }
  return undefined;
}

/** How many fields the limit `index.mapping.total_fields.limit` counts: fields, objects, multi-fields, runtime fields. */
export function countFields(mapping: unknown): number {
  const children = childrenOf(mapping, 'properties').reduce((sum, [, child]) => sum + 1 + countFields(child), 0);
  return children + childrenOf(mapping, 'fields').length + childrenOf(mapping, 'runtime').length;
}

const childrenOf = (mapping: unknown, key: string): [string, unknown][] =>
  Object.entries(Object(parameterOf(mapping, key)));

const parameterOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
