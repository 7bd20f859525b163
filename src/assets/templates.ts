/** Builders of the component templates and the index template; elastic/templates holds what they return. */
import { buildMapping, type Dynamic, INDEX_PREFIX, SCHEMA_VERSION } from '../document/index.ts';

export type TemplateKind = 'component' | 'index';

/** One template as Elasticsearch takes it. */
export interface Template {
  readonly kind: TemplateKind;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Documents of every month, and the same among the logs of Kibana (`logs-*`). */
export const ALIASES = ['oom-report', 'logs-oom.report'] as const;

/** Fields and objects of the mapping are about 250; the rest is room for labels, and a tripwire beyond. */
const FIELD_LIMIT = 400;

/** Above those of the stack, which match `logs-*-*` and not this pattern. */
const PRIORITY = 520;

/** Marks what oomscope has installed. */
export const META = { managed_by: 'oomscope', schema_version: SCHEMA_VERSION } as const;

/**
 * The templates in the order of their installation. `dynamic` is strict in tests, so that a field without a mapping
 * is refused; see `buildMapping`. `oom-report@lifecycle` and `oom-report@custom` are the operator's: they are used
 * when they exist.
 */
export function buildTemplates(dynamic: Dynamic = 'false'): readonly Template[] {
  return [
    {
      kind: 'component',
      name: 'oom-report@mappings',
      body: { template: { mappings: buildMapping(dynamic) }, _meta: META },
    },
    {
      kind: 'component',
      name: 'oom-report@settings',
      body: {
        template: {
          settings: {
            index: {
              number_of_shards: '1',
              auto_expand_replicas: '0-1',
              codec: 'best_compression',
              refresh_interval: '1s',
              mapping: { total_fields: { limit: String(FIELD_LIMIT) } },
            },
          },
        },
        _meta: META,
      },
    },
    {
      kind: 'index',
      name: 'oom-report',
      body: {
        index_patterns: [`${INDEX_PREFIX}*`],
        priority: PRIORITY,
        composed_of: ['oom-report@mappings', 'oom-report@settings', 'oom-report@lifecycle', 'oom-report@custom'],
        ignore_missing_component_templates: ['oom-report@lifecycle', 'oom-report@custom'],
        template: { aliases: Object.fromEntries(ALIASES.map((alias) => [alias, {}])) },
        _meta: META,
      },
    },
  ];
}

/** The file below elastic/templates that shows a template. */
export const templateFile = ({ kind, name }: Template): string => `${kind}-${name}.json`;

/** The text of that file. */
export const templateText = ({ body }: Template): string => `${JSON.stringify(body, null, 2)}\n`;
