/** The rules of ElastAlert 2. */
import { stringify } from 'yaml';
import type { ReportAlert } from './alert.ts';
import { REPORT_ALERTS } from './definitions.ts';
import { aliasOf, dslFilter } from './query.ts';

/** The rule type and what it asks for. */
function typeOf(alert: ReportAlert): Readonly<Record<string, unknown>> {
  const { trigger, windowMinutes } = alert;
  const timeframe = { minutes: windowMinutes };
  switch (trigger.kind) {
    case 'each':
    case 'quiet-host':
      // The same report, written again when it is fuller, stays silent.
      return { type: 'any', query_key: 'event.id', realert: { days: 1 } };
    case 'count':
    case 'pairs':
      return {
        type: 'frequency',
        num_events: trigger.atLeast,
        timeframe,
        query_key: trigger.by,
        realert: { hours: 1 },
      };
    case 'spread':
      return {
        type: 'cardinality',
        cardinality_field: trigger.distinct,
        max_cardinality: trigger.atLeast - 1,
        timeframe,
        query_key: trigger.by,
        realert: { hours: 1 },
      };
    case 'new-value':
      return {
        type: 'new_term',
        fields: [trigger.field],
        terms_window_size: { days: trigger.lookBackDays },
        // ElastAlert would look for the known terms in a subfield .keyword, find none and take every victim for new.
        use_keyword_postfix: false,
      };
  }
}

function ruleOf(alert: ReportAlert): Readonly<Record<string, unknown>> {
  const isNew = alert.trigger.kind === 'new-value';
  return {
    name: `oomscope ${alert.id}`,
    index: aliasOf(alert),
    // new_term learns what is known by the same time and filter: by the time of the event a replay is no news to it.
    timestamp_field: isNew ? '@timestamp' : 'event.ingested',
    ...(isNew ? { query_delay: { minutes: alert.windowMinutes } } : {}),
    filter: isNew ? dslFilter(alert).filter((clause) => !('range' in clause)) : dslFilter(alert),
    ...typeOf(alert),
    alert: ['debug'],
    alert_subject: alert.title,
    alert_text: `${alert.meaning}\n${alert.firstStep}`,
    alert_text_type: 'alert_text_only',
  };
}

/** The files of all rules, by name. */
export const elastAlertFiles = (): readonly { readonly file: string; readonly text: string }[] =>
  REPORT_ALERTS.map((alert) => ({
    file: `${alert.id}.yaml`,
    text: `# Generated (npm run docs); docs/alerts.md explains it.\n${stringify(ruleOf(alert), { lineWidth: 0, aliasDuplicateObjects: false })}`,
  }));
