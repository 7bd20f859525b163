import { X509Certificate } from 'node:crypto';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createElasticsearchClient, type ElasticsearchAnswer } from '../../../src/clients/elasticsearch.ts';
import { makeCertificates } from '../../support/certificates.ts';
import { findOnPath } from '../../support/services/java.ts';

const openssl = await findOnPath('openssl');
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Serves as Elasticsearch would and keeps what it was sent. */
async function serve(cert: string, key: string): Promise<{ url: string; seen: (string | undefined)[] }> {
  const seen: (string | undefined)[] = [];
  const server = createTlsServer({ cert, key }, (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' }).end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function ask(options: Parameters<typeof createElasticsearchClient>[0]): Promise<ElasticsearchAnswer> {
  const client = createElasticsearchClient(options);
  try {
    const [first] = await Promise.all([1, 2].map(() => client.request({ method: 'GET', path: '/' })));
    if (first === undefined) throw new Error('no answer');
    return first;
  } finally {
    await client.close();
  }
}

const LOGIN = { apiKey: 'a2V5', timeoutMs: 5_000 };

describe.skipIf(openssl === undefined)('elasticsearch.fingerprint', async () => {
  const real = await makeCertificates('client');
  const fingerprint = new X509Certificate(real.ca).fingerprint256;

  it('trusts the CA that the server sends along, and what it has signed', async () => {
    const { url, seen } = await serve(real.server.cert + real.ca, real.server.key);
    expect(await ask({ url, fingerprint, ...LOGIN })).toMatchObject({ kind: 'answer', status: 200 });
    expect(seen).toEqual(['ApiKey a2V5', 'ApiKey a2V5']);
  });

  it('may be that of the certificate of the server itself', async () => {
    const { url } = await serve(real.server.cert, real.server.key);
    const own = new X509Certificate(real.server.cert).fingerprint256;
    expect(await ask({ url, fingerprint: own, ...LOGIN })).toMatchObject({ kind: 'answer', status: 200 });
  });

  it('does not trust a stranger who sends the certificate of the CA along', async () => {
    // Same name of the CA, another key: only the signature tells.
    const stranger = await makeCertificates('client');
    const { url, seen } = await serve(stranger.server.cert + real.ca, stranger.server.key);
    expect(await ask({ url, fingerprint, ...LOGIN })).toMatchObject({ kind: 'failure', reason: 'unreachable' });
    expect(seen).toEqual([]);
  });

  it('names both fingerprints when the server has another CA', async () => {
    const stranger = await makeCertificates('client');
    const { url, seen } = await serve(stranger.server.cert + stranger.ca, stranger.server.key);
    const found = new X509Certificate(stranger.ca).fingerprint256.replaceAll(':', '').toLowerCase();
    const answer = await ask({ url, fingerprint, ...LOGIN });
    expect(answer).toMatchObject({ kind: 'failure', message: expect.stringContaining(found) });
    expect(answer).toMatchObject({ message: expect.stringContaining(fingerprint.replaceAll(':', '').toLowerCase()) });
    expect(seen).toEqual([]);
  });

  it('says that nobody answers', async () => {
    const answer = await ask({ url: 'https://127.0.0.1:1', fingerprint, ...LOGIN });
    expect(answer).toMatchObject({ kind: 'failure', message: expect.stringContaining('ECONNREFUSED') });
  });

  it.each([
    [{ url: 'http://127.0.0.1:9200', fingerprint }, 'elasticsearch.url does not begin with https'],
    [{ url: 'http://127.0.0.1:9200', caFile: '/ca.pem' }, 'elasticsearch.url does not begin with https'],
    [{ url: 'https://127.0.0.1:9200', caFile: '/ca.pem', fingerprint }, 'are both given'],
    [{ url: 'https://user:50%@127.0.0.1:9200' }, 'percent-encoded'],
  ])('%j is refused', (options, text) => {
    expect(() => createElasticsearchClient({ ...options, timeoutMs: 1_000 })).toThrow(text);
  });
});

describe('what is sent', () => {
  it.each([
    ['an API key before all else', { apiKey: 'a2V5', username: 'u', password: 'p' }, '', 'ApiKey a2V5'],
    ['user and password', { username: 'u', password: 'p:@/' }, '', `Basic ${Buffer.from('u:p:@/').toString('base64')}`],
    ['those of the address', {}, 'u:p%3A%40@', `Basic ${Buffer.from('u:p:@').toString('base64')}`],
    ['nothing', {}, '', undefined],
  ])('is %s', async (_name, credentials, inAddress, expected) => {
    const { createServer } = await import('node:http');
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://${inAddress}127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await ask({ url, timeoutMs: 5_000, ...credentials })).toMatchObject({ status: 200 });
    expect(seen).toEqual([expected, expected]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
