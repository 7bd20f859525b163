/** The data views: their aliases, the formats of their fields, and the links that lead from a cell to a dashboard. */
import { FIELDS, type FieldDefinition, HOST_FIELDS } from '../../document/index.ts';
import { HOST_ALIAS } from '../templates.ts';
import { DATA_VIEW_ID, type FieldName, HOST_DATA_VIEW_ID, type SavedObject, TAG_ID, TIME_FIELD } from './object.ts';

export const HOST_DASHBOARD_ID = 'oomscope-host';
export const REPORT_DASHBOARD_ID = 'oomscope-report';

/** Longest description of a field that Kibana takes. */
export const DESCRIPTION_LIMIT = 300;

/**
 * A cell that opens a dashboard for its value. Kibana completes an address that begins with `..` from its own base path
 * and space, and encodes the value.
 */
const linkTo = (dashboard: string, field: FieldName) => ({
  id: 'url',
  params: {
    type: 'a',
    urlTemplate: `../app/dashboards#/view/${dashboard}?_a=(query:(language:kuery,query:'${field}:%22{{value}}%22'))`,
    labelTemplate: '{{value}}',
    openLinkInCurrentTab: true,
  },
});

function formats(fields: readonly FieldDefinition[]): Record<string, unknown> {
  const bytes = fields.filter(({ unit, type }) => unit === 'bytes' && type === 'long').map(({ name }) => name);
  return {
    ...Object.fromEntries(bytes.map((name) => [name, { id: 'bytes' }])),
    ['host.name' satisfies FieldName]: linkTo(HOST_DASHBOARD_ID, 'host.name'),
  };
}

const reportFormats = (): Record<string, unknown> => ({
  ...formats(FIELDS),
  ['event.id' satisfies FieldName]: linkTo(REPORT_DASHBOARD_ID, 'event.id'),
});

/** What each field means, shown beside it; ECS fields are described by Kibana itself. */
const descriptions = (fields: readonly FieldDefinition[]): Record<string, unknown> =>
  Object.fromEntries(
    fields
      .filter(({ name, type }) => name.startsWith('oom.') && type !== 'nested' && type !== 'disabled')
      .map(({ name, meaning }) => [name, { customDescription: meaning.slice(0, DESCRIPTION_LIMIT) }]),
  );

export const buildDataView = (): SavedObject => ({
  type: 'index-pattern',
  id: DATA_VIEW_ID,
  attributes: {
    title: 'oom-report',
    name: 'OOM reports',
    timeFieldName: TIME_FIELD,
    // Each a text of JSON, as Kibana stores them.
    fieldFormatMap: JSON.stringify(reportFormats()),
    fieldAttrs: JSON.stringify(descriptions(FIELDS)),
    runtimeFieldMap: '{}',
    typeMeta: '{}',
    sourceFilters: '[]',
    fields: '[]',
  },
  references: [],
});

/** The inventory has no time field: what was booted long ago is as much there as what was booted today. */
export const buildHostDataView = (): SavedObject => ({
  type: 'index-pattern',
  id: HOST_DATA_VIEW_ID,
  attributes: {
    title: HOST_ALIAS,
    name: 'OOM hosts',
    fieldFormatMap: JSON.stringify(formats(HOST_FIELDS)),
    fieldAttrs: JSON.stringify(descriptions(HOST_FIELDS)),
    runtimeFieldMap: '{}',
    typeMeta: '{}',
    sourceFilters: '[]',
    fields: '[]',
  },
  references: [],
});

export const buildTag = (): SavedObject => ({
  type: 'tag',
  id: TAG_ID,
  attributes: { name: 'oomscope', description: 'Installed by oomscope setup', color: '#BD271E' },
  references: [],
});
