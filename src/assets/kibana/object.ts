/** Saved objects of Kibana: their shape, their ids, and the lines of an import file. */
import type { Leaves } from '../../document/fields.ts';

/** Dotted name of a field of the document; a misspelt one does not compile. */
export type FieldName = keyof Leaves;

/** Versions of Kibana with an import file of their own: 8.19, and every 9. */
export const KIBANA_LINES = ['8.19', '9'] as const;
export type KibanaLine = (typeof KIBANA_LINES)[number];

export type ObjectType = 'index-pattern' | 'search' | 'dashboard' | 'tag';

export interface Reference {
  readonly type: ObjectType;
  readonly id: string;
  readonly name: string;
}

export interface SavedObject {
  readonly type: ObjectType;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
}

export const DATA_VIEW_ID = 'oom-report';
export const HOST_DATA_VIEW_ID = 'oom-host';

/** What the documents behind the data views state as their `event.dataset`. */
export const DATASETS = ['oom.report', 'oom.host'] as const;
export const TAG_ID = 'oomscope';

/** Title of the time field of every panel. */
export const TIME_FIELD = '@timestamp' satisfies FieldName;

export const TAG_REFERENCE: Reference = { type: 'tag', id: TAG_ID, name: `tag-ref-${TAG_ID}` };

export const dataViewReference = (name: string, id = DATA_VIEW_ID): Reference => ({ type: 'index-pattern', id, name });

/** A query as Kibana stores it; empty for all documents. */
export const kuery = (query = '') => ({ query, language: 'kuery' });

/** Of all objects alike. */
const CORE_VERSION = '8.8.0';

/**
 * The migration versions of the attributes, the oldest that have their shape: Kibana takes its own and older ones and
 * refuses newer ones; objects without a version go through all migrations, which modern panels do not survive.
 */
const TYPE_VERSIONS: Readonly<Record<KibanaLine, Readonly<Record<ObjectType, string>>>> = {
  '8.19': { 'index-pattern': '8.0.0', search: '8.0.0', tag: '8.0.0', dashboard: '10.2.0' },
  // 9.0 knows no newer dashboard.
  '9': { 'index-pattern': '8.0.0', search: '8.0.0', tag: '8.0.0', dashboard: '10.2.0' },
};

/** The import file: one object a line. */
export function ndjsonOf(objects: readonly SavedObject[], line: KibanaLine): string {
  return objects
    .map(({ id, type, attributes, references }) => {
      const versions = { coreMigrationVersion: CORE_VERSION, typeMigrationVersion: TYPE_VERSIONS[line][type] };
      return `${JSON.stringify({ id, type, attributes, references, ...versions, managed: false })}\n`;
    })
    .join('');
}
