/** A client of Kibana's HTTP API by plain fetch: answers and failures are values. */
import { OomscopeError } from '../tables/errors.ts';
import { readKey } from './elasticsearch.ts';

export interface KibanaOptions {
  /** Address of Kibana; may hold a base path and a space (`https://kibana.example/s/ops`). */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Base64 as Elasticsearch gives it; goes before user and password. */
  readonly apiKey?: string | undefined;
  /** Limit of one request. */
  readonly timeoutMs: number;
}

export type KibanaAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'failure'; readonly message: string };

export interface KibanaRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Path with query, from `/api`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** A file, sent as the part `file` of a form. */
  readonly file?: { readonly name: string; readonly text: string };
}

export interface KibanaClient {
  /** The address without credentials, for messages. */
  readonly address: string;
  /** Every HTTP status is an answer. Never retried, never rejects. */
  request(request: KibanaRequest): Promise<KibanaAnswer>;
}

/** Nothing is sent before the first request. Throws CONFIG_INVALID when the address cannot be used. */
export function createKibanaClient(options: KibanaOptions): KibanaClient {
  if (!URL.canParse(options.url)) {
    throw new OomscopeError('CONFIG_INVALID', 'kibana is no address: expected http(s)://host:port');
  }
  const { protocol, host, pathname } = new URL(options.url);
  const address = `${protocol}//${host}${pathname.replace(/\/$/, '')}`;
  const authorization = authorizationOf(options);
  return {
    address,
    async request({ method, path, body, file }) {
      const form = file && formOf(file);
      try {
        const response = await fetch(`${address}${path}`, {
          method,
          headers: {
            'kbn-xsrf': 'oomscope',
            accept: 'application/json',
            ...(authorization && { authorization }),
            ...(body && { 'content-type': 'application/json' }),
          },
          ...(form && { body: form }),
          ...(body && { body: JSON.stringify(body) }),
          // A redirect would send the credentials elsewhere, and a login page is no answer.
          redirect: 'manual',
          signal: AbortSignal.timeout(options.timeoutMs),
        });
        return { kind: 'answer', status: response.status, body: readJson(await response.text()) };
      } catch (error) {
        return { kind: 'failure', message: reasonOf(error) };
      }
    },
  };
}

function formOf({ name, text }: { readonly name: string; readonly text: string }): FormData {
  const form = new FormData();
  form.set('file', new Blob([text], { type: 'application/ndjson' }), name);
  return form;
}

function authorizationOf({ url, apiKey, username, password }: KibanaOptions): string | undefined {
  if (apiKey !== undefined) return `ApiKey ${apiKey}`;
  const given = new URL(url);
  const user = username ?? decodeURIComponent(given.username);
  if (user === '') return undefined;
  const secret = username === undefined ? decodeURIComponent(given.password) : (password ?? '');
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What fetch hides in the causes of its error: `connect ECONNREFUSED 127.0.0.1:5601`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error ? cause.message : error.message;
}

/**
 * The error that says why Kibana did not do what was asked: KIBANA_UNREACHABLE when it does not answer or is not ready,
 * else KIBANA_REFUSED.
 */
export function kibanaFailure(address: string, what: string, answer: KibanaAnswer): OomscopeError {
  if (answer.kind === 'failure') {
    const hint = /certificate|self.signed/i.test(answer.message) ? '; name its CA in NODE_EXTRA_CA_CERTS' : '';
    const message = `${what}: Kibana does not answer at ${address} (kibana): ${answer.message}${hint}`;
    return new OomscopeError('KIBANA_UNREACHABLE', message);
  }
  const { status, body } = answer;
  const text = readKey(body, 'message');
  const found = `${what}: ${address} answered ${status}${typeof text === 'string' ? ` (${text})` : ''}`;
  if (status === 401 || status === 403) {
    const hint = 'check elasticsearch.api.key or elasticsearch.username and its privileges in Kibana';
    return new OomscopeError('KIBANA_REFUSED', `${found}; ${hint}`);
  }
  const code = status >= 500 ? 'KIBANA_UNREACHABLE' : 'KIBANA_REFUSED';
  return new OomscopeError(code, `${found}; expected 200 from Kibana 8.19 or 9.x`);
}
