/** What an alert is: one definition, from which the rules of every engine and the page are built. */
import type { FieldName } from '../kibana/object.ts';

/** A field and what it has to hold; `true` alone asks for a flag, `exists` for any value. */
export type Condition =
  | { readonly field: FieldName; readonly is: string | boolean }
  | { readonly field: FieldName; readonly oneOf: readonly string[] }
  | { readonly field: FieldName; readonly exists: true };

/** When reports make an alert. */
export type Trigger =
  /** Each report once, by its event.id. */
  | { readonly kind: 'each' }
  /** So many reports of one value of `by`. */
  | { readonly kind: 'count'; readonly by: FieldName; readonly atLeast: number }
  /** So many reports of one pair of values. */
  | { readonly kind: 'pairs'; readonly by: readonly [FieldName, FieldName]; readonly atLeast: number }
  /** So many different values of `distinct` under one value of `by`. */
  | { readonly kind: 'spread'; readonly distinct: FieldName; readonly by: FieldName; readonly atLeast: number }
  /** A value that none of the last days had. */
  | { readonly kind: 'new-value'; readonly field: FieldName; readonly lookBackDays: number }
  /** A host of the inventory, just written there, without an OOM in the last days. */
  | { readonly kind: 'quiet-host'; readonly lookBackDays: number };

interface AlertText {
  /** Stable: ids of rules and names of files come from it. */
  readonly id: string;
  readonly title: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly meaning: string;
  readonly firstStep: string;
  readonly silence: string;
  /** What else there is to know: why this threshold, where an engine differs. */
  readonly note?: string;
}

/** An alert on documents: for Kibana and ElastAlert. */
export interface ReportAlert extends AlertText {
  readonly source: 'reports';
  /** All have to hold. */
  readonly conditions: readonly Condition[];
  readonly trigger: Trigger;
  /** Documents that were ingested in so many minutes are looked at. */
  readonly windowMinutes: number;
  /** Events older than so many minutes alert nobody: a replay, a reanalysis, a backlog. */
  readonly eventMinutes: number;
}

/** An alert on the worker's own metrics: for Prometheus. */
export interface MetricAlert extends AlertText {
  readonly source: 'metrics';
  /** Name of the Prometheus alert. */
  readonly name: string;
  /** PromQL over metrics of tables/metrics.ts. */
  readonly expression: string;
  /** The expression has to hold for so many minutes. */
  readonly forMinutes: number;
  readonly summary: string;
}

export type AlertDefinition = ReportAlert | MetricAlert;
