/** The mapping of the document's fields, built from their table. */
import type { FieldDefinition } from './field.ts';
import { FIELDS, SCHEMA_VERSION } from './fields.ts';
import { KEYWORD_LIMIT } from './leaves.ts';

interface Node {
  definition?: FieldDefinition;
  children: Map<string, Node>;
}

/** How the index treats fields that the mapping lacks: `false` ignores them, `strict` refuses their document. */
export type Dynamic = 'false' | 'strict';

/**
 * The mapping with types of the server core alone. `dynamic` false is for production: a worker newer than its template
 * loses the indexing of new fields, not the document. Tests use strict. Labels alone are dynamic: their names come
 * from the configuration.
 */
export function buildMapping(
  dynamic: Dynamic = 'false',
  fields: readonly FieldDefinition[] = FIELDS,
): Record<string, unknown> {
  return {
    dynamic,
    date_detection: false,
    numeric_detection: false,
    _meta: { managed_by: 'oomscope', schema_version: SCHEMA_VERSION },
    dynamic_templates: [
      { labels: { path_match: 'oom.labels.*', mapping: { type: 'keyword', ignore_above: KEYWORD_LIMIT } } },
    ],
    properties: propertiesOf(treeOf(fields), dynamic),
  };
}

function treeOf(fields: readonly FieldDefinition[]): Map<string, Node> {
  const root: Node = { children: new Map() };
  for (const definition of fields) {
    let node = root;
    for (const key of definition.name.split('.')) {
      const child: Node = node.children.get(key) ?? { children: new Map() };
      node.children.set(key, child);
      node = child;
    }
    node.definition = definition;
  }
  return root.children;
}

function propertiesOf(nodes: ReadonlyMap<string, Node>, dynamic: Dynamic): Record<string, unknown> {
  return Object.fromEntries([...nodes].map(([key, node]) => [key, mappingOf(node, dynamic)]));
}

function mappingOf({ definition, children }: Node, dynamic: Dynamic): Record<string, unknown> {
  if (!definition) return { properties: propertiesOf(children, dynamic) };
  switch (definition.type) {
    case 'keyword':
      return { type: 'keyword', ignore_above: KEYWORD_LIMIT };
    case 'text':
      return { type: 'text', norms: false };
    case 'unindexed':
      return { type: 'keyword', index: false, doc_values: false };
    case 'nested':
      return { type: 'nested', dynamic, properties: propertiesOf(children, dynamic) };
    case 'disabled':
      return { type: 'object', enabled: false };
    case 'labels':
      return { type: 'object', dynamic: 'true' };
    default:
      return { type: definition.type };
  }
}
