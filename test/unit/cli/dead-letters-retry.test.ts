import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildTemplates } from '../../../src/assets/index.ts';
import { writeAgain } from '../../../src/cli/dead-letters-retry.ts';
import { toWrite } from '../../../src/document/index.ts';
import { loadConfig } from '../../../src/ops/index.ts';
import { type LetterArchive, type LetterEntry, openLetters } from '../../../src/sink/index.ts';
import { fullAnalysis, fullReport } from '../../support/reports.ts';

const HOUR_MS = 3_600_000;
const source = { topic: 'syslog', partition: 0, offset: 1 };
const positions = { first: source, last: source };

/** Letters in memory; what was resolved, by key. */
function archiveOf(ids: readonly string[], atMs: number) {
  const resolved: string[] = [];
  const entries = ids.map((id, offset): LetterEntry => {
    const write = toWrite(fullReport(), fullAnalysis({ identity: { id, version: 1, timestampMs: atMs } }), atMs);
    const letter = { id, reason: 'rejected', error: 'no', positions, write } as const;
    return { kind: 'letter', place: { partition: 0, offset }, key: id, letter };
  });
  const archive: LetterArchive = {
    name: 'memory',
    async *entries() {
      yield* entries;
    },
    entryAt: async ({ offset }) => entries[offset],
    resolve: async (ranges) => void resolved.push(...ranges.map(({ key }) => key)),
    close: async () => {},
  };
  return { archive, resolved };
}

describe('writing letters again', () => {
  let server: Server | undefined;
  afterEach(() => {
    vi.restoreAllMocks();
    server?.close();
    server?.closeAllConnections();
  });

  /** Runs it against a server that has the templates and answers bulk requests so; what was printed. */
  async function run(ids: readonly string[], bulk: (ids: readonly string[]) => [number, unknown], ageMs = HOUR_MS) {
    const printed: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(line));
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const template = buildTemplates().find(({ name }) => request.url?.endsWith(`/${name}`));
        const [status, answer] = template
          ? [
              200,
              {
                component_templates: [{ component_template: template.body }],
                index_templates: [{ index_template: template.body }],
              },
            ]
          : request.method === 'GET'
            ? [200, {}]
            : bulk([...body.matchAll(/"_id":"(\w+)"/g)].map((match) => String(match[1])));
        response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
        response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const { values } = loadConfig('dead-letters', { flags: { 'elasticsearch-url': url }, environment: {} });
    const { archive, resolved } = archiveOf(ids, Date.now() - ageMs);
    const letters = (await openLetters(archive)).sort((a, b) => a.place.offset - b.place.offset);
    const outcome = await writeAgain(archive, letters, values, 300).catch((error: unknown) => error);
    return { outcome, printed, resolved };
  }

  const items = (some: readonly [number, string?][]) => ({
    errors: true,
    items: some.map(([status, type]) => ({
      index: { status, ...(type ? { error: { type, reason: `\u001b[2J${type}` } } : { result: 'created' }) },
    })),
  });

  it('notes what is stored, in groups, and says what is refused', async () => {
    const ids = Array.from({ length: 45 }, (_, index) => `id${index}`);
    const bulk = (some: readonly string[]): [number, unknown] => [
      200,
      items(some.map((id) => (id === 'id30' ? [400, 'document_parsing_exception'] : [201]))),
    ];
    const { outcome, printed, resolved } = await run(ids, bulk);
    expect(outcome).toBe(44);
    expect(resolved).toEqual(ids.filter((id) => id !== 'id30'));
    expect(printed[30]).toBe('id30: refused again: document_parsing_exception: \\x1b[2Jdocument_parsing_exception');
  });

  it('ends when the server takes nothing, with its reason; what was stored is noted', async () => {
    const bulk = (some: readonly string[]): [number, unknown] => [
      200,
      items(some.map((id) => (id === 'a' ? [201] : [404, 'index_closed_exception']))),
    ];
    const { outcome, printed, resolved } = await run(['a', 'b'], bulk);
    expect(outcome).toMatchObject({
      code: 'SINK_UNREACHABLE',
      message: expect.stringMatching(/1 documents.*index_closed/),
    });
    expect([printed, resolved]).toEqual([['a: done: created'], ['a']]);
  });

  it('ends at once when the role does not suffice', async () => {
    const { outcome, resolved } = await run(['a'], () => [
      403,
      { error: { type: 'security_exception', reason: 'no' } },
    ]);
    expect(outcome).toMatchObject({ code: 'SINK_FORBIDDEN' });
    expect(resolved).toEqual([]);
  });

  it('leaves what is older than the retention', async () => {
    const { outcome, printed, resolved } = await run(['a'], () => [500, {}], 500 * 24 * HOUR_MS);
    expect([outcome, resolved]).toEqual([0, []]);
    expect(printed).toEqual(['a: not written: older than sink.retention (400 days); the letter stays']);
  });
});
