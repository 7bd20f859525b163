/** The only importer of @elastic/elasticsearch: one request function whose answers and failures are values. */
import { readFileSync } from 'node:fs';
import { Client, errors } from '@elastic/elasticsearch';
import { OomscopeError } from '../tables/errors.ts';
import { findPinnedCa } from './pinned-ca.ts';

export interface ElasticsearchOptions {
  /** elasticsearch.url; may hold a path, and a user with a password. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Base64 as Elasticsearch gives it; goes before user and password. */
  readonly apiKey?: string | undefined;
  /** File with the CA certificates to trust (PEM). */
  readonly caFile?: string | undefined;
  /** SHA-256 of the CA certificate to trust, in place of `caFile`: hexadecimal, with or without colons. */
  readonly fingerprint?: string | undefined;
  /** Limit of one request. */
  readonly timeoutMs: number;
}

/** What a request came to. Every HTTP status is an answer; a failure is no answer at all. */
export type ElasticsearchAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'failure'; readonly reason: 'timeout' | 'unreachable'; readonly message: string };

export interface ElasticsearchRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Path without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Ready-made lines of a bulk request, the last newline included; goes before `body`. */
  readonly lines?: string;
}

export interface ElasticsearchClient {
  /** The address without credentials, for messages. */
  readonly address: string;
  /** Never retried by itself, never rejects. */
  request(request: ElasticsearchRequest): Promise<ElasticsearchAnswer>;
  close(): Promise<void>;
}

/**
 * A client of Elasticsearch 8.19 or 9.x (protocol version 8, which both take). Nothing is sent before the first
 * request. Throws CONFIG_INVALID when the address, the CA file or the fingerprint cannot be used.
 */
export function createElasticsearchClient(options: ElasticsearchOptions): ElasticsearchClient {
  const url = urlOf(options);
  const address = `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
  const connect = (ca?: string): Client =>
    new Client({
      node: address,
      ...authOf(options, url),
      // A CA that is pinned may be one in the middle of a chain.
      ...(ca === undefined ? {} : { tls: { ca, allowPartialTrustChain: options.fingerprint !== undefined } }),
      requestTimeout: options.timeoutMs,
      // The batcher retries: it knows which documents of a request are still wanted.
      maxRetries: 0,
      sniffOnStart: false,
    });
  const { caFile, fingerprint, timeoutMs } = options;
  let connected: Promise<Client> | undefined;
  if (fingerprint === undefined)
    connected = Promise.resolve(connect(caFile === undefined ? undefined : readCa(caFile)));
  const pinned = (): Promise<Client> =>
    findPinnedCa(url, fingerprint ?? '', timeoutMs).then(connect, (error: unknown) => {
      // The next request looks again.
      connected = undefined;
      throw error;
    });
  return {
    address,
    async request({ method, path, query, body, lines }) {
      try {
        connected ??= pinned();
        const client = await connected;
        const result = await client.transport.request(
          {
            method,
            path,
            ...(query === undefined ? {} : { querystring: { ...query } }),
            ...(lines === undefined ? {} : { bulkBody: lines }),
            ...(lines === undefined && body !== undefined ? { body: { ...body } } : {}),
          },
          { meta: true },
        );
        return { kind: 'answer', status: result.statusCode, body: result.body };
      } catch (error) {
        return answerOf(error, address);
      }
    },
    async close() {
      const client = await connected?.catch(() => undefined);
      await client?.close();
    },
  };
}

function urlOf({ url, caFile, fingerprint }: ElasticsearchOptions): URL {
  const invalid = (message: string): OomscopeError => new OomscopeError('CONFIG_INVALID', message);
  if (!URL.canParse(url)) throw invalid('elasticsearch.url is no address: expected http(s)://host:port');
  if (caFile !== undefined && fingerprint !== undefined) {
    throw invalid('elasticsearch.ca and elasticsearch.fingerprint are both given: one of them says whom to trust');
  }
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && (caFile ?? fingerprint) !== undefined) {
    const name = caFile === undefined ? 'elasticsearch.fingerprint' : 'elasticsearch.ca';
    throw invalid(`${name} is given, but elasticsearch.url does not begin with https: nothing would be encrypted`);
  }
  return parsed;
}

function authOf({ apiKey, username, password }: ElasticsearchOptions, url: URL) {
  if (apiKey !== undefined) return { auth: { apiKey } };
  if (username !== undefined) return { auth: { username, password: password ?? '' } };
  if (url.username === '') return {};
  try {
    return { auth: { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } };
  } catch {
    const message = 'elasticsearch.url: user or password is not percent-encoded (% itself is %25)';
    throw new OomscopeError('CONFIG_INVALID', message);
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const message = `elasticsearch.ca names ${path}, which cannot be read; expected a PEM file of CA certificates`;
    throw new OomscopeError('CONFIG_INVALID', message, error);
  }
}

function answerOf(error: unknown, address: string): ElasticsearchAnswer {
  if (error instanceof errors.ResponseError && error.statusCode !== undefined) {
    return { kind: 'answer', status: error.statusCode, body: error.body };
  }
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof errors.TimeoutError) return { kind: 'failure', reason: 'timeout', message: text };
  const detail = error instanceof errors.ProductNotSupportedError ? 'the server is not Elasticsearch' : text;
  const isTrust = /certificate|altnames/i.test(text) && !text.includes('elasticsearch.fingerprint');
  const advice = isTrust ? '; see elasticsearch.ca and elasticsearch.fingerprint' : '';
  return { kind: 'failure', reason: 'unreachable', message: `${address}: ${detail}${advice}` };
}

/** The error of an Elasticsearch answer, `type: reason`, from its body; empty when the body states none. */
export function errorOf(body: unknown): { readonly type: string; readonly reason: string } {
  const error = readKey(body, 'error');
  const type = readKey(error, 'type');
  const reason = readKey(error, 'reason');
  const cause = readKey(readKey(error, 'caused_by'), 'reason');
  const text = typeof reason === 'string' ? reason : '';
  return {
    type: typeof type === 'string' ? type : '',
    reason: typeof cause === 'string' && !text.includes(cause) ? `${text}: ${cause}` : text,
  };
}

/** A value below an unknown body, or undefined. */
export function readKey(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/**
 * The error that says why Elasticsearch did not do what was asked: SINK_FORBIDDEN for refused credentials and
 * missing privileges, else SINK_UNREACHABLE. It names the address and what to look at.
 */
export function failureOf(address: string, what: string, answer: ElasticsearchAnswer): OomscopeError {
  if (answer.kind === 'failure') {
    const message = `${what}: Elasticsearch does not answer at ${address} (elasticsearch.url): ${answer.message}`;
    return new OomscopeError('SINK_UNREACHABLE', message);
  }
  const { type, reason } = errorOf(answer.body);
  const found = `${address} answered ${answer.status}${type === '' ? '' : ` ${type}`}${reason === '' ? '' : ` (${reason})`}`;
  if (answer.status === 401 || (answer.status === 403 && type !== 'cluster_block_exception')) {
    const message = `${what}: ${found}; check elasticsearch.api.key or elasticsearch.username and the role's privileges`;
    return new OomscopeError('SINK_FORBIDDEN', message);
  }
  return new OomscopeError('SINK_UNREACHABLE', `${what}: ${found}; expected 200 from Elasticsearch 8.19 or 9.x`);
}

/** The body of an answer 200; what else came is thrown as `failureOf` words it. `what` says what was being done. */
export async function expectOk(
  client: ElasticsearchClient,
  what: string,
  request: ElasticsearchRequest,
): Promise<unknown> {
  const answer = await client.request(request);
  if (answer.kind === 'answer' && answer.status === 200) return answer.body;
  throw failureOf(client.address, what, answer);
}
