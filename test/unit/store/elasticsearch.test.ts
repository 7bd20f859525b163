import { describe, expect, it } from 'vitest';
import type {
  ElasticsearchAnswer,
  ElasticsearchClient,
  ElasticsearchRequest,
} from '../../../src/clients/elasticsearch.ts';
import { createElasticsearchStore } from '../../../src/store/index.ts';

function answering(...answers: ElasticsearchAnswer[]) {
  const requests: ElasticsearchRequest[] = [];
  const client: ElasticsearchClient = {
    address: 'http://search.test:9200',
    request: async (request) => {
      requests.push(request);
      return answers.shift() ?? { kind: 'answer', status: 200, body: {} };
    },
    close: async () => {},
  };
  return { requests, store: createElasticsearchStore(client) };
}

const ok = (body: unknown): ElasticsearchAnswer => ({ kind: 'answer', status: 200, body });

describe('the Elasticsearch store', () => {
  it('closes its point in time when a scan is left early', async () => {
    const hits = [
      { _source: { n: 1 }, sort: ['a'] },
      { _source: { n: 2 }, sort: ['b'] },
    ];
    const { requests, store } = answering(ok({ id: 'pit-1' }), ok({ pit_id: 'pit-2', hits: { hits } }));
    for await (const document of store.scan()) {
      expect(document).toEqual({ n: 1 });
      break;
    }
    expect(requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/_pit', body: { id: 'pit-2' } });
  });

  it('says which privilege is missing and which option names the address', async () => {
    const refused = answering({
      kind: 'answer',
      status: 403,
      body: { error: { type: 'security_exception', reason: 'no' } },
    });
    await expect(refused.store.get('a')).rejects.toMatchObject({ code: 'SINK_FORBIDDEN' });
    const silent = answering({ kind: 'failure', reason: 'unreachable', message: 'connect refused' });
    await expect(silent.store.get('a')).rejects.toThrow(/http:\/\/search\.test:9200 \(elasticsearch\.url\)/);
  });
});
