/** An HTTP proxy in front of Elasticsearch that answers in its stead, drops answers, and refuses parts of a bulk request. */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What happens to bulk requests: `refuse` answers with `status` and passes nothing on; `lose` passes the request on and
 * answers with `status`, as a proxy does that gave up waiting; `items` passes a part of the documents on and says
 * of the others that they met `status`.
 */
export type HttpFault =
  | { readonly kind: 'refuse' | 'lose'; readonly status: number }
  | { readonly kind: 'items'; readonly status: number; readonly isRefused: () => boolean };

export interface FaultProxy {
  readonly port: number;
  /** The present fault; undefined lets everything pass. */
  fault: HttpFault | undefined;
  /** Bulk requests that met a fault. */
  readonly faulted: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const JSON_HEADERS = {
  'content-type': 'application/vnd.elasticsearch+json;compatible-with=8',
  'x-elastic-product': 'Elasticsearch',
};

/** Listens on a free port of loopback and passes on to `target`, an address of Elasticsearch. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  let faulted = 0;
  const proxy = {
    port: 0,
    fault: undefined as HttpFault | undefined,
    get faulted() {
      return faulted;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };

  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    const body = await bytesOf(incoming);
    const fault = incoming.url?.startsWith('/_bulk') ? proxy.fault : undefined;
    if (fault === undefined) return forward(agent, target, incoming, body);
    faulted += 1;
    if (fault.kind === 'items') return someItems(agent, target, incoming, body, fault);
    if (fault.kind === 'lose') await forward(agent, target, incoming, body);
    return refusalOf(fault.status);
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming).then(
      (made) => send(outgoing, made),
      // Elasticsearch is gone: so is the connection.
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _, connection: __, ...kept } = headers;
  outgoing.writeHead(status, { ...kept, 'content-length': body.length });
  outgoing.end(body);
}

const TYPES: Readonly<Record<number, string>> = { 429: 'es_rejected_execution_exception' };

const errorOf = (status: number) => ({ type: TYPES[status] ?? 'unavailable_shards_exception', reason: 'by the proxy' });

/** A gateway's own answer has no body that Elasticsearch would send. */
function refusalOf(status: number): Answer {
  if (status === 502 || status === 504) {
    return { status, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>bad gateway</html>') };
  }
  const body = Buffer.from(JSON.stringify({ error: errorOf(status), status }));
  return { status, headers: JSON_HEADERS, body };
}

async function someItems(
  agent: Agent,
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  fault: Extract<HttpFault, { kind: 'items' }>,
): Promise<Answer> {
  const actions = actionsOf(body.toString('utf8'));
  const refused = actions.map(() => fault.isRefused());
  const passed = actions.filter((_, index) => !refused[index]);
  let items: unknown[] = [];
  if (passed.length > 0) {
    const lines = Buffer.from(passed.map(({ text }) => text).join(''));
    const made = await forward(agent, target, incoming, lines);
    if (made.status !== 200) return made;
    items = (JSON.parse(made.body.toString('utf8')) as { items?: unknown[] }).items ?? [];
  }
  const merged = actions.map(({ kind }, index) =>
    refused[index] ? { [kind]: { status: fault.status, error: errorOf(fault.status) } } : items.shift(),
  );
  return { status: 200, headers: JSON_HEADERS, body: Buffer.from(JSON.stringify({ errors: true, items: merged })) };
}

/** The actions of a bulk request, each with its document. */
function actionsOf(body: string): { kind: 'index' | 'delete'; text: string }[] {
  const lines = body.split('\n').filter((line) => line !== '');
  const actions: { kind: 'index' | 'delete'; text: string }[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.startsWith('{"delete"')) actions.push({ kind: 'delete', text: `${line}\n` });
    else {
      at += 1;
      actions.push({ kind: 'index', text: `${line}\n${lines[at] ?? ''}\n` });
    }
  }
  return actions;
}

function forward(agent: Agent, target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { hostname, port } = new URL(target);
  const { connection: _, 'transfer-encoding': __, ...headers } = incoming.headers;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        hostname,
        port,
        path: incoming.url,
        method: incoming.method,
        headers: { ...headers, 'content-length': body.length },
      },
      (response) => {
        bytesOf(response).then(
          (bytes) => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: bytes }),
          reject,
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
