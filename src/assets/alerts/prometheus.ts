/** The rules of Prometheus over the worker's own metrics. */
import { stringify } from 'yaml';
import { METRIC_ALERTS } from './definitions.ts';

const GROUP = 'oomscope';

/** The rule file as YAML. */
export function prometheusRules(): string {
  const rules = METRIC_ALERTS.map(({ id, name, expression, forMinutes, severity, summary, meaning, firstStep }) => ({
    alert: name,
    expr: expression,
    ...(forMinutes > 0 ? { for: `${forMinutes}m` } : {}),
    labels: { severity },
    annotations: { summary, description: `${meaning} First step: ${firstStep}`, page: `docs/alerts.md#${id}` },
  }));
  return `# Generated (npm run docs); docs/alerts.md explains each rule.\n${stringify({ groups: [{ name: GROUP, rules }] }, { lineWidth: 0 })}`;
}
