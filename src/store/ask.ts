/** Operator questions, asked of a store. */
import { type ElasticsearchClient, readKey } from '../clients/elasticsearch.ts';
import type { ReportDatabase } from '../clients/sqlite.ts';
import { HOST_INDEX_PREFIX } from '../document/index.ts';
import type { AnswerTable } from '../ports.ts';
import { INDICES, SEARCH } from './elasticsearch.ts';
import { dslOf, type Period, type Question, readDsl, readSql, sqlOf } from './questions/index.ts';
import { expectWhole } from './whole.ts';

/**
 * Asks by the Query DSL, which every Elasticsearch takes; ES|QL is for people. Rejects with SINK_UNREACHABLE, also
 * when a shard of any month does not answer, and with SINK_FORBIDDEN.
 */
export async function askElasticsearch(
  client: ElasticsearchClient,
  question: Question,
  period: Period,
): Promise<AnswerTable> {
  const body = await expectWhole(client, `asking for ${question.name}`, {
    method: 'POST',
    path: `/${question.inventory ? `${INDICES},${HOST_INDEX_PREFIX}*` : INDICES}/_search`,
    query: SEARCH,
    body: dslOf(question, period),
  });
  return readDsl(question, body);
}

/** Whether any index of reports is there, by the rights that asking needs. Rejects with SINK_UNREACHABLE and SINK_FORBIDDEN. */
export async function hasReportIndices(client: ElasticsearchClient): Promise<boolean> {
  const body = await expectWhole(client, 'looking for reports', {
    method: 'POST',
    path: `/${INDICES}/_search`,
    query: SEARCH,
    body: { size: 0 },
  });
  return Number(readKey(readKey(body, '_shards'), 'total')) > 0;
}

/** Asks the file of the embedded run. Throws STORE_FAILED. */
export const askDatabase = (database: ReportDatabase, question: Question, period: Period): AnswerTable =>
  readSql(question, database.all(sqlOf(question, period)));
