/** Panels and the dashboards that hold them. */
import {
  DATA_VIEW_ID,
  DATASETS,
  dataViewReference,
  type FieldName,
  kuery,
  type Reference,
  type SavedObject,
  TAG_REFERENCE,
} from './object.ts';

/** A panel without its place. */
export interface Panel {
  readonly title: string;
  readonly type: 'lens' | 'visualization' | 'search';
  readonly embeddableConfig: Readonly<Record<string, unknown>>;
  /** A panel that is an object of its own stands in the dashboard by this reference. */
  readonly objectId?: string;
  readonly references: readonly Reference[];
}

/** Panels side by side, each with its width; the grid has 48 columns. */
export interface Row {
  readonly height: number;
  readonly panels: readonly (readonly [width: number, panel: Panel])[];
}

export interface DashboardDefinition {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Span that is shown at first: `now-30d`. */
  readonly timeFrom: string;
  readonly rows: readonly Row[];
}

export const GRID_COLUMNS = 48;

/** A saved search as a panel. */
export const searchPanel = (title: string, objectId: string): Panel => ({
  title,
  type: 'search',
  embeddableConfig: { enhancements: {} },
  objectId,
  references: [],
});

const FILTER_INDEX = 'kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index';

/**
 * Every dashboard shows reports and hosts alone, whatever else a data view may come to hold. Kibana applies it to the panels
 * of both data views.
 */
function datasetFilter() {
  const key = 'event.dataset' satisfies FieldName;
  return {
    meta: {
      indexRefName: FILTER_INDEX,
      type: 'phrases',
      key,
      params: DATASETS,
      field: key,
      negate: false,
      disabled: false,
      alias: null,
    },
    query: { bool: { minimum_should_match: 1, should: DATASETS.map((value) => ({ match_phrase: { [key]: value } })) } },
    $state: { store: 'appState' },
  };
}

/** The dashboard as a saved object; panels are numbered in reading order. */
export function buildDashboard({ id, title, description, timeFrom, rows }: DashboardDefinition): SavedObject {
  const panels: Readonly<Record<string, unknown>>[] = [];
  const references: Reference[] = [dataViewReference(FILTER_INDEX), TAG_REFERENCE];
  let y = 0;
  for (const { height, panels: placed } of rows) {
    let x = 0;
    for (const [width, panel] of placed) {
      const index = `p${panels.length + 1}`;
      const { type, title, embeddableConfig, objectId } = panel;
      const byReference = objectId === undefined ? {} : { panelRefName: `panel_${index}` };
      const gridData = { x, y, w: width, h: height, i: index };
      panels.push({ type, title, panelIndex: index, gridData, embeddableConfig, ...byReference });
      for (const reference of panel.references) references.push({ ...reference, name: `${index}:${reference.name}` });
      if (objectId !== undefined) references.push({ type: 'search', id: objectId, name: `${index}:panel_${index}` });
      x += width;
    }
    y += height;
  }
  return {
    type: 'dashboard',
    id,
    attributes: {
      title,
      description,
      version: 1,
      panelsJSON: JSON.stringify(panels),
      optionsJSON: JSON.stringify({
        useMargins: true,
        syncColors: true,
        syncCursor: true,
        syncTooltips: false,
        hidePanelTitles: false,
      }),
      timeRestore: true,
      timeFrom,
      timeTo: 'now',
      refreshInterval: { pause: true, value: 60_000 },
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: kuery(), filter: [datasetFilter()] }) },
    },
    references,
  };
}

export interface SearchDefinition {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly columns: readonly FieldName[];
  /** KQL. */
  readonly where?: string;
  /** The reports' unless given. */
  readonly dataViewId?: string;
}

/** A search of Discover as a saved object, newest documents first. */
export function buildSearch({
  id,
  title,
  description,
  columns,
  where = '',
  dataViewId = DATA_VIEW_ID,
}: SearchDefinition): SavedObject {
  const indexRefName = 'kibanaSavedObjectMeta.searchSourceJSON.index';
  return {
    type: 'search',
    id,
    attributes: {
      title,
      description,
      columns,
      sort: [['@timestamp', 'desc']],
      grid: {},
      hideChart: false,
      isTextBasedQuery: false,
      timeRestore: false,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: kuery(where), filter: [], indexRefName }),
      },
    },
    references: [{ type: 'index-pattern', id: dataViewId, name: indexRefName }, TAG_REFERENCE],
  };
}
