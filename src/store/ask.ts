/** Operator questions, asked of a store. */
import { type ElasticsearchClient, expectOk, readKey } from '../clients/elasticsearch.ts';
import type { ReportDatabase } from '../clients/sqlite.ts';
import { HOST_INDEX_PREFIX } from '../document/index.ts';
import type { AnswerTable } from '../ports.ts';
import { INDICES, PATTERN } from './elasticsearch.ts';
import { dslOf, type Period, type Question, readDsl, readSql, sqlOf } from './questions/index.ts';

/**
 * Asks by the Query DSL, which every Elasticsearch takes; ES|QL is for people. Rejects with SINK_UNREACHABLE and
 * SINK_FORBIDDEN.
 */
export async function askElasticsearch(
  client: ElasticsearchClient,
  question: Question,
  period: Period,
): Promise<AnswerTable> {
  const body = await expectOk(client, `asking for ${question.name}`, {
    method: 'POST',
    path: `/${question.inventory ? `${INDICES},${HOST_INDEX_PREFIX}*` : INDICES}/_search`,
    query: PATTERN,
    body: dslOf(question, period),
  });
  return readDsl(question, body);
}

/** Whether any index of reports is there, by the rights that asking needs. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
export async function hasReportIndices(client: ElasticsearchClient): Promise<boolean> {
  const body = await expectOk(client, 'looking for reports', {
    method: 'POST',
    path: `/${INDICES}/_search`,
    query: PATTERN,
    body: { size: 0 },
  });
  return Number(readKey(readKey(body, '_shards'), 'total')) > 0;
}

/** Asks the file of the embedded run. Throws STORE_FAILED. */
export const askDatabase = (database: ReportDatabase, question: Question, period: Period): AnswerTable =>
  readSql(question, database.all(sqlOf(question, period)));
