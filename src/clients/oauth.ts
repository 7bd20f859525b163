/** Bearer tokens by the client-credentials grant (RFC 6749 section 4.4), for SASL OAUTHBEARER: kept, and renewed in time. */

export interface TokenOptions {
  /** Address of the token endpoint. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
}

/** A valid token. Rejects with TokenError; calls at the same time share one request. */
export type TokenSource = () => Promise<string>;

/** No token can be had. kafkajs tries again what is `retriable`. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly retriable: boolean;

  constructor(message: string, retriable: boolean) {
    super(message);
    this.retriable = retriable;
  }
}

interface Token {
  readonly value: string;
  readonly endMs: number;
}

const REQUEST_LIMIT_MS = 10_000;

/** A token is renewed when a fifth of its life is left, as the Java client does: time to sit out an outage. */
const RENEWED_SHARE = 0.8;

/** Pause between attempts while the endpoint is down. */
const PAUSE_MS = 10_000;

/** The least time between two renewals that nobody asked for, however short tokens live. */
const LEAST_RENEWAL_MS = 5_000;

/**
 * A token with less life is not handed out: kafkajs authenticates anew 10 s before the end, and with the same token it
 * would do so with every request from then on, which brokers refuse.
 */
const LEAST_LIFE_MS = 12_000;

/** The lifetime of a token that states none (`expires_in` is only recommended). */
const UNSTATED_LIFE_MS = 60_000;

/** The longest that a timer can wait. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Asks for the first token when it is first called; from then on renews it ahead of its end. */
export function createTokenSource(options: TokenOptions): TokenSource {
  let token: Token | undefined;
  let asking: Promise<string> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const ask = (): Promise<string> => {
    asking ??= renew().finally(() => {
      asking = undefined;
    });
    return asking;
  };

  async function renew(): Promise<string> {
    const sinceMs = performance.now();
    const { value, lifeMs } = await requestToken(options);
    token = { value, endMs: sinceMs + lifeMs };
    renewAfter(lifeMs * RENEWED_SHARE);
    return value;
  }

  /** One renewal at most lies ahead: a token that was asked for in between has its own time. */
  function renewAfter(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        ask().catch((error: unknown) => {
          // What is refused is said to the next who asks.
          if (error instanceof TokenError && error.retriable) renewAfter(PAUSE_MS);
        });
      },
      Math.min(Math.max(ms, LEAST_RENEWAL_MS), LONGEST_TIMER_MS),
    );
    timer.unref();
  }

  return async () => {
    if (token !== undefined && token.endMs - performance.now() > LEAST_LIFE_MS) return token.value;
    return ask();
  };
}

async function requestToken(options: TokenOptions): Promise<{ value: string; lifeMs: number }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  if (options.scope !== undefined) body.set('scope', options.scope);
  let status: number;
  let text: string;
  try {
    const response = await fetch(options.url, {
      method: 'POST',
      headers: { accept: 'application/json', authorization: basicOf(options) },
      body,
      // A redirect would take the secret elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    const message = `kafka.sasl.oauth.url: the token endpoint ${options.url} does not answer: ${reasonOf(error)}`;
    throw new TokenError(message, true);
  }
  const answer = readJson(text);
  const { access_token: value, expires_in: seconds } = answer;
  if (status !== 200) throw refusalOf(options.url, status, answer);
  if (typeof value !== 'string' || value === '') {
    const message = `kafka.sasl.oauth.url: ${options.url} answered 200 without an access_token; is it the token endpoint?`;
    throw new TokenError(message, false);
  }
  // Some servers write the number as text.
  const lifeMs = Number(seconds) * 1_000;
  return { value, lifeMs: lifeMs > 0 ? lifeMs : UNSTATED_LIFE_MS };
}

/** 408, 429 and 5xx pass by themselves; the other statuses are the configuration's fault. */
function refusalOf(url: string, status: number, answer: Readonly<Record<string, unknown>>): TokenError {
  const said = [answer['error'], answer['error_description']].filter((part) => typeof part === 'string');
  const found = `kafka.sasl.oauth.url: ${url} answered ${status}${said.length > 0 ? ` (${said.join(': ')})` : ''}`;
  if (status === 408 || status === 429 || status >= 500) return new TokenError(found, true);
  const advice = 'check kafka.sasl.oauth.client, kafka.sasl.oauth.secret and kafka.sasl.oauth.scope';
  return new TokenError(`${found}; ${advice}`, false);
}

/** RFC 6749 section 2.3.1: id and secret form-encoded, then as basic authentication. */
function basicOf({ clientId, clientSecret }: TokenOptions): string {
  const [id, secret] = [clientId, clientSecret].map((part) => new URLSearchParams({ '': part }).toString().slice(1));
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What fetch hides in the causes of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  const text = first instanceof Error ? first.message : error.message;
  return /certificate|self.signed/i.test(text) ? `${text}; name its CA in NODE_EXTRA_CA_CERTS` : text;
}
