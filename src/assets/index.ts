/** Front door of the assets: what is installed beside the worker. */
export { renderFieldsPage } from './fields-page.ts';
export { checkTemplates, type InstallOptions, installTemplates, type TemplateChange } from './install.ts';
export { ALIASES, buildTemplates, type Template, templateFile, templateText } from './templates.ts';
