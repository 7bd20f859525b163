/** Metrics by prom-client, from tables/metrics.ts. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../ports.ts';
import { METRICS, type MetricDefinition, type MetricName } from '../tables/metrics.ts';

export interface MetricsRegistry extends Metrics {
  /** The exposition text and its content type. */
  expose(): Promise<{ body: string; contentType: string }>;
  /** Adds what prom-client knows of a Node process: resident memory, CPU, event loop lag, heap, collections. Once. */
  observeProcess(): void;
}

/** Every metric of the table, in a registry of its own. Counters and gauges without labels begin at 0. */
export function createMetrics(): MetricsRegistry {
  const registry = new Registry();
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  for (const [key, definition] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
    const common = { name: key, help: definition.meaning, labelNames: [...definition.labels], registers: [registry] };
    if (definition.kind === 'counter') counters.set(key, new Counter(common));
    else if (definition.kind === 'gauge') gauges.set(key, new Gauge(common));
    else histograms.set(key, new Histogram({ ...common, buckets: [...(definition.buckets ?? [])] }));
  }
  return {
    increment: (name, labels = {}, by = 1) => counters.get(name)?.inc(labels, by),
    set: (name, value, labels = {}) => gauges.get(name)?.set(labels, value),
    observe: (name, value, labels = {}) => histograms.get(name)?.observe(labels, value),
    remove: (name, labels) => gauges.get(name)?.remove(labels),
    observeProcess: () => collectDefaultMetrics({ register: registry }),
    expose: async () => ({ body: await registry.metrics(), contentType: registry.contentType }),
  };
}

/** Metrics that nobody reads. */
export const silentMetrics: Metrics = { increment() {}, set() {}, observe() {}, remove() {} };
