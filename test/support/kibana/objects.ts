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

/** Every panel of every dashboard with the title of the dashboard. */
export const allPanels = (ndjson: string): { name: string; panel: ReadPanel }[] =>
  readObjects(ndjson)
    .filter(({ type }) => type === 'dashboard')
    .flatMap((object) =>
      panelsOf(object).map((panel) => ({ name: `${object.attributes['title']}: ${panel.title}`, panel })),
    );

export const vegaSpecOf = ({ embeddableConfig }: ReadPanel): VegaSpec | undefined =>
  embeddableConfig.savedVis && (JSON.parse(embeddableConfig.savedVis.params.spec) as VegaSpec);
