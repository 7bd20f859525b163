/** Front door of the stores: reading back what was written. */
export { createElasticsearchStore } from './elasticsearch.ts';
export { createSqliteStore } from './sqlite.ts';
