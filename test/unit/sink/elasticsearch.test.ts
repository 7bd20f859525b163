import { beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetter, DocumentWrite, Metrics } from '../../../src/ports.ts';
import { createElasticsearchSink } from '../../../src/sink/index.ts';
import { OomscopeError } from '../../../src/tables/errors.ts';
import { FakeElasticsearch } from '../../support/elasticsearch.ts';
import { ManualClock, MemoryDeadLetters, MemoryLogger, settle } from '../../support/fakes.ts';

const START_MS = Date.UTC(2026, 8, 23, 12);
const INDEX = 'oom-report-2026.09.01';

let server: FakeElasticsearch;
let clock: ManualClock;
let logger: MemoryLogger;
let letters: MemoryDeadLetters;
let counted: Map<string, number>;

const metrics: Metrics = {
  increment: (name, labels = {}, by = 1) => {
    const key = `${name}${JSON.stringify(labels)}`;
    counted.set(key, (counted.get(key) ?? 0) + by);
  },
  set: () => {},
  observe: () => {},
  remove: () => {},
};

beforeEach(() => {
  server = new FakeElasticsearch();
  clock = new ManualClock(START_MS);
  logger = new MemoryLogger();
  letters = new MemoryDeadLetters();
  counted = new Map();
});

const sinkOf = (
  limits = {},
  deadLetters: { put(letter: DeadLetter): Promise<void>; close(): Promise<void> } = letters,
) =>
  createElasticsearchSink(
    { maxDocuments: 100, maxBytes: 1_000_000, maxAgeMs: 500, retentionDays: 400, ...limits },
    { client: server, clock, logger, metrics, deadLetters, random: () => 1 },
  );

const writeOf = (id: string, version = 1, more: Partial<DocumentWrite> = {}): DocumentWrite => ({
  id,
  index: INDEX,
  version,
  document: { '@timestamp': '2026-09-23T02:04:16.000Z', event: { id }, host: { name: 'build7' } },
  supersedes: [],
  positions: { first: { topic: 't', partition: 0, offset: 1 }, last: { topic: 't', partition: 0, offset: 9 } },
  ...more,
});

const idsOf = (request: number): string[] => (server.requests[request] ?? []).map(({ kind, id }) => `${kind} ${id}`);

/** What a promise has come to so far. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'waiting';
  promise.then(
    (value) => {
      state = value;
    },
    (error: unknown) => {
      state = error instanceof OomscopeError ? error.code : error;
    },
  );
  await settle();
  return state;
}

describe('batches', () => {
  it('leave at the age of their first document', async () => {
    const sink = sinkOf();
    const first = sink.write(writeOf('a'));
    await clock.advance(300);
    const second = sink.write(writeOf('b'));
    await clock.advance(199);
    expect(server.requests).toHaveLength(0);
    await clock.advance(1);
    expect(idsOf(0)).toEqual(['index a', 'index b']);
    expect(await Promise.all([first, second])).toEqual(['created', 'created']);
  });

  it('leave when full by documents, the rest waits for its own age', async () => {
    const sink = sinkOf({ maxDocuments: 2 });
    for (const id of ['a', 'b', 'c']) void sink.write(writeOf(id));
    await settle();
    expect(server.requests.map((_, i) => idsOf(i))).toEqual([['index a', 'index b']]);
    await clock.advance(500);
    expect(idsOf(1)).toEqual(['index c']);
  });

  it('leave when the last of them comes later', async () => {
    const sink = sinkOf({ maxDocuments: 2 });
    void sink.write(writeOf('a'));
    await clock.advance(100);
    void sink.write(writeOf('b'));
    await settle();
    expect(idsOf(0)).toEqual(['index a', 'index b']);
  });

  it('leave when full by bytes; a document larger than a batch goes alone', async () => {
    const sink = sinkOf({ maxBytes: 2000 });
    const large = { document: { event: {}, message: 'x'.repeat(5000) } };
    for (const write of [writeOf('a'), writeOf('b', 1, large), writeOf('c')]) void sink.write(write);
    await clock.advance(500);
    expect(server.requests.map((_, i) => idsOf(i))).toEqual([['index a'], ['index b'], ['index c']]);
  });

  it('leave at once when flushed', async () => {
    const sink = sinkOf();
    const written = sink.write(writeOf('a'));
    await sink.flush();
    expect(await written).toBe('created');
    expect(sink.heldBytes).toBe(0);
  });

  it('count the bytes that wait', async () => {
    const sink = sinkOf();
    void sink.write(writeOf('a'));
    const one = sink.heldBytes;
    void sink.write(writeOf('b'));
    expect(one).toBeGreaterThan(50);
    expect(sink.heldBytes).toBe(2 * one);
  });
});

describe('documents', () => {
  it('carry the time of the request that stores them as event.ingested, and all else as given', async () => {
    const sink = sinkOf();
    server.answers.push({ kind: 'answer', status: 503, body: '' });
    const { document } = writeOf('a');
    void sink.write(writeOf('a', 1, { document: { ...document, event: { id: 'a', ingested: 'before' } } }));
    await clock.advance(500);
    await clock.advance(250);
    const stored = server.stored.get(`${INDEX}/a`)?.document;
    expect(stored).toEqual({ ...document, event: { id: 'a', ingested: '2026-09-23T12:00:00.750Z' } });
  });

  it.each([{}, { event: {} }, { event: { id: 'a' } }, { host: { name: 'h' } }])(
    'stay valid JSON: %j',
    async (document) => {
      const sink = sinkOf();
      void sink.write(writeOf('a', 1, { document }));
      await sink.flush();
      expect(server.stored.get(`${INDEX}/a`)?.document).toMatchObject(document);
    },
  );

  it('are updated by a fuller reading, duplicates of an equal or poorer one', async () => {
    const sink = sinkOf();
    const write = async (version: number) => {
      const written = sink.write(writeOf('a', version));
      await sink.flush();
      return written;
    };
    expect([await write(2), await write(2), await write(1), await write(3)]).toEqual([
      'created',
      'duplicate',
      'duplicate',
      'updated',
    ]);
  });

  it('older than the retention are expired, those without a time are not', async () => {
    const sink = sinkOf({ retentionDays: 30 });
    const old = writeOf('a', 1, { document: { '@timestamp': '2026-08-23T00:00:00.000Z' } });
    expect(await sink.write(old)).toBe('expired');
    const timeless = sink.write(writeOf('b', 1, { document: {} }));
    await sink.flush();
    expect(await timeless).toBe('created');
    expect(server.stored.has(`${INDEX}/a`)).toBe(false);
  });
});

describe('superseded readings', () => {
  const early = writeOf('early', 1, { index: 'oom-report-2026.08.01' });
  const full = writeOf('full', 9, { supersedes: [{ id: 'early', index: 'oom-report-2026.08.01' }] });

  it('are deleted after the fuller one is stored, in their own index', async () => {
    server.stored.set('oom-report-2026.08.01/early', { version: 1, document: {} });
    const sink = sinkOf();
    const written = sink.write(full);
    await sink.flush();
    expect(await written).toBe('created');
    expect(server.requests.map((_, i) => idsOf(i))).toEqual([['index full'], ['delete early']]);
    expect([...server.stored.keys()]).toEqual([`${INDEX}/full`]);
  });

  it('need not be there', async () => {
    const sink = sinkOf();
    const written = sink.write(full);
    await sink.flush();
    expect(await written).toBe('created');
  });

  it('stay when the fuller one is refused', async () => {
    server.stored.set('oom-report-2026.08.01/early', { version: 1, document: {} });
    server.refuseItem = ({ id }) => (id === 'full' ? { status: 400, type: 'document_parsing_exception' } : undefined);
    const sink = sinkOf();
    const written = sink.write(full);
    await sink.flush();
    expect(await written).toBe('dead-letter');
    expect(server.stored.has('oom-report-2026.08.01/early')).toBe(true);
  });

  it('are deleted again when a replay wrote them again', async () => {
    const sink = sinkOf();
    for (const write of [full, early, full]) void sink.write(write);
    await sink.flush();
    expect([...server.stored.keys()]).toEqual([`${INDEX}/full`]);
  });

  it('keep the writes waiting until they are gone', async () => {
    server.refuseItem = ({ kind }) =>
      kind === 'delete' && server.requests.length < 4
        ? { status: 429, type: 'es_rejected_execution_exception' }
        : undefined;
    const sink = sinkOf();
    const written = sink.write(full);
    await clock.advance(500);
    expect(await stateOf(written)).toBe('waiting');
    for (let i = 0; i < 10; i++) await clock.advance(1000);
    expect(await stateOf(written)).toBe('created');
  });
});

describe("faults that are not the document's", () => {
  it('of the whole request are waited for, longer each time, and said once over', async () => {
    server.refuseRequest = () =>
      server.requests.length < 4 ? { kind: 'failure', reason: 'unreachable', message: 'connect refused' } : undefined;
    const sink = sinkOf();
    const written = sink.write(writeOf('a'));
    await clock.advance(500);
    await clock.advance(250);
    await clock.advance(499);
    expect(server.requests).toHaveLength(2);
    await clock.advance(1);
    expect(server.requests).toHaveLength(3);
    await clock.advance(1000);
    expect(await stateOf(written)).toBe('created');
    expect(logger.events.map(({ name }) => name)).toEqual(['sink-retry', 'sink-retry', 'sink-retry', 'sink-recovered']);
    expect(logger.events[0]?.fields['detail']).toContain('elasticsearch.url');
    expect(counted.get('oomscope_sink_retries_total{"reason":"unreachable"}')).toBe(3);
  });

  it('of one item let the others through', async () => {
    const closed = 'oom-report-2026.08.01';
    server.refuseItem = ({ index }) =>
      index === closed && server.requests.length < 3 ? { status: 400, type: 'index_closed_exception' } : undefined;
    const sink = sinkOf();
    const waits = sink.write(writeOf('a', 1, { index: closed }));
    const passes = sink.write(writeOf('b'));
    await clock.advance(500);
    expect([await stateOf(waits), await stateOf(passes)]).toEqual(['waiting', 'created']);
    const later = sink.write(writeOf('c'));
    await clock.advance(500);
    expect(await stateOf(later)).toBe('created');
    for (let i = 0; i < 5; i++) await clock.advance(1000);
    expect(await stateOf(waits)).toBe('created');
  });

  it('never let a later version of the same id overtake', async () => {
    server.refuseItem = ({ version }) =>
      version === 1 && server.requests.length < 2
        ? { status: 429, type: 'es_rejected_execution_exception' }
        : undefined;
    const sink = sinkOf();
    const outcomes = [sink.write(writeOf('a', 1)), sink.write(writeOf('a', 2))];
    for (let i = 0; i < 5; i++) await clock.advance(1000);
    expect(await Promise.all(outcomes)).toEqual(['created', 'updated']);
    expect(server.requests.map((request) => request.map(({ version }) => version))).toEqual([[1], [1], [2]]);
  });

  it('of size alone are met with smaller batches, which grow again', async () => {
    const full = { status: 429, type: 'es_rejected_execution_exception' };
    let room = 3;
    server.refuseItem = () => ((server.requests.at(-1) ?? []).length > room ? full : undefined);
    const sink = sinkOf({ maxAgeMs: 1 });
    const writeMany = (name: string) => {
      const message = 'x'.repeat(20_000);
      return Array.from({ length: 8 }, (_, i) => sink.write(writeOf(`${name}${i}`, 1, { document: { message } })));
    };
    const outcomes = writeMany('a');
    for (let i = 0; i < 10; i++) await clock.advance(1000);
    expect(await Promise.all(outcomes)).toEqual(Array(8).fill('created'));
    room = 100;
    for (const name of ['b', 'c', 'd', 'e', 'f']) {
      writeMany(name);
      await clock.advance(1000);
    }
    expect(server.requests.at(-1)).toHaveLength(8);
  });

  it.each([
    ['HTML from a proxy', { kind: 'answer', status: 502, body: '<html>' }],
    ['a success without items', { kind: 'answer', status: 200, body: {} }],
    ['a wrong path', { kind: 'answer', status: 404, body: {} }],
    ['an empty list of items', { kind: 'answer', status: 200, body: { items: [] } }],
  ] as const)('include %s', async (_name, answer) => {
    server.answers.push(answer);
    const sink = sinkOf();
    const written = sink.write(writeOf('a'));
    await clock.advance(500);
    expect(await stateOf(written)).toBe('waiting');
    await clock.advance(1000);
    expect(await stateOf(written)).toBe('created');
  });
});

describe('refused documents', () => {
  const poison = ({ id }: { id: string }) =>
    id === 'poison' ? { status: 400, type: 'document_parsing_exception' } : undefined;

  it('go to the dead letters while the others are stored', async () => {
    server.refuseItem = poison;
    const sink = sinkOf();
    const outcomes = ['a', 'poison', 'b'].map((id) => sink.write(writeOf(id)));
    await sink.flush();
    expect(await Promise.all(outcomes)).toEqual(['created', 'dead-letter', 'created']);
    expect(letters.letters).toMatchObject([{ reason: 'rejected', write: { id: 'poison' } }]);
    expect(letters.letters[0]?.error).toContain('document_parsing_exception');
    expect(sink.heldBytes).toBe(0);
  });

  it('that get the whole request refused are found by halving', async () => {
    server.refuseRequest = (actions) =>
      actions.some(({ id }) => id === 'poison')
        ? {
            kind: 'answer',
            status: 400,
            body: { error: { type: 'action_request_validation_exception', reason: 'no' } },
          }
        : undefined;
    const sink = sinkOf();
    const ids = ['a', 'b', 'c', 'poison', 'd', 'e', 'f', 'g', 'h'];
    const outcomes = ids.map((id) => sink.write(writeOf(id)));
    await sink.flush();
    expect(await Promise.all(outcomes)).toEqual(ids.map((id) => (id === 'poison' ? 'dead-letter' : 'created')));
    expect(server.requests.length).toBeLessThanOrEqual(1 + 2 * 4);
  });

  it('that are too large for the server go alone; later batches are smaller', async () => {
    server.refuseRequest = (_, bytes) => (bytes > 40_000 ? { kind: 'answer', status: 413, body: '' } : undefined);
    const sink = sinkOf();
    const sized = (id: string, size: number) => writeOf(id, 1, { document: { message: 'x'.repeat(size) } });
    const first = [10_000, 10_000, 10_000, 50_000, 10_000].map((size, i) => sink.write(sized(`a${i}`, size)));
    await sink.flush();
    expect(await Promise.all(first)).toEqual(['created', 'created', 'created', 'dead-letter', 'created']);
    const before = server.requests.length;
    const second = Array.from({ length: 8 }, (_, i) => sink.write(sized(`b${i}`, 10_000)));
    await sink.flush();
    expect(new Set(await Promise.all(second))).toEqual(new Set(['created']));
    expect(server.requests.slice(before).every((request) => request.length <= 3)).toBe(true);
  });

  it('end everything when the dead letters fail too', async () => {
    server.refuseItem = poison;
    const sink = sinkOf({}, { put: () => Promise.reject(new Error('no broker')), close: async () => {} });
    const written = sink.write(writeOf('poison'));
    written.catch(() => undefined);
    await clock.advance(500);
    expect(await stateOf(written)).toBe('DEAD_LETTER_FAILED');
    expect(await stateOf(sink.write(writeOf('a')))).toBe('DEAD_LETTER_FAILED');
  });

  it('hold nothing up while their letter is being written', async () => {
    server.refuseItem = poison;
    const slow = Promise.withResolvers<void>();
    const sink = sinkOf({}, { put: () => slow.promise, close: async () => {} });
    const refused = sink.write(writeOf('poison'));
    await clock.advance(500);
    const other = sink.write(writeOf('a'));
    await clock.advance(500);
    expect([await stateOf(refused), await stateOf(other)]).toEqual(['waiting', 'created']);
    slow.resolve();
    expect(await stateOf(refused)).toBe('dead-letter');
  });
});

describe('an end', () => {
  it('comes when the credentials do not suffice; nothing is acknowledged', async () => {
    server.refuseItem = ({ id }) => (id === 'b' ? { status: 403, type: 'security_exception' } : undefined);
    const sink = sinkOf();
    const outcomes = ['b', 'c'].map((id) => sink.write(writeOf(id)));
    for (const outcome of outcomes) outcome.catch(() => undefined);
    await clock.advance(500);
    expect(await stateOf(outcomes[0] ?? Promise.resolve())).toBe('SINK_FORBIDDEN');
    expect(await stateOf(outcomes[1] ?? Promise.resolve())).toBe('SINK_FORBIDDEN');
    expect(await stateOf(sink.flush())).toBe('SINK_FORBIDDEN');
    expect(sink.heldBytes).toBe(0);
  });

  it('by close flushes first', async () => {
    const sink = sinkOf();
    const written = sink.write(writeOf('a'));
    await sink.close(1000);
    expect(await written).toBe('created');
    expect(await stateOf(sink.write(writeOf('b')))).toBe('DRAIN_TIMEOUT');
  });

  it('by close gives up at the limit and acknowledges nothing more', async () => {
    server.refuseRequest = () => ({ kind: 'failure', reason: 'timeout', message: 'timed out' });
    const sink = sinkOf();
    const written = sink.write(writeOf('a'));
    written.catch(() => undefined);
    const closed = sink.close(2000);
    closed.catch(() => undefined);
    await clock.advance(1999);
    expect(await stateOf(closed)).toBe('waiting');
    await clock.advance(1);
    expect(await stateOf(closed)).toBe('DRAIN_TIMEOUT');
    expect(await stateOf(written)).toBe('DRAIN_TIMEOUT');
    const sent = server.requests.length;
    await clock.advance(60_000);
    expect(server.requests.length).toBe(sent);
  });
});

describe('the template of a new index', () => {
  const NEXT = 'oom-report-2026.10.01';
  const OLD = 'oom-report-2026.08.01';
  const missing = {
    kind: 'answer',
    status: 404,
    body: { error: { type: 'resource_not_found_exception', reason: 'not found' } },
  } as const;

  const writeNow = async (sink: ReturnType<typeof sinkOf>, ...writes: DocumentWrite[]) => {
    const written = writes.map((write) => sink.write(write));
    for (const each of written) each.catch(() => {});
    await clock.advance(500);
    return Promise.all(written.map(stateOf));
  };

  it('is asked for once for each index, before its first write', async () => {
    const sink = sinkOf();
    await writeNow(sink, writeOf('a'), writeOf('b'));
    await writeNow(sink, writeOf('c'), writeOf('h', 1, { index: 'oom-host-1' }));
    expect(server.asked).toEqual(['/_index_template/oom-report', '/_index_template/oom-host']);
    // A delete with an external version makes its index as well.
    await writeNow(sink, writeOf('d', 1, { supersedes: [{ id: 'e', index: OLD }] }));
    expect(server.asked).toHaveLength(3);
  });

  it('that is gone ends the sink before anything is written', async () => {
    const sink = sinkOf();
    expect(await writeNow(sink, writeOf('a'))).toEqual(['created']);
    server.templateAnswer = missing;
    expect(await writeNow(sink, writeOf('b'))).toEqual(['created']);
    const written = sink.write(writeOf('c', 1, { index: NEXT }));
    written.catch(() => {});
    await clock.advance(500);
    await expect(written).rejects.toMatchObject({
      code: 'SINK_TEMPLATE_MISSING',
      exitCode: 6,
      message: expect.stringMatching(/template oom-report .*missing.*oom-report-2026\.10\.01.*oomscope setup/),
    });
    expect(server.requests).toHaveLength(2);
    expect(await stateOf(sink.write(writeOf('d')))).toBe('SINK_TEMPLATE_MISSING');
  });

  it.each([
    ['no answer', { kind: 'failure', reason: 'timeout', message: 'too late' }],
    ["a proxy's 404", { kind: 'answer', status: 404, body: 'not here' }],
    ['a server in trouble', { kind: 'answer', status: 503, body: {} }],
    ['a refusal', { kind: 'answer', status: 400, body: { error: { type: 'illegal_argument_exception' } } }],
  ] as const)('that could not be asked for, by %s, is asked for again', async (_, answer) => {
    const sink = sinkOf();
    server.templateAnswer = answer;
    const written = sink.write(writeOf('a'));
    await clock.advance(500);
    expect(server.requests).toEqual([]);
    server.templateAnswer = { kind: 'answer', status: 200, body: {} };
    await clock.advance(1_000);
    expect(await stateOf(written)).toBe('created');
    expect(server.asked).toHaveLength(2);
  });

  it('that may not be asked for ends the sink as refused', async () => {
    server.templateAnswer = { kind: 'answer', status: 403, body: { error: { type: 'security_exception' } } };
    expect(await writeNow(sinkOf(), writeOf('a'))).toEqual(['SINK_FORBIDDEN']);
  });
});
