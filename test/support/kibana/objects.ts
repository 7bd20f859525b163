/** An import file of Kibana, read back: what it holds is taken from its text, not from the builders. */
import type { Column } from '../../../src/assets/kibana/columns.ts';

export interface ReadObject {
  readonly id: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly { readonly type: string; readonly id: string; readonly name: string }[];
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
}

export interface ReadLayer {
  readonly columnOrder: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
}

export interface LensAttributes {
  readonly title: string;
  readonly visualizationType: string;
  readonly references: ReadObject['references'];
  readonly state: {
    readonly query: { readonly query: string; readonly language: string };
    readonly datasourceStates: { readonly formBased: { readonly layers: Readonly<Record<string, ReadLayer>> } };
    readonly visualization: Readonly<Record<string, unknown>>;
  };
}

export interface VegaSpec {
  readonly $schema: string;
  readonly data: {
    readonly url: { readonly index: string; readonly body: Readonly<Record<string, unknown>> };
    readonly format: { readonly property: string };
  };
  readonly [key: string]: unknown;
}

export interface ReadPanel {
  readonly type: string;
  readonly title: string;
  readonly panelIndex: string;
  readonly gridData: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly i: string;
  };
  readonly panelRefName?: string;
  readonly embeddableConfig: {
    readonly attributes?: LensAttributes;
    readonly savedVis?: { readonly title: string; readonly params: { readonly spec: string } };
  };
}

export const readObjects = (ndjson: string): ReadObject[] =>
  ndjson
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ReadObject);

export const panelsOf = ({ attributes }: ReadObject): ReadPanel[] =>
  JSON.parse(String(attributes['panelsJSON'])) as ReadPanel[];

export interface NamedPanel {
  /** With the title of the dashboard. */
  readonly name: string;
  readonly panel: ReadPanel;
  /** The saved search that the panel shows. */
  readonly search?: ReadObject;
}

/** Every panel of every dashboard. */
export function allPanels(ndjson: string): NamedPanel[] {
  const objects = readObjects(ndjson);
  const dashboards = objects.filter(({ type }) => type === 'dashboard');
  return dashboards.flatMap((dashboard) =>
    panelsOf(dashboard).map((panel) => {
      const name = `${dashboard.attributes['title']}: ${panel.title}`;
      const reference = dashboard.references.find((each) => each.name === `${panel.panelIndex}:${panel.panelRefName}`);
      const search = objects.find(({ type, id }) => type === reference?.type && id === reference.id);
      return search === undefined ? { name, panel } : { name, panel, search };
    }),
  );
}

/** The KQL of a saved search, and the id of its data view. */
export function searchSourceOf({ attributes, references }: ReadObject): { query: string; dataView: string } {
  const { searchSourceJSON } = attributes['kibanaSavedObjectMeta'] as { searchSourceJSON: string };
  const source = JSON.parse(searchSourceJSON) as { query: { query: string }; indexRefName: string };
  const reference = references.find(({ name }) => name === source.indexRefName);
  if (reference === undefined) throw new Error(`no reference ${source.indexRefName}`);
  return { query: source.query.query, dataView: reference.id };
}

export const vegaSpecOf = ({ embeddableConfig }: ReadPanel): VegaSpec | undefined =>
  embeddableConfig.savedVis && (JSON.parse(embeddableConfig.savedVis.params.spec) as VegaSpec);
