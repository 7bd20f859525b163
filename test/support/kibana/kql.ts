/** The part of KQL that the assets use: `field: value`, `field: *`, joined by `or`. */

export interface KqlTerm {
  readonly field: string;
  /** Undefined for `*`. */
  readonly value?: string;
}

/** The alternatives of a query; throws on what the assets do not use. */
export function readKql(query: string): KqlTerm[] {
  if (query === '') return [];
  return query.split(' or ').map((part) => {
    const match = /^([A-Za-z@][\w.]*): (\*|[\w-]+)$/.exec(part);
    if (!match?.[1] || !match[2]) throw new Error(`not in the KQL of the assets: ${part}`);
    return match[2] === '*' ? { field: match[1] } : { field: match[1], value: match[2] };
  });
}

/** The same as Query DSL. */
export function dslOfKql(query: string): Record<string, unknown> {
  const clauses = readKql(query).map(({ field, value }) =>
    value === undefined ? { exists: { field } } : { term: { [field]: value } },
  );
  return clauses.length === 0 ? { match_all: {} } : { bool: { should: clauses, minimum_should_match: 1 } };
}

export type Document = Readonly<Record<string, unknown>>;

/** The values of a field of a document, by its dotted name. */
export function valuesOf(document: Document, field: string): unknown[] {
  const value = field
    .split('.')
    .reduce<unknown>(
      (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
      document,
    );
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Whether a document matches. */
export function matchesKql(document: Document, query: string): boolean {
  const terms = readKql(query);
  return (
    terms.length === 0 ||
    terms.some(({ field, value }) => {
      const values = valuesOf(document, field);
      return value === undefined ? values.length > 0 : values.some((found) => String(found) === value);
    })
  );
}
