/** The documents of a simulated month, and their way into a small Elasticsearch. */
import type { ElasticsearchClient } from '../../src/clients/elasticsearch.ts';
import { IndexModel, type StoredDocument } from './index-model.ts';
import type { Month } from './month.ts';

/** Documents in a request that a small heap has room for. */
const IN_ONE_REQUEST = 40;

/** What is in the index after all writes of the month: reports and hosts. */
export function storedOf({ writes, hostWrites }: Month): readonly StoredDocument[] {
  const model = new IndexModel();
  for (const write of [...writes, ...hostWrites]) model.write(write);
  return model.documents();
}

/** Writes the documents and makes them visible; throws when one is refused. */
export async function indexStored(client: ElasticsearchClient, stored: readonly StoredDocument[]): Promise<void> {
  for (let first = 0; first < stored.length; first += IN_ONE_REQUEST) {
    const lines = stored
      .slice(first, first + IN_ONE_REQUEST)
      .flatMap(({ index, id, document }) => [{ index: { _index: index, _id: id } }, document])
      .map((line) => `${JSON.stringify(line)}\n`);
    const answer = await client.request({ method: 'POST', path: '/_bulk', lines: lines.join('') });
    const isTaken = answer.kind === 'answer' && answer.status === 200 && Object(answer.body)['errors'] === false;
    if (!isTaken) throw new Error(`documents from ${first} on are refused: ${JSON.stringify(answer).slice(0, 1000)}`);
  }
  await client.request({ method: 'POST', path: '/oom-report-*,oom-host-*/_refresh' });
}
