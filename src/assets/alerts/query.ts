/** The documents that an alert looks at, in the three query languages. */
import { ALIASES, HOST_ALIAS } from '../templates.ts';
import type { Condition, ReportAlert } from './alert.ts';

/** The kernel called the OOM killer; page allocation failures are no OOM. */
export const OOM: Condition = { field: 'event.action', oneOf: ['oom-kill', 'oom-no-victim', 'oom-panic'] };

/** The alias of the documents that an alert is about. */
export const aliasOf = ({ trigger }: ReportAlert): string => (trigger.kind === 'quiet-host' ? HOST_ALIAS : ALIASES[0]);

type Clause = Readonly<Record<string, unknown>>;

function dslOf(condition: Condition): Clause {
  const { field } = condition;
  if ('exists' in condition) return { exists: { field } };
  if ('oneOf' in condition) return { terms: { [field]: condition.oneOf } };
  return { term: { [field]: condition.is } };
}

/** Clauses of a filter in Query DSL: the conditions, and the age of the event. */
export const dslFilter = ({ conditions, eventMinutes }: ReportAlert): readonly Clause[] => [
  ...conditions.map(dslOf),
  { range: { '@timestamp': { gte: `now-${eventMinutes}m` } } },
];

function kqlOf(condition: Condition): string {
  const { field } = condition;
  if ('exists' in condition) return `${field}: *`;
  if ('oneOf' in condition) return `(${condition.oneOf.map((value) => `${field}: ${value}`).join(' or ')})`;
  return `${field}: ${condition.is}`;
}

/** The same in KQL, for Discover. */
export const kqlFilter = ({ conditions, eventMinutes }: ReportAlert): string =>
  [...conditions.map(kqlOf), `@timestamp >= now-${eventMinutes}m`].join(' and ');

const literal = (value: string | boolean): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value);

function esqlOf(condition: Condition): string {
  const { field } = condition;
  if ('exists' in condition) return `${field} IS NOT NULL`;
  if ('oneOf' in condition) return `${field} IN (${condition.oneOf.map(literal).join(', ')})`;
  return `${field} == ${literal(condition.is)}`;
}

/** The conditions without the age, in ES|QL. */
export const esqlConditions = ({ conditions }: ReportAlert): string => conditions.map(esqlOf).join(' AND ');

/** What remains of the reports is one row per alert, of the columns that name it alone: another number is no other alert. */
export function esqlQuery(alert: ReportAlert): string {
  const { trigger, windowMinutes, eventMinutes } = alert;
  const from = `FROM oom-report | WHERE ${esqlConditions(alert)}`;
  const recent = `${from} AND @timestamp >= NOW() - ${eventMinutes} minutes`;
  switch (trigger.kind) {
    case 'each':
      return `${recent} | STATS reports = COUNT(*) BY event.id | KEEP event.id`;
    case 'count':
      return `${recent} | STATS reports = COUNT(*) BY ${trigger.by} | WHERE reports >= ${trigger.atLeast} | KEEP ${trigger.by}`;
    case 'pairs': {
      const by = trigger.by.join(', ');
      return `${recent} | STATS reports = COUNT(*) BY ${by} | WHERE reports >= ${trigger.atLeast} | KEEP ${by}`;
    }
    case 'spread':
      return `${recent} | STATS values = COUNT_DISTINCT(${trigger.distinct}) BY ${trigger.by} | WHERE values >= ${trigger.atLeast} | KEEP ${trigger.by}`;
    case 'new-value': {
      // Whatever is in the index by now counts as known, unless it is both new to the index and a recent event.
      const first = `STATS ingested = MIN(event.ingested), happened = MIN(@timestamp) BY ${trigger.field}`;
      const isNew = `ingested > NOW() - ${windowMinutes} minutes AND happened >= NOW() - ${eventMinutes} minutes`;
      return `${from} | ${first} | WHERE ${isNew} | KEEP ${trigger.field}`;
    }
    case 'quiet-host': {
      // By patterns, which may match nothing: it has to work before the fleet's first OOM.
      const times = `@timestamp >= NOW() - ${eventMinutes} minutes AND event.ingested > NOW() - ${windowMinutes} minutes`;
      const counts = `hosts = COUNT(*) WHERE ${esqlConditions(alert)} AND ${times}, ooms = COUNT(*) WHERE ${esqlOf(OOM)}`;
      return `FROM oom-report-*, oom-host-* | STATS ${counts} BY host.name | WHERE hosts > 0 AND ooms == 0 | KEEP host.name`;
    }
  }
}
