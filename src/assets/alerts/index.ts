/** Alerts: what is built from their definitions. */
import { elastAlertFiles } from './elastalert.ts';
import { buildKibanaConnector, buildKibanaRules } from './kibana-rules.ts';
import { prometheusRules } from './prometheus.ts';

export { METRIC_ALERTS, REPORT_ALERTS } from './definitions.ts';
export { buildKibanaConnector, buildKibanaRules, type KibanaAsset } from './kibana-rules.ts';
export { renderAlertsPage } from './page.ts';

/** The file of Prometheus rules, below elastic/rules. */
export const PROMETHEUS_FILE = 'prometheus/oomscope.rules.yml';

/** The files below elastic/rules. */
export const ruleFiles = (): readonly { readonly path: string; readonly text: string }[] => [
  ...[buildKibanaConnector(), ...buildKibanaRules()].map(({ id, file, body }) => ({
    path: `kibana/${file}`,
    text: `${JSON.stringify({ id, ...body }, null, 2)}\n`,
  })),
  ...elastAlertFiles().map(({ file, text }) => ({ path: `elastalert/${file}`, text })),
  { path: PROMETHEUS_FILE, text: prometheusRules() },
];
