/** The reports of a question in KQL, for the search bar of Kibana; the period is the time picker's. */
import type { Condition, Question } from './question.ts';

const text = (value: string | boolean): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

/** Never empty: every question has a condition. */
export const kqlOf = ({ conditions }: Question): string => conditions.map(kqlCondition).join(' and ');

/** Elasticsearch 8.19 does not take Kibana's `field : (a or b)`; both take one test per value. */
function kqlCondition({ field, is }: Condition): string {
  const tests = [is].flat().map((value) => `${field} : ${text(value)}`);
  return tests.length > 1 ? `(${tests.join(' or ')})` : tests.join('');
}
