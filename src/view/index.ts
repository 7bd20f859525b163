export { answerScreen } from './answer.ts';
export { escapeTerminal } from './escape.ts';
export { ANSI, explainScreen, PLAIN, type Style } from './explain.ts';
export { type FleetSummary, fleetScreen } from './fleet.ts';
export { spark } from './spark.ts';
