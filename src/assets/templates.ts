/** Builders of the component templates and the index template; elastic/templates holds what they return. */
import {
  buildMapping,
  type Dynamic,
  HOST_FIELDS,
  HOST_INDEX_PREFIX,
  HOST_TEMPLATE,
  INDEX_PREFIX,
  REPORT_TEMPLATE,
  SCHEMA_VERSION,
} from '../document/index.ts';

export type TemplateKind = 'component' | 'index';

/** One template as Elasticsearch takes it. */
export interface Template {
  readonly kind: TemplateKind;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Documents of every month, and the same among the logs of Kibana (`logs-*`). */
export const ALIASES = ['oom-report', 'logs-oom.report'] as const;

/** The inventory of hosts. */
export const HOST_ALIAS = 'oom-host';

/** Fields and objects of the mapping are about 250; the rest is room for labels, and a tripwire beyond. */
const FIELD_LIMIT = 400;

/** Above those of the stack, which match `logs-*-*` and not this pattern. */
const PRIORITY = 520;

/**
 * How long Elasticsearch remembers the version of a deleted document (60 s by default). A head that was deleted when its kill
 * line came, and is written late by a worker that was frozen, meets that version and stays away.
 */
const REMEMBER_DELETES = '1h';

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
              gc_deletes: REMEMBER_DELETES,
              mapping: { total_fields: { limit: String(FIELD_LIMIT) } },
            },
          },
        },
        _meta: META,
      },
    },
    {
      kind: 'index',
      name: REPORT_TEMPLATE,
      body: {
        index_patterns: [`${INDEX_PREFIX}*`],
        priority: PRIORITY,
        composed_of: ['oom-report@mappings', 'oom-report@settings', 'oom-report@lifecycle', 'oom-report@custom'],
        ignore_missing_component_templates: ['oom-report@lifecycle', 'oom-report@custom'],
        template: { aliases: Object.fromEntries(ALIASES.map((alias) => [alias, {}])) },
        _meta: META,
      },
    },
    ...hostTemplates(dynamic),
  ];
}

/** The inventory is one index without months, small and written rarely, so nothing but its mapping is special. */
const hostTemplates = (dynamic: Dynamic): readonly Template[] => [
  {
    kind: 'component',
    name: 'oom-host@mappings',
    body: { template: { mappings: buildMapping(dynamic, HOST_FIELDS) }, _meta: META },
  },
  {
    kind: 'index',
    name: HOST_TEMPLATE,
    body: {
      index_patterns: [`${HOST_INDEX_PREFIX}*`],
      priority: PRIORITY,
      composed_of: ['oom-host@mappings', 'oom-host@custom'],
      ignore_missing_component_templates: ['oom-host@custom'],
      template: {
        settings: { index: { number_of_shards: '1', auto_expand_replicas: '0-1' } },
        aliases: { [HOST_ALIAS]: {} },
      },
      _meta: META,
    },
  },
];

/** The file below elastic/templates that shows a template. */
export const templateFile = ({ kind, name }: Template): string => `${kind}-${name}.json`;

/** The text of that file. */
export const templateText = ({ body }: Template): string => `${JSON.stringify(body, null, 2)}\n`;
