/** Front door of the assets: what is installed beside the worker. */
export {
  buildKibanaConnector,
  buildKibanaRules,
  type KibanaAsset,
  METRIC_ALERTS,
  PROMETHEUS_FILE,
  REPORT_ALERTS,
  renderAlertsPage,
  ruleFiles,
} from './alerts/index.ts';
export { checkTemplates } from './check.ts';
export { renderFieldsPage } from './fields-page.ts';
export { installTemplates, planInstallation } from './install.ts';
export { KIBANA_LINES, type KibanaLine, kibanaFile, kibanaText } from './kibana/index.ts';
export { installKibana, type KibanaChange } from './kibana/install.ts';
export { buildLifecycleTemplate, POLICY_FILE, planLifecycle, policyText } from './lifecycle.ts';
export { findTemplates, removeTemplate } from './remove.ts';
export { buildRoles, type Role, roleFile, roleText } from './roles.ts';
export { type Step, type TemplateChange, takeSteps } from './step.ts';
export { ALIASES, buildTemplates, HOST_ALIAS, type Template, templateFile, templateText } from './templates.ts';
