/** An Elasticsearch for tests without servers: versions, conflicts, deletes, and whatever a test makes it answer. */
import type {
  ElasticsearchAnswer,
  ElasticsearchClient,
  ElasticsearchRequest,
} from '../../src/clients/elasticsearch.ts';

export interface BulkAction {
  readonly kind: 'index' | 'delete';
  readonly index: string;
  readonly id: string;
  readonly version: number;
  readonly document?: Readonly<Record<string, unknown>>;
}

interface Refusal {
  readonly status: number;
  readonly type: string;
}

export class FakeElasticsearch implements ElasticsearchClient {
  readonly address = 'http://search.test:9200';
  /** Documents by `index/id`. */
  readonly stored = new Map<string, { version: number; document: Readonly<Record<string, unknown>> }>();
  readonly requests: BulkAction[][] = [];
  /** Answers of whole requests, taken in order before anything else happens. */
  readonly answers: ElasticsearchAnswer[] = [];
  /** Answer of a whole request by its actions; undefined lets it through. */
  refuseRequest: (actions: readonly BulkAction[], bytes: number) => ElasticsearchAnswer | undefined = () => undefined;
  /** Error of one action; undefined lets it through. */
  refuseItem: (action: BulkAction) => Refusal | undefined = () => undefined;

  /** Paths of the templates that were asked for, in order. */
  readonly asked: string[] = [];
  /** Answer to that question. */
  templateAnswer: ElasticsearchAnswer = { kind: 'answer', status: 200, body: {} };

  async request({ method, path, lines = '' }: ElasticsearchRequest): Promise<ElasticsearchAnswer> {
    if (method === 'GET') {
      this.asked.push(path);
      return this.templateAnswer;
    }
    const actions = readActions(lines);
    this.requests.push(actions);
    const answer = this.answers.shift() ?? this.refuseRequest(actions, lines.length);
    if (answer) return answer;
    const items = actions.map((action) => ({ [action.kind]: this.#item(action) }));
    return { kind: 'answer', status: 200, body: { items } };
  }

  async close(): Promise<void> {}

  #item(action: BulkAction): Record<string, unknown> {
    const refusal = this.refuseItem(action);
    if (refusal) return { status: refusal.status, error: { type: refusal.type, reason: 'refused by the test' } };
    const key = `${action.index}/${action.id}`;
    const known = this.stored.get(key);
    if (known && known.version >= action.version) {
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'version conflict' } };
    }
    if (action.document) {
      this.stored.set(key, { version: action.version, document: action.document });
      return known ? { status: 200, result: 'updated' } : { status: 201, result: 'created' };
    }
    this.stored.delete(key);
    return known ? { status: 200, result: 'deleted' } : { status: 404, result: 'not_found' };
  }
}

function readActions(lines: string): BulkAction[] {
  const parsed = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const actions: BulkAction[] = [];
  for (let i = 0; i < parsed.length; i++) {
    const kind = 'index' in parsed[i] ? 'index' : 'delete';
    const { _index: index, _id: id, version } = parsed[i][kind];
    if (kind === 'index') i += 1;
    actions.push({ kind, index, id, version, ...(kind === 'index' && { document: parsed[i] }) });
  }
  return actions;
}
