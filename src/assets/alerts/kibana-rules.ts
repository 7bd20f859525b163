/** The rules of Kibana: bodies for its alerting API. */
import { createHash } from 'node:crypto';
import { ALIASES } from '../templates.ts';
import type { ReportAlert } from './alert.ts';
import { REPORT_ALERTS } from './definitions.ts';
import { dslFilter, esqlQuery } from './query.ts';

/** A rule or a connector, with the id under which it is created. */
export interface KibanaAsset {
  readonly id: string;
  readonly name: string;
  /** The file below elastic/rules/kibana that shows it. */
  readonly file: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Rules hold encrypted keys; Kibana lets such an object have a given id only if it looks like a random UUID. */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Kibana stops at 1,000 alerts of a rule in one run (`xpack.alerting.rules.run.alerts.max`), and takes no more groups. */
const MOST_ALERTS = 1000;

/** Writes alerts to the log of Kibana: the one connector that needs neither a licence nor a secret. */
export const buildKibanaConnector = (): KibanaAsset => ({
  id: uuidOf('oomscope/connector/log'),
  name: 'oomscope: log of Kibana',
  file: 'connector.json',
  body: { name: 'oomscope: log of Kibana', connector_type_id: '.server-log', config: {}, secrets: {} },
});

/** What all searches of the rule have in common. */
const common = { timeField: 'event.ingested', thresholdComparator: '>=', aggType: 'count', size: 100 };

function paramsOf(alert: ReportAlert): Readonly<Record<string, unknown>> {
  const { trigger, windowMinutes } = alert;
  if (trigger.kind === 'each' || trigger.kind === 'count') {
    return {
      ...common,
      searchType: 'esQuery',
      index: [ALIASES[0]],
      esQuery: JSON.stringify({ query: { bool: { filter: dslFilter(alert) } } }),
      timeWindowSize: windowMinutes,
      timeWindowUnit: 'm',
      threshold: [trigger.kind === 'each' ? 1 : trigger.atLeast],
      // Each report, or each host, is an alert of its own, which speaks once while the window holds it.
      groupBy: 'top',
      termField: trigger.kind === 'each' ? 'event.id' : trigger.by,
      termSize: MOST_ALERTS,
      excludeHitsFromPreviousRun: false,
    };
  }
  const lookBackDays = 'lookBackDays' in trigger ? trigger.lookBackDays : undefined;
  return {
    ...common,
    searchType: 'esqlQuery',
    esqlQuery: { esql: esqlQuery(alert) },
    timeWindowSize: lookBackDays ?? windowMinutes,
    timeWindowUnit: lookBackDays === undefined ? 'm' : 'd',
    threshold: [0],
    thresholdComparator: '>',
    groupBy: 'row',
    excludeHitsFromPreviousRun: false,
  };
}

/** The body that creates a rule: POST /api/alerting/rule/{id}. */
function ruleOf(alert: ReportAlert): KibanaAsset {
  const message = `{{context.title}} {{context.message}} First step: ${alert.firstStep}`;
  const name = `[oomscope] ${alert.title}`;
  return {
    id: uuidOf(`oomscope/rule/${alert.id}`),
    name,
    file: `${alert.id}.json`,
    body: {
      name,
      rule_type_id: '.es-query',
      consumer: 'stackAlerts',
      tags: ['oomscope', alert.severity],
      schedule: { interval: '1m' },
      params: paramsOf(alert),
      actions: [
        {
          id: buildKibanaConnector().id,
          group: 'query matched',
          params: { level: alert.severity === 'info' ? 'info' : 'warn', message },
          frequency: { summary: false, notify_when: 'onActionGroupChange', throttle: null },
        },
      ],
    },
  };
}

/** One rule per alert on reports. */
export const buildKibanaRules = (): readonly KibanaAsset[] => REPORT_ALERTS.map(ruleOf);
