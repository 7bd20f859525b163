/** `oomscope query [NAME]`: a question of an operator, asked of Elasticsearch or of an embedded file. */
import { existsSync } from 'node:fs';
import { readReportDatabase } from '../clients/index.ts';
import { INDEX_PREFIX } from '../document/index.ts';
import { systemClock } from '../ops/index.ts';
import type { AnswerTable } from '../ports.ts';
import {
  askDatabase,
  askElasticsearch,
  findQuestion,
  hasReportIndices,
  hasTime,
  INTERVAL_MS,
  intervalOf,
  intervalStart,
  type Period,
  QUESTIONS,
  type Question,
} from '../store/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';
import { answerScreen, escapeJson, type Steps } from '../view/index.ts';
import { elasticsearchClientOf } from './setup.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Prints the answer, or without a name the questions; exit code 0. Rejects with CONFIG_INVALID and what the store rejects with. */
export async function runQuery(
  name: string | undefined,
  options: OptionValues,
  { json }: { json: boolean },
): Promise<number> {
  if (name === undefined) {
    process.stdout.write(questionList());
    return 0;
  }
  const question = findQuestion(name);
  if (!question) {
    const names = QUESTIONS.map((known) => known.name).join(', ');
    throw new OomscopeError('CONFIG_INVALID', `there is no question ${JSON.stringify(name)}; expected one of ${names}`);
  }
  const nowMs = systemClock.nowMs();
  const fromMs = nowMs - spanMsOf(options.since);
  const period = { fromMs, interval: intervalOf(nowMs - fromMs) };
  const answer = await askStore(question, period, options);
  if (json) {
    const since = new Date(fromMs).toISOString();
    process.stdout.write(`${escapeJson(JSON.stringify({ question: name, since, ...answer }))}\n`);
    return 0;
  }
  const steps = hasTime(question) ? stepsOf(period, nowMs, answer) : undefined;
  const every = steps ? `, by ${period.interval} in UTC` : '';
  process.stdout.write(answerScreen(question.title, `last ${options.since}${every}`, answer, steps));
  return 0;
}

async function askStore(question: Question, period: Period, options: OptionValues): Promise<AnswerTable> {
  const path = options.store;
  if (path === undefined) {
    const client = elasticsearchClientOf(options);
    try {
      const answer = await askElasticsearch(client, question, period);
      if (answer.rows.length === 0 && !(await hasReportIndices(client))) {
        process.stderr.write(
          `${client.address} has no index ${INDEX_PREFIX}*: no report was ever written there. If that is not so, look at --elasticsearch-url; \`oomscope doctor\` looks at the whole path.\n`,
        );
      }
      return answer;
    } finally {
      await client.close();
    }
  }
  // Opening would make the file.
  if (!existsSync(path)) {
    throw new OomscopeError('INPUT_NOT_FOUND', `${path} is not there; expected the SQLite file of an embedded run`);
  }
  const database = readReportDatabase(path, '--store');
  try {
    return askDatabase(database, question, period);
  } finally {
    database.close();
  }
}

/** `36h`, `7d`; the table of the options admits nothing else. */
const spanMsOf = (text: string): number => Number(text.slice(0, -1)) * (text.endsWith('h') ? HOUR_MS : DAY_MS);

/** From the first interval of the period to the present one, or to the last that the answer names, which stands first. */
function stepsOf({ fromMs, interval }: Period & { fromMs: number }, nowMs: number, answer: AnswerTable): Steps {
  const newestMs = Date.parse(String(answer.rows[0]?.[0] ?? '')) || 0;
  const stepMs = INTERVAL_MS[interval];
  const lastMs = Math.max(nowMs, Math.min(newestMs, nowMs + MOST_STEPS_AHEAD * stepMs));
  const firstMs = intervalStart(fromMs, interval);
  const count = Math.floor((intervalStart(lastMs, interval) - firstMs) / stepMs) + 1;
  return { interval, starts: Array.from({ length: count }, (_, index) => firstMs + index * stepMs) };
}

/** A host whose clock is years ahead must not fill the screen. */
const MOST_STEPS_AHEAD = 10;

function questionList(): string {
  const width = Math.max(...QUESTIONS.map(({ name }) => name.length));
  const lines = QUESTIONS.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
  return `Questions for \`oomscope query NAME\` (docs/queries.md has them in KQL, ES|QL, Query DSL and SQL):\n\n${lines.join('\n')}\n`;
}
