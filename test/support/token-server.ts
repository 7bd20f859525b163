/** A token endpoint for the client-credentials grant, with the keys that check its tokens (JWKS). */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenServer {
  readonly tokenUrl: string;
  readonly jwksUrl: string;
  /** What was sent to the token endpoint, in order. */
  readonly requests: readonly TokenRequest[];
  /** Lifetime of the next tokens. */
  lifeSeconds: number;
  /** Answers every request for a token with this status; undefined lets it work. */
  failure: number | undefined;
  close(): Promise<void>;
}

export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

export interface TokenClient {
  readonly id: string;
  readonly secret: string;
  /** The principal that Kafka sees. */
  readonly subject: string;
}

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'kafka';

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Listens on a free port of loopback and knows one client. Tokens are JWTs signed by RS256. */
export async function startTokenServer(client: TokenClient): Promise<TokenServer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] };
  const requests: TokenRequest[] = [];

  const tokenOf = (lifeSeconds: number): string => {
    const seconds = Math.floor(Date.now() / 1_000);
    const claims = { sub: client.subject, iss: ISSUER, aud: AUDIENCE, iat: seconds, exp: seconds + lifeSeconds };
    const text = `${base64url({ alg: 'RS256', typ: 'JWT', kid: 'k1' })}.${base64url(claims)}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
  };

  const answer = async (incoming: IncomingMessage): Promise<{ status: number; body: object }> => {
    if (incoming.url === '/jwks') return { status: 200, body: jwks };
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { authorization, 'content-type': contentType } = incoming.headers;
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
    requests.push({ authorization, contentType, form });
    if (made.failure !== undefined) return { status: made.failure, body: { error: 'temporarily_unavailable' } };
    const expected = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`;
    if (authorization !== expected) {
      return { status: 401, body: { error: 'invalid_client', error_description: 'unknown client or wrong secret' } };
    }
    const body = { access_token: tokenOf(made.lifeSeconds), token_type: 'Bearer', expires_in: made.lifeSeconds };
    return { status: 200, body };
  };

  const server = createServer((incoming, outgoing) => {
    void answer(incoming).then(({ status, body }) => {
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made: TokenServer = {
    tokenUrl: `${base}/token`,
    jwksUrl: `${base}/jwks`,
    requests,
    lifeSeconds: 3_600,
    failure: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return made;
}
