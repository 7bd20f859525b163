/** Deep copies that every JSON reader takes: for the parts of the document that are stored and not indexed. */

/**
 * A copy of plain data: undefined is left out, numbers that JSON cannot state are left out, strings become valid
 * Unicode, null (unlimited) stays.
 */
export function toPlain(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => toPlain(item) ?? null);
  if (typeof value !== 'object') return undefined;
  return toPlainObject(value);
}

/** The same for an object. Its keys may come from the text (names of counters), so they may be anything. */
export function toPlainObject(value: object): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const plain = toPlain(item);
    if (plain !== undefined) entries.push([key.toWellFormed(), plain]);
  }
  // fromEntries defines the keys; an assignment would let `__proto__` through to the prototype.
  return Object.fromEntries(entries);
}
