export { systemClock } from './clock.ts';
export { type ConfigSources, expectation, type LoadedConfig, loadConfig } from './config.ts';
export { createLogger, silentLogger } from './log.ts';
export { createMetrics, type MetricsRegistry, silentMetrics } from './metrics.ts';
