/** Renders docs/alerts.md from the definitions. */

import { HOST_ALIAS } from '../templates.ts';
import type { AlertDefinition, ReportAlert } from './alert.ts';
import { METRIC_ALERTS, REPORT_ALERTS } from './definitions.ts';
import { aliasOf, kqlFilter } from './query.ts';

const INTRODUCTION = `# Alerts

Generated from one definition per alert (\`npm run docs\`); a test keeps it in step.

| engine | rules | how they get there |
|---|---|---|
| Kibana 8.19 and 9 | \`elastic/rules/kibana/*.json\` | \`oomscope setup --kibana URL\` creates them, enabled, each with an action that writes to the log of Kibana |
| ElastAlert 2 | \`elastic/rules/elastalert/*.yaml\` | copy them to its rules folder and replace \`alert: [debug]\` |
| Prometheus | \`elastic/rules/prometheus/oomscope.rules.yml\` | name it under \`rule_files\` |

What holds for all:

- Rules on reports look at \`event.ingested\`, so that logs that arrive late alert too, and only at events whose \`@timestamp\` is recent: a
  replay of the topic, a reanalysis and the backlog of an outage alert nobody about the past.
- A report alerts once. It may be written twice, early and in full; both have one \`event.id\`, by which the rules tell alerts apart. Only a
  report whose host fell silent before its kill line, and went on later, has two ids and may alert twice.
- Kibana stops a rule at 1,000 alerts at a time: of more than 1,000 reports (or hosts) within its window the rules name 1,000.
- \`setup --kibana\` run again brings name, query and threshold of a rule up to date and leaves its actions, its schedule and whether it is
  enabled alone. For a threshold of your own clone the rule and disable the original.
- Rules in ES|QL (the storm over the fleet, the new victim, the repeated cgroup) report an error until the first report is in the index, the one on quiet hosts until the first host is. They
  make an alert per row on 8.19 and from 9.1 on; 9.0 makes one alert of all rows.
- Kibana runs rules only with \`xpack.encryptedSavedObjects.encryptionKey\` set; with an API key for \`setup\` they run with its rights.

Prometheus is given rules on the workers alone, none on reports or hosts: no metric of a worker carries a host (a fleet has too many), its
\`instance\` is the worker, and its counters grow again when a topic is read again. So nothing here joins with the metrics of a host, and no
join by \`instance\` may be made: it would lay one worker's numbers to whatever host it runs on. For an alert about a host use the rules on reports; each
carries \`host.name\`. Beside it, node_exporter's \`increase(node_vmstat_oom_kill[10m]) > 0\` (Linux 4.13 and later) counts kills on the host
itself; its \`instance\` is the scraped address. To lay the two together, give node_exporter's target a label \`host\` by \`relabel_configs\`,
with the value that syslog has as \`host.name\`, and look for that value in the index: \`host.name: VALUE\`. A kill that is counted and has no report
means that the host's kernel log does not reach the topic.`;

/** When it fires, in words. */
function conditionOf({ trigger, windowMinutes }: ReportAlert): string {
  const within = `within ${windowMinutes} minutes`;
  switch (trigger.kind) {
    case 'each':
      return 'each report, once';
    case 'count':
      return `${trigger.atLeast} reports or more of one \`${trigger.by}\` ${within}`;
    case 'pairs':
      return `${trigger.atLeast} reports or more of one \`${trigger.by.join('` and `')}\` ${within}`;
    case 'spread':
      return `${trigger.atLeast} different \`${trigger.distinct}\` or more of one \`${trigger.by}\` ${within}`;
    case 'new-value':
      return `a \`${trigger.field}\` that no report of the last ${trigger.lookBackDays} days had`;
    case 'quiet-host':
      return `each host that the inventory (\`oom-host\`) has learnt of ${within} and that had no OOM in the last ${trigger.lookBackDays} days`;
  }
}

/** `24 hours`, `10 minutes`. */
const spanOf = (minutes: number): string => (minutes > 60 ? `${minutes / 60} hours` : `${minutes} minutes`);

const noteOf = ({ note }: AlertDefinition): readonly string[] => (note === undefined ? [] : [`- ${note}`]);

/** The page as Markdown. */
export function renderAlertsPage(): string {
  const reports = REPORT_ALERTS.map((alert) =>
    [
      `## ${alert.id}`,
      `**${alert.title}** (${alert.severity}; Kibana, ElastAlert)`,
      alert.meaning,
      `- When: ${conditionOf(alert)}; events of the last ${spanOf(alert.eventMinutes)}.`,
      `- First step: ${alert.firstStep}`,
      `- To silence it: ${alert.silence}`,
      ...noteOf(alert),
      `- To see the ${aliasOf(alert) === HOST_ALIAS ? `hosts in Discover (data view \`${HOST_ALIAS}\`)` : 'reports in Discover'}: \`${kqlFilter(alert)}\``,
    ].join('\n\n'),
  );
  const metrics = METRIC_ALERTS.map((alert) =>
    [
      `## ${alert.id}`,
      `**${alert.title}** (${alert.severity}; Prometheus: \`${alert.name}\`)`,
      alert.meaning,
      `- When: \`${alert.expression}\`${alert.forMinutes > 0 ? ` for ${alert.forMinutes} minutes` : ''}`,
      `- First step: ${alert.firstStep}`,
      `- To silence it: ${alert.silence}`,
      ...noteOf(alert),
    ].join('\n\n'),
  );
  return `${[INTRODUCTION, ...reports, ...metrics].join('\n\n').replaceAll('\n\n- ', '\n- ')}\n`;
}
