/** Front door of the stores: reading back what was written. */
export { askDatabase, askElasticsearch, hasReportIndices } from './ask.ts';
export { createElasticsearchStore } from './elasticsearch.ts';
export { countOlder, type StoredDocument, scanOlder } from './older.ts';
export { deleteMonth, findMonths, type Month } from './prune.ts';
export {
  findQuestion,
  hasTime,
  INTERVAL_MS,
  type Interval,
  intervalOf,
  intervalStart,
  type Period,
  QUESTIONS,
  type Question,
  renderQueriesPage,
} from './questions/index.ts';
export { type Rewrite, type RewriteOutcome, rewriteReports } from './rewrite.ts';
export { createSqliteStore } from './sqlite.ts';
