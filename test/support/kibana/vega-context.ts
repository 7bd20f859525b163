/** What Kibana does with a Vega panel: its marks replaced by the dashboard's clauses, the chart drawn by the interpreter. */

import { type LoggerInterface, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { VegaSpec } from './objects.ts';

export interface DashboardContext {
  readonly fromMs: number;
  readonly toMs: number;
  /** Clauses of the dashboard's query and filters. */
  readonly must?: readonly unknown[];
  readonly filter?: readonly unknown[];
}

/** A body as Kibana sends it. */
export function injectContext(value: unknown, context: DashboardContext): unknown {
  const clauses: Readonly<Record<string, readonly unknown[]>> = {
    '%dashboard_context-must_clause%': context.must ?? [],
    '%dashboard_context-filter_clause%': context.filter ?? [],
    '%dashboard_context-must_not_clause%': [],
  };
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      typeof item === 'string' && clauses[item] !== undefined ? clauses[item] : [injectContext(item, context)],
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Reflect.get(value, '%timefilter%') === true) {
    const [gte, lte] = [context.fromMs, context.toMs].map((ms) => new Date(ms).toISOString());
    return { gte, lte, format: 'strict_date_optional_time' };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, injectContext(item, context)]));
}

/** The chart over an answer as SVG, and what Vega complained about. */
export async function drawVega(spec: VegaSpec, answer: unknown): Promise<{ svg: string; warnings: string[] }> {
  const warnings: string[] = [];
  const complain = (...text: unknown[]) => {
    warnings.push(text.join(' '));
    return logger;
  };
  const logger: LoggerInterface = {
    level: () => logger as LoggerInterface & number,
    error: complain,
    warn: complain,
    info: () => logger,
    debug: () => logger,
  };
  const filled = { ...spec, width: 600, height: 300, data: { values: answer, format: spec.data.format } };
  const vega = compile(filled as unknown as TopLevelSpec, { logger }).spec;
  const view = new View(parse(vega), { renderer: 'none', logger });
  const svg = await view.toSVG();
  view.finalize();
  return { svg, warnings };
}
