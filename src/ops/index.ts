export { systemClock } from './clock.ts';
export { type ConfigSources, type LoadedConfig, loadConfig } from './config.ts';
export { checkTogether } from './consistency.ts';
export { FlowMetrics } from './flow-metrics.ts';
export { createLogger, silentLogger } from './log.ts';
export { createMetrics, type MetricsRegistry, silentMetrics } from './metrics.ts';
