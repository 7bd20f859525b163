/** Lens panels: one layer over a data view, its columns, and the chart that shows them. */
import type { Column, Columns } from './columns.ts';
import { DATA_VIEW_ID, dataViewReference, kuery } from './object.ts';
import type { Panel } from './panel.ts';

const LAYER = 'layer';

interface LensOptions {
  readonly title: string;
  readonly columns: Columns;
  /** KQL that the whole panel is limited to. */
  readonly where?: string;
  /** The reports' unless given. */
  readonly dataViewId?: string;
}

type VisualizationType = 'lnsMetric' | 'lnsXY' | 'lnsDatatable' | 'lnsHeatmap';

function lensPanel(
  { title, columns, where = '', dataViewId = DATA_VIEW_ID }: LensOptions,
  visualizationType: VisualizationType,
  visualization: Readonly<Record<string, unknown>>,
): Panel {
  const reference = dataViewReference(`indexpattern-datasource-layer-${LAYER}`, dataViewId);
  const layer = { columnOrder: Object.keys(columns), columns, incompleteColumns: {}, sampling: 1 };
  const attributes = {
    title,
    type: 'lens',
    visualizationType,
    references: [reference],
    state: {
      query: kuery(where),
      filters: [],
      internalReferences: [],
      adHocDataViews: {},
      datasourceStates: { formBased: { layers: { [LAYER]: layer } } },
      visualization,
    },
  };
  return {
    title,
    type: 'lens',
    embeddableConfig: { enhancements: {}, attributes },
    references: [reference],
  };
}

/** One number. */
export function metricPanel(
  title: string,
  value: Column,
  options: Pick<LensOptions, 'where' | 'dataViewId'> = {},
): Panel {
  const columns = { value };
  return lensPanel({ title, columns, ...options }, 'lnsMetric', {
    layerId: LAYER,
    layerType: 'data',
    metricAccessor: 'value' satisfies keyof typeof columns,
  });
}

export interface XyOptions extends LensOptions {
  readonly series: 'bar_stacked' | 'bar_horizontal_stacked' | 'line' | 'area_stacked';
  /** Ids of columns. */
  readonly x: string;
  readonly y: readonly string[];
  readonly split?: string;
}

/** Bars, lines or areas. */
export function xyPanel({ series, x, y, split, ...options }: XyOptions): Panel {
  return lensPanel(options, 'lnsXY', {
    legend: { isVisible: true, position: 'right' },
    valueLabels: 'hide',
    fittingFunction: 'None',
    preferredSeriesType: series,
    axisTitlesVisibilitySettings: { x: false, yLeft: false, yRight: false },
    tickLabelsVisibilitySettings: { x: true, yLeft: true, yRight: true },
    gridlinesVisibilitySettings: { x: true, yLeft: true, yRight: true },
    layers: [
      {
        layerId: LAYER,
        layerType: 'data',
        seriesType: series,
        xAccessor: x,
        accessors: y,
        ...(split === undefined ? {} : { splitAccessor: split }),
      },
    ],
  });
}

/** All columns side by side, a row per bucket. */
export const tablePanel = (options: LensOptions): Panel =>
  lensPanel(options, 'lnsDatatable', {
    layerId: LAYER,
    layerType: 'data',
    columns: Object.keys(options.columns).map((columnId) => ({ columnId })),
    paging: { size: 10, enabled: true },
    rowHeight: 'single',
  });

/** A cell per pair of buckets, coloured by the value; arguments are ids of columns. */
export function heatmapPanel({ x, y, value, ...options }: LensOptions & Record<'x' | 'y' | 'value', string>): Panel {
  return lensPanel(options, 'lnsHeatmap', {
    shape: 'heatmap',
    layerId: LAYER,
    layerType: 'data',
    xAccessor: x,
    yAccessor: y,
    valueAccessor: value,
    legend: { isVisible: true, position: 'right', type: 'heatmap_legend' },
    gridConfig: {
      type: 'heatmap_grid',
      isCellLabelVisible: false,
      isXAxisLabelVisible: true,
      isXAxisTitleVisible: false,
      isYAxisLabelVisible: true,
      isYAxisTitleVisible: false,
    },
  });
}
