/** Front door of the questions: each once, in every query form. */
export { findQuestion, QUESTIONS, type QuestionName } from './catalogue.ts';
export { dslOf, dslQuery, readDsl } from './dsl.ts';
export { esqlOf, readEsql } from './esql.ts';
export { kqlOf } from './kql.ts';
export { renderQueriesPage } from './page.ts';
export { INTERVAL_MS, type Interval, intervalOf, intervalStart, type Period } from './period.ts';
export { hasTime, type Question } from './question.ts';
export { tableOf } from './rows.ts';
export { readSql, sqlOf } from './sql.ts';
