export { answerScreen, type Steps } from './answer.ts';
export { checklistScreen } from './checklist.ts';
export { escapeJson, escapeLines, escapeTerminal } from './escape.ts';
export { ANSI, explainScreen, PLAIN, type Style } from './explain.ts';
export { type FleetSummary, fleetScreen } from './fleet.ts';
export { letterScreen, lettersScreen, remedyOf } from './letters.ts';
export { spark } from './spark.ts';
