/** Renders docs/queries.md from the questions. */
import { QUESTIONS } from './catalogue.ts';
import { dslOf } from './dsl.ts';
import { esqlOf } from './esql.ts';
import { kqlOf } from './kql.ts';
import { intervalOf, type Period } from './period.ts';
import { columnsOf, MOST_ROWS, type Question } from './question.ts';
import { sqlOf } from './sql.ts';

const DAY_MS = 86_400_000;
const WEEK: Period = { last: 7, unit: 'd', interval: intervalOf(7 * DAY_MS) };

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

function sectionOf(question: Question): string {
  const { name, title, meaning } = question;
  const columns = columnsOf(question).map((column) => `\`${column.name}\``);
  return [
    `## ${title}`,
    `${meaning}`,
    `\`oomscope query ${name}\` answers with the columns ${columns.join(', ')}.`,
    'KQL:',
    fenced('text', kqlOf(question)),
    'ES|QL:',
    fenced('esql', esqlOf(question, WEEK)),
    'Query DSL:',
    fenced('json', JSON.stringify(dslOf(question, WEEK), null, 2)),
    'SQL, on the file of the embedded run:',
    fenced('sql', sqlOf(question, WEEK)),
  ].join('\n\n');
}

/** The page as Markdown. */
export function renderQueriesPage(): string {
  return `${[
    '# Queries',
    'Generated from the definitions that `oomscope query` uses (`npm run docs`); tests run every form on Elasticsearch and on SQLite and compare the answers.',
    'Each question stands here for the last seven days, in every language: KQL finds its reports in the search bar of Kibana (the time picker sets the period), ES|QL goes to `POST /_query` or to Discover, the Query DSL to `POST /oom-report/_search` (of a question that asks the inventory of hosts as well to `POST /oom-report-*,oom-host-*/_search`), SQL to `sqlite3 oomscope-demo.sqlite`. ' +
      `An answer has at most ${MOST_ROWS.toLocaleString('en')} rows, the ones with the most reports first; trends stand with the newest time first, by hour up to two days, by day up to 62, by week beyond, in UTC. Reports without a value in a grouped field are left out. A value that was never printed is empty.`,
    'The fields are explained in [fields.md](fields.md).',
    ...QUESTIONS.map(sectionOf),
  ].join('\n\n')}\n`;
}
